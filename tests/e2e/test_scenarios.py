# SPDX-License-Identifier: MIT
"""Every answer that a network has been seen to give, and some that it gives on purpose: what rping makes of
them, as text, as JSON, in the counters and in the exit code. The peer's own count is the truth."""
import re

import pytest
from scapy.layers.inet import ICMP

import net

A, ROUTER, OTHER = "10.64.3.7", "10.64.0.254", "10.64.9.9"
SERIES = ["-c", 3, "-i", "0.02"]
QUICK = [*SERIES, "-W", "0.5"]  # for silence; what nobody believes has to come before it is over
PATIENT = [*SERIES, "-W", 20]   # where an answer ends the wait, however late; waiting in vain would show
COUNTERS = ["received", "lost", "late", "duplicates", "errors", "corrupted", "suspect"]


def ping(namespace, *arguments, target=A):
    """The JSON events, the ledger, and the finished process."""
    done = namespace.run("rping", "--json", *arguments, target)
    lines = net.json_lines(done.out)
    assert [line["event"] for line in lines[:1] + lines[-1:]] == ["start", "run"], done.out + done.err
    ledger = lines[-1]
    assert ledger["sent"] == ledger["received"] + ledger["lost"] + ledger["late"] + ledger["in_flight"]
    assert 0 <= ledger["loss_percent"] <= 100
    return lines, ledger, done


def counts(ledger):
    return {name: ledger[name] for name in COUNTERS if ledger[name]}


def seconds(ledger):
    """How long the run took, by its own clock."""
    return ledger["duration_ns"] / 1e9


def of(lines, event):
    return [line for line in lines if line["event"] == event]


def footer(out):
    """What the closing line of the text says, by the names of the JSON ledger."""
    line = re.search(r"^(\d+) packets transmitted, (\d+) received(?:, \+(\d+) duplicates)?(?:, \+(\d+) corrupted)?"
                     r"(?:, \+(\d+) errors)?, ([\d.]+)% packet loss, time \d+ms(?:, (\d+) late)?"
                     r"(?:, \d+ in flight)?(?:, \d+ not sent)?$", out, re.MULTILINE)
    assert line, out
    names = ["sent", "received", "duplicates", "corrupted", "errors", "loss", "late"]
    return {name: float(value) for name, value in zip(names, line.groups()) if value and float(value)}


REPLY = rf"^64 bytes from {A}: icmp_seq=2 ttl=64 time=[\d.]+ ms$"


# ---- believed: an answer, whatever is odd about it --------------------------------------------------------

@pytest.mark.parametrize("rule, line", [
    ("alive", REPLY),
    ("alive tos=184", REPLY),
    ("alive ttl=33", REPLY.replace("ttl=64", "ttl=33")),
    ("alive record-route", rf"^64 bytes from {A}: icmp_seq=2 ttl=64 time=[\d.]+ ms\t\(same route\)$"),
    ("alive unknown-option", REPLY),
    ("alive truncate=20", rf"^28 bytes from {A}: icmp_seq=2 ttl=64 \(truncated\)$"),
    ("alive flip=20", rf"^64 bytes from {A}: icmp_seq=2 ttl=64 time=[\d.]+ ms\n"
                      rf"wrong data byte #20 should be 0x14 but was 0xeb\n#16\t10 11 12 13 eb 15 "),
    (f"alive other-source={OTHER}",
     rf"^64 bytes from {OTHER}: icmp_seq=2 ttl=64 time=[\d.]+ ms \(DIFFERENT ADDRESS!\)$"),
])
def test_answers(beside, far, rule, line):
    there = far("*: " + rule)
    lines, ledger, done = ping(beside, *PATIENT)
    assert (done.code, counts(ledger)) == (0, {"received": 3})
    net.below(0.02, seconds(ledger))  # when the first is late, 0.1 s of that is made up for
    net.below(seconds(ledger), 10)
    replies = of(lines, "reply")
    assert [reply["seq"] for reply in replies] == [1, 2, 3]
    assert all(reply["authenticated"] and reply["rtt_ms"] > 0 for reply in replies)
    done = beside.run("rping", *PATIENT, A)
    assert (done.code, footer(done.out)) == (0, {"sent": 3, "received": 3})
    assert re.search(line, done.out, re.MULTILINE), done.out
    assert there.stop()["sent"]["echo_reply"] == 6


