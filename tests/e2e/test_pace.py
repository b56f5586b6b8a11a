# SPDX-License-Identifier: MIT
"""Rates, delays, timeouts and retries on a real clock; every probe's instant is checked in tests/sim/test_pace.c."""
import pytest

import net

A = "10.64.6.1"
SLOW = 5 if net.sanitized() else 1


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
    assert (ports - 1) * gap - 0.02 <= took <= (ports - 1) * gap + 0.1 * SLOW


def test_least_rate(beside, far):
    """4000 silent ports; the window alone would let 1024 go in the first second."""
    far(f"{A}: silent")
    _, _, sent = scan(beside, "--min-rate", 8000, "--max-retries", 0, "-p", "1-4000", A)
    assert len(sent) == 4000 and 0.3 <= sent[-1] - sent[0] <= 0.6 * SLOW


@pytest.mark.parametrize("retries, tries", [(0, 1), (1, 2), (2, 3)])
def test_retries(beside, far, retries, tries):
    there = far(f"{A}: silent")
    states, _, _ = scan(beside, "--max-retries", retries, "--initial-rtt-timeout", "100ms", "-p", "1-50", A)
    assert {line["tries"] for line in states.values()} == {tries}
    assert there.stop()["seen"]["total"] == 50 * tries


def test_time_of_a_host(beside, far):
    """What was decided in it stays; the others are unknown, not filtered."""
    far(f"{A} tcp 1-20: closed", f"{A} tcp 21-25: open", f"{A}: silent")
    done = beside.run("rsyn", "-p", "1-60", "--host-timeout", "500ms", A)
    assert "5 of 60 ports open" in done.out and done.code == 1
    states, run, _ = scan(beside, "-p", "1-60", "--host-timeout", "500ms", A)
    assert [states[n]["state"] for n in range(1, 61)] == ["closed"] * 20 + ["open"] * 5 + ["unknown"] * 35
    assert {states[n]["reason"] for n in range(26, 61)} == {"host-timeout"}
    assert 0.5e9 <= run["duration_ns"] <= 0.6e9 * SLOW
