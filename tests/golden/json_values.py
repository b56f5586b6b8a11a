# SPDX-License-Identifier: MIT
"""The JSON outputs of the golden scenarios: every line as the schema says, the values those of the events. Scenes do not happen
in the order of time. json_values.py GOLDEN"""

import os
import shlex
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../lib"))

import events  # noqa: E402

GOLDEN = [*shlex.split(os.environ.get("MESON_EXE_WRAPPER", "")), sys.argv[1]]
WALL = 1795223565065946789
LEDGER = ("sent received lost late in_flight unsent duplicates errors corrupted suspect "
          "loss_percent rtt_min_ms rtt_avg_ms rtt_max_ms rtt_mdev_ms").split()


def lines(scenario):
    output = subprocess.run([*GOLDEN, scenario], check=True, capture_output=True).stdout
    assert output.endswith(b"\n")
    result = events.read(output.decode(), ordered=False)
    for line in result:
        assert list(line)[:3] == ["v", "event", "time_ns"], line
        if line.get("rtt_ns") is not None:
            assert line["rtt_ms"] == line["rtt_ns"] / 1e6 and type(line["rtt_ms"]) is float, line
    return result


def has(line, **values):
    for key, value in values.items():
        assert line[key] == value and type(line[key]) is type(value), (key, value, line)


def ledger_adds_up(line):
    assert all(key in line for key in LEDGER), line
    assert line["sent"] == line["received"] + line["lost"] + line["late"] + line["in_flight"], line
    assert line["loss_percent"] == 100 * line["lost"] / (line["sent"] - line["in_flight"]), line


def series():
    watched = [line for line in lines("json-ping") if line["event"] in ("change", "outage")]
    has(watched[0], event="change", seq=4, **{"from": {"was": "127.0.0.1", "is": "10.0.0.9"}})
    has(watched[1], event="change", seq=5, **{"from": {"was": "10.0.0.9", "is": "127.0.0.1"}})
    has(watched[2], event="outage", state="begins", first_seq=8, last_seq=8)
    has(watched[3], event="outage", state="goes-on", first_seq=8, last_seq=8, duration_ns=2 * 10**9)
    assert len(watched) == 4 and not any(key in watched[0] for key in ("ttl", "tos", "bytes"))
    all_lines = [line for line in lines("json-ping") if line not in watched]
    assert [line["event"] for line in all_lines] == [
        "start", "reply", "duplicate", "late", "reply", "reply", "reply", "suspect", "error", "overdue",
        "timeout", "unsent", "address", "target", "run"]
    (start, reply, duplicate, late, unmeasured, stranger, spoilt, suspect, error, overdue, timeout, unsent,
     moved, target, run) = all_lines
    has(start, time_ns=WALL, tool="rping", version="1.2.3", probe="icmp-echo", plan="series", targets=1, count=4,
        interval_ns=10**9, payload_bytes=56)
    has(reply, host="127.0.0.1", address="127.0.0.1", seq=65537, ttl=64, bytes=64, rtt_ns=112001, rtt_ms=0.112001,
        clock="user", tx_queue_ns=2500, rx_wakeup_ns=40000, authenticated=True, time_ns=WALL + 65537 * 10**9)
    assert "different_address" not in reply and "wrong_data_offset" not in reply and "port" not in reply
    has(duplicate, seq=65537, rtt_ms=1.0, clock="kernel")
    has(late, seq=2, rtt_ms=1500.0)
    has(unmeasured, seq=3, rtt_ms=None, rtt_ns=None)
    has(stranger, **{"from": "10.0.0.9"}, different_address=True)
    has(spoilt, wrong_data_offset=40)
    has(suspect, suspicion="cookie", seq=6)
    has(error, **{"from": "10.0.0.1"}, icmp_type=3, icmp_code=4, mtu=1400, text="Frag needed and DF set (mtu = 1400)")
    has(overdue, seq=8)
    has(timeout, seq=8)
    has(unsent, seq=9, error="EPERM")
    assert "firewall" in unsent["text"]
    has(moved, host="10.0.0.9", address="10.0.0.9", was="127.0.0.1")
    assert "seq" not in moved and "try" not in moved
    has(target, sent=8, received=4, lost=3, late=1, unsent=1, rtt_min_ms=0.112001, rtt_max_ms=1500.0, loss_percent=37.5)
    has(run, end="error", error="ENETDOWN", duration_ns=10 * 10**9)
    for line in target, run:
        ledger_adds_up(line)
        has(line, altered=1, jitter_ms=0.00025, tx_queue_avg_ms=0.0025, tx_queue_max_ms=1000.0, rx_wakeup_avg_ms=None, schedule_lag_max_ms=0.005,
            outages=2, outage_longest={"first_seq": 4, "last_seq": 6, "duration_ns": 2000000}, outage_current=None,
            rtt_p50_ms=1.0, rtt_p90_ms=2.0, rtt_p95_ms=3.0, rtt_p99_ms=4.0, rtt_p999_ms=1500.0, reordered=1,
            reorder_extent=3, recent_probes=7, recent_lost=3, recent_rtt_avg_ms=2.0)


