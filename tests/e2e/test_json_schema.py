# SPDX-License-Identifier: MIT
"""Every line of JSON of every kind of run against the schema, written by hand from rsyn(1), JSON LINES."""
import os
import re
import signal

import pytest

import net

A, ROUTER = "10.64.3.7", "10.64.0.254"

# name=type, ? where it may be missing. Types: i integer, n integer or null, f real or null, s text, b boolean, t true,
# l findings, r remarks, o outage or null, w was and is, or words to choose from.
WHO = "host=s address=s port=i? seq=i? try=i?"
RTT = "rtt_ms=f rtt_ns=n clock=hardware|kernel|user? held_ns=i? woken_ns=i?"
STATE = "open|closed|filtered|unknown"
REASON = ("none|syn-ack|ack|reset|no-response|net-unreach|host-unreach|proto-unreach|port-unreach|net-prohibited|host-prohibited|"
          "admin-prohibited|time-exceeded|param-prob|source-quench|frag-needed|source-route-failed|net-unknown|host-unknown|"
          "source-isolated|net-unreach-tos|host-unreach-tos|precedence-violation|precedence-cutoff|dest-unreach|redirect|"
          "host-timeout|send-failed|no-address")
SUSPICION = "checksum|truncated|malformed|cookie|acknowledgment|source|never-sent|quote|unverified|flags|unproven|challenge-ack|forgotten"
FINDINGS = "answers-everything|empty-syn-acks|icmp-rate-limited|rst-rate-limited|one-make|mixed-ttls|maybe-closed"
REMARKS = "challenge-ack|bare-reset|bare-syn|unverified-error|short-ack"
TCP = "window=i? mss=i?"
ICMP = "icmp_type=i? icmp_code=i? mtu=i? text=s?"
ANSWER = (f"{WHO} from=s ttl=n {RTT} state={STATE}? reason={REASON}? {TCP} octets=i? tos=i? authenticated=b different_address=t? "
          "wrong_data_offset=i?")
LEDGER = ("sent=i received=i lost=i late=i in_flight=i unsent=i duplicates=i altered=i errors=i corrupted=i suspect=i loss_percent=f "
          "rtt_min_ms=f rtt_avg_ms=f rtt_max_ms=f rtt_mdev_ms=f")
SERIES = ("jitter_ms=f held_avg_ms=f held_max_ms=f woken_avg_ms=f woken_max_ms=f lag_avg_ms=f lag_max_ms=f outages=i outage_longest=o "
          "outage_current=o rtt_p50_ms=f? rtt_p90_ms=f? rtt_p95_ms=f? rtt_p99_ms=f? rtt_p999_ms=f? reordered=i? reorder_extent=i? "
          "recent_probes=i? recent_lost=i? recent_rtt_min_ms=f? recent_rtt_avg_ms=f? recent_rtt_max_ms=f?")
END = "complete|deadline|stopped|error|reached|too-many-errors"
SCHEMA = {
    "start": "tool=rping|rsyn version=s probe=tcp-syn|icmp-echo plan=scan|ping targets=i ports=i? source=s? count=i? interval_ns=i? "
             "payload_octets=i",
    "sent": WHO, "overdue": WHO, "timeout": WHO,
    "unsent": f"{WHO} error=s text=s",
    "reply": ANSWER, "duplicate": ANSWER, "late": ANSWER,
    "error": f"{WHO} from=s ttl=n {RTT} {ICMP}",
    "suspect": f"{WHO} from=s ttl=n suspicion={SUSPICION}",
    "port": f"host=s address=s port=i state={STATE} reason={REASON} service=s? ttl=n {RTT} tries=i late=t? conflict=t? remarks=r? from=s? {TCP} {ICMP}",
    "host": "host=s address=s open=i closed=i filtered=i unknown=i complete=b findings=l? " + LEDGER,
    "outage": "host=s address=s port=i? state=begins|ends|goes-on first_seq=i last_seq=i start_ns=i end_ns=i? duration_ns=i",
    "change": "host=s address=s port=i? seq=i ttl=w? tos=w? octets=w? from=w?",
    "target": f"host=s address=s port=i? {LEDGER} {SERIES}",
    "run": f"end={END} error=s? duration_ns=n {LEDGER} " + " ".join(field.rstrip("?") + "?" for field in SERIES.split()),
}
OUTAGE = {"first_seq", "last_seq", "duration_ns"}


