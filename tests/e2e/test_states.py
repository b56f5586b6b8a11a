# SPDX-License-Identifier: MIT
"""What rsyn makes of every answer to a SYN, true, odd or forged: state, reason, sender and exit code."""
import re

import pytest

import net
import peer

A, ROUTER, OTHER = "10.64.3.7", "10.64.0.254", "10.64.9.9"
SCAN = ["--max-retries", 1, "--initial-rtt-timeout", "100ms"]


def of(lines, event):
    return [line for line in lines if line["event"] == event]


def scan(namespace, *arguments, target=A, ports="80"):
    """(port -> last JSON word on it, all lines, the finished process)"""
    done = namespace.run("rsyn", "--json", *arguments, "-p", ports, target, timeout=60)
    lines = net.json_lines(done.out)
    assert lines[-1]["event"] == "run", done.out + done.err
    return {line["port"]: line for line in of(lines, "port")}, lines, done


# By code; nmap knows no name for 4 to 8, 11, 12, 14 and 15.
REJECTIONS = dict(enumerate((
    "net-unreach", "host-unreach", "proto-unreach", "port-unreach", "frag-needed", "source-route-failed", "net-unknown",
    "host-unknown", "source-isolated", "net-prohibited", "host-prohibited", "net-unreach-tos", "host-unreach-tos",
    "admin-prohibited", "precedence-violation", "precedence-cutoff")))


@pytest.mark.parametrize("rule, state, reason", [
    ("open", "open", "syn-ack"),
    ("open window0", "open", "syn-ack"),
    ("open cookie-like", "open", "syn-ack"),
    ("open data=100", "open", "syn-ack"),
    ("open record-route", "open", "syn-ack"),
    ("open tos=184 ttl=33", "open", "syn-ack"),
    ("synack-rst", "open", "syn-ack"),
    ("closed", "closed", "reset"),
    ("closed data=20", "closed", "reset"),
    ("closed wrong-ack=-1", "closed", "reset"),  # stacks that do not count the SYN
    ("synack-then-rst", "open", "syn-ack"),
    ("rst-then-synack=5ms", "open", "syn-ack"),
    ("silent", "filtered", "no-response"),
    *[(f"icmp=3/{code} from={ROUTER}", "filtered", reason) for code, reason in REJECTIONS.items()],
    (f"icmp=3/3 quote=8 from={ROUTER}", "filtered", "port-unreach"),
    ("icmp=3/3", "filtered", "port-unreach"),
    (f"icmp=11/0 from={ROUTER}", "filtered", "time-exceeded"),
    (f"icmp=11/1 from={ROUTER}", "filtered", "time-exceeded"),
    (f"param-problem from={ROUTER}", "filtered", "param-prob"),
    (f"quench from={ROUTER}", "filtered", "source-quench"),
    (f"redirect gateway={OTHER} from={ROUTER}", "filtered", "redirect"),
])
def test_states(beside, far, rule, state, reason):
    far("*: " + rule)
    ports, lines, done = scan(beside, *SCAN)
    assert (ports[80]["state"], ports[80]["reason"]) == (state, reason)
    assert done.code == (0 if state == "open" else 1)
    if "from=" in rule and reason != "no-response":
        assert ports[80]["from"] == ROUTER
    if "icmp=" in rule:
        kind, code = map(int, re.search(r"icmp=(\d+)/(\d+)", rule).groups())
        assert (ports[80]["icmp_type"], ports[80]["icmp_code"]) == (kind, code)
    assert not of(lines, "suspect")
    done = beside.run("rsyn", *SCAN, "-p", 80, A)
    row = re.search(rf"^80/tcp\s+{state}\s+\S+\s.*{reason}", done.out, re.MULTILINE)
    assert row, done.out
    assert done.code == (0 if state == "open" else 1)


@pytest.mark.parametrize("rule, suspicion", [
    ("open wrong-ack=1", "acknowledgment"),
    ("open wrong-ack=-1", "acknowledgment"),
    ("open wrong-ack=100000", "acknowledgment"),
    ("closed wrong-ack=77", "acknowledgment"),
    ("ack-only", "challenge-ack"),
    ("syn-only", "unproven"),
    ("rst-no-ack", "unproven"),
    ("fin-ack", "flags"),
    ("open bad-checksum", "checksum"),
    ("closed bad-checksum", "checksum"),
    (f"open other-source={OTHER}", "source"),
    (f"icmp=3/3 from={ROUTER} quote-seq=1", "unverified"),
    (f"icmp=3/3 from={ROUTER} bad-checksum", "checksum"),
    (f"icmp=3/3 from={ROUTER} quote=4", None),
])
def test_forged_states(beside, far, rule, suspicion):
    """Where nmap without -g believes most of these."""
    there = far("*: " + rule)
    ports, lines, done = scan(beside, *SCAN)
    assert (ports[80]["state"], ports[80]["reason"], done.code) == ("filtered", "no-response", 1)
    suspects = of(lines, "suspect")
    report = there.stop()
    if suspicion:
        assert {line["suspicion"] for line in suspects} == {suspicion}
        assert len(suspects) == report["sent"]["total"] >= 2
    else:
        assert not suspects


