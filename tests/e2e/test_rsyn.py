# SPDX-License-Identifier: MIT
"""rsyn against the real kernel: each state with its reason, in the table, in JSON and in the exit code."""
import re
import signal
import xml.etree.ElementTree

import pytest

import net

OPEN, CLOSED, DROPPED, RESET, PROHIBITED = 22, 443, 80, 81, 82
FILTER = f"""chain c {{ type filter hook input priority 0;
tcp dport {DROPPED} drop; tcp dport {RESET} reject with tcp reset; tcp dport {PROHIBITED} reject with icmp admin-prohibited; }}"""


@pytest.fixture(scope="module")
def target(pair):
    """b with a port of each kind."""
    pair.b.listen(OPEN)
    pair.b.nft(FILTER)
    yield pair
    pair.b.nft("")


def rows(out):
    """port -> (state, rest of the line) of the table."""
    return {int(port): (state, rest) for port, state, rest in re.findall(r"^(\d+)/tcp\s+(\S+)\s*(.*)$", out, re.MULTILINE)}


def ports(out):
    """port -> the last word on it in the JSON lines."""
    return {line["port"]: line for line in net.json_lines(out) if line["event"] == "port"}


def test_three_states_with_reasons(target):
    done = target.a.run("rsyn", "-p", f"{OPEN},{DROPPED},{CLOSED}", target.address_b)
    assert done.code == 1, done.err
    table = rows(done.out)
    assert list(table) == sorted([OPEN, DROPPED, CLOSED])
    assert table[OPEN][0] == "open" and "syn-ack" in table[OPEN][1] and "ssh" in table[OPEN][1]
    assert table[CLOSED][0] == "closed" and "reset" in table[CLOSED][1] and "https" in table[CLOSED][1]
    assert table[DROPPED][0] == "filtered" and "no-response" in table[DROPPED][1] and "http" in table[DROPPED][1]
    assert re.search(r"^PORT\s+STATE\s+RTT\s+REASON\s+SERVICE$", done.out, re.MULTILINE)


def test_nmap_agrees(target):
    wanted = f"{OPEN},{CLOSED},{DROPPED},{RESET},{PROHIBITED}"
    nmap = target.a.run("nmap", "-n", "-Pn", "-sS", "--reason", "-oX", "-", "-p", wanted, target.address_b)
    theirs = {int(port.get("portid")): (port.find("state").get("state"), port.find("state").get("reason"))
              for port in xml.etree.ElementTree.fromstring(nmap.out).iter("port")}
    mine = target.a.run("rsyn", "--json", "-p", wanted, target.address_b)
    ours = {port: (line["state"], line["reason"]) for port, line in ports(mine.out).items()}
    assert len(theirs) == 5
    assert ours == theirs


@pytest.mark.parametrize("port, state, reason, answered", [
    (OPEN, "open", "syn-ack", True),
    (CLOSED, "closed", "reset", True),
    (DROPPED, "filtered", "no-response", False),
    (RESET, "closed", "reset", True),
    (PROHIBITED, "filtered", "admin-prohibited", True),
])
def test_json(target, port, state, reason, answered):
    done = target.a.run("rsyn", "--json", "-p", port, target.address_b)
    line = ports(done.out)[port]
    assert {"host", "port", "state", "reason", "ttl", "rtt_ms", "tries"} <= set(line)
    assert (line["host"], line["state"], line["reason"]) == (target.address_b, state, reason)
    assert done.code == (0 if state == "open" else 1)
    if answered:
        assert line["ttl"] in (64, 255)
        assert line["rtt_ms"] > 0
        assert line["tries"] == 1
    else:
        assert line["ttl"] is None and line["rtt_ms"] is None
        assert line["tries"] >= 2


def test_every_port_open_is_0(target):
    assert target.a.run("rsyn", "-p", OPEN, target.address_b).code == 0


