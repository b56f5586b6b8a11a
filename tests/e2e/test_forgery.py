# SPDX-License-Identifier: MIT
"""Kinds of forged and foreign replies: none is believed, all are counted; and what looks like one and is none."""
import shutil

import pytest

import net
from test_like_nmap import nmap

ROUTER, OTHER = "10.64.0.254", "10.64.9.9"

KINDS = [
    "open wrong-ack=1",
    "open wrong-ack=-1",
    "open wrong-ack=-2",
    "open wrong-ack=65536",
    "open wrong-ack=100000",
    "synack-rst wrong-ack=5",
    "closed wrong-ack=1",
    "closed wrong-ack=-2",
    "closed wrong-ack=77",
    "open bad-checksum",
    "closed bad-checksum",
    "open corrupt=100%",
    "closed corrupt=100%",
    f"open other-source={OTHER}",
    f"closed other-source={OTHER}",
    "open other-port=1",
    "closed other-port=1",
    "rst-no-ack",
    "syn-only",
    "ack-only",
    "ack-only wrong-ack=99",
    "fin-ack",
    f"icmp=3/13 from={ROUTER} quote-seq=1",
    f"icmp=11/0 from={ROUTER} quote-seq=-1",
    f"icmp=3/1 from={ROUTER} bad-checksum",
    f"icmp=3/3 from={ROUTER} quote=4",
    f"icmp=3/13 from={ROUTER} quote-seq=65536",
    f"icmp=12/0 from={ROUTER} quote-seq=1",
    f"icmp=4/0 from={ROUTER} quote-seq=1",
    "ack-only wrong-ack=1 twice",
]


def test_none_is_believed(beside, far):
    far(*[f"10.64.2.{i}: {kind}" for i, kind in enumerate(KINDS, 1)])
    done = beside.run("rsyn", "--json", "-p", 80, f"10.64.2.1-{len(KINDS)}", timeout=60)
    lines = net.json_lines(done.out)
    states = {line["host"]: (line["state"], line["reason"]) for line in lines if line["event"] == "port"}
    believed = [kind for i, kind in enumerate(KINDS, 1) if states[f"10.64.2.{i}"] != ("filtered", "no-response")]
    assert len(KINDS) >= 20 and believed == []
    suspects = {line["address"] for line in lines if line["event"] == "suspect"}
    assert len(suspects) >= 20
    # A challenge costs one further try and no more, an unverified error none.
    tries = {line["host"]: line["tries"] for line in lines if line["event"] == "port"}
    assert max(tries.values()) <= 3, tries
    text = beside.run("rsyn", "-p", 80, "10.64.2.1", timeout=60).out
    assert "3 suspect answers not believed" in text


# Bytes of payload, what the host does, and why that is not believed.
ECHO_KINDS = [
    (1, "alive flip=0", "cookie"),
    (4, "alive flip=3", "cookie"),
    (7, "alive flip=6", "cookie"),
    (8, "alive flip=7", "cookie"),
    (15, "alive flip=0", "cookie"),
    (56, "alive flip=11", "cookie"),
    (4, "alive truncate=3", "truncated"),
    (0, f"alive other-source={OTHER}", "source"),
    (7, f"alive other-source={OTHER}", "source"),
    (4, f"icmp=3/1 from={ROUTER} quote-flip=3", "quote"),
    (56, f"icmp=3/1 from={ROUTER} quote-flip=0", "quote"),
    (56, f"icmp=3/1 from={ROUTER} quote-flip=11", "quote"),
    (56, f"icmp=3/1 from={ROUTER} quote=9 quote-flip=0", "quote"),
    (56, f"icmp=11/0 from={ROUTER} quote-seq=-1", "quote"),
]


@pytest.mark.parametrize("size, kind, suspicion", ECHO_KINDS)
def test_no_echo_is_believed(beside, far, size, kind, suspicion):
    far(f"10.64.2.1: {kind}")
    done = beside.run("rping", "--json", "-c", 1, "-W", 0.3, "-s", size, "10.64.2.1")
    lines = [line for line in net.json_lines(done.out) if line["event"] not in ("start", "sent", "end", "timeout", "host")]
    assert [line["suspicion"] for line in lines if line["event"] == "suspect"] == [suspicion], done.out
    assert not [line for line in lines if line["event"] in ("reply", "error")] and done.code == 1


