# SPDX-License-Identifier: MIT
"""Hosts that are slow, limited or odd: what is closed is called so, the others do not wait, and the host's verdict says what
was noticed. nmap's figures stand beside."""
import shutil

import pytest

import net
from test_like_nmap import nmap

A, ROUTER = "10.64.5.1", "10.64.0.254"


def scan(namespace, *arguments, timeout=100):
    """(port -> its last line, the host's line, the run's)"""
    lines = net.json_lines(namespace.run("rsyn", "--json", *arguments, timeout=timeout).out)
    ports = {line["port"]: line for line in lines if line["event"] == "port"}
    return ports, [line for line in lines if line["event"] == "host"][-1], lines[-1]


def count(ports):
    states = [line["state"] for line in ports.values()]
    return {state: states.count(state) for state in set(states)}


@pytest.mark.parametrize("late, most", [("1500ms", 8), ("3500ms", 12)])
def test_a_slow_port_slows_nobody(beside, far, late, most):
    """20 silent ports and a slow one; nmap 7.93 takes 14.5 s and 30.9 s."""
    far(f"{A} tcp 21: open late={late}")
    ports, _, run = scan(beside, "-p", "1-21", A)
    assert count(ports) == {"open": 1, "filtered": 20}
    assert ports[21]["late"] is True
    net.below(run["duration_ns"], most * 1e9)


def test_a_slow_port_beside_a_fast_one(beside, far):
    """nmap misses it."""
    far(f"{A} tcp 21: open late=1500ms", f"{A} tcp 22: open")
    ports, _, run = scan(beside, "-p", "1-22", A)
    net.below(count(ports)["filtered"], 21)  # the answer comes 0.1 s before silence decides: a busy peer may miss that
    assert count(ports) == {"open": 2, "filtered": 20}
    net.below(run["duration_ns"], 5e9)


def test_limited_resets(beside, far):
    """600 closed ports of a host that sends 100 RSTs a second, as BSD does 200: none is called filtered."""
    far(f"{A} tcp 1-5: open", f"{A}: closed rst-rate=100")
    ports, host, run = scan(beside, "-p", "1-600", A)
    assert count(ports) == {"open": 5, "closed": 595}
    if "findings" not in host:
        net.below(run["duration_ns"], 3e9)  # a scan that is as slow as the limit does not meet it
    assert host["findings"] == ["rst-rate-limited"]
    net.below(run["duration_ns"], 20e9)
    assert "limits its RSTs" in beside.run("rsyn", "-p", "1-800", A, timeout=60).out


def test_a_filter_is_no_limit(beside, far):
    far(f"{A} tcp 1-300: closed", f"{A}: silent")
    ports, host, run = scan(beside, "-p", "1-600", A)
    assert count(ports) == {"closed": 300, "filtered": 300}
    assert "findings" not in host
    net.below(run["duration_ns"], 6e9)


@pytest.mark.skipif(not shutil.which("nmap"), reason="no nmap here")
def test_nmap_in_haste_calls_closed_ports_filtered(beside, far):
    """With --defeat-rst-ratelimit, by design."""
    far(f"{A} tcp 1-5: open", f"{A}: closed rst-rate=100")
    theirs = nmap(beside, "--defeat-rst-ratelimit", "-p", "1-600", A)
    # XML counts what is folded; what is listed is open.
    assert [port for (_, port), (state, _) in theirs.items() if state == "open"] == [1, 2, 3, 4, 5]
    assert not any(state == "closed" for state, _ in theirs.values())


def test_limited_icmp_costs_no_time(beside, far):
    """10 errors a second among 100 ports: said so, and not waited for."""
    far(f"{A} tcp 1-5: open", f"{A}: icmp=3/13 from={ROUTER} rate=10")
    ports, host, run = scan(beside, "-p", "1-100", A)
    assert count(ports) == {"open": 5, "filtered": 95}
    assert host["findings"] == ["icmp-rate-limited"]
    assert {line["reason"] for line in ports.values()} == {"syn-ack", "admin-prohibited", "no-response"}
    net.below(run["duration_ns"], 7e9)


def test_a_neighbour_that_is_not_there_slows_nobody(pair):
    """The kernel keeps what waits for a neighbour for 3 s, in the socket's buffer: with the default one the host that is there
    was known after 21 s. How many such neighbours have room depends on net.core.wmem_max; one always has."""
    pair.a.do(f"ip ntable change name arp_cache dev {pair.device_a} retrans 1000 mcast_probes 3")
    done = pair.a.run("rsyn", "--json", "-p", "1-2000", "10.9.1.2", "10.9.1.77", timeout=120)
    pair.a.do(f"ip ntable change name arp_cache dev {pair.device_a} retrans 300 mcast_probes 1")
    lines = net.json_lines(done.out)
    there, = (line for line in lines if line["event"] == "host" and line["host"] == "10.9.1.2")
    net.below(there["time_ns"] - lines[0]["time_ns"], 5e9)


def test_host_unreachable_comes_late(routed):
    """The router's ARP is given up after 3 s: nobody is there, and that is said instead of silence."""
    device = routed.device_rb
    routed.r.do(f"ip ntable change name arp_cache dev {device} retrans 1000 mcast_probes 3")
    ports, _, run = scan(routed.a, "-p", "80,81", "10.9.2.77")
    routed.r.do(f"ip ntable change name arp_cache dev {device} retrans 300 mcast_probes 1")
    assert {(line["state"], line["reason"], line["from"]) for line in ports.values()} == {
        ("filtered", "host-unreach", "10.9.1.254")}
    assert any(line.get("late") for line in ports.values())
    net.below(run["duration_ns"], 12e9)


