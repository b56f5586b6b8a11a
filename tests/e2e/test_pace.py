# SPDX-License-Identifier: MIT
"""Rates, delays, timeouts and retries on a real clock; every probe's instant is checked in tests/sim/test_pace.c."""
import pytest

import net

A = "10.64.6.1"


def scan(namespace, *arguments):
    """(port -> its last line, the run's line, instants of sending in seconds)"""
    lines = net.json_lines(namespace.run("rsyn", "--json", "-v", *arguments, timeout=60).out)
    ports = {line["port"]: line for line in lines if line["event"] == "port"}
    return ports, lines[-1], [line["time_ns"] / 1e9 for line in lines if line["event"] == "sent"]


@pytest.mark.parametrize("options, ports, gap", [
    (["--max-rate", 200], 300, 0.005),
    (["--scan-delay", "20ms"], 60, 0.02),
    (["--scan-delay", "5ms", "--max-rate", 50], 60, 0.02),
    (["-T2"], 5, 0.4),
])
def test_gaps(beside, far, options, ports, gap):
    there = far(f"{A}: closed")
    states, _, sent = scan(beside, *options, "-p", f"1-{ports}", A)
    assert len(sent) == ports == there.stop()["seen"]["total"]
    assert {line["state"] for line in states.values()} == {"closed"}
    took = sent[-1] - sent[0]
    # The first may be late by up to a gap, or by 0.1 s, and the others keep their time.
    assert took >= (ports - 2) * gap - 0.11
    net.below(took, 1.5 * (ports - 1) * gap + 0.2)


def test_least_rate(beside, far):
    """4000 silent ports in half a second; the window alone would take seven."""
    far(f"{A}: silent")
    _, _, sent = scan(beside, "--min-rate", 8000, "--max-retries", 0, "-p", "1-4000", A)
    assert len(sent) == 4000 and sent[-1] - sent[0] >= 0.35
    net.below(sent[-1] - sent[0], 3)


def test_retries(beside, far):
    there = far("*: silent")
    runs = [beside.start("rsyn", "--json", "--max-retries", retries, "--initial-rtt-timeout", "100ms", "-p", "1-50", f"10.64.6.{retries}")
            for retries in range(3)]
    for retries, run in enumerate(runs):
        tries = [line["tries"] for line in net.json_lines(net.finish(run)[1]) if line["event"] == "port"]
        assert tries == [retries + 1] * 50
    assert there.stop()["seen"]["total"] == 50 * (1 + 2 + 3)


def test_time_of_a_host(beside, far):
    """What was decided in it stays; the others are unknown, not filtered."""
    far(f"{A} tcp 1-20: closed", f"{A} tcp 21-25: open", f"{A}: silent")
    options = ["-p", "1-60", "--host-timeout", "1s", "--initial-rtt-timeout", 5, "--min-rtt-timeout", 5]
    shown = beside.start("rsyn", *options, A)
    states, run, _ = scan(beside, *options, A)
    code, out, _ = net.finish(shown)
    if any(states[n]["state"] == "unknown" for n in range(1, 26)) or "5 of 60 ports open" not in out:
        raise net.Slow("the peer did not answer within a second")
    assert code == 1
    assert [states[n]["state"] for n in range(1, 61)] == ["closed"] * 20 + ["open"] * 5 + ["unknown"] * 35
    assert {states[n]["reason"] for n in range(26, 61)} == {"host-timeout"}
    assert 1e9 <= run["duration_ns"]
    net.below(run["duration_ns"], 4e9)  # silence takes five
