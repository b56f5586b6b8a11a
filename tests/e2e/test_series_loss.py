# SPDX-License-Identifier: MIT
"""The loss that rsyn -c reports is the network's: a lost SYN-ACK or RST leaves the target with a half-open connection, and that
costs no further probe."""
import re

import pytest
from scapy.all import TCP

import net

PERCENT = 2, 5, 10, 20
PROBES = 2000
A = "10.64.41.1"


def series(namespace, target, port, *more, probes=PROBES):
    return namespace.start("rsyn", "--json", "-q", "-c", probes, "-i", "0.005", "-W", "0.8", *more, "-p", port, target)


def ledger(process):
    code, out, err = net.finish(process, timeout=180)
    lines = net.json_lines(out)
    assert lines[-1]["event"] == "run", err
    return lines[-1]


def loss(of):
    return 100 * (of["sent"] - of["received"]) / of["sent"]


@pytest.mark.parametrize("way", ["loss", "loss-there", "loss-back"])
def test_loss_is_the_networks(beside, far, way):
    """The truth is the share of probes whose SYN or first answer the network dropped, by its own count."""
    rules = [f"10.64.40.{percent} tcp {port}: {shape} {way}={percent}% delay=2ms"
             for percent in PERCENT for port, shape in ((22, "open listen"), (23, "closed"))]
    there = far(*rules)
    runs = [series(beside, f"10.64.40.{percent}", port) for percent in PERCENT for port in (22, 23)]
    said = [ledger(run) for run in runs]
    report = there.stop()
    assert report["device_dropped"] == 0
    for rule, one, of in zip(rules, said, report["rules"]):
        truth = 100 * (of["dropped"]["request"] + of["dropped"]["reply"]) / of["seen"]
        assert one["sent"] == of["seen"] == PROBES
        assert abs(loss(one) - truth) <= 1.5, f"{rule}: {loss(one):.1f} %, and the truth is {truth:.1f} %"


RST_DROPPED = "chain o { type filter hook output priority 0; tcp flags & rst == rst drop; }"


def test_a_repeated_syn_ack_that_comes_first(beside, far):
    """The network lost the first: the probe is answered, a second or three later than others, and that is in no statistic."""
    there = far("* tcp 22: open listen loss-back=10% delay=20ms")
    runs = [beside.start("rsyn", *form, "-c", 100, "-i", 0.05, "-W", 9, "-p", 22, A) for form in (["--json"], [])]
    (_, json, _), (_, text, _) = (net.finish(run) for run in runs)
    report = there.stop()
    lines = net.json_lines(json)
    replies = [line for line in lines if line["event"] == "reply" and line["rtt_ms"] is not None]
    slow = [line["seq"] for line in replies if line["rtt_ms"] > 900]
    assert slow == [line["seq"] for line in replies if line.get("remarks") == ["maybe-repeated"]]
    assert 3 < len(slow) <= report["dropped"]["reply"]
    assert (lines[-1]["received"], lines[-1]["recent_lost"]) == (100, 0)
    net.below(lines[-1]["rtt_max_ms"], 500)
    assert len(re.findall(r" time=[13]\d{3} ms \(repeated\?\)$", text, re.MULTILINE)) > 3
    net.below(float(re.search(r"rtt min/avg/max/mdev = [\d.]+/[\d.]+/([\d.]+)/", text)[1]), 500)


@pytest.mark.parametrize("where", ["kernel", "peer"])
def test_repeated_syn_acks_are_no_duplicates(pair, beside, far, firewall, where):
    """Our RSTs are dropped, so the target repeats each SYN-ACK after 1 and 3 s: told as that, and in no round trip."""
    near, target, port = (pair.a, "10.9.1.2", 5023) if where == "kernel" else (beside, A, 22)
    if where == "kernel":
        pair.b.listen(port)
    else:
        far("* tcp 22: open listen")
    firewall(near, RST_DROPPED)
    runs = [near.start("rsyn", *form, "-c", 8, "-i", 0.5, "-W", 1, "-p", port, target) for form in (["--json"], ["--format", "csv"], [])]
    (_, json, _), (_, csv, _), (_, text, _) = (net.finish(run) for run in runs)
    lines = net.json_lines(json)
    again = [line for line in lines if line["event"] == "repeated"]
    # after a second those of the first 2.5, after 3 s those of the first half second
    assert len(again) >= 5 and {line["rtt_ns"] for line in again} == {None}
    assert not [line for line in lines if line["event"] == "duplicate"]
    assert (lines[-1]["received"], lines[-1]["duplicates"], lines[-1]["repeated"]) == (8, 0, len(again))
    assert lines[-1]["rtt_max_ms"] < 500
    assert csv.count("\nrepeated,") >= 5 and "\nduplicate," not in csv
    assert text.count(" (repeated)\n") >= 5 and "DUP" not in text and re.search(r"received, \+[5-9] repeated SYN-ACKs, 0% packet loss", text)
    assert all("time=" not in line for line in text.splitlines() if "(repeated)" in line)


@pytest.mark.parametrize("where", ["kernel", "peer"])
def test_without_our_resets_and_without_loss(pair, beside, far, firewall, where):
    """The own firewall drops every RST, so each probe leaves a half-open connection: nothing is lost all the same."""
    near, target, port = (pair.a, "10.9.1.2", 5022) if where == "kernel" else (beside, A, 22)
    if where == "kernel":
        pair.b.listen(port)
    else:
        far("* tcp 22: open listen delay=1ms")
    firewall(near, RST_DROPPED)
    one = ledger(series(near, target, port))
    assert (one["sent"], one["received"], one["lost"], one["late"]) == (PROBES, PROBES, 0, 0)


def test_ports_that_others_have():
    """No long row of source ports is free: the longest of a few tries is taken, -v says what that means, and nothing is lost for it."""
    network = net.Network()
    alone = network.namespace("busy")
    try:
        alone.sysctl("net.ipv4.ip_local_port_range", "40000 40019")
        alone.listen(*range(40000, 40021, 4))
        for argv, few in (["-i", 0.02], True), (["-i", 0.2], False), (["-i", 0.02, "-g", 40001], True):
            with alone.capture("lo") as packets:
                done = alone.run("rsyn", "-v", "-c", 30 if few else 4, *argv, "-p", 9, "127.0.0.1")
            ports = {p[TCP].sport for p in packets if p[TCP].flags == "S"}
            assert done.code == 1 and ", 0% packet loss" in done.out, done.out + done.err
            assert 1 <= len(ports) <= 3 and max(ports) - min(ports) == len(ports) - 1 and not {p for p in ports if p % 4 == 0}
            assert ("too few source ports for this rate" in done.err) == few, done.err
    finally:
        network.close()
