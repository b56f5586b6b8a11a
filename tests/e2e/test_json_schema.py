# SPDX-License-Identifier: MIT
"""Runs that bring about every event that the schema knows; tests/lib/events.py checks each line, here as in every other test."""
import copy
import os
import re
import signal

import jsonschema
import pytest

import events
import net

A, ROUTER = "10.64.3.7", "10.64.0.254"


def check(text, seen):
    lines = net.json_lines(text)
    seen.update(line["event"] for line in lines)
    return lines


def test_the_schema_is_one():
    """It is valid, and each line can be only one event, so that events.validator() may take that one at once."""
    jsonschema.Draft202012Validator.check_schema(events.schema())
    for name in events.names():
        one = events.schema()["$defs"][name]
        assert one["properties"]["event"] == {"const": name} and "event" in one["required"], name
        assert one["unevaluatedProperties"] is False, name


def test_what_is_not_documented_fails(lo):
    """A field more or less, or of another type: the schema and what it cannot say must see it."""
    lines = net.json_lines(lo.run("rsyn", "--json", "-p", "7", "127.0.0.1").out)
    everything = jsonschema.Draft202012Validator(events.schema())
    for number, line in enumerate(lines):
        everything.validate(line)
        spoilt = [{**line, "surplus": 1}, *({**line, name: {}} for name in line)]
        spoilt += [{name: line[name] for name in line if name != left_out} for left_out in ("v", "time_ns", "event")]
        for one in spoilt:
            assert not everything.is_valid(one), one
            with pytest.raises((AssertionError, KeyError)):
                events.validate(one)
        backwards = copy.deepcopy(lines)
        backwards[number]["time_ns"] += 1 if number == 0 else -10**10
        if number == 0:
            backwards[0]["time_ns"] += 10**12
        with pytest.raises(AssertionError):
            events.check(backwards)
    for wrong in (lines[1:], lines[:-1], [lines[0], *lines], [*lines, lines[-1]], [*lines[:-1], lines[1], lines[-1]]):
        with pytest.raises((AssertionError, IndexError)):
            events.check(wrong)


def words_of_the_manual():
    path = os.path.join(os.path.dirname(__file__), "../../man/rsyn.1.in")
    with open(path, encoding="utf-8") as file:
        section = re.search(r"^\.SH JSON LINES\n(.*?)^\.SH ", file.read(), re.MULTILINE | re.DOTALL)[1]
    return set(re.findall(r"[a-z0-9_-]+", section.replace("\\-", "-")))


# Reasons are nmap's, of which the manual says so.
UNLISTED = set(events.schema()["$defs"]["reason"]["enum"])


def test_the_manual_lists_the_schema():
    wanted = {name for node in events.walk(events.schema()) for name in node.get("properties", ())}
    wanted |= set(events.names()) | events.words() - UNLISTED - {"True", "1"}
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
    ("alive truncate=20", ["-c", 2, "-W", "0.1"]), ("alive", ["-c", 3, "-q"]), ("alive every=2", ["-c", 2, "-W", "0.1", "--require", "loss<=1%,p50<=1s,max<1us,received=1"]), ("alive code=3", ["-c", 2]),
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
    # test_names.py, test_excess.py and test_series_loss.py have these
    assert seen == set(events.names()) - {"address", "omitted", "repeated"}
