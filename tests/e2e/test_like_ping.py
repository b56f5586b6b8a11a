# SPDX-License-Identifier: MIT
"""The same command line given to ping and to rping prints the same text; only times differ.

Not compared: payloads below 16 bytes, where ping knows no time and rping does.
"""
import difflib
import re

import pytest

TIMES = [
    (re.compile(r"time=[\d.]+ ms"), "time=T ms"),
    (re.compile(r"time \d+ms"), "time Tms"),
    (re.compile(r"= [\d.]+/[\d.]+/[\d.]+/[\d.]+ ms"), "= T/T/T/T ms"),
    (re.compile(r", pipe \d+"), ""),  # depends on how fast the answers came
    (re.compile(r"^\[\d{10}\.\d{6}\] ", re.MULTILINE), "[STAMP] "),
    (re.compile(r"\bident=\d+"), "ident=I"),
]


def masked(text):
    for pattern, word in TIMES:
        text = pattern.sub(word, text)
    return text


def assert_same(namespace, line):
    theirs = namespace.run("ping", *line.split())
    ours = namespace.run("rping", *line.split())
    difference = list(difflib.unified_diff(masked(theirs.out).splitlines(), masked(ours.out).splitlines(),
                                           "ping", "rping", lineterm=""))
    assert not difference, "\n".join(difference) + "\n" + ours.err
    assert ours.code == theirs.code


@pytest.mark.parametrize("line", [
    "-c 4 127.0.0.1",
    "127.0.0.1 -c 2 -i 0.1",
    "-c 1 127.0.0.1",
    "-c 3 -i 0.1 -q 127.0.0.1",
    "-c 2 -i 0.1 -n 127.0.0.1",
    "-c 2 -i 0.1 -D 127.0.0.1",
    "-c 2 -i 0.1 -t 5 127.0.0.1",
    "-c 2 -i 0.1 -s 16 127.0.0.1",
    "-c 2 -i 0.1 -s 100 127.0.0.1",
    "-c 2 -i 0.1 -s 1400 127.0.0.1",
    "-c 2 -i 0.1 -I lo 127.0.0.1",
    "-c 2 -i 0.1 -I 127.0.0.1 127.0.0.1",
    "-c 2 -i 0.1 -W 1 127.0.0.1",
    "-c 2 -i 0.1 -w 5 127.0.0.1",
    "-c 1 localhost",
    "-c 2 -i 0.1 -q localhost",
    "-c 1 127.0.0.77",
])
def test_loopback(lo, line):
    assert_same(lo, line)


@pytest.mark.parametrize("line", [
    "-c 2 -i 0.1 10.9.2.2",
    "-c 2 -i 0.1 -t 1 -W 0.5 10.9.2.2",
    "-c 2 -i 0.1 -t 1 -q -W 0.5 10.9.2.2",
    "-c 2 -i 0.1 -t 1 -D -W 0.5 10.9.2.2",
    "-c 1 -W 0.5 10.9.9.9",
    "-c 1 -I 10.9.1.1 10.9.2.2",
])
def test_through_a_router(routed, line):
    assert_same(routed.a, line)


@pytest.mark.parametrize("answer", [
    "drop", "reject with icmp host-unreachable", "reject with icmp admin-prohibited", "reject with icmp port-unreachable",
])
def test_refused(pair, firewall, answer):
    firewall(pair.b, f"chain c {{ type filter hook input priority 0; icmp type echo-request {answer}; }}")
    assert_same(pair.a, "-c 2 -i 0.1 -W 0.3 10.9.1.2")


def test_no_such_neighbour(pair):
    assert_same(pair.a, "-c 1 -W 1 10.9.1.77")