def silent():
    start, target, run = lines("json-silent")
    has(target, host="a\"b\\\\\\x0a\\xff", address="10.0.0.2", loss_percent=100.0, rtt_avg_ms=None)
    has(run, end="deadline")
    ledger_adds_up(run)


def scan():
    all_lines = lines("json-scan")
    ports = [line for line in all_lines if line["event"] == "port"]
    for line in ports:
        assert all(key in line for key in ("host", "port", "state", "reason", "ttl", "rtt_ms", "tries")), line
        assert "seq" not in line, line
    assert [(line["port"], line["state"], line["reason"]) for line in ports] == [
        (864, "filtered", "admin-prohibited"), (443, "closed", "reset"), (443, "open", "syn-ack"),
        (22, "closed", "reset"), (1706, "unknown", "send-failed"), (1285, "filtered", "no-response"),
        (1285, "open", "syn-ack")]
    has(ports[0], **{"from": "10.0.0.1"}, rtt_ms=3100.0, icmp_type=3, icmp_code=13, ttl=64, text="Packet filtered")
    has(ports[2], host="web.example", address="10.0.0.2", service="https", rtt_ms=0.112, window=64240, mss=1460, tries=1)
    has(ports[4], ttl=None, rtt_ms=None, tries=3)
    (host,) = [line for line in all_lines if line["event"] == "host"]
    has(host, host="web.example", open=2, closed=1, filtered=1, unknown=1, complete=False)
    has(all_lines[0], probe="tcp-syn", plan="scan", ports=5)
    has(all_lines[-1], end="complete", duration_ns=5 * 10**9)


def held():
    """A host's line is the last about it, waits ten seconds for what is late, and is complete when nothing is in flight."""
    all_lines = lines("json-held")
    assert [(line["event"], line["host"], (line["time_ns"] - WALL) // 10**9) for line in all_lines[1:-1]] == [
        ("port", "web.example", 1), ("late", "web.example", 9), ("port", "web.example", 9), ("reply", "10.0.0.130", 10),
        ("port", "10.0.0.130", 11), ("host", "web.example", 11), ("host", "10.0.0.130", 30), ("host", "evil\x1b[2J", 30)]
    has(all_lines[-4], open=1, closed=0, complete=True)
    has(all_lines[-3], closed=1, unknown=0, in_flight=1, complete=False)
    has(all_lines[-2], unknown=1, complete=False)


def words():
    """Every word that the library has for a state, reason, suspicion, remark or finding stands in the schema."""
    output = subprocess.run([*GOLDEN, "words"], check=True, capture_output=True).stdout.decode()
    assert set(output.split()) - events.words() == {"?"}, set(output.split()) - events.words()


series()
silent()
scan()
words()
lines("json-many")
lines("json-evidence")
held()
