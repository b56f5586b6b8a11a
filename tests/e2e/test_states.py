# SPDX-License-Identifier: MIT
"""What rsyn makes of every answer to a SYN, true, odd or forged: state, reason, sender and exit code."""
import errno
import re
import socket
import struct

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


STATES = [
    ("open", "open", "syn-ack"),
    ("open window0", "open", "syn-ack"),
    ("open cookie-like", "open", "syn-ack"),
    ("open data=100", "open", "syn-ack"),
    ("open record-route", "open", "syn-ack"),
    ("open tos=184 ttl=33", "open", "syn-ack"),
    ("synack-rst", "closed", "reset"),
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
]
FORGED = [
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
]
TOLD = [
    (f"quench from={ROUTER}", "source-quench", "source quench"),
    (f"redirect gateway={OTHER} from={ROUTER}", "redirect", "redirect"),
    ("ack-only", "challenge-ack", "challenge ACK"),
    ("ack-only wrong-ack=7", "challenge-ack", "challenge ACK"),
    ("rst-no-ack", "bare-reset", "unproven RST"),
    ("syn-only", "bare-syn", "unproven SYN"),
    (f"icmp=3/13 from={ROUTER} quote-seq=1", "unverified-error", "unverified ICMP"),
]
RULES = [rule for rule, *_ in [*STATES, *FORGED, *TOLD]]


@pytest.fixture(scope="module")
def answers(beside):
    """rule -> what is said of the host that answers so: (its JSON lines, its text, what the peer sent it). One scan of
    all, since silence takes seconds; among silent hosts it waits for an answer that is late by chance."""
    hosts = {f"10.64.20.{number}": rule for number, rule in enumerate(dict.fromkeys(RULES), 1)}
    there = peer.Peer(beside, *(f"{host}: {rule}" for host, rule in hosts.items()))
    _, lines, _ = scan(beside, *SCAN, target=f"10.64.20.1-{len(hosts)}")
    sent = [rule["sent"]["total"] for rule in there.stop()["rules"]]
    there = peer.Peer(beside, *(f"{host}: {rule}" for host, rule in hosts.items()))
    text = beside.run("rsyn", *SCAN, "-p", 80, f"10.64.20.1-{len(hosts)}").out
    there.stop()
    blocks = dict(re.findall(r"^Host (\S+)\n(.*?)\n\n", text + "\n", re.MULTILINE | re.DOTALL))
    return {rule: ([line for line in lines if line.get("address") in (host, OTHER if "other-source" in rule else host)],
                   blocks[host], count) for (host, rule), count in zip(hosts.items(), sent)}


@pytest.mark.parametrize("rule, state, reason", STATES)
def test_states(answers, rule, state, reason):
    lines, text, _ = answers[rule]
    port = of(lines, "port")[-1]
    assert (port["state"], port["reason"]) == (state, reason)
    if "from=" in rule and reason != "no-response":
        assert port["from"] == ROUTER
    if "icmp=" in rule:
        kind, code = map(int, re.search(r"icmp=(\d+)/(\d+)", rule).groups())
        assert (port["icmp_type"], port["icmp_code"]) == (kind, code)
    assert not of(lines, "suspect")
    assert re.search(rf"^80/tcp\s+{state}\s+\S+\s.*{reason}", text, re.MULTILINE), text


@pytest.mark.parametrize("rule, state", [("open", "open"), ("closed", "closed"), ("rst-then-synack=5ms", "open")])
def test_alone(beside, far, rule, state):
    """Without others to wait for: the run ends soon, but not before a SYN-ACK that follows a RST."""
    far("*: " + rule)
    ports, lines, done = scan(beside)
    if (rule, ports[80]["state"]) == ("rst-then-synack=5ms", "closed"):
        raise net.Slow("the SYN-ACK followed after more than 10 ms")
    assert (ports[80]["state"], done.code) == (state, 0 if state == "open" else 1)
    net.below(lines[-1]["duration_ns"], 0.5e9)  # silence takes a second at least


@pytest.mark.parametrize("rule, suspicion", FORGED)
def test_forged_states(answers, rule, suspicion):
    """Where nmap without -g believes most of these."""
    lines, _, sent = answers[rule]
    port, suspects = of(lines, "port")[-1], of(lines, "suspect")
    assert (port["state"], port["reason"]) == ("filtered", "no-response")
    if suspicion:
        assert {line["suspicion"] for line in suspects} == {suspicion}
        assert len(suspects) == sent >= 2
    else:
        assert not suspects


@pytest.mark.parametrize("rule, remark, words", TOLD)
def test_what_is_not_proven_is_told_with_the_port(answers, rule, remark, words):
    """Neither silence nor belief; and nothing is told of the port before it is decided."""
    lines, text, _ = answers[rule]
    port, = of(lines, "port")
    assert (port["state"], port["reason"], port["remarks"]) == ("filtered", "no-response", [remark])
    assert f"no-response, {words} " in text


