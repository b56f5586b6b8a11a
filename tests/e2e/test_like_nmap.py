# SPDX-License-Identifier: MIT
"""Side by side with nmap -sS: the same answers to both, on one host each in one run. Where they differ, who is right
and why stands beside it; where nmap changes its mind this test says so."""
import shutil
import xml.etree.ElementTree

import pytest

import net

pytestmark = pytest.mark.skipif(not shutil.which("nmap"), reason="no nmap here")

ROUTER, OTHER = "10.64.0.254", "10.64.9.9"
OPEN, CLOSED, SILENT = ("open", "syn-ack"), ("closed", "reset"), ("filtered", "no-response")

# Why rsyn is right where it differs; each names the cases in which it does.
UNPROVEN = "nmap believes what anybody could have sent: it acknowledges no sequence number of ours"
UNSUMMED = "nmap believes a damaged packet: it does not look at checksums"
HASTY = "nmap takes the first answer: load balancers send a RST just before the SYN-ACK"
IMPATIENT = "nmap gave up after two tries of 100 ms, as its other targets are near"
REFUSED = "connect() is refused by a RST, also where SYN stands beside it (RFC 9293 3.10.7.3)"
REACHED = "nmap takes the first answer: the host answers itself, so the error from the way was no verdict"
UNNAMED = "nmap prints 'Unexpected ICMP' or nothing and waits on: the reason is lost"


def same(rule, *answer):
    return rule, answer, answer, None


def icmp(code, reason, kind=3):
    return same(f"icmp={kind}/{code} from={ROUTER}", "filtered", reason)


def unnamed(rule, reason):
    return f"{rule} from={ROUTER}", ("filtered", reason), SILENT, UNNAMED


# (what the host does, rsyn's state and reason, nmap's, who is right where they differ)
SCENARIOS = [
    same("open", *OPEN),
    same("open window0", *OPEN),
    same("open cookie-like", *OPEN),
    same("open data=100", *OPEN),
    same("open record-route", *OPEN),
    same("open ttl=33 tos=184", *OPEN),
    same("open twice", *OPEN),
    same("open listen", *OPEN),
    same("synack-then-rst", *OPEN),
    same("closed", *CLOSED),
    same("closed data=20", *CLOSED),
    same("closed wrong-ack=-1", *CLOSED),
    same("alive", *CLOSED),
    same("silent", *SILENT),
    same("ack-only", *SILENT),
    same("open challenge", *OPEN),  # each try of nmap has a source port of its own
    same("fin-ack", *SILENT),
    same(f"open other-source={OTHER}", *SILENT),
    same(f"quench from={ROUTER}", *SILENT),
    same(f"redirect gateway={OTHER} from={ROUTER}", *SILENT),
    same("open other-port=-1", *SILENT),
    icmp(0, "net-unreach"), icmp(1, "host-unreach"), icmp(2, "proto-unreach"), icmp(3, "port-unreach"),
    icmp(9, "net-prohibited"), icmp(10, "host-prohibited"), icmp(13, "admin-prohibited"),
    icmp(0, "time-exceeded", 11), icmp(1, "time-exceeded", 11),
    same("icmp=3/3", "filtered", "port-unreach"),
    same("icmp=3/13", "filtered", "admin-prohibited"),
    same(f"icmp=3/3 quote=8 from={ROUTER}", "filtered", "port-unreach"),
    same(f"icmp=3/3 quote=4 from={ROUTER}", *SILENT),
    same(f"icmp=3/13 quote-seq=1 from={ROUTER}", *SILENT),
    (f"icmp=3/13 error-then-reply from={ROUTER}", CLOSED, ("filtered", "admin-prohibited"), REACHED),
    ("rst-then-synack=5ms", OPEN, CLOSED, HASTY),
    ("synack-rst", CLOSED, OPEN, REFUSED),
    ("open late=1500ms", OPEN, SILENT, IMPATIENT),
    ("closed late=1500ms", CLOSED, SILENT, IMPATIENT),
    ("open late=3500ms", OPEN, SILENT, IMPATIENT),
    ("rst-no-ack", SILENT, CLOSED, UNPROVEN),
    ("syn-only", SILENT, ("open", "split-handshake-syn"), UNPROVEN),
    ("open wrong-ack=1", SILENT, OPEN, UNPROVEN),
    ("open wrong-ack=-1", SILENT, OPEN, UNPROVEN),
    ("open wrong-ack=100000", SILENT, OPEN, UNPROVEN),
    ("closed wrong-ack=77", SILENT, CLOSED, UNPROVEN),
    ("open bad-checksum", SILENT, OPEN, UNSUMMED),
    ("closed bad-checksum", SILENT, CLOSED, UNSUMMED),
    (f"icmp=3/1 bad-checksum from={ROUTER}", SILENT, ("filtered", "host-unreach"), UNSUMMED),
    unnamed("icmp=3/4", "frag-needed"), unnamed("icmp=3/5", "source-route-failed"),
    unnamed("icmp=3/6", "net-unknown"), unnamed("icmp=3/7", "host-unknown"), unnamed("icmp=3/8", "source-isolated"),
    unnamed("icmp=3/11", "net-unreach-tos"), unnamed("icmp=3/12", "host-unreach-tos"),
    unnamed("icmp=3/14", "precedence-violation"), unnamed("icmp=3/15", "precedence-cutoff"),
    unnamed("param-problem", "param-prob"),
]

