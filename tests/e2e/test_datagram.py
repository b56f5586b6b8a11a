# SPDX-License-Identifier: MIT
"""rping by the kernel's unprivileged ICMP socket: it prints what it prints by raw sockets, and sends what it was told to.

Each run has no capability at all; net.ipv4.ping_group_range is that of the namespace.
"""
import os
import re
import shutil
import socket

import pytest
from scapy.all import ICMP, IP, Raw

import net

INCAPABLE = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"]
GROUPS = "net.ipv4.ping_group_range"
NEEDS_RAW = {"-R": "recording the route", "-T tsonly": "time stamps in the IP header", "--via 10.9.1.254": "a source route",
             "-e 0": "the identifier 0"}


@pytest.fixture(autouse=True, scope="module")
def open_range(lo, pair, routed, beside):
    for namespace in (lo, pair.a, routed.a, beside):
        namespace.sysctl(GROUPS, "0 0")
    with net.stamping():
        yield
    for namespace in (lo, pair.a, routed.a, beside):
        namespace.sysctl(GROUPS, "1 0")


def by_datagram(namespace, line, **more):
    return namespace.run(*INCAPABLE, net.tool("rping"), *line.split(), **more)


def alike(text):
    """Without what differs from run to run: times."""
    return re.sub(r"\b(time=|time |rtt .* = )[\d./<]+ ?m?s.*", r"\1T", text)


def same(namespace, line, code):
    """Both ways, with the same output; the datagram run's."""
    raw, datagram = namespace.run("rping", *line.split()), by_datagram(namespace, line)
    assert raw.code == datagram.code == code, datagram.err + datagram.out
    assert alike(datagram.out) == alike(raw.out)
    assert datagram.err == raw.err
    return datagram


def start_of(done):
    return net.json_lines(done.out)[0]


@pytest.mark.parametrize("line", [
    "-c 3 -i 0.1", "-c 2 -i 0.1 -s 0", "-c 2 -i 0.1 -s 8 -p ff00", "-c 2 -i 0.1 -s 16", "-c 1 -s 65507", "-c 2 -i 0.1 -s 3000 -M dont", "-f -q -c 50",
    "-c 2 -i 0.1 -Q 0x28 -O -t 9", "-c 2 -i 0.1 -e 77", "-c 2 -i 0.1 -I 10.9.1.1", "-c 2 -i 0.1 -B", "-c 5 -l 3 -i 0.1 -A",
    "-c 2 -i 0.1 -n -M do"])
def test_replies(routed, line):
    done = same(routed.a, f"{line} {routed.address_b}", 0)
    assert re.search(r"(\d+) packets transmitted, \1 received, 0% packet loss", done.out)


def test_which_path_it_is(lo):
    assert start_of(by_datagram(lo, "-c 1 --json 127.0.0.1"))["path"] == "datagram"
    assert start_of(lo.run("rping", "-c", 1, "--json", "127.0.0.1"))["path"] == "raw"
    done = by_datagram(lo, "-c 1 -v 127.0.0.1")
    assert "unprivileged ICMP socket" in done.err
    assert by_datagram(lo, "-c 1 127.0.0.1").err == ""


def test_both_stamps(pair):
    lines = net.json_lines(by_datagram(pair.a, f"-c 5 -i 0.05 --json {pair.address_b}").out)
    replies = [line for line in lines if line["event"] == "reply"]
    assert len(replies) == 5
    for reply in replies:
        assert reply["clock"] == "kernel" and reply["tx_queue_ns"] >= 0 and reply["rx_wakeup_ns"] >= 0
        assert reply["authenticated"]


def test_the_round_trip_is_that_of_the_wire(beside, far):
    far("*: alive delay=50ms")
    lines = net.json_lines(by_datagram(beside, "-c 3 -i 0.1 --json 10.64.1.1").out)
    replies = [line for line in lines if line["event"] == "reply"]
    assert len(replies) == 3
    for reply in replies:
        assert 50 <= reply["rtt_ms"]
        net.below(reply["rtt_ms"], 60)


def test_what_leaves(pair):
    with pair.a.capture(pair.device_a) as packets:
        done = by_datagram(pair.a, f"-c 2 -i 0.05 -e 4711 -t 7 -Q 0x2c -s 100 -p abcd {pair.address_b}")
    assert done.code == 0, done.err
    probes = [p for p in packets if ICMP in p and p[ICMP].type == 8]
    assert [(p.src, p.dst, p.ttl, p.tos, p[ICMP].id, p[ICMP].seq, len(p[Raw].load)) for p in probes] == [
        (pair.address_a, pair.address_b, 7, 0x2c, 4711, seq, 100) for seq in (1, 2)]
    for packet in probes:
        fresh = IP(bytes(packet))
        del fresh[ICMP].chksum
        assert bytes(fresh) == bytes(packet)
        assert packet[Raw].load[16:] == bytes.fromhex("abcd") * 42


