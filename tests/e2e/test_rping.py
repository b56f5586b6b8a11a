# SPDX-License-Identifier: MIT
"""rping against the real kernel: who answers, who does not, and what is said of it."""
import os
import re
import signal
import time

import pytest

import net

DEAD = "10.9.1.77"


def statistics(out):
    """sent, received, errors, loss of the closing lines."""
    line = re.search(r"^(\d+) packets transmitted, (\d+) received(?:, \+(\d+) duplicates)?(?:, \+(\d+) corrupted)?"
                     r"(?:, \+(\d+) errors)?, ([\d.]+)% packet loss, time \d+ms"
                     r"(?:, \d+ not sent)?(?:, \d+ in flight)?$", out, re.MULTILINE)
    assert line, out
    return int(line[1]), int(line[2]), int(line[5] or 0), float(line[6])


def test_alive(pair):
    done = pair.a.run("rping", "-c", 3, "-i", "0.05", pair.address_b)
    assert done.code == 0, done.err
    assert statistics(done.out) == (3, 3, 0, 0)
    replies = re.findall(r"^64 bytes from 10\.9\.1\.2: icmp_seq=(\d+) ttl=64 time=[\d.]+ ms$", done.out, re.MULTILINE)
    assert replies == ["1", "2", "3"]
    assert done.err == ""


def test_round_trips_are_true(pair):
    """As the kernel sees the packets pass: a user's own clock would add more than most of these take."""
    with pair.a.capture(pair.device_a) as packets:
        done = pair.a.run("rping", "-c", 20, "-i", "0.01", "-W", 20, pair.address_b)
    times = [float(t) for t in re.findall(r"time=([\d.]+) ms", done.out)]
    passed = {(p.payload.type, p.payload.seq): p.time * 1e3 for p in packets if p.proto == 1}
    true = [passed[0, seq] - passed[8, seq] for seq in range(1, 21)]
    assert len(times) == 20 and all(t > 0 for t in times)
    net.below(sorted(abs(told - t) for told, t in zip(times, true))[10], 0.05)
    low, mean, high, _ = map(float, re.search(r"= ([\d.]+)/([\d.]+)/([\d.]+)/([\d.]+) ms", done.out).groups())
    assert low == min(times) and high == max(times)
    assert mean == pytest.approx(sum(times) / len(times), abs=0.0015)


def test_routed_answer_has_one_hop_less(routed):
    done = routed.a.run("rping", "-c", 1, routed.address_b)
    assert done.code == 0
    assert " ttl=63 " in done.out


@pytest.mark.parametrize("size", [0, 1, 7, 8, 15, 16, 56, 1000, 1472])
def test_sizes(pair, size):
    """The keyed value travels where there is room; the answer is believed at every size."""
    done = pair.a.run("rping", "-c", 2, "-i", "0.05", "-s", size, pair.address_b)
    assert done.code == 0, done.err
    assert f"{size}({size + 28}) bytes of data." in done.out
    assert done.out.count(f"{size + 8} bytes from 10.9.1.2: ") == 2


def test_own_address(pair):
    done = pair.a.run("rping", "-c", 2, "-i", "0.05", pair.address_a)
    assert done.code == 0
    assert statistics(done.out)[:2] == (2, 2)


def test_no_such_neighbour(pair):
    done = pair.a.run("rping", "-c", 2, "-i", "0.1", "-W", 20, DEAD)
    assert done.code == 1
    sent, received, errors, loss = statistics(done.out)
    assert (sent, received, loss) == (2, 0, 100)
    assert errors >= 1
    assert "From 10.9.1.1 icmp_seq=1 Destination Host Unreachable" in done.out


def test_silence(pair, firewall):
    firewall(pair.b, "chain c { type filter hook input priority 0; meta l4proto icmp drop; }")
    start = time.monotonic()
    done = pair.a.run("rping", "-c", 2, "-i", "0.1", "-W", "0.3", pair.address_b)
    net.below(time.monotonic() - start, 5)  # ten without -W
    assert done.code == 1
    assert statistics(done.out) == (2, 0, 0, 100)


def test_part_of_the_answers(pair, firewall):
    firewall(pair.b, "chain c { type filter hook input priority 0; "
                     "icmp type echo-request numgen inc mod 2 == 0 drop; }")
    done = pair.a.run("rping", "-c", 4, "-i", "0.1", "-W", "1", pair.address_b)
    assert done.code == 0
    assert statistics(done.out) == (4, 2, 0, 50)


def test_no_route(lo):
    done = lo.run("rping", "-c", 1, "10.99.99.99")
    assert done.code == 2
    assert done.out == ""
    assert re.fullmatch(r"rping: .*10\.99\.99\.99.*\n", done.err), done.err
    assert "route" in done.err or "unreachable" in done.err.lower()


def test_time_exceeded(routed):
    done = routed.a.run("rping", "-c", 2, "-i", "0.1", "-t", 1, "-W", 20, routed.address_b)
    assert done.code == 1
    assert "From 10.9.1.254 icmp_seq=1 Time to live exceeded" in done.out
    assert "From 10.9.1.254 icmp_seq=2 Time to live exceeded" in done.out
    assert statistics(done.out) == (2, 0, 2, 100)