# The kernel's own answers: a rule for each port of one host; and what a router's routes say.
RULES = {
    1001: ("reject with tcp reset", CLOSED),
    1002: ("drop", SILENT),
    1003: ("reject with icmp type net-unreachable", ("filtered", "net-unreach")),
    1004: ("reject with icmp type host-unreachable", ("filtered", "host-unreach")),
    1005: ("reject with icmp type prot-unreachable", ("filtered", "proto-unreach")),
    1006: ("reject with icmp type port-unreachable", ("filtered", "port-unreach")),
    1007: ("reject with icmp type net-prohibited", ("filtered", "net-prohibited")),
    1008: ("reject with icmp type host-prohibited", ("filtered", "host-prohibited")),
    1009: ("reject with icmp type admin-prohibited", ("filtered", "admin-prohibited")),
    1010: ("accept", CLOSED),
    1011: ("accept", OPEN),
}
ROUTES = {
    "10.9.3.1": ("unreachable", ("filtered", "host-unreach")),
    "10.9.3.2": ("prohibit", ("filtered", "admin-prohibited")),
    "10.9.3.3": ("blackhole", SILENT),
    "10.9.3.4": ("throw", ("filtered", "net-unreach")),
}


def rsyn(namespace, *arguments):
    done = namespace.run("rsyn", "--json", *arguments, timeout=100)
    return {(line["host"], line["port"]): (line["state"], line["reason"])
            for line in net.json_lines(done.out) if line["event"] == "port"}


def nmap(namespace, *arguments):
    done = namespace.run("nmap", "-sS", "-Pn", "-n", "--send-ip", "-oX", "-", *arguments, timeout=100)
    root = xml.etree.ElementTree.fromstring(done.out[done.out.index("<?xml"):])
    found = {}
    for host in root.iter("host"):
        address = host.find("address").get("addr")
        for port in host.iter("port"):
            state = port.find("state")
            found[address, int(port.get("portid"))] = state.get("state"), state.get("reason")
    return found


def test_odd_hosts(beside, far):
    far(*[f"10.64.1.{i}: {rule}" for i, (rule, *_) in enumerate(SCENARIOS, 1)])
    hosts = f"10.64.1.1-{len(SCENARIOS)}"
    ours, theirs = rsyn(beside, "-p", 80, hosts), nmap(beside, "-p", 80, hosts)
    agreed = 0
    for i, (rule, mine, nmaps, why) in enumerate(SCENARIOS, 1):
        where = f"10.64.1.{i}", 80
        assert ours[where] == mine, rule
        assert theirs[where] == nmaps, f"nmap: {rule}"
        assert (mine == nmaps) == (why is None), rule
        agreed += mine == nmaps
    assert len(SCENARIOS) + len(RULES) + len(ROUTES) >= 60 and agreed >= 33


def test_firewalls(pair, firewall):
    firewall(pair.b, "chain i { type filter hook input priority 0;\n" +
             "\n".join(f"tcp dport {port} {rule}" for port, (rule, _) in RULES.items()) + "\n}")
    pair.b.listen(1011)
    ports = ",".join(map(str, RULES))
    wanted = {("10.9.1.2", port): answer for port, (_, answer) in RULES.items()}
    assert rsyn(pair.a, "-p", ports, "10.9.1.2") == wanted
    assert nmap(pair.a, "-p", ports, "10.9.1.2") == wanted


def test_routes(routed):
    for address, (kind, _) in ROUTES.items():
        routed.r.do(f"ip route add {kind} {address}")
    wanted = {(address, 80): answer for address, (_, answer) in ROUTES.items()}
    assert rsyn(routed.a, "-p", 80, "10.9.3.1-4") == wanted
    assert nmap(routed.a, "-p", 80, "10.9.3.1-4") == wanted