@pytest.mark.parametrize("code, reason", [
    ("net-unreachable", "net-unreach"),
    ("host-unreachable", "host-unreach"),
    ("prot-unreachable", "proto-unreach"),
    ("port-unreachable", "port-unreach"),
    ("net-prohibited", "net-prohibited"),
    ("host-prohibited", "host-prohibited"),
    ("admin-prohibited", "admin-prohibited"),
])
def test_icmp_reasons(routed, firewall, code, reason):
    firewall(routed.b, f"chain c {{ type filter hook input priority 0; tcp dport 99 reject with icmp {code}; }}")
    done = routed.a.run("rsyn", "--json", "-p", 99, routed.address_b)
    line = ports(done.out)[99]
    assert (line["state"], line["reason"], done.code) == ("filtered", reason, 1)


def test_router_says_time_exceeded(routed):
    done = routed.a.run("rsyn", "--json", "--ttl", 1, "-p", 99, routed.address_b)
    line = ports(done.out)[99]
    assert (line["state"], line["reason"], line["from"]) == ("filtered", "time-exceeded", routed.address_r)
    assert done.code == 1


def test_no_such_neighbour(pair):
    done = pair.a.run("rsyn", "--json", "-p", 22, "10.9.1.77")
    assert done.code == 1
    line = ports(done.out)[22]
    assert line["state"] == "filtered"
    assert line["reason"] in ("host-unreach", "no-response")


def test_several_targets(target):
    done = target.a.run("rsyn", "--json", "-p", OPEN, target.address_b, target.address_a)
    states = {line["host"]: line["state"] for line in net.json_lines(done.out) if line["event"] == "port"}
    assert states == {target.address_b: "open", target.address_a: "closed"}
    assert done.code == 1


def test_network_operand(target):
    done = target.a.run("rsyn", "--json", "-p", OPEN, "10.9.1.0/30")
    hosts = {line["host"] for line in net.json_lines(done.out) if line["event"] == "port"}
    assert {"10.9.1.1", "10.9.1.2"} <= hosts


@pytest.mark.parametrize("text, count", [
    ("20-25", 6), ("-5", 5), ("65530-", 6), ("ssh,http", 2), ("T:22,80", 2), ("22,22,22", 1), ("0", 1), ("22,", 1),
])
def test_port_syntax(target, text, count):
    done = target.a.run("rsyn", "--json", "-p", text, target.address_a)
    assert done.code in (0, 1), done.err
    assert len(ports(done.out)) == count


def test_all_ports(target):
    """65535 ports of one host: the open one is found, within seconds."""
    done = target.a.run("rsyn", "--json", "-p", "-", target.address_a, timeout=300)
    found = ports(done.out)
    net.below(net.json_lines(done.out)[-1]["duration_ns"], 100e9)  # 655 at 10 ms each
    assert len(found) == 65535
    assert {line["state"] for line in found.values()} == {"closed"}


def test_own_firewall(pair, firewall):
    """Not sent is not filtered."""
    firewall(pair.a, "chain c { type filter hook output priority 0; tcp dport 4242 drop; }")
    done = pair.a.run("rsyn", "--json", "-p", 4242, pair.address_b)
    assert done.code != 0
    line = ports(done.out)[4242]
    assert line["state"] != "filtered"
    assert line["reason"] == "send-failed"


def test_no_route(lo):
    done = lo.run("rsyn", "-p", 22, "10.99.99.99")
    assert done.code == 2
    assert re.fullmatch(r"rsyn: .*10\.99\.99\.99.*\n", done.err), done.err


def test_loopback_sees_its_own_probes_and_is_not_fooled(lo):
    lo.listen(7777)
    done = lo.run("rsyn", "--json", "-p", "7776-7778", "127.0.0.1")
    assert {p: line["state"] for p, line in ports(done.out).items()} == {7776: "closed", 7777: "open", 7778: "closed"}


def test_behind_a_stateful_firewall(pair, firewall):
    """The probe makes a connection-tracking entry, so that a default-drop input lets the answers in."""
    server = pair.b.listen(2222)
    firewall(pair.a, "chain c { type filter hook input priority 0; policy drop; ct state established,related accept; }")
    done = pair.a.run("rsyn", "--json", "-p", "2222,2223", pair.address_b)
    assert {p: line["state"] for p, line in ports(done.out).items()} == {2222: "open", 2223: "closed"}
    server.setblocking(False)
    with pytest.raises(BlockingIOError):  # half-open: the server has nothing to accept
        server.accept()


