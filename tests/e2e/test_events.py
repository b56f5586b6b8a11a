# SPDX-License-Identifier: MIT
"""What happens to a series over time, and to the host that sends it: outages at any rate and of any target, links that
go and come."""
import json
import re
import time

B = "10.9.1.2"
DROP = "chain c { type filter hook input priority 0; icmp type echo-request drop; }"


def test_outages_at_a_high_rate(pair, firewall, tmp_path):
    """More answers come before a loss is known than anything could remember: 5 s of patience at 1 kHz. The lines
    about single probes are the truth."""
    with open(tmp_path / "out", "w", encoding="ascii") as out:
        process = pair.a.start("rping", "-c", "6000", "-i", "0.001", "-W", "5", "--json", B, stdout=out)
    for pause in (0.3, 0.1):
        time.sleep(pause)
        firewall(pair.b, DROP)
        time.sleep(0.05)
        pair.b.nft("")
    process.wait(timeout=20)
    lines = [json.loads(line) for line in (tmp_path / "out").read_text("ascii").splitlines()]
    lost = [line["seq"] for line in lines if line["event"] == "timeout"]
    firsts = [seq for seq in lost if seq - 1 not in lost]
    told = [line for line in lines if line["event"] == "outage" and line["state"] == "ends"]
    assert len(firsts) >= 2 and [line["first_seq"] for line in told] == firsts
    assert sum(line["last_seq"] - line["first_seq"] + 1 for line in told) == len(lost)
    for line in told:
        probes = line["last_seq"] - line["first_seq"] + 1
        assert abs(line["duration_ns"] - probes * 1e6) < 20e6
        assert line["end_ns"] - line["start_ns"] == line["duration_ns"]
    assert lines[-1]["outages"] == len(told) and lines[-1]["outage_current"] is None


def test_outages_of_several_targets(beside, far):
    far("10.64.1.1: open every=3", "10.64.1.2: open")
    out = beside.run("rsyn", "-v", "-c", "5", "-i", "0.1", "-W", "0.05", "-p", "80", "10.64.1.1-2").out
    assert re.findall(r"^10.64.1.(\d): Outage (\w+): probe (\d) ", out, re.MULTILINE) == \
        [("1", "begins", "3"), ("1", "ends", "3")]