def integer(value):
    return isinstance(value, int) and not isinstance(value, bool)


TYPES = {
    "i": integer,
    "n": lambda value: value is None or integer(value),
    "f": lambda value: value is None or isinstance(value, float),
    "s": lambda value: isinstance(value, str) and value != "",
    "b": lambda value: isinstance(value, bool),
    "t": lambda value: value is True,
    "l": lambda value: bool(value) and set(value) <= set(FINDINGS.split("|")),
    "r": lambda value: bool(value) and set(value) <= set(REMARKS.split("|")),
    "o": lambda value: value is None or (set(value) == OUTAGE and all(integer(one) for one in value.values())),
    "w": lambda value: set(value) == {"was", "is"} and type(value["was"]) is type(value["is"]) and value["was"] != value["is"],
}


def fields(event):
    """name -> (check, needed)"""
    table = {}
    for field in ("v=i event=s time_ns=i " + SCHEMA[event]).split():
        name, kind = field.rstrip("?").split("=")
        table[name] = TYPES.get(kind, lambda value, words=kind.split("|"): value in words), not field.endswith("?")
    return table


def check(text, seen):
    lines = net.json_lines(text)
    assert lines[0]["event"] == "start" and lines[-1]["event"] == "run"
    scan, tcp = lines[0]["plan"] == "scan", lines[0]["probe"] == "tcp-syn"
    for line in lines:
        event = line["event"]
        assert event in SCHEMA, line
        table = fields(event)
        seen.add(event)
        assert line["v"] == 1
        assert set(line) <= set(table), (event, set(line) - set(table))
        missing = {name for name, (_, needed) in table.items() if needed} - set(line)
        assert not missing, (line, missing)
        wrong = {name: value for name, value in line.items() if not table[name][0](value)}
        assert not wrong, (event, wrong)
        if {"seq", "try"} & set(table) and event not in ("change", "suspect"):
            assert ("port" in line, "seq" in line, "try" in line) == (tcp, not scan, scan), line
        if "rtt_ns" in line:
            assert (line["rtt_ns"] is None) == (line["rtt_ms"] is None) == ("clock" not in line)
            assert line["rtt_ns"] is None or abs(line["rtt_ms"] * 1e6 - line["rtt_ns"]) < 1
        if "in_flight" in line:
            assert line["sent"] == sum(line[name] for name in ("received", "lost", "late", "in_flight")), line
    return lines


def words_of_the_manual():
    path = os.path.join(os.path.dirname(__file__), "../../man/rsyn.1.in")
    with open(path, encoding="utf-8") as file:
        section = re.search(r"^\.SH JSON LINES\n(.*?)^\.SH ", file.read(), re.MULTILINE | re.DOTALL)[1]
    return set(re.findall(r"[a-z0-9_-]+", section.replace("\\-", "-")))


def test_the_manual_lists_the_schema():
    wanted = set(SCHEMA) | {name for event in SCHEMA for name in fields(event)}
    wanted |= set(re.findall(r"[a-z-]+", "|".join((SUSPICION, END, STATE, FINDINGS, REMARKS)))) - {"unknown"}
    assert wanted - words_of_the_manual() == set()


ODD = [
    f"{A}/32 tcp 80: rst-then-synack=5ms", f"{A}/32 tcp 81: open late=1800ms", f"{A}/32 tcp 82: closed",
    f"{A}/32 tcp 83: icmp=3/13 from={ROUTER}", f"{A}/32 tcp 84: open wrong-ack=5", f"{A}/32 tcp 85: silent",
    f"{A}/32 tcp 86: icmp=3/4 mtu=1400 from={ROUTER}", f"{A}/32 tcp 87: open twice", f"{A}/32 tcp 88: rst-no-ack",
    f"{A}/32 tcp 89: open bad-checksum",
]