def test_series(target):
    done = target.a.run("rsyn", "-c", 3, "-i", "0.05", "-p", OPEN, target.address_b)
    assert done.code == 0, done.err
    lines = re.findall(r"^open from 10\.9\.1\.2:22: syn_seq=(\d+) ttl=64 time=[\d.]+ ms$", done.out, re.MULTILINE)
    assert lines == ["1", "2", "3"]
    assert "3 packets transmitted, 3 received, 0% packet loss" in done.out
    assert re.search(r"^rtt min/avg/max/mdev = ", done.out, re.MULTILINE)


def test_series_is_told_and_judged_as_rpings(target):
    done = target.a.run("rsyn", "-c", "3", "-i", "0.05", "-p", str(OPEN), "-D", "--breakdown", "--percentiles",
                        "--require", "received=3,loss<=0%,p99<1s", target.address_b)
    assert done.code == 0, done.err
    lines = re.findall(r"^\[\d{10}\.\d{6}\] open from .* ms \(tx queue [\d.]+ ms, rx wakeup [\d.]+ ms\)$", done.out, re.MULTILINE)
    assert len(lines) == 3
    assert re.search(r"^rtt p50/p90/p95/p99/p99.9 = .*tx queue avg/max", done.out, re.MULTILINE)
    assert done.out.endswith(": held\n")
    done = target.a.run("rsyn", "-c", "2", "-i", "0.1", "-W", "0.3", "-O", "-p", str(DROPPED), "--require", "loss<=50%",
                        target.address_b)
    assert done.code == 1
    assert "no answer yet for syn_seq=1\n" in done.out
    assert done.out.endswith("require: loss<=50% FAILS (100%): NOT HELD\n")


@pytest.mark.parametrize("option", ["--percentiles", "--breakdown", "--outages", "--changes", "-O", "-D", "--require=loss<=1%"])
def test_what_a_scan_has_not_is_refused(lo, option):
    done = lo.run("rsyn", "-p", "1", option, "127.0.0.1")
    assert done.code == 2
    assert "is for a series" in done.err


def test_series_on_a_closed_port(target):
    done = target.a.run("rsyn", "-c", 2, "-i", "0.05", "-p", CLOSED, target.address_b)
    assert len(re.findall(r"^closed from 10\.9\.1\.2:443: syn_seq=", done.out, re.MULTILINE)) == 2
    assert "2 packets transmitted, 2 received, 0% packet loss" in done.out
    assert done.code == 1


def test_interrupted_json_is_whole(target):
    """Ctrl-C in the middle: every line that was printed is one whole object."""
    process = target.a.start("rsyn", "--json", "-c", 1000, "-i", "0.1", "-p", OPEN, target.address_b)
    out = net.read_until(process, '"reply"')
    code, rest, err = net.finish(process, signal.SIGINT)
    out += rest
    assert code in (0, 1), err
    assert net.json_lines(out)[-1]["end"] == "stopped" and out.endswith("\n")


def test_interrupted_scan(target):
    process = target.a.start("rsyn", "-v", "-p", f"{OPEN},{DROPPED}", "--initial-rtt-timeout", 5, "--min-rtt-timeout", 5,
                             target.address_b)
    out = net.read_until(process, "Discovered open port")
    code, rest, err = net.finish(process, signal.SIGINT)
    out += rest
    assert code == 1, err
    assert rows(out)[OPEN][0] == "open"


def test_a_reset_acknowledges_the_data_too(target):
    done = target.a.run("rsyn", "--json", "--data-length", 10, "-p", f"{OPEN},{CLOSED}", target.address_b)
    assert {port: line["state"] for port, line in ports(done.out).items()} == {OPEN: "open", CLOSED: "closed"}
    assert not [line for line in net.json_lines(done.out) if line["event"] == "suspect"]
