# SPDX-License-Identifier: MIT
"""What routers, paths and neighbours do to a probe, with a real kernel between: text, JSON, counters, exit status and
how long the run takes by its own clock."""
import contextlib
import re
import time

import pytest

import net

ROUTER, B = "10.9.1.254", "10.9.2.2"
SERIES = ["-c", 3, "-i", "0.02"]
QUICK = [*SERIES, "-W", "0.2"]
PATIENT = [*SERIES, "-W", 20]  # where an error ends the wait: waiting in vain would show
COUNTERS = ["received", "lost", "late", "duplicates", "altered", "errors", "corrupted", "suspect", "unsent"]


@contextlib.contextmanager
def unlimited(namespace):
    """Else Linux sends six errors at once to one address, then one a second."""
    namespace.sysctl("net.ipv4.icmp_ratelimit", 0)
    yield
    namespace.sysctl("net.ipv4.icmp_ratelimit", 1000)


def twice(namespace, arguments, target):
    """As JSON and as text: the ledger, its events, the text and both exit codes."""
    done = namespace.run("rping", "--json", *arguments, target)
    lines = net.json_lines(done.out)
    ledger = lines[-1]
    assert ledger["sent"] == ledger["received"] + ledger["lost"] + ledger["late"] + ledger["in_flight"]
    assert 0 <= ledger["loss_percent"] <= 100
    namespace.do("ip route flush cache")
    text = namespace.run("rping", *arguments, target)
    namespace.do("ip route flush cache")
    assert text.code == done.code
    return lines, {name: ledger[name] for name in COUNTERS if ledger[name]}, ledger["duration_ns"] / 1e9, text


@pytest.mark.parametrize("route, text", [
    ("blackhole", None),
    ("unreachable", "Destination Host Unreachable"),
    ("prohibit", "Packet filtered"),
    ("throw", "Destination Net Unreachable"),
])
def test_routes_of_the_router(routed, route, text):
    """Linux says of such routes five times at once what they are, then once a second."""
    time.sleep(1.1)
    routed.r.do(f"ip route add {route} 10.9.20.0/24")
    lines, counts, seconds, shown = twice(routed.a, ["-c", 1, "-W", 20 if text else "0.2"], "10.9.20.1")
    routed.r.do(f"ip route del {route} 10.9.20.0/24")
    assert shown.code == 1 and "100% packet loss" in shown.out
    if text is None:
        assert counts == {"lost": 1} and 0.195 <= seconds
        net.below(seconds, 5)  # ten without -W
        return
    assert counts == {"lost": 1, "errors": 1}
    net.below(seconds, 10)
    assert [line["text"] for line in lines if line["event"] == "error"] == [text]
    assert f"\nFrom {ROUTER} icmp_seq=1 {text}\n" in shown.out
    assert "1 packets transmitted, 0 received, +1 errors, 100% packet loss" in shown.out


def test_one_hop_too_few(routed):
    with unlimited(routed.r):
        lines, counts, seconds, shown = twice(routed.a, [*PATIENT, "-t", 1], B)
    assert shown.code == 1 and counts == {"lost": 3, "errors": 3}
    net.below(0.02, seconds)  # when the first is late, 0.1 s of that is made up for
    net.below(seconds, 10)
    assert {(line["from"], line["text"]) for line in lines if line["event"] == "error"} == {(ROUTER, "Time to live exceeded")}


@pytest.mark.parametrize("hint, counts, code", [
    ("do", {"lost": 1, "errors": 1, "unsent": 2}, 1),  # the first one teaches this kernel, which is silent itself
    ("want", {"received": 2, "lost": 1, "errors": 1}, 0),
    ("dont", {"received": 3}, 0),
    ("probe", {"lost": 3, "errors": 3}, 1),
])
def test_narrow_path(routed, hint, counts, code):
    for namespace, device in ((routed.r, routed.device_rb), (routed.b, routed.device_b)):
        namespace.do(f"ip link set {device} mtu 1000")
    with unlimited(routed.r):
        lines, counted, seconds, shown = twice(routed.a, ["-c", 3, "-i", "0.3", "-W", 20, "-s", 1400, "-M", hint], B)
    for namespace, device in ((routed.r, routed.device_rb), (routed.b, routed.device_b)):
        namespace.do(f"ip link set {device} mtu 1500")
    assert (counted, shown.code) == (counts, code)
    net.below(seconds, 10)
    if "errors" in counts:
        assert f"From {ROUTER} icmp_seq=1 Frag needed and DF set (mtu = 1000)\n" in shown.out
        assert [line["mtu"] for line in lines if line["event"] == "error"] == [1000] * counts["errors"]
    if "unsent" in counts:
        assert shown.err == f"rping: {B}: probe 2 was not sent: local error: message too long, mtu=1000 (a payload of 972 fits)\n"


def test_first_neighbour_request_ignored(pair):
    """ARP asks again after a second: the probe waited in this host, its round trip is the wire's."""
    pair.a.do(f"ip ntable change name arp_cache dev {pair.device_a} retrans 1000 mcast_probes 3")
    ignore = f"net.ipv4.conf.{pair.device_b}.arp_ignore"
    for arguments in (["--json"], []):
        pair.a.do(f"ip neigh flush dev {pair.device_a}")
        pair.b.sysctl(ignore, 8)
        process = pair.a.start("rping", *arguments, "-c", 1, "10.9.1.2")
        net.until(lambda: "INCOMPLETE" in pair.a.do("ip neigh show").out)
        pair.b.sysctl(ignore, 0)
        code, out, _ = net.finish(process)
        assert code == 0
        if arguments:
            lines = net.json_lines(out)
            reply = next(line for line in lines if line["event"] == "reply")
            net.below(reply["rtt_ms"], 500)
            assert reply["tx_queue_ns"] > 0.9e9 and lines[-1]["duration_ns"] > 0.9e9
            net.below(lines[-1]["duration_ns"], 5e9)  # the ten seconds without -W are not waited for
        else:
            assert "1 packets transmitted, 1 received, 0% packet loss" in out
    pair.a.do(f"ip ntable change name arp_cache dev {pair.device_a} retrans 300 mcast_probes 1")


def test_no_neighbour(pair):
    """The error comes from this host; the probe never was on the wire."""
    lines, counts, seconds, shown = twice(pair.a, ["-c", 2, "-i", "0.1"], "10.9.1.77")
    assert shown.code == 1 and counts == {"lost": 2, "errors": 2}
    net.below(seconds, 5)
    assert {(line["from"], line["text"]) for line in lines if line["event"] == "error"} == \
        {("10.9.1.1", "Destination Host Unreachable")}