@pytest.mark.parametrize("route, text", [
    ("unreachable", "Destination Host Unreachable"),
    ("prohibit", "Packet filtered"),
])
def test_routers_refusal(routed, route, text):
    routed.r.do(f"ip route add {route} 10.9.3.0/24")
    try:
        done = routed.a.run("rping", "-c", 1, "-W", 20, "10.9.3.3")
    finally:
        routed.r.do(f"ip route del {route} 10.9.3.0/24")
    assert done.code == 1
    assert f"From 10.9.1.254 icmp_seq=1 {text}\n" in done.out
    assert statistics(done.out) == (1, 0, 1, 100)


@pytest.mark.parametrize("code, text", [
    ("net-unreachable", "Destination Net Unreachable"),
    ("host-unreachable", "Destination Host Unreachable"),
    ("prot-unreachable", "Destination Protocol Unreachable"),
    ("port-unreachable", "Destination Port Unreachable"),
    ("net-prohibited", "Destination Net Prohibited"),
    ("host-prohibited", "Destination Host Prohibited"),
    ("admin-prohibited", "Packet filtered"),
])
def test_rejections(pair, firewall, code, text):
    firewall(pair.b, f"chain c {{ type filter hook input priority 0; icmp type echo-request reject with icmp {code}; }}")
    done = pair.a.run("rping", "-c", 1, "-W", 20, pair.address_b)
    assert done.code == 1
    assert f"From 10.9.1.2 icmp_seq=1 {text}\n" in done.out
    assert statistics(done.out) == (1, 0, 1, 100)


def test_own_firewall(pair, firewall):
    """A probe that could not be sent is not a lost one, and is said to be that."""
    firewall(pair.a, "chain c { type filter hook output priority 0; meta l4proto icmp drop; }")
    done = pair.a.run("rping", "-c", 2, "-i", "0.1", "-W", "0.3", pair.address_b)
    assert done.code != 0
    assert re.search(r"firewall|not permitted", done.out + done.err, re.IGNORECASE)
    assert statistics(done.out)[:2] == (0, 0)
    assert "2 not sent" in done.out


def test_time_to_live_and_source_on_the_wire(pair):
    with pair.a.capture(pair.device_a) as packets:
        pair.a.run("rping", "-c", 1, "-t", 7, pair.address_b)
    echo = [p for p in packets if p.proto == 1 and p.payload.type == 8]
    assert [(p.ttl, p.src, p.dst) for p in echo] == [(7, pair.address_a, pair.address_b)]


def test_bound_to_address(pair):
    pair.a.do(f"ip address add 10.9.1.11/24 dev {pair.device_a}")
    try:
        with pair.a.capture(pair.device_a) as packets:
            done = pair.a.run("rping", "-c", 1, "-I", "10.9.1.11", pair.address_b)
    finally:
        pair.a.do(f"ip address del 10.9.1.11/24 dev {pair.device_a}")
    assert done.code == 0, done.err
    assert "PING 10.9.1.2 (10.9.1.2) from 10.9.1.11 : 56(84) bytes of data." in done.out
    assert {p.src for p in packets if p.proto == 1 and p.payload.type == 8} == {"10.9.1.11"}


def test_bound_to_device(pair):
    done = pair.a.run("rping", "-c", 1, "-I", pair.device_a, pair.address_b)
    assert done.code == 0, done.err
    assert f"PING 10.9.1.2 (10.9.1.2) from 10.9.1.1 {pair.device_a}: 56(84) bytes of data." in done.out


@pytest.mark.parametrize("arguments", [
    ["-c", "2", "-i", "0.05", "HOST"],
    ["HOST", "-c", "2", "-i", "0.05"],
    ["-c", "2", "HOST", "-i", "0.05"],
    ["-c2", "-i0.05", "HOST"],
    ["--count", "2", "--interval", "0.05", "HOST"],
    ["--count=2", "--interval=0.05", "HOST"],
    ["-c", "2", "-i", "0.05", "--", "HOST"],
])
def test_options_stand_anywhere(lo, arguments):
    done = lo.run("rping", *[a.replace("HOST", "127.0.0.1") for a in arguments])
    assert done.code == 0, done.err
    assert statistics(done.out)[:2] == (2, 2)


@pytest.mark.parametrize("target, code", [("10.9.1.2", 0), (DEAD, 1)])
def test_interrupt_prints_the_statistics(pair, target, code):
    process = pair.a.start("rping", "-i", "0.1", target)
    net.read_until(process, "icmp_seq=3 ")
    got, out, err = net.finish(process, signal.SIGINT)
    assert got == code, err
    sent, received, _, _ = statistics(out)
    assert sent >= 3 and (received > 0) == (code == 0)