def test_short_acknowledgment_is_told(beside, far):
    far("* tcp 80: closed wrong-ack=-1", "* tcp 81: closed")
    ports, _, _ = scan(beside, *SCAN, ports="80,81")
    assert (ports[80]["state"], ports[80]["remarks"]) == ("closed", ["short-ack"])
    assert ports[81]["state"] == "closed" and "remarks" not in ports[81]


def test_syn_ack_and_reset_at_once(beside, far):
    """RFC 9293 3.10.7.3: the kernel's connect() is refused, and so says rsyn. It must acknowledge the SYN, for both."""
    far("* tcp 80: synack-rst", "* tcp 81: synack-rst wrong-ack=-1")
    with beside.inside():
        clients = {port: socket.socket() for port in (80, 81)}
    for port, error in (80, errno.ECONNREFUSED), (81, errno.EINPROGRESS):
        clients[port].setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", 0, 300000))
        assert clients[port].connect_ex((A, port)) == error
        clients[port].close()
    ports, _, _ = scan(beside, *SCAN, ports="80,81")
    assert (ports[80]["state"], ports[80]["reason"], ports[80]["remarks"]) == ("closed", "reset", ["syn-ack-reset"])
    assert (ports[81]["state"], ports[81]["reason"]) == ("filtered", "no-response")
    assert re.search(r"^80/tcp +closed .*reset.*, SYN beside RST", beside.run("rsyn", *SCAN, "-p", "80", A).out, re.MULTILINE)


@pytest.mark.parametrize("shape, state", [("open", "open"), ("closed", "closed")])
def test_challenge_ack(beside, far, shape, state):
    """The target believes in a connection from our first source port: the second tells the truth, at once."""
    options = {"10.64.3.8": ["-g", 45678], "10.64.3.9": ["--max-retries", 0]}
    far(*(f"{host}: {shape} challenge" for host in (A, *options)))
    ports, lines, _ = scan(beside)
    assert (ports[80]["state"], ports[80]["remarks"], ports[80]["tries"]) == (state, ["challenge-ack"], 2)
    net.below(lines[-1]["duration_ns"], 0.9e9)  # the second try of a silent port comes after a second
    # Not where the user wants that port, nor where no second try is allowed.
    for run in [beside.start("rsyn", "--json", *more, "-p", 80, host) for host, more in options.items()]:
        port = of(net.json_lines(net.finish(run)[1]), "port")[-1]
        assert (port["state"], port["remarks"]) == ("filtered", ["challenge-ack"])


def test_another_ports_answer(beside, far):
    """The SYN-ACK of 81 comes from 80: no credit for either."""
    far("* tcp 81: open other-port=-1", "* tcp 80: silent")
    ports, _, _ = scan(beside, *SCAN, ports="80,81")
    assert {port: line["state"] for port, line in ports.items()} == {80: "filtered", 81: "filtered"}


def test_an_error_and_a_reset_in_one_moment(beside, far):
    """They come through two sockets; whichever is read first, what the host says itself counts."""
    far(f"*: icmp=3/13 error-then-reply from={ROUTER}")
    done = beside.run("rsyn", "--json", "-p", 80, "10.64.1.1-250", timeout=60)
    last = {line["host"]: (line["state"], line["reason"]) for line in of(net.json_lines(done.out), "port")}
    assert len(last) == 250 and set(last.values()) == {("closed", "reset")}


def test_conflicting_answers_are_told(beside, far):
    """RST, then SYN-ACK, with a silent port beside so that the run goes on: SYN-ACK wins."""
    far("* tcp 80: rst-then-synack=5ms", "* tcp 81: silent")
    ports, lines, _ = scan(beside, *SCAN, ports="80,81")
    assert (ports[80]["state"], ports[80]["reason"]) == ("open", "syn-ack")
    assert [line["state"] for line in of(lines, "port") if line["port"] == 80] == ["closed", "open"]
    assert ports[80]["conflict"] is True


def test_slow_answer(beside, far):
    """The answer to the first try comes during the second, 0.3 s after it: it counts, and its round trip is that of its try."""
    far("*: open late=600ms")
    ports, _, done = scan(beside, "--max-retries", 1, "--initial-rtt-timeout", "300ms")
    assert (ports[80]["state"], done.code) == ("open", 0)
    assert 600 <= ports[80]["rtt_ms"]


def test_loss_each_way(beside, far):
    """200 of 200 open ports at 20 % loss each way in under 3 s."""
    far("* tcp 1-200: open loss=20% delay=1ms", "* tcp: closed loss=20% delay=1ms", seed=2)
    ports, lines, _ = scan(beside, ports="1-400")
    states = [ports[n]["state"] for n in range(1, 401)]
    assert states == ["open"] * 200 + ["closed"] * 200
    net.below(lines[-1]["duration_ns"], 9e9)  # 16 tries that each wait for a second would take longer


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
    done = beside.run("rsyn", "--json", "-c", 20, "-i", "0.01", "-W", 20, "-p", 80, A)
    ledger = net.json_lines(done.out)[-1]
    report = there.stop()
    assert (done.code, ledger["received"], ledger["lost"]) == (0, 20, 0)
    assert ledger["suspect"] <= report["sent"]["forged"]
    net.below(report["sent"]["forged"] - ledger["suspect"], 3)  # behind the last answer