@pytest.fixture(scope="module")
def seen():
    return set()


@pytest.mark.parametrize("argv", [
    ["-v"], ["--open"], ["-q"], ["--host-timeout", "1"], ["-w", "0.5"], ["-c", 3, "-i", "0.02", "-v"],
    ["-c", 2, "-W", "0.5"], ["--wait-open", "1"], ["--any", "--expect", "closed"],
])
def test_rsyn(beside, far, seen, argv):
    far(*[rule.replace("/32", "") for rule in ODD])
    check(beside.run("rsyn", "--json", *argv, "-p", "80-89", A, "10.64.3.8:80", timeout=60).out, seen)


def test_findings_and_a_proxy(beside, far, seen):
    far("*: open window0 cookie-like")
    lines = check(beside.run("rsyn", "--json", "-p", "1-40", A).out, seen)
    assert any("findings" in line for line in lines)


@pytest.mark.parametrize("argv", [[], ["-c", 2, "-i", "0.01"]])
def test_refused_by_the_kernel(pair, firewall, seen, argv):
    firewall(pair.a, "chain o { type filter hook output priority 0; tcp dport 80 drop; }")
    check(pair.a.run("rsyn", "--json", *argv, "-p", "79-80", "10.9.1.2").out, seen)


@pytest.mark.parametrize("rule, argv", [
    ("alive", ["-c", 3]), ("alive loss=40%", ["-c", 20, "-O", "-W", "0.1"]), ("alive late=300ms", ["-c", 3, "-W", "0.1"]),
    ("alive twice", ["-c", 3, "-v"]), ("alive flip=30", ["-c", 2]), ("alive wrong-seq=9", ["-c", 2, "-W", "0.1"]),
    ("alive bad-checksum", ["-c", 2, "-W", "0.1"]), (f"icmp=3/1 from={ROUTER}", ["-c", 2, "-W", "0.1"]), ("silent", ["-c", 2, "-W", "0.1"]),
    ("alive truncate=20", ["-c", 2, "-W", "0.1"]), ("alive", ["-c", 3, "-q"]), ("alive code=3", ["-c", 2]),
])
def test_rping(beside, far, seen, rule, argv):
    far("*: " + rule)
    check(beside.run("rping", "--json", "-i", "0.02", *argv, A, timeout=60).out, seen)


def test_changes_and_outages(pair, firewall, seen):
    """A host is away for a while, and has another TTL when it is back."""
    process = pair.a.start("rping", "--json", "-i", "0.05", "-W", "0.2", "10.9.1.2")
    text = net.read_until(process, '"reply"')
    firewall(pair.b, "chain c { type filter hook input priority 0; drop; }")
    text += net.read_until(process, '"outage"')
    firewall(pair.b, "")
    pair.b.sysctl("net.ipv4.ip_default_ttl", 40)
    text += net.read_until(process, '"change"')
    text += net.finish(process, signal.SIGINT)[1]
    pair.b.sysctl("net.ipv4.ip_default_ttl", 64)
    lines = check(text, seen)
    assert {"outage", "change"} <= {line["event"] for line in lines}


@pytest.mark.parametrize("tool, argv", [("rsyn", ["-p", "2000-5000"]), ("rsyn", ["-p", "7", "-c", 100]), ("rping", [])])
def test_interrupted(beside, far, seen, tool, argv):
    far("*: silent")
    process = beside.start(tool, "--json", *argv, A)
    text = net.read_until(process, '"start"')
    lines = check(text + net.finish(process, signal.SIGINT)[1], seen)
    assert lines[-1]["end"] == "stopped"


def test_every_event_was_seen(seen):
    assert seen == set(SCHEMA)
