# SPDX-License-Identifier: MIT
"""What reads ping's text reads rping's: jc and check_ping as they are installed, and the rules of telegraf, Home
Assistant, node-ping, pingparsing and gping stated anew, in every situation that a network here can bring about."""
import json
import os
import re
import shutil
import subprocess

import pytest

import net

B = "10.9.2.2"
GOLDEN = os.path.join(os.path.dirname(__file__), "../golden")
CHECK_PING = "/usr/lib/nagios/plugins/check_ping"
DROPS = "chain c {{ type filter hook input priority 0; icmp type echo-request {} drop; }}"
# name: (address, rules in b, rules in a, further options, received of 3)
SITUATIONS = {
    "answered": (B, "", "", "", 3),
    "unreachable": ("10.9.11.1", "", "", "", 0),
    "prohibited": ("10.9.12.1", "", "", "", 0),
    "silent": ("10.9.10.1", "", "", "", 0),
    "one lost": (B, DROPS.format("numgen inc mod 3 1"), "", "", 2),
    "last lost": (B, DROPS.format("numgen inc mod 3 2"), "", "", 2),
    "refused": (B, "chain c { type filter hook input priority 0; icmp type echo-request reject with icmp port-unreachable; }",
                "", "", 0),
    "ttl": (B, "", "", "-t 1", 0),
    "firewall here": (B, "", "chain c { type filter hook output priority 0; ip protocol icmp drop; }", "", 0),
    "no neighbour": ("10.9.1.77", "", "", "", 0),
    "small": (B, "", "", "-s 8", 3),
    "large": (B, "", "", "-s 5000", 3),
    "too long": (B, "", "", "-s 5000 -M do", 0),
    "route": (B, "", "", "-R", 3),
}


@pytest.fixture(scope="module")
def routes():
    network = net.Routed()
    for route in ("blackhole 10.9.10.0/24", "unreachable 10.9.11.0/24", "prohibit 10.9.12.0/24"):
        network.r.do("ip route add " + route)
    yield network
    network.close()


@pytest.fixture(params=SITUATIONS)
def situation(request, routes):
    address, there, here, options, received = SITUATIONS[request.param]
    routes.b.nft(there)
    routes.a.nft(here)
    yield routes.a, address, options, received
    routes.b.nft("")
    routes.a.nft("")


def rping(situation, arguments):
    namespace, address, options, received = situation
    done = namespace.run("rping", *f"{arguments} {options} {address}".split())
    assert done.code == (0 if received else 1), done.err
    return done, received


# ---- the rules ----

def telegraf(text):
    """Lines with "transmitted" and "received": integers; with min/avg/max: floats."""
    sent = received = average = None
    for line in text.splitlines():
        if "transmitted" in line and "received" in line:
            parts = line.split(", ")
            sent, received = int(parts[0].split(" ")[0]), int(parts[1].split(" ")[0])
        elif "min/avg/max" in line:
            average = [float(number) for number in line.split()[3].split("/")]
    return sent, received, average


def home_assistant(text):
    match = re.search(r"(\d+\.\d+)/(\d+\.\d+)/(\d+\.\d+)/(\d+\.\d+)", text)
    return bool(match) and "max/" in text


def node_ping(text):
    """Header: host and address by position; body lines with three '=' have a time; the footer's percentage and times."""
    lines = text.splitlines()
    assert re.search(r"\d+\.\d+\.\d+\.\d+", lines[0].split()[2])
    end = next(i for i, line in enumerate(lines) if "---" in line)
    for line in lines[1:end]:
        if line.count("=") >= 3:
            assert re.search(r"\d+(\.\d+)? ms", line), line
    footer = "\n".join(lines[end + 1:])
    loss = float(re.search(r" (\d+(?:\.\d+)?)%", footer)[1])
    times = [line for line in lines[end + 1:] if line.count("/") >= 3]
    return loss, bool(times) and len(re.findall(r"\d+\.\d+", times[0])) >= 4


def pingparsing(text):
    lines = text.splitlines()
    headline = next(i for i, line in enumerate(lines) if re.fullmatch(r"--- .* ping statistics ---", line))
    counters = re.match(r"(\d+) packets transmitted, (\d+) received,", lines[headline + 1])
    assert counters, lines
    rtt = lines[headline + 2] if len(lines) > headline + 2 else ""
    assert not rtt or re.match(r"rtt min/avg/max/mdev = [\d.]+/[\d.]+/[\d.]+/[\d.]+ ms|pipe \d+$", rtt), rtt
    replies = re.findall(r"^(?:\[[\d.]+\] )?\d+ bytes from (?:.+?): icmp_seq=\d+ ttl=\d+ time=[\d.]+ ms", text, re.MULTILINE)
    return int(counters[1]), int(counters[2]), len(replies)