# What must be believed all the same: whoever has the whole keyed value, and quotes of 8 bytes or with an address that a
# translator has left as it was.
@pytest.mark.parametrize("size, kind, event, field, value", [
    (8, f"alive other-source={OTHER}", "reply", "different_address", True),
    (56, f"alive other-source={OTHER}", "reply", "different_address", True),
    (4, "alive", "reply", "authenticated", True),
    (0, "alive", "reply", "authenticated", False),
    (56, f"icmp=3/1 from={ROUTER} quote=8", "error", "from", ROUTER),
    (56, f"icmp=3/1 from={ROUTER} quote=12", "error", "from", ROUTER),
    (56, f"icmp=3/1 from={ROUTER}", "error", "remarks", None),
    (56, f"icmp=3/1 from={ROUTER} quote-source=10.99.0.1", "error", "remarks", ["untranslated-quote"]),
])
def test_echoes_that_are_believed(beside, far, size, kind, event, field, value):
    far(f"10.64.2.1: {kind}")
    done = beside.run("rping", "--json", "-c", 1, "-W", 0.3, "-s", size, "10.64.2.1")
    lines = [line for line in net.json_lines(done.out) if line["event"] == event]
    assert len(lines) == 1 and lines[0].get(field) == value, done.out


def test_a_quote_that_was_not_translated(beside, far):
    far(f"10.64.2.1: icmp=3/13 from={ROUTER} quote-source=10.99.0.1")
    done = beside.run("rsyn", "--json", "-p", 80, "10.64.2.1", timeout=60)
    port = [line for line in net.json_lines(done.out) if line["event"] == "port"][0]
    assert (port["reason"], port["remarks"]) == ("admin-prohibited", ["untranslated-quote"])
    assert "untranslated quote" in beside.run("rsyn", "-p", 80, "10.64.2.1", timeout=60).out


@pytest.mark.skipif(not shutil.which("nmap"), reason="no nmap here")
def test_nmap_believes_half(beside, far):
    """So the forgeries are such as work; nmap's default, without -g."""
    far(*[f"10.64.2.{i}: {kind}" for i, kind in enumerate(KINDS, 1)])
    theirs = nmap(beside, "-p", 80, "--initial-rtt-timeout", "1s", "--min-rtt-timeout", "1s", f"10.64.2.1-{len(KINDS)}")
    believed = [kind for i, kind in enumerate(KINDS, 1) if theirs[f"10.64.2.{i}", 80] != ("filtered", "no-response")]
    assert len(believed) >= 13, believed


def test_a_host_that_answers_everything(beside, far):
    """30 ports are open, and so are three that nobody asked for: one verdict instead of 30 rows."""
    far("10.64.3.1: open window0", "10.64.3.2: open", "10.64.3.3 tcp 1-30: open", "10.64.3.3: closed")
    done = beside.run("rsyn", "--json", "-p", "1-30", "10.64.3.1-3", timeout=60)
    found = {line["host"]: line.get("findings") for line in net.json_lines(done.out) if line["event"] == "host"}
    assert found == {"10.64.3.1": ["answers-everything", "empty-syn-acks", "one-make"],
                     "10.64.3.2": ["answers-everything", "one-make"], "10.64.3.3": None}
    text = beside.run("rsyn", "-p", "1-30", "10.64.3.2", timeout=60).out
    assert "Not shown: 30 open tcp ports (syn-ack)" in text and "answer too, as with a SYN proxy or a tarpit" in text
    assert "All its SYN-ACKs were made in the same manner" in text


def test_refusals_among_silence(beside, far):
    far(f"10.64.4.1: icmp=3/13 from={ROUTER} rate=1")
    done = beside.run("rsyn", "-p", "1-40", "10.64.4.1", timeout=60)
    assert "silent, likely rate-limited ICMP" in done.out, done.out


def test_several_machines_behind_one_address(beside, far):
    far("10.64.4.2 tcp 1-2: open ttl=64", "10.64.4.2 tcp 3: open ttl=61", "10.64.4.3: open ttl=61")
    done = beside.run("rsyn", "--json", "-p", "1-3", "10.64.4.2-3", timeout=60)
    found = {line["host"]: line.get("findings") for line in net.json_lines(done.out) if line["event"] == "host"}
    assert found == {"10.64.4.2": ["mixed-ttls"], "10.64.4.3": None}
