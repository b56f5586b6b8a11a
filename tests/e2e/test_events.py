# SPDX-License-Identifier: MIT
"""What happens to a series over time, and to the host that sends it: outages at any rate and of any target, links that
go and come."""
import fcntl
import json
import os
import re
import signal
import time

import pytest

import events as stream
import net

B = "10.9.1.2"
F_SETPIPE_SZ = 1031  # no name for it in Python 3.9
DROP = "chain c { type filter hook input priority 0; icmp type echo-request drop; }"


def test_outages_at_a_high_rate(pair, firewall, tmp_path):
    """More answers come before a loss is known than anything could remember: 5 s of patience at 1 kHz. The lines
    about single probes are the truth."""
    path = tmp_path / "out"
    with open(path, "w", encoding="ascii") as out:
        process = pair.a.start("rping", "-v", "-i", "0.001", "-W", "5", "--json", B, stdout=out)
    for _ in range(2):
        size = path.stat().st_size
        net.until(lambda: path.stat().st_size > size + 10000)
        firewall(pair.b, DROP)
        time.sleep(0.05)
        pair.b.nft("")
    time.sleep(6)
    net.finish(process, signal.SIGINT)
    lines = net.json_lines(path.read_text("ascii"))
    lost = [line["seq"] for line in lines if line["event"] == "timeout"]
    firsts = [seq for seq in lost if seq - 1 not in lost]
    told = [line for line in lines if line["event"] == "outage" and line["state"] == "ends"]
    assert len(firsts) >= 2 and [line["first_seq"] for line in told] == firsts
    assert sum(line["last_seq"] - line["first_seq"] + 1 for line in told) == len(lost)
    sent = {line["seq"]: line["time_ns"] for line in lines if line["event"] == "sent"}
    answered = {line["seq"]: line["time_ns"] - line["rx_wakeup_ns"] for line in lines if line["event"] == "reply"}
    for line in told:
        true = answered[line["last_seq"] + 1] - sent[line["first_seq"]]
        net.below(abs(line["duration_ns"] - true), 50e6)  # when it was known is 5 s later
        assert line["end_ns"] - line["start_ns"] == line["duration_ns"]
    assert lines[-1]["outages"] == len(told) and lines[-1]["outage_current"] is None


def test_outages_of_several_targets(beside, far):
    far("10.64.1.1: open every=3", "10.64.1.2: open")
    out = beside.run("rsyn", "-v", "-c", "4", "-i", "0.6", "-W", "0.4", "-p", "80", "10.64.1.1-2").out
    told = re.findall(r"^10.64.1.(\d):80: +Outage (\w+): probe (\d) ", out, re.MULTILINE)
    wanted = [("1", "begins", "3"), ("1", "ends", "3")]
    if set(told) > set(wanted):
        raise net.Slow("the peer took more than 0.4 s to answer others")
    assert told == wanted


# ---- what this host could not send ------------------------------------------------------------------------

def counters(out):
    line = re.search(r"^(\d+) packets transmitted, (\d+) received.* ([\d.]+)% packet loss, .*?(?:, (\d+) not sent)?$", out,
                     re.MULTILINE)
    return tuple(float(value or 0) for value in line.groups())


@pytest.fixture
def lonely():
    """A pair that a test may spoil; its neighbours know each other. The other end of a link that comes up again sends nothing
    before its kernel has noticed, so a neighbour is asked for more than once."""
    network = net.Pair()
    network.a.do(f"ip ntable change name arp_cache dev {network.device_a} mcast_probes 100")
    assert network.a.run("rping", "-q", "--until-up", "-w", "60", "-i", "0.1", B).code == 0
    yield network
    network.close()


def spoil(network, how):
    device = network.device_a
    return {
        "link": (f"link set {device} down", f"link set {device} up"),
        "address": (f"addr del 10.9.1.1/24 dev {device}", f"addr add 10.9.1.1/24 dev {device}"),
        "route": ("route del 10.9.1.0/24", f"route add 10.9.1.0/24 dev {device}"),
        **{kind: (f"route add {kind} {B}", f"route del {kind} {B}") for kind in ("prohibit", "unreachable", "blackhole")},
    }[how]