@pytest.mark.parametrize("rule, remark, words", [
    ("ack-only", "challenge-ack", "challenge ACK"),
    ("ack-only wrong-ack=7", "challenge-ack", "challenge ACK"),
    ("rst-no-ack", "bare-reset", "unproven RST"),
    ("syn-only", "bare-syn", "unproven SYN"),
    (f"icmp=3/13 from={ROUTER} quote-seq=1", "unverified-error", "unverified ICMP"),
])
def test_what_is_not_proven_is_told_with_the_port(beside, far, rule, remark, words):
    """Neither silence nor belief."""
    far("*: " + rule)
    ports, _, _ = scan(beside, *SCAN)
    assert (ports[80]["state"], ports[80]["reason"], ports[80]["remarks"]) == ("filtered", "no-response", [remark])
    assert f"no-response, {words} " in beside.run("rsyn", *SCAN, "-p", 80, A).out


def test_short_acknowledgment_is_told(beside, far):
    far("* tcp 80: closed wrong-ack=-1", "* tcp 81: closed")
    ports, _, _ = scan(beside, *SCAN, ports="80,81")
    assert (ports[80]["state"], ports[80]["remarks"]) == ("closed", ["short-ack"])
    assert ports[81]["state"] == "closed" and "remarks" not in ports[81]


@pytest.mark.parametrize("shape, state", [("open", "open"), ("closed", "closed")])
def test_challenge_ack(beside, far, shape, state):
    """The target believes in a connection from our first source port: the second tells the truth, at once."""
    there = far(f"*: {shape} challenge")
    ports, lines, _ = scan(beside)
    assert (ports[80]["state"], ports[80]["remarks"], ports[80]["tries"]) == (state, ["challenge-ack"], 2)
    assert lines[-1]["duration_ns"] < 0.9e9 or net.sanitized()
    # Not where the user wants that port, nor where no second try is allowed.
    for options in (["-g", 45678], ["--max-retries", 0]):
        there.stop()
        there = far(f"*: {shape} challenge")
        ports, _, _ = scan(beside, *options)
        assert (ports[80]["state"], ports[80]["remarks"]) == ("filtered", ["challenge-ack"])


def test_another_ports_answer(beside, far):
    """The SYN-ACK of 81 comes from 80: no credit for either."""
    far("* tcp 81: open other-port=-1", "* tcp 80: silent")
    ports, _, _ = scan(beside, *SCAN, ports="80,81")
    assert {port: line["state"] for port, line in ports.items()} == {80: "filtered", 81: "filtered"}


def test_conflicting_answers_are_told(beside, far):
    """RST, then SYN-ACK, with a silent port beside so that the run goes on: SYN-ACK wins."""
    far("* tcp 80: rst-then-synack=5ms", "* tcp 81: silent")
    ports, lines, _ = scan(beside, *SCAN, ports="80,81")
    assert (ports[80]["state"], ports[80]["reason"]) == ("open", "syn-ack")
    assert [line["state"] for line in of(lines, "port") if line["port"] == 80] == ["closed", "open"]
    assert ports[80]["conflict"] is True


def test_slow_answer(beside, far):
    """The answer to the first try comes during the second: it counts, and its round trip is that of its try."""
    far("*: open late=150ms")
    ports, _, done = scan(beside, *SCAN)
    assert (ports[80]["state"], done.code) == ("open", 0)
    assert 150 <= ports[80]["rtt_ms"] < 190


def test_loss_each_way(beside, far):
    """200 of 200 open ports at 20 % loss each way in under 3 s."""
    far("* tcp 1-200: open loss=20% delay=1ms", "* tcp: closed loss=20% delay=1ms", seed=2)
    ports, lines, _ = scan(beside, ports="1-400")
    states = [ports[n]["state"] for n in range(1, 401)]
    assert states == ["open"] * 200 + ["closed"] * 200
    if not net.sanitized():
        assert lines[-1]["duration_ns"] < 3e9


def test_a_population_to_the_last_host(beside, far):
    """Forged, damaged, doubled and disordered answers: what is open is found, and nothing else."""
    # A host of one port shows no loss, so it has three tries: 5 % damage would hide 0.05^3 of 900 hosts, one run in nine.
    rules = ["* tcp 80: population alive=60% open=20% filtered=5% delay=5ms jitter=2ms bogus=20% corrupt=1% dup=5% "
             "reorder=10%"]
    there = far(*rules, seed=7)
    done = beside.run("rsyn", "--json", "-p", 80, "10.64.16.0/21", timeout=60)
    report = there.stop()
    truth = peer.truth("10.64.16.0/21:80", rules=rules, seed=7)
    last = {f"{line['host']}:80": line["state"] for line in of(net.json_lines(done.out), "port")}
    assert len(last) == 2048
    assert last == {where: "filtered" if what == "dead" else what for where, what in truth.items()}
    assert report["sent"]["forged"] > 300 and report["device_dropped"] == 0


def test_a_series_against_forgery(beside, far):
    there = far("*: open bogus=100% delay=1ms")
    done = beside.run("rsyn", "--json", "-c", 20, "-i", "0.01", "-W", "0.2", "-p", 80, A)
    ledger = net.json_lines(done.out)[-1]
    report = there.stop()
    assert (done.code, ledger["received"], ledger["lost"]) == (0, 20, 0)
    assert report["sent"]["forged"] - 2 <= ledger["suspect"] <= report["sent"]["forged"]