def test_telegraf(situation):
    done, received = rping(situation, "-c 3 -n -i 0.1 -W 0.5")
    sent, got, average = telegraf(done.out)
    assert (sent in (0, 3), got, bool(average)) == (True, received, received > 0)
    assert ("ttl=" in done.out) == (received > 0)


def test_home_assistant(situation):
    done, received = rping(situation, "-n -q -c 3 -i 0.1 -W1")
    assert home_assistant(done.out) == (received > 0)


def test_node_ping(situation):
    done, received = rping(situation, "-n -W 1 -c 3 -i 0.1")
    loss, times = node_ping(done.out)
    assert times == (received > 0) and abs(loss - 100 * (3 - received) / 3) < 0.01


def test_pingparsing(situation):
    done, received = rping(situation, "-c 3 -i 0.1 -W 0.5 -D -O")
    sent, got, replies = pingparsing(done.out)
    assert (sent in (0, 3), got, replies) == (True, received, received)


def test_gping(situation):
    done, received = rping(situation, "-O -c 3 -i 0.1 -W 0.5")
    replies = [line for line in done.out.splitlines() if re.match(r"\d+ bytes from .* time=[\d.]+ ms", line)]
    assert len(replies) == received


def test_version_is_sniffed_honestly():
    version = subprocess.run([net.tool("rping"), "-V"], text=True, stdout=subprocess.PIPE, check=True).stdout
    assert "iputils" in version and version.startswith("rping")


# ---- the programs ----

def jc(text):
    """What jc reads; None when it fails."""
    parsed = subprocess.run(["jc", "--ping"], input=text, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return json.loads(parsed.stdout) if parsed.returncode == 0 else None


@pytest.mark.skipif(not shutil.which("jc"), reason="jc is not installed")
@pytest.mark.parametrize("more", ["", "-D", "-O", "-v", "--percentiles", "--outages"])
def test_jc(situation, more):
    done, received = rping(situation, f"-c 3 -i 0.1 -W 0.5 {more}")
    result = jc(done.out)
    if " errors, " in done.out:
        # Older ones take the number of errors for the loss, of ping's own text, too.
        namespace, address, options, _ = situation
        theirs = jc(namespace.run("ping", *f"-c 3 -i 0.1 -W 0.5 {options} {address}".split()).out)
        assert (result is None) == (theirs is None)
        assert result is None or set(result) == set(theirs) and result["packets_received"] == theirs["packets_received"]
        return
    assert result["packets_received"] == received and result["packets_transmitted"] in (0, 3)
    assert abs(result["packet_loss_percent"] - 100 * (3 - received) / 3) < 0.01
    assert ("round_trip_ms_avg" in result and result["round_trip_ms_avg"] is not None) == (received > 0)
    replies = [line for line in result["responses"] if line["type"] == "reply"]
    if "-R" not in situation[2]:
        assert len(replies) == received
    assert all(line["bytes"] and line["ttl"] and line["time_ms"] is not None for line in replies)


@pytest.fixture(scope="module")
def in_place():
    """rping where the plugin looks for ping; this mount table is the test's own."""
    path = os.path.realpath("/bin/ping")
    net.must("mount", "--bind", net.tool("rping"), path)
    yield
    net.must("umount", "--lazy", path)


@pytest.mark.skipif(not os.access(CHECK_PING, os.X_OK), reason="check_ping is not installed")
def test_check_ping(situation, in_place):
    namespace, address, options, received = situation
    if options:
        pytest.skip("the plugin gives no such option")
    done = namespace.run(CHECK_PING, "-4", "-H", address, "-w", "100,20%", "-c", "500,60%", "-p", "3", "-t", "8")
    word, code = {3: ("OK", 0), 2: ("WARNING", 1), 0: ("CRITICAL", 2)}[received]
    assert done.code == code and word in done.out, done.out + done.err


# ---- situations that the kernel does not bring about: the expected outputs of the golden tests ----

@pytest.mark.parametrize("name", ["plain", "odd", "errors", "silent", "unsent", "quiet"])
def test_expected_outputs(name):
    with open(os.path.join(GOLDEN, f"ping-{name}.txt"), encoding="utf-8") as file:
        text = file.read()
    sent, received, average = telegraf(text)
    assert sent is not None and received <= max(sent, received)
    assert home_assistant(text) == bool(average)
    node_ping(text)
    pingparsing(text)