def test_fields_of_answers(beside, far):
    far(f"{A}: alive tos=184 ttl=33 other-source={OTHER}", "*: alive flip=20")
    reply = of(ping(beside, *PATIENT)[0], "reply")[0]
    assert (reply["host"], reply["from"], reply["tos"], reply["ttl"], reply["bytes"]) == (A, OTHER, 184, 33, 64)
    assert reply["different_address"] is True
    reply = of(ping(beside, *PATIENT, target="10.64.1.1")[0], "reply")[0]
    assert reply["wrong_data_offset"] == 20 and "different_address" not in reply


@pytest.mark.parametrize("rule, line, detail", [
    ("alive pad=40", rf"^104 bytes from {A}: icmp_seq=2 ttl=64 time=[\d.]+ ms \(longer than sent\)$", ("bytes", 104)),
    ("alive code=5", rf"^64 bytes from {A}: icmp_seq=2 ttl=64 time=[\d.]+ ms \(code 5\)$", ("bytes", 64)),
])
def test_oddities_are_named(beside, far, rule, line, detail):
    """Longer than sent, and with a code other than 0: answers, each with a name and a counter."""
    far("*: " + rule)
    lines, ledger, done = ping(beside, *PATIENT)
    assert (done.code, counts(ledger), ledger["altered"]) == (0, {"received": 3}, 3)
    assert [reply[detail[0]] for reply in of(lines, "reply")] == [detail[1]] * 3
    done = beside.run("rping", *PATIENT, A)
    assert (done.code, footer(done.out)) == (0, {"sent": 3, "received": 3})
    assert re.search(line, done.out, re.MULTILINE), done.out


# ---- not believed: nothing here is an answer -------------------------------------------------------------

@pytest.mark.parametrize("rule, counter, suspicion", [
    ("alive bad-checksum", "corrupted", "checksum"),
    ("alive truncate=4", "corrupted", "truncated"),
    ("alive truncate=0", "corrupted", "truncated"),
    ("alive flip=2", "suspect", "cookie"),
    ("alive zero-stamp", "suspect", None),
    ("alive huge-stamp", "suspect", None),
    ("alive move-stamp=1000", "suspect", "cookie"),
    ("alive move-stamp=-5", "suspect", "cookie"),
    ("alive wrong-seq=500", "suspect", None),
    ("alive wrong-seq=-1", "suspect", None),
    ("alive wrong-id", None, None),
    (f"icmp=3/1 from={ROUTER} quote-seq=1000", "suspect", "quote"),
    (f"icmp=3/1 from={ROUTER} bad-checksum", "corrupted", "checksum"),
    ("icmp=3/1 quote=4", None, None),
    ("silent", None, None),
])
def test_no_answers(beside, far, rule, counter, suspicion):
    there = far("*: " + rule)
    shown = beside.start("rping", *QUICK, A)
    lines, ledger, done = ping(beside, *QUICK)
    code, text, _ = net.finish(shown)
    report = there.stop()
    assert report["seen"]["echo"] == 6
    if rule != "silent":
        assert report["sent"]["total"] == 6
    if counter:  # the last of them leaves half a second before the end
        net.below(2, ledger[counter])
        if counter == "corrupted":
            net.below(2, footer(text)["corrupted"])
    assert (done.code, counts(ledger)) == (1, {"lost": 3, **({counter: 3} if counter else {})})
    assert ledger["rtt_min_ms"] is None and ledger["loss_percent"] == 100
    assert 0.5 <= seconds(ledger)  # the last of them is waited for; the first may have left late
    net.below(seconds(ledger), 5)  # without -W it is ten
    assert not of(lines, "reply")
    suspects = of(lines, "suspect")
    assert len(suspects) == (3 if counter else 0)
    if suspicion:
        assert {line["suspicion"] for line in suspects} == {suspicion}
    assert code == 1 and "rtt min" not in text
    assert footer(text) == {"sent": 3, "loss": 100, **({counter: 3} if counter == "corrupted" else {})}


def test_bad_checksum_is_shown(beside, far):
    far("*: alive bad-checksum")
    done = beside.run("rping", *QUICK, A)
    shown = re.findall(rf"^64 bytes from {A}: icmp_seq=\d ttl=64.* \(BAD CHECKSUM!\)$", done.out, re.MULTILINE)
    net.below(2, len(shown))
    assert len(shown) == 3


# ---- how often, when and in which order ------------------------------------------------------------------