@pytest.mark.parametrize("how, sentence", [
    ("link", "no route to the network, or the link is down"),
    ("address", "no route to the network, or the link is down"),
    ("route", "no route to the network, or the link is down"),
    ("prohibit", "it is a broadcast address, or a route prohibits it"),
    ("unreachable", "no route to the host"),
    ("blackhole", "the kernel does not accept the packet, or a route discards it"),
])
@pytest.mark.parametrize("interval", ["0.1", "0.001"])
def test_broken_for_a_while(lonely, how, sentence, interval, tmp_path):
    """It goes on, says what and when it works again, counts nothing as lost, and does not flood stderr."""
    breaks, mends = spoil(lonely, how)
    path = tmp_path / "out"  # a pipe that nobody reads for a moment would stop it
    with open(path, "w", encoding="ascii") as out:
        process = lonely.a.start("rping", "--json", "-i", interval, B, stdout=out)

    def told(event, count):
        net.until(lambda: path.read_text("ascii").count(f'"{event}"') >= count)

    told("reply", 1)
    lonely.a.do("ip " + breaks)
    told("unsent", 4 if interval == "0.1" else 40)
    lonely.a.do("ip " + mends)
    err = net.read_until(process, "sending works again", "stderr")
    told("reply", path.read_text("ascii").count('"reply"') + 1)
    code, _, more = net.finish(process, signal.SIGINT)
    lines = net.json_lines(path.read_text("ascii"))
    run = lines[-1]
    unsent = [line["seq"] for line in lines if line["event"] == "unsent"]
    assert code == 0 and run["lost"] == 0 and run["unsent"] == len(unsent)
    # An attempt in each interval, sent or not, and 0.1 s of a stall is made up for: no more than that.
    tried = run["sent"] + run["unsent"]
    assert max(line.get("seq", 0) for line in lines) == tried <= 2 + (run["duration_ns"] / 1e9 + 0.1) / float(interval)
    assert more == ""
    refusal = rf"rping: {B}: probe (\d+) was not sent: {sentence}"
    broken, *later, mended = err.splitlines()
    first = re.fullmatch(refusal, broken)
    again = re.fullmatch(rf"rping: {B}: sending works again, from probe (\d+) on; (\d+) before it were not sent", mended)
    assert first and again, err
    assert unsent == list(range(int(first[1]), int(again[1]))) and int(again[2]) == len(unsent)
    # A line a second, where to mend it took so long.
    times = [line["time_ns"] for line in lines if line["event"] == "unsent"]
    assert len(later) <= (times[-1] - times[0]) / 1e9
    assert all(re.fullmatch(refusal + r" \(nor (was|were) \d+ before it\)", line) for line in later), err


def test_the_interface_is_gone(lonely):
    process = lonely.a.start("rping", "--json", "-i", "0.01", "-I", lonely.device_a, B)
    out = net.read_until(process, '"reply"')
    lonely.a.do("ip link del " + lonely.device_a)
    for _ in range(80):
        out += net.read_until(process, '"unsent"')
    code, rest, err = net.finish(process, signal.SIGINT)
    run = net.json_lines(out + rest)[-1]
    assert code == 0 and run["lost"] == 0 and run["received"] == run["sent"] and run["unsent"] >= 80
    assert re.match(rf"rping: {B}: probe \d+ was not sent: the network interface is gone\n", err)
    assert len(err.splitlines()) <= 3, err


@pytest.mark.parametrize("options, before, sentence", [
    ([], "firewall", "the local firewall dropped the probe"),
    (["-M", "do", "-s", "2000"], None, "local error: message too long, mtu=1500 (a payload of 1472 fits)"),
])
def test_never_sent(pair, firewall, options, before, sentence):
    """Nothing left this host: no loss of the network, and it must not look alive."""
    if before == "firewall":
        firewall(pair.a, "chain c { type filter hook output priority 0; icmp type echo-request drop; }")
    done = pair.a.run("rping", "-c", "3", "-i", "0.05", *options, B)
    assert done.code == 1 and counters(done.out) == (0, 0, 100, 3)
    assert done.err == f"rping: {B}: probe 1 was not sent: {sentence}\n"
    lines = net.json_lines(pair.a.run("rping", "-c", "3", "-i", "0.05", "--json", *options, B).out)
    assert [line["seq"] for line in lines if line["event"] == "unsent"] == [1, 2, 3]
    assert all(sentence in line["text"] for line in lines if line["event"] == "unsent")
    assert (lines[-1]["sent"], lines[-1]["unsent"], lines[-1]["lost"]) == (0, 3, 0)


# The question whether the kernel takes ids with packets is answered as before Linux 6.13: then stamps are counted, by it and by us.
OLDER = ["strace", "-qq", "-D", "-o", "/dev/null", "-e", "inject=sendmsg:error=EINVAL:when=1"]