@pytest.mark.parametrize("hint, flags", [("do", "DF"), ("dont", ""), ("want", "DF"), ("probe", "DF")])
def test_path_mtu_hints(pair, hint, flags):
    with pair.a.capture(pair.device_a) as packets:
        assert by_datagram(pair.a, f"-c 1 -M {hint} {pair.address_b}").code == 0
    assert [str(p.flags) for p in packets if ICMP in p and p[ICMP].type == 8] == [flags]


@pytest.mark.parametrize("line", ["-c 1 -M do -s 2000", "-c 2 -i 0.2 -M do -s 2000 -W 1"])
def test_too_large_for_the_link(pair, line):
    same(pair.a, f"{line} {pair.address_b}", 1)


def test_routers_errors(routed):
    """The kernel's own: a TTL that ends at the router, no route behind it (5 at once at most), no host there."""
    for line in ("-c 3 -i 0.2 -t 1 10.9.2.2", "-c 2 -i 0.2 10.77.0.1", "-c 2 -i 0.2 -W 2 10.9.2.77"):
        done = same(routed.a, line, 1)
        assert "From 10.9.1.254" in done.out
        assert re.search(r"(\d) packets transmitted, 0 received, \+\1 errors, 100% packet loss", done.out), done.out


@pytest.mark.parametrize("rule", [*(f"icmp=3/{code}" for code in range(16)), "icmp=3/4 mtu=1000", "icmp=11/0",
                                  "param-problem pointer=20", "icmp=3/1 quote=8", "icmp=3/1 error-then-reply",
                                  "redirect gateway=10.64.9.1 error-then-reply", "quench error-then-reply"])
def test_every_error(beside, far, rule):
    """As many probes as errors: an error fails the next call on the socket, which is repeated."""
    far(f"10.64.1.1: alive {rule} from=10.64.0.254")
    line = "-c 4 -i 0.2 -W 1 10.64.1.1"
    raw, datagram = beside.run("rping", *line.split()), by_datagram(beside, line)
    assert alike(datagram.out) == alike(raw.out)
    assert (datagram.code, datagram.err) == (raw.code, raw.err)
    assert "4 packets transmitted" in datagram.out


def test_no_error_is_another_targets(beside, far):
    """Two targets on one socket, 5000 probes to each as fast as answers come: errors come between reading and sending."""
    far("10.64.1.1: alive icmp=3/1 from=10.64.0.254", "*: alive")
    done = beside.run(*INCAPABLE, os.path.join(os.environ.get("PEER_BIN", ""), "embedding"), "an_error_of_another_target")
    assert done.code == 0, done.out + done.err


@pytest.mark.parametrize("line, what", NEEDS_RAW.items())
def test_what_it_cannot_do(lo, line, what):
    done = by_datagram(lo, f"-c 1 {line} 127.0.0.1")
    assert (done.code, done.out) == (2, "")
    assert re.fullmatch(rf"rping: {what} needs? a raw socket: no permission to open a raw socket: .*\n", done.err), done.err


def test_an_identifier_that_is_taken(lo):
    holder = lo.start(*INCAPABLE, net.tool("rping"), "-e", 4711, "127.0.0.1")
    net.read_until(holder, "icmp_seq=1 ")
    done = by_datagram(lo, "-c 1 -e 4711 127.0.0.1")
    with lo.inside(), socket.socket(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_ICMP) as other:
        try:
            other.bind(("0.0.0.0", 4711))
            refused = False
        except OSError:
            refused = True
    if refused:  # by some kernels
        assert (done.code, done.out) == (2, "")
        assert "identifier 4711: Address already in use" in done.err
    assert by_datagram(lo, "-c 1 127.0.0.1").code == 0
    net.finish(holder, 2)


def test_a_source_that_is_none(lo):
    done = by_datagram(lo, "-c 1 -I 10.1.2.3 127.0.0.1")
    assert (done.code, done.err) == (2, "rping: bind: source address 10.1.2.3: Cannot assign requested address; see: ip address\n")


def test_closed(pair):
    """Without a group in the range the sentence is that of the raw socket."""
    done = net.run("nsenter", f"--net=/run/netns/{pair.b.name}", *INCAPABLE, net.tool("rping"), "-c", "1", pair.address_a)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("rping: no permission to open a raw socket")


def test_raw_is_the_way_where_it_is_open(lo):
    assert start_of(lo.run("rping", "-c", 1, "--json", "127.0.0.1"))["path"] == "raw"


def test_rsyn_needs_raw(lo):
    done = lo.run(*INCAPABLE, net.tool("rsyn"), "-p", 22, "127.0.0.1")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("rsyn: no permission to open a raw socket")


