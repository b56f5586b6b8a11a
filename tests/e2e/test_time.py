# SPDX-License-Identifier: MIT
"""Times true to the wire: what the host adds is not in them, whatever the wall clock does."""
import math
import os
import re
import statistics
import time
import xml.etree.ElementTree

import pytest

import net

CLOCKSTEP = os.path.join(os.environ.get("PEER_BIN", ""), "libclockstep.so")


def replies(text):
    return [line for line in net.json_lines(text) if line["event"] == "reply"]


def stepped(namespace, step, *argv):
    """A run whose wall clock is stepped 0.35 s after its first packet."""
    return net.run("env", f"LD_PRELOAD={CLOCKSTEP}", "CLOCKSTEP_AFTER_MS=350", f"CLOCKSTEP_BY_S={step}", *namespace.argv(argv))


def test_arp_is_held_not_wire(pair):
    """The neighbour answers ARP after a second or so: the first probe waits in this host, not on the wire."""
    pair.a.run("ping", "-c", 1, pair.address_b)
    pair.a.do(f"ip ntable change name arp_cache dev {pair.device_a} retrans 1000 mcast_probes 3")
    pair.a.do(f"ip neigh flush dev {pair.device_a}")
    pair.b.sysctl(f"net.ipv4.conf.{pair.device_b}.arp_ignore", 8)
    try:
        process = pair.a.start("rping", "-c", 2, "--json", pair.address_b)
        net.until(lambda: "INCOMPLETE" in pair.a.do("ip neigh show").out)  # it has been asked for
        pair.b.sysctl(f"net.ipv4.conf.{pair.device_b}.arp_ignore", 0)
        _, out, _ = net.finish(process)
    finally:
        pair.b.sysctl(f"net.ipv4.conf.{pair.device_b}.arp_ignore", 0)
        pair.a.do(f"ip ntable change name arp_cache dev {pair.device_a} retrans 300 mcast_probes 1")
    first, second = replies(out)
    net.below(first["rtt_ms"], 500)
    assert first["tx_queue_ns"] > 800_000_000, first
    assert first["clock"] == "kernel"
    net.below(second["tx_queue_ns"], 500_000_000)


def test_breakdown_as_text(lo):
    done = lo.run("rping", "-c", 2, "-i", "0.1", "--breakdown", "--percentiles", "127.0.0.1")
    lines = done.out.splitlines()
    assert all(" ms (tx queue " in line and ", rx wakeup " in line for line in lines[1:3]), done.out
    assert lines[-2].startswith("rtt min/avg/max/mdev = "), done.out
    assert lines[-1].startswith("rtt p50/p90/p95/p99/p99.9 = ") and ", tx queue avg/max = " in lines[-1], done.out


@pytest.mark.skipif(net.sanitized(), reason="a sanitizer wants to be preloaded first")
@pytest.mark.parametrize("step", [10, -10])
def test_step_of_the_wall_clock(lo, step):
    """The clock is stepped in mid-run: no round trip and no duration shows it. The lines' times follow it forward; when it is set
    back they go on, by its monotonic fellow."""
    done = stepped(lo, step, "rping", "-c", 10, "-i", "0.1", "--json", "127.0.0.1")
    got = replies(done.out)
    assert len(got) == 10, done.err
    assert all(0 < reply["rtt_ms"] < 5000 for reply in got), [reply["rtt_ms"] for reply in got]
    assert all(reply["clock"] == "kernel" for reply in got)
    span = (got[-1]["time_ns"] - got[0]["time_ns"]) / 1e9 - max(step, 0)
    assert span > 0.7
    net.below(span, 5)
    duration = net.json_lines(done.out)[-1]["duration_ns"] / 1e9
    assert duration > 0.7
    net.below(duration, 5)


@pytest.mark.skipif(net.sanitized(), reason="a sanitizer wants to be preloaded first")
@pytest.mark.parametrize("step", [10, -10])
def test_a_scan_lasts_as_long_as_it_lasts(lo, step, tmp_path):
    """In every output, while the clock is stepped: 21 ports, 50 ms between two; what was missed is made up for within 0.1 s."""
    base = tmp_path / "scan"
    begin = time.monotonic()
    done = stepped(lo, step, "rsyn", "--scan-delay", "0.05", "-p", "7-27", "-oA", base, "127.0.0.1")
    most = time.monotonic() - begin
    root = xml.etree.ElementTree.parse(f"{base}.xml").getroot()
    finished = root.find("runstats/finished")
    assert 0 <= int(finished.get("time")) - int(root.get("start")) - max(step, 0) <= most + 1
    run = net.json_lines((tmp_path / "scan.jsonl").read_text())[-1]
    told = [float(re.search(r"scanned in (-?[\d.]+) seconds", text)[1])
            for text in ((tmp_path / "scan.gnmap").read_text(), finished.get("summary"))]
    for seconds in (*told, float(finished.get("elapsed")), run["duration_ns"] / 1e9):
        assert 0.9 <= seconds <= most


def test_percentiles_are_those_of_the_samples(lo):
    done = lo.run("rping", "-c", 1500, "-i", "0.0005", "--json", "127.0.0.1")
    run = net.json_lines(done.out)[-1]
    samples = sorted(reply["rtt_ms"] for reply in replies(done.out))
    assert len(samples) == run["received"] == 1500
    for name, share in (("p50", 0.5), ("p90", 0.9), ("p95", 0.95), ("p99", 0.99), ("p999", 0.999)):
        exact = samples[math.ceil(len(samples) * share) - 1]
        assert abs(run[f"rtt_{name}_ms"] - exact) <= exact / 128, name
    jitter = 0.0
    in_order = [reply["rtt_ms"] for reply in replies(done.out)]
    for before, after in zip(in_order, in_order[1:]):
        jitter += (abs(after - before) - jitter) / 16
    assert run["jitter_ms"] == pytest.approx(jitter, abs=2e-6)
    assert run["rtt_mdev_ms"] == pytest.approx(statistics.pstdev(samples), abs=2e-6)