@pytest.mark.parametrize("how", ["link", "prohibit", "unreachable", "blackhole", "firewall", "queue"])
def test_stamps_are_counted_as_an_older_kernel_counts(lonely, firewall, how):
    """What is refused in the midst leaves no later probe without its stamp."""
    device = lonely.device_a
    if how == "queue":
        if lonely.a.run("tc", "qdisc", "add", "dev", device, "root", "tbf", "rate", "64kbit", "burst", "1600", "limit", "3000").code:
            pytest.skip("no tbf in this kernel")
        done = lonely.a.run(*OLDER, net.tool("rping"), "--json", "-c", "100", "-i", "0.002", "-s", "200", "-W", "2", B)
        lines = net.json_lines(done.out)
        assert lines[-1]["tx_queue_max_ms"] > 50
    else:
        process = lonely.a.start(*OLDER, net.tool("rping"), "--json", "-i", "0.02", "-w", "20", B)
        lines, mended = [], False
        for line in process.stdout:
            lines.append(json.loads(line))
            events = [line["event"] for line in lines]
            if len(lines) == 10 and how == "firewall":
                firewall(lonely.a, "chain c { type filter hook output priority 0; icmp type echo-request drop; }")
            elif len(lines) == 10:
                lonely.a.do("ip " + spoil(lonely, how)[0])
            elif events.count("unsent") == 5 and not mended:
                mended = True
                if how == "firewall":
                    firewall(lonely.a, "")
                else:
                    lonely.a.do("ip " + spoil(lonely, how)[1])
            elif mended and events[-10:] == ["reply"] * 10:
                break
        process.send_signal(signal.SIGINT)
        lines += map(json.loads, process.stdout)
        stream.check(lines)
        assert mended and process.wait() == 0
    assert {line["clock"] for line in lines if line["event"] == "reply"} == {"kernel"}


def test_a_reader_that_stops(pair):
    """A full pipe stops the tool until it is read on: no probe is sent meanwhile, and none is lost."""
    process = pair.a.start("rping", "-i", "0.001", "-c", "2500", "-W", "0.5", B)
    net.until(lambda: net.is_full(process.stdout))
    time.sleep(1)
    code, out, err = net.finish(process)
    assert (code, err) == (0, "") and counters(out) == (2500, 2500, 0, 0)
    assert [int(n) for n in re.findall(r"icmp_seq=(\d+) ", out)] == list(range(1, 2501))


def test_answers_while_nobody_reads(beside, far):
    """Ten probes are under way when the pipe is full; their answers come in time, though they are read long after it."""
    far("*: alive delay=100ms")
    reader, writer = os.pipe()
    fcntl.fcntl(writer, F_SETPIPE_SZ, 8192)
    process = beside.start("rping", "-i", "0.01", "-c", "200", "-W", "2", "10.64.1.1", stdout=writer)
    os.close(writer)
    net.until(lambda: net.waiting_in(reader) > 4000)
    time.sleep(2.5)
    with open(reader, encoding="ascii") as pipe:
        out = pipe.read()
    assert counters(out) == (200, 200, 0, 0) and process.wait() == 0


def test_a_full_queue(lonely, tmp_path):
    """Its drops are this host's and no loss: what does not fit waits, without work, and the wire's time stays the wire's."""
    device = lonely.device_a
    if lonely.a.run("tc", "qdisc", "add", "dev", device, "root", "tbf", "rate", "64kbit", "burst", "1600", "limit", "3000").code:
        pytest.skip("no tbf in this kernel")
    calls = tmp_path / "calls"
    done = lonely.a.run("strace", "-c", "-U", "calls,name", "-o", calls, net.tool("rping"), "-c", "100", "-i", "0.002", "-s", "200",
                        "-W", "20", "--json", B)
    run = net.json_lines(done.out)[-1]
    assert (run["sent"], run["received"], run["unsent"]) == (100, 100, 0)
    # A packet takes the link 30 ms, and ten wait.
    net.below(run["rtt_p50_ms"], 100)
    assert run["tx_queue_max_ms"] > 150
    # It tries again each millisecond, by four calls; one that tries all the time makes ten times as many.
    assert int(re.search(r"^\s*(\d+)\s+total$", calls.read_text(), re.MULTILINE)[1]) < 2000 + 6 * run["duration_ns"] / 1e6