def test_twice(beside, far):
    far("*: alive twice")
    lines, ledger, done = ping(beside, *PATIENT)
    # The run is over with the last answer, perhaps before its copy is read.
    assert done.code == 0 and ledger["received"] == 3 and ledger["duplicates"] in (2, 3)
    assert ledger["lost"] == ledger["loss_percent"] == 0
    assert len(of(lines, "duplicate")) == ledger["duplicates"]
    done = beside.run("rping", *PATIENT, A)
    assert re.search(rf"^64 bytes from {A}: icmp_seq=1 ttl=64 time=[\d.]+ ms \(DUP!\)$", done.out, re.MULTILINE)
    assert footer(done.out)["duplicates"] in (2, 3) and footer(done.out)["received"] == 3


def test_extra_sequence(beside, far):
    """iputils: "1 packets transmitted, 2 received, -100% packet loss"."""
    far("*: alive extra-seq=500")
    _, ledger, done = ping(beside, *PATIENT)
    assert (done.code, ledger["received"], ledger["lost"], ledger["loss_percent"]) == (0, 3, 0, 0)
    assert ledger["suspect"] in (2, 3)


def test_swapped(beside, far):
    """The first of two waits for the second, an interval of 0.2 s: the round trips are each one's own."""
    far("*: alive swap")
    lines, ledger, done = ping(beside, "-c", 4, "-i", "0.2", "-W", 20)
    assert (done.code, counts(ledger)) == (0, {"received": 4})
    assert [line["seq"] for line in of(lines, "reply")] == [2, 1, 4, 3]
    second, first, fourth, third = (line["rtt_ms"] for line in of(lines, "reply"))
    # 0.1 s of a stall the schedule makes up for
    assert all(held >= 95 and held - prompt >= 95 for held, prompt in ((first, second), (third, fourth)))


@pytest.mark.parametrize("every, count", [(3, 6), (7, 7)])
def test_every_nth_lost(beside, far, every, count):
    far(f"{A}: alive every={every}", f"10.64.1.1: alive every={every}")
    lost = [n for n in range(1, count + 1) if n % every == 0]
    shown = beside.start("rping", "-O", "-c", count, "-i", "0.2", "-W", 1, "10.64.1.1")
    lines, ledger, done = ping(beside, "-c", count, "-i", "0.02", "-W", 1)
    _, text, _ = net.finish(shown)
    # the last one too, which iputils never tells
    overdue = [int(n) for n in re.findall(r"^no answer yet for icmp_seq=(\d+)$", text, re.MULTILINE)]
    if set(overdue) > set(lost):
        raise net.Slow("others were answered after more than 0.2 s")
    assert (done.code, counts(ledger)) == (0, {"received": count - len(lost), "lost": len(lost)})
    assert [line["seq"] for line in of(lines, "timeout")] == lost
    assert overdue == lost
    assert footer(text)["loss"] == pytest.approx(100 * len(lost) / count, rel=1e-5)


def test_late(beside, far):
    """A timeout of 0.2 s against answers after 0.8 s, and 1.6 s to the end: late, and neither lost nor received."""
    far("*: alive late=800ms")
    line = ["-c", 2, "-i", "1.6", "-W", "0.2"]
    shown = beside.start("rping", *line, A)
    lines, ledger, done = ping(beside, *line)
    _, text, _ = net.finish(shown)
    assert 1.7 <= seconds(ledger)
    net.below(seconds(ledger), 2.3)  # the other answer would come at 2.4
    assert counts(ledger) == {"late": 1, "lost": 1} and done.code == 1
    assert [line["seq"] for line in of(lines, "late")] == [1]
    assert all(800 <= line["rtt_ms"] < 1600 for line in of(lines, "late"))
    assert ledger["rtt_min_ms"] is None
    assert footer(text)["late"] == 1 and "received" not in footer(text)
    assert len(re.findall(r"icmp_seq=1 ttl=64 time=\d{3,} ms \(late\)$", text, re.MULTILINE)) == 1


def test_slow_is_not_late(beside, far):
    far("*: alive late=700ms")
    lines, ledger, done = ping(beside, "-c", 2, "-i", "0.1", "-W", 20)
    assert (done.code, counts(ledger)) == (0, {"received": 2})
    assert 0.695 <= seconds(ledger)
    net.below(seconds(ledger), 10)
    assert all(700 <= line["rtt_ms"] for line in of(lines, "reply"))


