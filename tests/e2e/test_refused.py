# SPDX-License-Identifier: MIT
"""What this host's kernel refuses to send, for a while or for good: a scan repeats it, and no port is wrong because of it."""
import time

import pytest

import net

B, OPEN = "10.9.1.2", list(range(50, 1001, 50))


@pytest.fixture(scope="module")
def own():
    network = net.Pair()
    network.b.listen(*OPEN)
    yield network
    network.close()


def check(out, last, err):
    """Every port has its one true state. What has not is shown with its line, and the end of the run: a thousand ports are no report."""
    lines = net.json_lines(out)
    ports = [line for line in lines if line["event"] == "port"]
    wrong = [line for line in ports if line["state"] != ("open" if line["port"] in OPEN else "closed")]
    assert not wrong, (len(wrong), wrong[:3], wrong[-1], lines[-1], err)
    assert sorted(line["port"] for line in ports) == list(range(1, last + 1))


def test_a_firewall_limits_syns(own, firewall):
    """Each port is asked as soon as it is allowed to be. nmap 7.93 reports 7 to 10 of 10 open ports behind such a rule."""
    firewall(own.a, "chain c { type filter hook output priority 0;"
             "tcp flags & (syn|ack) == syn limit rate over 200/second burst 50 packets drop; }")
    done = own.a.run("rsyn", "--json", "-p", "1-600", B)
    check(done.out, 600, done.err)
    run = net.json_lines(done.out)[-1]
    assert 100 < run["unsent"] < 3000
    net.below(run["duration_ns"], 6e9)  # 2.75 s at least
    assert len(done.err.splitlines()) == 1 and "the local firewall dropped the probe" in done.err


@pytest.mark.parametrize("away, back, how_long", [
    ("ip route del 10.9.1.0/24 dev DEVICE", "ip route add 10.9.1.0/24 dev DEVICE", 0.05),
    ("ip link set DEVICE down", "ip link set DEVICE up", 0.3),
    ("ip route add prohibit 10.9.1.2", "ip route del prohibit 10.9.1.2", 0.3),
    ("ip route add blackhole 10.9.1.2", "ip route del blackhole 10.9.1.2", 0.3),
])
def test_away_for_a_moment(own, tmp_path, away, back, how_long):
    before = own.a.sent(own.device_a)
    with open(tmp_path / "out", "w") as out:  # no pipe, which nobody would read in the meantime
        process = own.a.start("rsyn", "--json", "--max-rate", "1500", "-p", "1-1000", B, stdout=out)
        net.until(lambda: own.a.sent(own.device_a) > before + 100)
        own.a.do(away.replace("DEVICE", own.device_a))
        time.sleep(how_long)
        own.a.do(back.replace("DEVICE", own.device_a))
        _, err = process.communicate(timeout=60)
    out = (tmp_path / "out").read_text()
    check(out, 1000, err)
    run = net.json_lines(out)[-1]
    assert run["unsent"] > 0 and "not sent" in err
    net.below(run["duration_ns"], 4e9)


def test_some_are_refused_for_good(own, firewall):
    """They are unknown after 3 s. The others do not wait: their last result is there long before."""
    own.b.do("ip address add 10.9.1.3/24 dev " + own.device_b)
    firewall(own.a, "chain c { type filter hook output priority 0; ip daddr 10.9.1.4 drop; tcp dport 25 drop; }")
    done = own.a.run("rsyn", "--json", "-p", "1-300", B, "10.9.1.3", "10.9.1.4")
    lines = net.json_lines(done.out)
    ports = [line for line in lines if line["event"] == "port"]
    failed = {(line["host"], line["port"]) for line in ports if line["reason"] == "send-failed"}
    assert failed == {(B, 25), ("10.9.1.3", 25)} | {("10.9.1.4", port) for port in range(1, 301)}
    assert all(line["state"] == "unknown" for line in ports if line["reason"] == "send-failed")
    assert len(ports) == 900 and {line["state"] for line in ports} == {"unknown", "open", "closed"}
    net.below(max(line["time_ns"] for line in ports if line["state"] != "unknown") - lines[0]["time_ns"], 1.5e9)
    assert 3e9 <= lines[-1]["duration_ns"]
    net.below(lines[-1]["duration_ns"], 4.5e9)
    assert lines[-1]["unsent"] < 500


def test_waiting_for_a_port_behind_a_refusal(own, firewall):
    """Refused for half a second: the open port is reached, and the closed one is no longer open only when that is seen."""
    rule = "chain c { type filter hook output priority 0; tcp dport 50 drop; }"
    for option, code in ("--wait-open", 0), ("--wait-closed", 1):
        firewall(own.a, rule)
        process = own.a.start("rsyn", "-q", option, "3", "-p", "50", B)
        time.sleep(0.5)
        own.a.nft("")
        assert process.wait(timeout=30) == code


@pytest.mark.parametrize("options, code", [(["--max-retries", "0"], 0), (["--host-timeout", "200ms"], 1)])
def test_bounds_of_the_user(own, firewall, options, code):
    """A refusal is no try, so no retries are needed; a host's time includes it."""
    firewall(own.a, "chain c { type filter hook output priority 0; tcp dport 50 drop; }")
    process = own.a.start("rsyn", "--json", *options, "-p", "50", B)
    time.sleep(0.6)
    own.a.nft("")
    out, _ = process.communicate(timeout=30)
    assert process.returncode == code
    assert [line["reason"] for line in net.json_lines(out) if line["event"] == "port"] == [
        "host-timeout" if code else "syn-ack"]


def test_a_series_counts_them_apart(own, firewall):
    """What was not sent is not lost."""
    firewall(own.a, "chain c { type filter hook output priority 0; tcp dport 50 drop; }")
    process = own.a.start("rsyn", "--json", "-c", "20", "-i", "0.05", "-p", "50", B)
    time.sleep(0.5)
    own.a.nft("")
    out, _ = process.communicate(timeout=30)
    run = net.json_lines(out)[-1]
    assert run["unsent"] >= 3 and run["sent"] == run["received"] == 20 - run["unsent"] and run["lost"] == 0, run