def test_half_the_packets_are_heard(beside, far):
    far(f"{A} tcp 1-50: open every=2", f"{A} tcp 51-100: closed every=2", f"{A}: silent")
    ports, _, _ = scan(beside, "-p", "1-100", A)
    assert count(ports) == {"open": 50, "closed": 50}


def test_two_seconds_away(beside, far):
    far(f"{A} tcp 1-50: open delay=2s", f"{A} tcp 51-100: closed delay=2s", f"{A}: silent")
    ports, _, run = scan(beside, "-p", "1-150", A)
    assert count(ports) == {"open": 50, "closed": 50, "filtered": 50}
    net.below(run["duration_ns"], 20e9)


def test_narrow_link(pair):
    """300 kbit a second and a queue of 3 kB before a real host: all is right, and soon; nmap takes 5.8 s."""
    pair.b.listen(*range(1, 21))
    pair.a.do(f"tc qdisc add dev {pair.device_a} root tbf rate 300kbit burst 2kb limit 3kb")
    try:
        ports, _, run = scan(pair.a, "-p", "1-3000", pair.address_b)
    finally:
        pair.a.do(f"tc qdisc del dev {pair.device_a} root")
    assert count(ports) == {"open": 20, "closed": 2980}
    net.below(run["duration_ns"], 20e9)


BAN = "ban-after=150"


@pytest.mark.parametrize("by, known", [("", "open"), ("", "closed"), (" ban-resets", "open")])
def test_a_ban_in_the_middle(beside, far, by, known):
    """The host answers the first 150 SYNs. What it does not answer then is unknown, and that is said; nmap says filtered."""
    there = f"{A} tcp 20-21: open {BAN}{by}" if known == "open" else f"{A} tcp 20: closed {BAN}{by}"
    far(there, f"{A}: closed {BAN}{by}")
    ports, host, run = scan(beside, "-p", "1-600", A)
    assert host["findings"] == ["likely-banned"]
    states = count(ports)
    assert states.get("open", 0) == (2 if known == "open" else 0)
    assert "filtered" not in states and ("unknown" in states) == (by == "")
    assert host["complete"] is (by != "")
    net.below(run["duration_ns"], 9e9)


def test_a_ban_in_every_output(beside, far):
    far(f"* tcp 20-21: open {BAN}", f"* tcp: closed {BAN}")  # each host for itself
    text = beside.run("rsyn", "-p", "1-600", A, timeout=60).out
    assert "unknown tcp ports (no-response)" in text and "likely banned this scan" in text and "filtered" not in text
    for nth, (form, words) in enumerate([("csv", "likely-banned"), ("xml", "likely-banned: It has likely"),
                                         ("greppable", "Findings: likely-banned")]):
        assert words in beside.run("rsyn", "--format", form, "-p", "1-600", f"10.64.5.{nth + 2}", timeout=60).out


@pytest.mark.parametrize("rules", [
    [f"{A} tcp 1-3: open loss=20%", f"{A} tcp 4-200: closed loss=20%", f"{A}: silent"],
    [f"{A} tcp 1-3: open", f"{A}: closed rst-rate=50"],
    [f"{A} tcp 1-3: open", f"{A}: icmp=3/13 from={ROUTER} rate=10"],
    [f"{A} tcp 1-50: closed", f"{A}: silent"],
])
def test_a_limit_is_no_ban(beside, far, rules):
    """Loss, limited RSTs and ICMP errors, a filter: the port that answered answers again."""
    far(*rules)
    _, host, _ = scan(beside, "-p", "1-400", A)
    assert "likely-banned" not in host.get("findings", [])


@pytest.fixture(scope="module")
def served():
    network = net.Pair()
    network.b.listen(22, 80)
    yield network
    network.close()


@pytest.mark.parametrize("verdict", ["drop", "reject with tcp reset", "reject with icmp port-unreachable"])
def test_a_real_firewall_bans(served, firewall, verdict):
    """nftables drops or refuses everything from an address that sent more than 100 SYNs. Where it does not, a scan takes
    one probe more than there are ports."""
    done = served.a.run("rsyn", "--json", "-p", "1-1000", served.address_b)
    run = net.json_lines(done.out)[-1]
    assert run["sent"] == 1001 or run["lost"] > 0
    assert "findings" not in [line for line in net.json_lines(done.out) if line["event"] == "host"][-1]
    firewall(served.b, f"""set bad {{ type ipv4_addr; flags dynamic,timeout; timeout 60s; }}
        set seen {{ type ipv4_addr; flags dynamic,timeout; timeout 60s; }}
        chain c {{ type filter hook input priority 0;
            tcp flags & (syn|ack) == syn add @seen {{ ip saddr limit rate over 1/minute burst 100 packets }} add @bad {{ ip saddr }} drop
            ip saddr @bad {verdict}
        }}""")
    done = served.a.run("rsyn", "--json", "-p", "1-1000", served.address_b)
    host = [line for line in net.json_lines(done.out) if line["event"] == "host"][-1]
    assert "likely-banned" in host["findings"], host
    assert host["open"] == 2 and host["filtered"] < 950 or "icmp" in verdict
