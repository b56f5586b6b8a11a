# SPDX-License-Identifier: MIT
"""rsyn -c with several hosts and ports: each has its lines, aligned, and its block of statistics."""
import collections
import re

import pytest
from scapy.all import TCP

import net

OPEN, DROPPED = 22, 81


@pytest.fixture(scope="module")
def target(pair):
    listener = pair.b.listen(OPEN)
    pair.b.do(f"ip address add 10.9.1.33/24 dev {pair.device_b}")
    pair.b.nft(f"chain c {{ type filter hook input priority 0; tcp dport {DROPPED} drop; }}")
    yield pair
    pair.b.nft("")
    listener.close()


def blocks(out):
    """name -> (sent, received)"""
    found = re.findall(r"^--- (\S+|\d+ targets) syn statistics ---\n(\d+) packets transmitted, (\d+) received", out, re.MULTILINE)
    return {name: (int(sent), int(received)) for name, sent, received in found}


def test_pairs_of_several_hosts(target):
    with target.b.capture(target.device_b) as packets:
        done = target.a.run("rsyn", "-c", 3, "-i", "0.05", "-W", "0.3", f"10.9.1.2:{OPEN},{DROPPED}", "10.9.1.33:65000")
    probes = collections.Counter((p.dst, p[TCP].dport) for p in packets if TCP in p and p[TCP].flags == "S")
    assert probes == {("10.9.1.2", OPEN): 3, ("10.9.1.2", DROPPED): 3, ("10.9.1.33", 65000): 3}
    assert (done.code, done.err) == (1, "")
    assert done.out.startswith("SYN 2 targets 3 ports ")
    lines = [line for line in done.out.splitlines() if "syn_seq" in line]
    assert len({line.index(" from ") - len(line.split()[1]) for line in lines}) == 1  # aligned
    assert collections.Counter(line.split()[0] for line in lines) == {f"10.9.1.2:{OPEN}:": 3, "10.9.1.33:65000:": 3}
    assert blocks(done.out) == {f"10.9.1.2:{OPEN}": (3, 3), f"10.9.1.2:{DROPPED}": (3, 0), "10.9.1.33:65000": (3, 3),
                                "2 targets": (9, 6)}


def test_one_port_of_several_hosts(target):
    done = target.a.run("rsyn", "-c", 2, "-i", "0.05", "-p", OPEN, "10.9.1.2", "10.9.1.33")
    assert done.code == 0
    assert blocks(done.out) == {f"10.9.1.2:{OPEN}": (2, 2), f"10.9.1.33:{OPEN}": (2, 2), "2 targets": (4, 4)}


def test_one_is_as_before(target):
    done = target.a.run("rsyn", "-c", 2, "-i", "0.05", f"10.9.1.2:{OPEN}")
    assert blocks(done.out) == {"10.9.1.2": (2, 2)}
    assert len(re.findall(r"^open from 10\.9\.1\.2:22: syn_seq=\d ", done.out, re.MULTILINE)) == 2


def test_json_has_a_line_for_each(target):
    done = target.a.run("rsyn", "--json", "-c", 2, "-i", "0.05", "-W", "0.2", f"10.9.1.2:{OPEN},{DROPPED}", f"10.9.1.33:{OPEN}")
    lines = net.json_lines(done.out)
    found = {(line["host"], line["port"]): (line["sent"], line["received"], line["lost"])
             for line in lines if line["event"] == "target"}
    assert found == {("10.9.1.2", OPEN): (2, 2, 0), ("10.9.1.2", DROPPED): (2, 0, 2), ("10.9.1.33", OPEN): (2, 2, 0)}
    assert (lines[-1]["sent"], lines[-1]["received"]) == (6, 4)
    alone = net.json_lines(target.a.run("rsyn", "--json", "-c", 1, f"10.9.1.2:{OPEN}").out)
    assert [(line["port"], line["received"]) for line in alone if line["event"] == "target"] == [(OPEN, 1)]


def test_excluded_from_a_series(target):
    with target.b.capture(target.device_b) as packets:
        done = target.a.run("rsyn", "-c", 2, "-i", "0.05", "-p", OPEN, "10.9.1.2", "10.9.1.33", "--exclude", "10.9.1.33")
    assert {p.dst for p in packets if TCP in p and p[TCP].flags == "S"} == {"10.9.1.2"}
    assert done.code == 0 and f"10.9.1.2:{OPEN}" in blocks(done.out) and "10.9.1.33" not in done.out
    for argv in (["-c", 2], []):
        done = target.a.run("rsyn", *argv, "-p", OPEN, "10.9.1.2", "--exclude", "10.9.1.0/24")
        assert (done.code, done.out, done.err) == (2, "", "rsyn: every target is excluded\n")


def test_each_at_its_interval(target):
    """Three pairs every 0.1 s: the whole takes five intervals, and not fifteen."""
    done = target.a.run("rsyn", "-c", 6, "-i", "0.1", f"10.9.1.2:{OPEN},23", f"10.9.1.33:{OPEN}")
    times = [int(time) for time in re.findall(r"packet loss, time (\d+)ms", done.out)]
    assert len(times) == 4 and all(380 <= time for time in times)
    net.below(max(times), 1000)  # fifteen are 1.5 s