def test_round_trips(beside, far):
    """As the kernel sees the packets pass, which is not disturbed by who waits to be scheduled."""
    there = far("*: alive delay=20ms jitter=2ms")
    with beside.capture("tun0") as packets:
        lines, _, _ = ping(beside, "-c", 200, "-i", "0.002", "-W", 20)
        there.stop()
    sent = {p[ICMP].seq: p.time for p in packets if p.dst == A}
    true = {p[ICMP].seq: (p.time - sent[p[ICMP].seq]) * 1e3 for p in packets if p.src == A}
    told = {line["seq"]: line["rtt_ms"] for line in of(lines, "reply")}
    assert len(told) == 200 and min(told.values()) >= 20
    assert {line["clock"] for line in of(lines, "reply")} == {"kernel"}
    # A machine that takes the processor away from the kernel itself does so to a few at most.
    net.below(sorted(abs(told[seq] - true[seq]) for seq in told)[180], 0.2)


def test_a_bad_line(beside, far):
    """Loss, delay, copies, damage and disorder at once: the counters are the peer's."""
    there = far("*: alive delay=5ms jitter=2ms loss=5% dup=5% reorder=10% burst-loss=1% burst-length=4", seed=8)
    _, ledger, done = ping(beside, "-q", "-c", 1000, "-i", "0.002", "-W", 2)
    report = there.stop()
    dropped = report["dropped"]
    assert done.code == 0
    assert report["seen"]["echo"] == ledger["sent"] == 1000
    assert ledger["lost"] == dropped["request"] + dropped["reply"] + dropped["burst"] > 50
    assert ledger["received"] == report["sent"]["echo_reply"] - report["duplicated"]
    assert ledger["duplicates"] == report["duplicated"]  # a lost one of the last keeps the run going
    assert ledger["late"] == ledger["suspect"] == ledger["corrupted"] == ledger["errors"] == 0


# ---- ICMP errors ------------------------------------------------------------------------------------------

UNREACHABLE = [
    "Destination Net Unreachable", "Destination Host Unreachable", "Destination Protocol Unreachable",
    "Destination Port Unreachable", "Frag needed and DF set (mtu = 0)", "Source Route Failed",
    "Destination Net Unknown", "Destination Host Unknown", "Source Host Isolated", "Destination Net Prohibited",
    "Destination Host Prohibited", "Destination Net Unreachable for Type of Service",
    "Destination Host Unreachable for Type of Service", "Packet filtered", "Precedence Violation",
    "Precedence Cutoff", "Dest Unreachable, Bad Code: 16",
]


@pytest.mark.parametrize("quote", ["", " quote=8"])
@pytest.mark.parametrize("rule, text", [
    *[(f"icmp=3/{code}", text) for code, text in enumerate(UNREACHABLE)],
    ("icmp=3/4 mtu=1000", "Frag needed and DF set (mtu = 1000)"),
    ("icmp=11/0", "Time to live exceeded"),
    ("icmp=11/1", "Frag reassembly time exceeded"),
    ("param-problem pointer=20", "Parameter problem: pointer = 20"),
])
def test_errors(beside, far, rule, text, quote):
    there = far(f"*: {rule} from={ROUTER}{quote}")
    lines, ledger, done = ping(beside, *PATIENT)
    assert (done.code, counts(ledger)) == (1, {"lost": 3, "errors": 3})
    net.below(0.02, seconds(ledger))  # when the first is late, 0.1 s of that is made up for
    net.below(seconds(ledger), 10)  # nothing more is expected behind an error
    errors = of(lines, "error")
    assert [(line["seq"], line["from"], line["text"]) for line in errors] == [(n, ROUTER, text) for n in (1, 2, 3)]
    done = beside.run("rping", *PATIENT, A)
    assert (done.code, footer(done.out)) == (1, {"sent": 3, "errors": 3, "loss": 100})
    assert re.findall(rf"^From {re.escape(ROUTER)} icmp_seq=(\d) (.*)$", done.out, re.MULTILINE) == \
        [(n, text) for n in "123"]
    assert there.stop()["sent"]["icmp_error"] == 6


NEWS = [
    (f"redirect gateway={OTHER}", f"Redirect Host(New nexthop: {OTHER})"),
    ("quench", "Source Quench"),
]