@pytest.mark.parametrize("interval,count", [("0.0025", 400), ("0.001", 1000)])
def test_short_intervals_hold(lo, interval, count):
    """The mean period, sending stamp to sending stamp, of one second: an interval cut to whole milliseconds makes it
    0.2 s less or more, a sleep after each probe 0.05 s more. 0.1 s of a stall is made up for."""
    done = lo.run("rping", "-q", "-c", count, "-i", interval, "127.0.0.1")
    elapsed = int(done.out.split("time ")[1].split("ms")[0]) / 1000
    assert elapsed > float(interval) * (count - 1) - 0.11
    net.below(elapsed, float(interval) * (count - 1) + 0.05)


def test_each_probe_leaves_in_time(lo):
    """A timer that is late by up to 10 ms shows in most probes, a busy machine in those of others, too: in our own sleep."""
    process = lo.start("rping", "-c", 61, "-i", "0.017", "--json", "127.0.0.1")
    begun, ours = time.monotonic(), []
    for number in range(1, 61):
        time.sleep(max(begun + 0.017 * number - time.monotonic(), 0))
        ours.append((time.monotonic() - begun) * 1e3 - 17 * number)
    _, out, _ = net.finish(process)
    handed = [reply["time_ns"] - reply["rx_wakeup_ns"] - reply["rtt_ns"] - reply["tx_queue_ns"] for reply in replies(out)]
    late = sorted(at / 1e6 - 17 * number for number, at in enumerate(handed))
    assert len(late) == 61
    net.below(late[15] - late[0], 1.5 + 4 * sorted(ours)[15])  # a quarter of them is late by more than 2.5


def test_adaptive_and_flood_follow_the_replies(lo):
    for option in "-A", "-f":
        begin = time.monotonic()
        done = lo.run("rping", "-q", option, "-c", 1000, "127.0.0.1")
        assert "1000 received" in done.out
        assert "ipg/ewma" in done.out
        net.below(time.monotonic() - begin, 8)  # 1000 s at the default interval, 10 s at 10 ms


def test_the_users_clock_is_named(lo):
    done = lo.run("rping", "-c", 1, "-U", "127.0.0.1")
    assert done.out.rstrip().endswith(", user clock")
    assert done.err == ""
    assert replies(lo.run("rping", "-c", 1, "-U", "--json", "127.0.0.1").out)[0]["clock"] == "user"


def test_a_lesser_clock_is_told(lo):
    """No interface here makes stamps of its own."""
    done = lo.run("rping", "-c", 3, "-i", "0.1", "--clock", "hardware", "127.0.0.1")
    assert done.code == 0
    assert done.err.count("\n") == 1 and "no hardware time stamp" in done.err


def timed_at_most(seconds):
    """A thousand at once, and 10,000 a second."""
    return 1100 + 10000 * seconds


def test_a_fast_flood_is_timed_by_a_sample(lo):
    done = lo.run("rping", "-f", "-q", "-l", 64, "-c", 20000, "127.0.0.1")
    *_, ledger, times = done.out.splitlines()
    assert "20000 received" in ledger
    timed = int(re.search(r", (\d+) timed\b", times)[1]) if " timed" in times else 20000
    assert 1000 <= timed <= timed_at_most(int(re.search(r"time (\d+)ms", ledger)[1]) / 1e3)
    low, mean, high = (float(value) for value in re.search(r"= ([\d.]+)/([\d.]+)/([\d.]+)/", times).groups())
    assert 0 < low <= mean <= high < 1000


@pytest.mark.parametrize("options", ["-f -q -c 500", "-f -q -l 64 -c 3000 --require max<=10s", "-i 0 -l 64 -c 3000"])
def test_every_probe_is_timed(lo, options):
    """Where they are few, where something is required of them, and where each reply has its line."""
    done = lo.run("rping", *options.split(), "127.0.0.1")
    assert done.code == 0 and " 0% packet loss" in done.out and " timed" not in done.out
    assert done.out.count("bytes from") == done.out.count("time=")


def test_a_large_scan_is_timed_by_a_sample(pair, tmp_path):
    """A port that was not timed has no round trip in JSON and XML, and a limit in the table; few ports have theirs."""
    pair.b.listen(3, 60000)
    begin = time.monotonic()
    events = net.json_lines(pair.a.run("rsyn", "-n", "-p-", "--json", "-oX", tmp_path / "xml", pair.address_b).out)
    ports = [event for event in events if event["event"] == "port"]
    timed = [port for port in ports if port["rtt_ns"] is not None]
    assert len(ports) == 65535 and 1000 <= len(timed) <= timed_at_most(time.monotonic() - begin)
    assert all(port["clock"] == "kernel" and port["rtt_ns"] > 0 for port in timed)
    told = xml.etree.ElementTree.parse(tmp_path / "xml").iter("port")
    assert {int(port.get("portid")) for port in told if port.get("rtt_ms")} == {
        port["port"] for port in timed if port["state"] == "open"}
    rows = re.findall(r"^\d+/tcp +open +(<?)[\d.]+ ms ", pair.a.run("rsyn", "-n", "-p-", pair.address_b).out, re.M)
    assert len(rows) == 2 and rows[0] == ""
    assert "<" not in pair.a.run("rsyn", "-n", "-p", "1-900,60000", pair.address_b).out