def test_packets_that_are_shown(lo):
    """What was not seen is not shown as if it was."""
    done = by_datagram(lo, "-c 1 --decode=full -x 127.0.0.1")
    assert len(re.findall(r"bytes, with an IP header that is not the one on the wire \[", done.out)) == 2
    assert "wire" not in lo.run("rping", "-c", 1, "--decode=full", "127.0.0.1").out


@pytest.mark.skipif(not shutil.which("strace"), reason="no strace")
def test_the_kernel_counts_the_stamps(routed, tmp_path):
    """As before Linux 6.13, where no id can be given: all round trips are the kernel's, errors between them or not."""
    trace = tmp_path / "trace"
    line = ["strace", "-f", "-o", trace, "-e", "trace=sendmsg,sendmmsg", "-e", "inject=sendmsg:error=EINVAL:when=1"]
    done = routed.a.run(*line, *INCAPABLE, net.tool("rping"), "-c", 20, "-i", "0.01", "--json", routed.address_b)
    replies = [one for one in net.json_lines(done.out) if one["event"] == "reply"]
    assert len(replies) == 20 and {one["clock"] for one in replies} == {"kernel"}
    assert "SO_TIMESTAMPING" in trace.read_text() or "SCM_TIMESTAMPING" in trace.read_text() or "cmsg_type=0x25" in trace.read_text()


@pytest.mark.skipif(not shutil.which("strace"), reason="no strace")
def test_a_refusal_loses_no_stamp(beside, far, firewall, tmp_path):
    """Three leave at once, and the kernel refuses the last: the others have their stamps, which were still to be read."""
    far("*: alive delay=50ms")
    firewall(beside, "chain o { type filter hook output priority 0; icmp type echo-request limit rate 1/second burst 2 packets accept; "
                     "icmp type echo-request drop; }")
    line = ["strace", "-f", "-o", tmp_path / "trace", "-e", "trace=sendmsg", "-e", "inject=sendmsg:error=EINVAL:when=1"]
    done = beside.run(*line, *INCAPABLE, net.tool("rping"), "-l", 3, "-c", 3, "-W", 1, "--json", "10.64.1.1")
    lines = net.json_lines(done.out)
    replies = [one for one in lines if one["event"] == "reply"]
    assert len(replies) == 2 and len([one for one in lines if one["event"] == "unsent"]) == 1
    assert {one["clock"] for one in replies} == {"kernel"}


@pytest.mark.skipif(not shutil.which("strace"), reason="no strace")
@pytest.mark.parametrize("verdict", ["drop", "reject with icmp host-unreachable"])
def test_refused_by_turns(beside, far, firewall, tmp_path, verdict):
    """Every second probe is refused. A rejection fails the next probe's call, too, which is repeated: that has its own stamp."""
    far("*: alive delay=50ms")
    firewall(beside, "chain o { type filter hook output priority 0; icmp type echo-request numgen inc mod 2 == 0 " + verdict + "; }")
    line = ["strace", "-f", "-o", tmp_path / "trace", "-e", "trace=sendmsg", "-e", "inject=sendmsg:error=EINVAL:when=1"]
    done = beside.run(*line, *INCAPABLE, net.tool("rping"), "-c", 6, "-i", "0.01", "-W", 1, "--json", "10.64.1.1")
    lines = net.json_lines(done.out)
    assert [one["seq"] for one in lines if one["event"] == "unsent"] == [1, 3, 5], done.out
    assert [(one["seq"], one["clock"]) for one in lines if one["event"] == "reply"] == [(n, "kernel") for n in (2, 4, 6)]


@pytest.mark.skipif(not shutil.which("strace"), reason="no strace")
def test_counting_goes_on_after_refusals(beside, far, firewall, tmp_path):
    """The kernel counts what it refuses, or not, as it likes: no stamp is taken for another probe's, 10 ms away."""
    far("*: alive delay=50ms")
    firewall(beside, "chain o { type filter hook output priority 0; icmp type echo-request limit rate 30/second burst 3 packets accept; "
                     "icmp type echo-request drop; }")
    line = ["strace", "-f", "-o", tmp_path / "trace", "-e", "trace=sendmsg", "-e", "inject=sendmsg:error=EINVAL:when=1"]
    done = beside.run(*line, *INCAPABLE, net.tool("rping"), "-c", 60, "-i", "0.01", "-W", 1, "--json", "10.64.1.1")
    lines = net.json_lines(done.out)
    replies = [one for one in lines if one["event"] == "reply"]
    assert len(replies) >= 10 and len([one for one in lines if one["event"] == "unsent"]) >= 10
    for reply in replies:
        assert reply["clock"] == "kernel" and 50 <= reply["rtt_ms"]
        net.below(reply["rtt_ms"], 58)