@pytest.mark.parametrize("rule, text", NEWS)
def test_news_that_is_no_error(beside, far, rule, text):
    """iputils writes these with a colon."""
    far(f"*: {rule} from={ROUTER} error-then-reply")
    lines, ledger, done = ping(beside, *PATIENT)
    assert (done.code, ledger["received"], ledger["lost"]) == (0, 3, 0)
    assert [line["text"] for line in of(lines, "error")] == [text] * 3
    done = beside.run("rping", *PATIENT, A)
    assert done.code == 0
    assert re.findall(rf"^From {re.escape(ROUTER)}: icmp_seq=(\d) (.*)$", done.out, re.MULTILINE) == \
        [(n, text) for n in "123"]


@pytest.mark.parametrize("rule, text", NEWS)
def test_news_is_not_counted_as_error(beside, far, rule, text):
    far(f"*: {rule} from={ROUTER} error-then-reply")
    assert counts(ping(beside, *PATIENT)[1]) == {"received": 3}
    assert footer(beside.run("rping", *PATIENT, A).out) == {"sent": 3, "received": 3}


@pytest.mark.parametrize("rule, text", NEWS)
def test_news_alone_is_silence(beside, far, rule, text):
    far(f"*: {rule} from={ROUTER}")
    _, ledger, done = ping(beside, *QUICK)
    assert (done.code, ledger["received"], ledger["lost"]) == (1, 0, 3)


def test_error_then_reply(beside, far):
    """With a deadline the run ends at three replies, whatever errors come between."""
    far(f"*: icmp=3/1 from={ROUTER} error-then-reply")
    lines, ledger, done = ping(beside, "-c", 3, "-w", 20, "-i", "0.05")
    assert (done.code, ledger["received"], ledger["lost"]) == (0, 3, 0)
    assert ledger["errors"] == 3
    assert [line["event"] for line in lines if line["event"] in ("error", "reply")] == ["error", "reply"] * 3


def test_errors_do_not_end_the_wait(beside, far):
    """-w with -c: iputils gives up at the first error."""
    far(f"*: icmp=3/1 from={ROUTER}")
    _, ledger, done = ping(beside, "-c", 1, "-w", 1, "-i", "0.1")
    assert done.code == 1 and ledger["received"] == 0 and ledger["sent"] <= 11
    net.below(4, ledger["sent"])
    net.below(ledger["sent"] - ledger["errors"], 1)  # of the last is at the deadline


def test_rate_limited_errors(beside, far):
    there = far(f"*: icmp=3/13 from={ROUTER} rate=20/s")
    _, ledger, _ = ping(beside, "-c", 50, "-i", "0.01", "-W", "0.2")
    report = there.stop()
    assert ledger["errors"] == report["sent"]["icmp_error"] <= 1 + 20 * seconds(ledger)
    assert ledger["lost"] == 50
    net.below(ledger["errors"], 50)


# ---- forgery ----------------------------------------------------------------------------------------------

def test_forgeries_raise_no_dead(beside, far):
    there = far("*: silent bogus=100%")
    _, ledger, done = ping(beside, "-c", 100, "-i", "0.002", "-W", "0.5")
    report = there.stop()
    net.below(99, ledger["suspect"])
    assert (done.code, ledger["received"], ledger["errors"], ledger["lost"]) == (1, 0, 0, 100)
    assert ledger["suspect"] == report["sent"]["forged"] == 100


@pytest.mark.parametrize("size", [8, 15, 16, 56, 1000])
def test_forgeries_beside_answers(beside, far, size):
    """The last probe gets no answer: all forgeries about the others come while it is waited for."""
    there = far("*: alive delay=2ms bogus=50% every=101")
    _, ledger, done = ping(beside, "-s", size, "-c", 101, "-i", "0.002", "-W", 1)
    report = there.stop()
    net.below(ledger["late"], 1)
    assert (done.code, ledger["received"], ledger["lost"], ledger["errors"]) == (0, 100, 1, 0)
    assert 20 < ledger["suspect"] <= report["sent"]["forged"]
    net.below(report["sent"]["forged"] - ledger["suspect"], 1)


def test_damage_is_no_answer(beside, far):
    far("*: alive corrupt=100%")
    _, ledger, done = ping(beside, "-c", 100, "-i", "0.002", "-W", "0.5")
    assert (done.code, ledger["received"], ledger["errors"], ledger["lost"]) == (1, 0, 0, 100)
    # a flip of type or identifier leaves a foreign packet
    net.below(79, ledger["corrupted"])
    assert ledger["corrupted"] <= 100