def test_deadline(pair):
    start = time.monotonic()
    done = pair.a.run("rping", "-w", 1, "-i", "0.2", pair.address_b)
    assert done.code == 0
    assert 0.9 < time.monotonic() - start
    net.below(time.monotonic() - start, 3)
    assert statistics(done.out)[0] <= 6
    net.below(3, statistics(done.out)[0])


def test_fewer_answers_than_asked_for(pair):
    """The deadline came first: 1, as ping says."""
    line = ["-c", 5, "-w", 1, pair.address_b]
    done = pair.a.run("rping", *line)
    assert statistics(done.out)[1] in (1, 2)
    assert done.code == pair.a.run("ping", *line).code == 1
    assert pair.a.run("rping", "-i", "0.05", "-c", 5, "-w", 20, pair.address_b).code == 0


def test_keeps_time(pair):
    """An absolute schedule: 100 intervals of 10 ms are one second. Being late in each adds up, being late in one does not;
    so it is by the least of each ten that the last are compared with the first."""
    with pair.a.capture(pair.device_a) as packets:
        pair.a.run("rping", "-q", "-c", 101, "-i", "0.01", pair.address_b)
    times = [p.time for p in packets if p.proto == 1 and p.payload.type == 8]
    assert [p.payload.seq for p in packets if p.proto == 1 and p.payload.type == 8] == list(range(1, 102))
    late = [(at - times[0]) * 1e3 - 10 * number for number, at in enumerate(times)]
    drift = min(late[-10:]) - min(late[:10])
    assert drift > -5
    net.below(drift, 5)  # 0.05 ms each, the least that sleeping for an interval after each probe costs


def test_name_in_the_header(lo):
    done = lo.run("rping", "-c", 1, "localhost")
    assert done.code == 0, done.err
    assert done.out.startswith("PING localhost (127.0.0.1) 56(84) bytes of data.\n")


@pytest.mark.parametrize("variable, options, sender", [
    ("", [], "localhost (127.0.0.1)"), ("0", [], "127.0.0.1"), ("0", ["-H"], "localhost (127.0.0.1)"),
    ("1", [], "localhost (127.0.0.1)"), ("1", ["-n"], "127.0.0.1")])
def test_variable_that_stops_reverse_lookup(lo, variable, options, sender):
    done = lo.run("env", "IPUTILS_PING_PTR_LOOKUP=" + variable, net.tool("rping"), "-c", 1, *options, "localhost")
    assert f" bytes from {sender}: icmp_seq=1 " in done.out


def test_mark_that_is_refused_is_a_warning(pair, tmp_path):
    """strace has the kernel say what it says before 5.17 to who has CAP_NET_RAW alone."""
    report = os.path.join(tmp_path, "strace")
    command = ["-c", 1, "-m", 5, pair.address_b]
    pair.a.run("strace", "-o", report, "-e", "trace=setsockopt", net.tool("rping"), *command)
    with open(report) as calls:
        number = next(n for n, call in enumerate(calls, 1) if "SO_MARK" in call)
    done = pair.a.run("strace", "-o", report, "-e", f"inject=setsockopt:error=EPERM:when={number}", net.tool("rping"), *command)
    assert done.code == 0 and "1 received" in done.out
    assert done.err.startswith("rping: failed to set mark: 5: ")


def test_json(pair):
    done = pair.a.run("rping", "--json", "-c", 3, "-i", "0.05", pair.address_b)
    assert done.code == 0, done.err
    lines = net.json_lines(done.out)
    replies = [line for line in lines if line["event"] == "reply"]
    assert [line["seq"] for line in replies] == [1, 2, 3]
    for line in replies:
        assert (line["host"], line["from"], line["ttl"]) == (pair.address_b, pair.address_b, 64)
        assert line["rtt_ms"] == pytest.approx(line["rtt_ns"] / 1e6) and line["rtt_ms"] > 0
        assert line["clock"] == "kernel" and line["authenticated"] is True
    assert {line["v"] for line in lines} == {2}


@pytest.mark.parametrize("target", [DEAD, "10.9.1.2"])
def test_json_without_an_answer(pair, firewall, target):
    """Whole objects and a ledger that adds up, at 100 % loss too."""
    firewall(pair.b, "chain c { type filter hook input priority 0; meta l4proto icmp drop; }")
    done = pair.a.run("rping", "--json", "-c", 2, "-i", "0.05", "-W", "0.2", target)
    assert done.code == 1
    ledger = [line for line in net.json_lines(done.out) if "loss_percent" in line][-1]
    assert (ledger["sent"], ledger["received"], ledger["loss_percent"]) == (2, 0, 100)
    assert ledger["sent"] == ledger["received"] + ledger["lost"] + ledger["late"] + ledger["in_flight"]
    assert ledger["rtt_avg_ms"] is None


def test_json_names_the_error(routed):
    done = routed.a.run("rping", "--json", "-c", 1, "-t", 1, "-W", 20, routed.address_b)
    errors = [line for line in net.json_lines(done.out) if line["event"] == "error"]
    assert [(line["from"], line["icmp_type"], line["icmp_code"], line["seq"]) for line in errors] == \
        [(routed.address_r, 11, 0, 1)]
