# SPDX-License-Identifier: MIT
"""The network in one process itself, with tools that know nothing of it on the other side: tcpdump, iputils ping,
nmap, scapy, and the kernel's own sockets."""
import errno
import os
import re
import signal
import socket
import struct
import time
import xml.etree.ElementTree

import pytest
from scapy.all import ICMP, IP, TCP, Raw

import net
import peer

A = "10.64.3.7"


def ping(namespace, *arguments, target=A):
    """(sent, received) of iputils ping."""
    done = namespace.run("ping", "-n", *arguments, target)
    line = re.search(r"(\d+) packets transmitted, (\d+) received", done.out)
    return int(line[1]), int(line[2])


def on_the_wire(namespace, there, *arguments):
    """(sent, [(sequence, ms)] of the replies in their order) as the kernel sees ping's packets pass: ping itself may end
    before the last of them, and whoever waits to be scheduled stamps late."""
    with namespace.capture("tun0") as packets:
        sent, _ = ping(namespace, *arguments)
        there.stop(answered=True)
    requests = {p[ICMP].seq: p.time for p in packets if p.src != A}
    assert len(requests) == sent
    return sent, [(p[ICMP].seq, (p.time - requests[p[ICMP].seq]) * 1e3) for p in packets if p.src == A]


def test_counts_equal_tcpdumps(beside, far, tmp_path):
    """100,000 packets, half of them answers; each kind is counted alike on both sides."""
    there = far("10.64.0.0/16: alive", "10.65.0.0/16 tcp 80: open", "10.65.0.0/16 tcp: closed")
    file = str(tmp_path / "all.pcap")
    tcpdump = beside.start("tcpdump", "--immediate-mode", "-U", "-i", "tun0", "-n", "-Z", "root", "-B", 262144, "-s", 64, "-w", file)
    net.read_until(tcpdump, "listening on", "stderr")
    peer.flood(beside, "10.64.1.0", 25000)
    peer.flood(beside, "10.65.1.0", 25000, 443)
    report = there.stop(answered=True)
    # 24 bytes, and 16 before each packet: of 28 bytes, 40 without and 44 with an option
    net.until(lambda: os.path.getsize(file) >= 24 + 50000 * (16 + 28) + 50000 * (16 + 40))
    sizes = [0]

    def settled():
        sizes.append(os.path.getsize(file))
        time.sleep(0.2)
        return sizes[-1] == sizes[-2]
    net.until(settled)
    _, _, err = net.finish(tcpdump, signal.SIGINT)
    assert "\n0 packets dropped by kernel" in "\n" + err, err
    assert report["device_dropped"] == 0

    def count(expression):
        # A device without link header captures both directions as bare IP.
        out = net.must("tcpdump", "-n", "-r", file, "--count", expression).out
        return int(re.search(r"(\d+) packets?", out)[1])

    assert count("ip") == 100000
    assert count("icmp[icmptype] = icmp-echo") == report["seen"]["echo"] == 25000
    assert count("icmp[icmptype] = icmp-echoreply") == report["sent"]["echo_reply"] == 25000
    assert count("tcp[tcpflags] = tcp-syn") == report["seen"]["syn"] == 25000
    assert count("tcp[tcpflags] & tcp-rst != 0") == report["sent"]["rst"] + report["seen"]["rst"] == 25000
    assert count("ip and dst net 10.64.0.0/10") == report["seen"]["total"] - report["seen"]["other"]
    assert count("ip and src net 10.64.0.0/10") == report["sent"]["total"]


def test_a_flood_is_answered_whole(beside, far):
    there = far("*: alive delay=20ms jitter=2ms")
    peer.flood(beside, "10.70.0.0", 60000)
    report = there.stop(answered=True)
    assert report["device_dropped"] == 0
    assert report["seen"]["echo"] == report["sent"]["echo_reply"] == 60000
    assert report["dropped"]["total"] == 0


def test_delay(beside, far):
    sent, replies = on_the_wire(beside, far("*: alive delay=20ms"), "-c", 20, "-i", "0.01")
    assert len(replies) == sent and all(ms >= 20 for _, ms in replies)
    net.below(sorted(ms for _, ms in replies)[2], 35)  # twice would be 40


def test_long_packets(beside, far):
    there = far("*: alive delay=1ms", mtu=65535)
    assert ping(beside, "-s", 65507, "-c", 3, "-i", "0.05", "-w", 60)[1] == 3
    assert there.stop()["seen"]["fragment"] == 0


def test_jitter(beside, far):
    """Uniform over 10 ms; 0.7^100 is the chance that none is below 13 ms."""
    sent, replies = on_the_wire(beside, far("*: alive delay=10ms jitter=10ms"), "-c", 100, "-i", "0.005")
    times = sorted(ms for _, ms in replies)
    assert len(times) == sent and 10 <= times[0] < 13 and times[-1] > 17
    net.below(times[10], 16)


def test_loss_is_counted_and_repeats_with_the_seed(beside, far):
    answered = []
    for seed in 5, 5, 6:
        there = far("*: alive loss=20%", seed=seed)
        sent, replies = on_the_wire(beside, there, "-c", 200, "-i", "0.002", "-W", "0.5")
        report = there.stop()
        assert sent == report["seen"]["echo"] == 200
        assert len(replies) == report["sent"]["echo_reply"]
        assert report["dropped"]["request"] + report["dropped"]["reply"] == sent - len(replies)
        answered.append([sequence for sequence, _ in replies])
    assert answered[0] == answered[1] != answered[2]
    # 64 % of 200 with five standard deviations; what the seed says is the same in each run
    assert all(94 <= len(one) <= 162 for one in answered)


def test_chance_does_not_depend_on_the_order(beside, far):
    """Two targets asked by turns, and one after the other: as many requests of each are lost."""
    one, two = (bytes(IP(src=peer.HOST, dst=f"10.64.1.{n}") / ICMP(id=1, seq=1)) for n in (1, 2))
    answered = []
    for requests in [one, two] * 20, [one] * 20 + [two] * 20:
        there = far("*: alive loss=50%", seed=5)
        with beside.capture("tun0") as packets:
            send(beside, *requests)
            there.stop()
        answered.append(sorted(p.src for p in packets if p.dst == peer.HOST))
    assert answered[0] == answered[1] and 0 < len(answered[0]) < 40


def test_burst_loss(beside, far):
    there = far("*: alive burst-loss=2% burst-length=7", seed=3)
    _, replies = on_the_wire(beside, there, "-c", 300, "-i", "0.002", "-W", "0.5")
    assert 300 - len(replies) == there.stop()["dropped"]["burst"] > 0
    have = {sequence for sequence, _ in replies}
    lost = "".join(" " if sequence in have else "x" for sequence in range(1, 301)).split()
    # each burst is whole, but for one cut off by the end; two may touch
    assert all(len(run) % 7 == 0 for run in lost[:-1])


def test_every_third(beside, far):
    _, replies = on_the_wire(beside, far("*: alive every=3"), "-c", 9, "-i", "0.01", "-W", "0.2")
    assert [s for s, _ in replies] == [1, 2, 4, 5, 7, 8]


def test_duplicates(beside, far):
    there = far("*: alive dup=30%")
    sent, replies = on_the_wire(beside, there, "-c", 100, "-i", "0.005")
    report = there.stop()
    assert len({sequence for sequence, _ in replies}) == sent == 100 and report["duplicated"] > 10
    assert len(replies) == report["sent"]["echo_reply"] == 100 + report["duplicated"]


def test_swapped_pairs(beside, far):
    _, replies = on_the_wire(beside, far("*: alive swap"), "-c", 6, "-i", "0.05")
    assert [s for s, _ in replies] == [2, 1, 4, 3, 6, 5]


def test_reordering(beside, far):
    there = far("*: alive reorder=20% reorder-by=300ms")
    _, replies = on_the_wire(beside, there, "-c", 100, "-i", "0.01")
    slow = [s for s, ms in replies if ms >= 300]
    assert len(replies) == 100 and len(slow) >= there.stop()["reordered"] > 5
    if len(slow) > there.stop()["reordered"]:
        raise net.Slow("others were 300 ms late, too")
    assert [s for s, _ in replies] != sorted(s for s, _ in replies)


def whole(packet):
    """The packet as scapy would have made it: every length and checksum computed anew."""
    copy = packet.copy()
    for layer in IP, ICMP, TCP:
        if layer in copy:
            del copy[layer].chksum
    del copy.len
    return IP(bytes(copy))


def test_corruption(beside, far):
    there = far("*: alive corrupt=30%")
    with beside.capture("tun0") as packets:
        sent, _ = ping(beside, "-c", 100, "-i", "0.005", "-w", 20)  # till a hundred are good
        report = there.stop()
    replies = [p for p in packets if p.src == A]
    assert len(replies) == sent > 100
    # the header is whole, and a single bit never escapes the checksum
    bad = [p for p in replies if p[IP].payload.chksum != whole(p)[IP].payload.chksum]
    assert len(bad) == report["corrupted"] > 10
    assert all(p.chksum == whole(p).chksum for p in replies)


@pytest.mark.parametrize("rule, check", [
    ("alive", lambda p: p[ICMP].type == 0 and p.ttl == 64 and p.tos == 0),
    ("alive tos=184 ttl=33", lambda p: (p.tos, p.ttl) == (184, 33)),
    ("alive record-route", lambda p: p.ihl == 15 and p.options[0].option == 7 and p.options[0].routers[0] == A),
    ("alive unknown-option", lambda p: p.ihl == 6 and p.options[0].option == 30),
    ("alive truncate=20", lambda p: p.len == 48),
    ("alive pad=40", lambda p: p.len == 124),
    ("alive flip=20", lambda p: p[Raw].load[20] == 0x14 ^ 0xff and p[Raw].load[21:] == bytes(range(21, 56))),
    ("alive zero-stamp", lambda p: p[Raw].load[:16] == bytes(16) and p[Raw].load[16] == 16),
    ("alive code=5", lambda p: (p[ICMP].type, p[ICMP].code) == (0, 5)),
    ("alive other-source=10.64.9.9", lambda p: p.src == "10.64.9.9"),
    ("icmp=3/4 mtu=1000", lambda p: (p[ICMP].type, p[ICMP].code, p[ICMP].nexthopmtu) == (3, 4, 1000)),
    ("icmp=3/13 from=10.64.9.9 quote=8", lambda p: p.src == "10.64.9.9" and p.len == 20 + 8 + 28),
    ("redirect gateway=10.64.9.1", lambda p: (p[ICMP].type, p[ICMP].code, p[ICMP].gw) == (5, 1, "10.64.9.1")),
    ("quench", lambda p: (p[ICMP].type, p[ICMP].code) == (4, 0)),
    ("param-problem pointer=20", lambda p: (p[ICMP].type, p[ICMP].ptr) == (12, 20)),
])
def test_shapes_of_echo_answers(beside, far, rule, check):
    there = far("*: " + rule)
    with beside.capture("tun0") as packets:
        ping(beside, "-c", 1, "-W", "0.1")
        there.stop()
    answers = [p for p in packets if p.dst == peer.HOST]
    assert len(answers) == 1
    assert bytes(whole(answers[0])) == bytes(answers[0])
    assert check(answers[0]), answers[0].show(dump=True)


@pytest.mark.parametrize("rule, flags, check", [
    ("open", ["SA"], lambda p: p.window == 64240 and dict(p.options)["MSS"] == 1460 and dict(p.options)["WScale"] == 7),
    ("open window0", ["SA"], lambda p: p.window == 0),
    ("open cookie-like", ["SA"], lambda p: p.options == [("MSS", 1460)]),
    ("open data=100", ["SA"], lambda p: p[Raw].load == b"x" * 100),
    ("open wrong-ack=77", ["SA"], lambda p: p.ack == 1078),
    ("open other-port=1", ["SA"], lambda p: p.sport == 81),
    ("closed", ["RA"], lambda p: p.ack == 1001 and p.seq == 0),
    ("closed wrong-ack=-1", ["RA"], lambda p: p.ack == 1000),
    ("rst-no-ack", ["R"], lambda p: p.ack == 0),
    ("syn-only", ["S"], lambda p: p.ack == 0),
    ("ack-only", ["A"], lambda p: p.ack == 1001),
    ("synack-rst", ["SRA"], lambda p: p.ack == 1001),
    ("rst-then-synack=5ms", ["RA", "SA"], None),
    ("synack-then-rst", ["SA", "RA"], None),
    ("open listen", ["SA"], lambda p: p.window == 64240 and dict(p.options)["MSS"] == 1460 and p.ack == 1001),
    ("silent", [], None),
])
def test_shapes_of_syn_answers(beside, far, rule, flags, check):
    there = far("* tcp 80: " + rule)
    syn = IP(src=peer.HOST, dst=A) / TCP(sport=40000, dport=80, seq=1000, flags="S")
    with beside.capture("tun0") as packets:
        send(beside, bytes(syn))
        there.stop(answered=True)
    answers = [p for p in packets if p.src == A]
    assert [str(p[TCP].flags) for p in answers] == flags
    assert all(bytes(whole(p)) == bytes(p) for p in answers)
    assert check is None or check(answers[0][TCP]), answers[0].show(dump=True)


def send(namespace, *datagrams):
    with namespace.inside():
        raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    with raw:
        for one in datagrams:
            raw.sendto(one, (IP(one).dst, 0))


# What a port that listens gets after its first SYN of number N: [(seconds after the one before, flags, above N)].
HALF_OPEN = {
    "the same again, and again within half a second": [(0.1, "S", 0), (0.1, "S", 0), (0.6, "S", 0)],
    "the next number": [(0.1, "S", 1), (0.1, "S", 1)],
    "the last of the window": [(0.1, "S", 64240), (0.1, "S", 7)],
    "behind the window, then within half a second": [(0.1, "S", 64241), (0.1, "S", 1 << 24), (0.5, "S", 1 << 25)],
    "before it": [(0.1, "S", -1)],
    "half the numbers away": [(0.1, "S", 1 << 31)],
    "reset": [(0.1, "R", 1), (0.1, "S", 1 << 24)],
    "reset of the number before": [(0.1, "R", 0), (0.1, "S", 1 << 24)],
    "reset in the window": [(0.1, "R", 100), (0.1, "S", 1 << 24)],
    "reset at its edge": [(0.1, "R", 64241), (0.1, "S", 1 << 24)],
    "reset behind it": [(0.1, "R", 64242), (0.1, "S", 1 << 24)],
    "nothing": [(4.0, "S", 1 << 24)],
    "the same later": [(0.4, "S", 0), (3.2, "S", 1 << 24)],
}
NUMBER = 4294967200  # the windows go beyond the last number


def half_open(namespace, device, source, destination, port):
    """case -> [(flags, above N, above the server's number, after how many of our segments, how often)] of the answers."""
    with namespace.inside():
        raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    steps = [(0.0, number, "S", 0) for number in range(len(HALF_OPEN))]
    for number, case in enumerate(HALF_OPEN.values()):
        at = 0.0
        for after, flags, above in case:
            at += after
            steps.append((at, number, flags, above))
    with raw, namespace.capture(device) as packets:
        start = time.monotonic()
        for at, number, flags, above in sorted(steps):
            time.sleep(max(0, start + at - time.monotonic()))
            segment = TCP(sport=40000 + number, dport=port, seq=(NUMBER + above) % 2**32, flags=flags, options=[("MSS", 1460)] * (flags == "S"))
            raw.sendto(bytes(IP(src=source, dst=destination) / segment), (destination, 0))
        time.sleep(0.5)
    answers = {}
    for number, name in enumerate(HALF_OPEN):
        sent, base = 0, None
        answers[name] = []
        for packet in packets:
            if packet[TCP].sport == 40000 + number:
                sent += 1
            elif packet[TCP].dport == 40000 + number:
                if str(packet[TCP].flags) == "SA" and (base is None or packet[TCP].ack != (NUMBER + 1) % 2**32):
                    base = packet[TCP].seq  # a connection of its own
                theirs = packet[TCP].seq if "R" in packet[TCP].flags else (packet[TCP].seq - base) % 2**32
                answers[name].append((str(packet[TCP].flags), (packet[TCP].ack - NUMBER) % 2**32, theirs, sent))
    return answers


def test_half_open_connections_are_the_kernels(pair, firewall, beside, far):
    """The same segments to a port of the kernel and to one of the peer get the same answers. Our own RSTs would end it all."""
    deaf = "chain c { type filter hook input priority 0; tcp dport 40000-40099 drop; }"
    firewall(pair.a, deaf)
    firewall(beside, deaf)
    pair.b.listen(22)
    far("* tcp 22: open listen")
    theirs = half_open(pair.a, pair.device_a, "10.9.1.1", "10.9.1.2", 22)
    ours = half_open(beside, "tun0", peer.HOST, A, 22)
    assert [flags for flags, *_ in theirs["nothing"]] == ["SA", "SA", "SA", "A"], theirs  # it is the kernel's
    assert ours == theirs


def test_loss_of_a_listener_is_counted_apart(beside, far):
    """A request and its first answer here, our RST and a repeated SYN-ACK there; each SYN is in one place."""
    there = far("* tcp 80: open listen loss=30%", "* tcp 81: open listen loss-there=30%", "* tcp 82: open listen loss-back=30%")
    with beside.capture("tun0") as packets:
        for port in 80, 81, 82:
            peer.flood(beside, "10.64.1.0", 300, port)
        time.sleep(1.5)
        report = there.stop()
    for port, rule in zip((80, 81, 82), report["rules"]):
        sent, dropped = rule["sent"], rule["dropped"]
        assert rule["seen"] == 300 == sent["syn_ack"] + dropped["request"] + dropped["reply"]
        assert bool(dropped["request"]) == (port != 82) and bool(dropped["reply"]) == (port != 81)
        assert bool(dropped["reset"]) == (port != 82) and bool(dropped["syn_ack_again"]) == (port != 81)
        assert sum(p.src != peer.HOST and p[TCP].sport == port for p in packets) == sent["syn_ack"] + sent["syn_ack_again"]
        # after a second it goes again where it or our RST was lost; the RST to that may be lost as well
        assert dropped["reply"] <= sent["syn_ack_again"] + dropped["syn_ack_again"] <= dropped["reply"] + dropped["reset"]


@pytest.mark.parametrize("more, after", [("", []), (" ban-resets", ["RA", "RA"]), (" ban-for=300ms", ["SA", "RA"])])
def test_bans(beside, far, more, after):
    """The fourth SYN to any port of the host is one too many; the open port is banned too, and no other host."""
    there = far(f"* tcp 80: open ban-after=3{more}", f"* tcp: closed ban-after=3{more}")

    def syn(port, address=A):
        return bytes(IP(src=peer.HOST, dst=address) / TCP(sport=40000, dport=port, seq=1000, flags="S"))

    with beside.capture("tun0") as packets:
        send(beside, syn(80), syn(81), syn(80))
        time.sleep(0.1)
        send(beside, syn(82))
        time.sleep(0.6 if "for" in more else 0.1)
        send(beside, syn(80), syn(81), syn(80, "10.64.3.8"))
        there.stop(answered=True)
    assert [str(p[TCP].flags) for p in packets if p.src == A] == ["SA", "RA", "SA"] + ["RA"] * ("resets" in more) + after
    assert [str(p[TCP].flags) for p in packets if p.src == "10.64.3.8"] == ["SA"]


def test_a_wrong_checksum_is_not_answered(beside, far):
    there = far("*: alive")
    send(beside, bytes(IP(dst=A) / ICMP(chksum=0x1234, id=1, seq=1)),
         bytes(IP(src=peer.HOST, dst=A) / TCP(chksum=0x1234, dport=80, flags="S")),
         bytes(IP(dst=A) / ICMP(id=1, seq=1)))
    report = there.stop()
    assert (report["seen"]["bad_checksum"], report["seen"]["echo"], report["sent"]["total"]) == (2, 1, 1)


def test_rate_limited_errors(beside, far):
    there = far("*: icmp=3/13 rate=20/s")
    start = time.monotonic()
    ping(beside, "-c", 100, "-i", "0.01", "-W", "0.1")
    report = there.stop()
    took = time.monotonic() - start
    net.below(10, report["sent"]["icmp_error"])  # where neither waits to be scheduled
    assert report["sent"]["icmp_error"] <= 20 * took + 1
    assert report["sent"]["icmp_error"] + report["dropped"]["rate"] == report["seen"]["echo"]


@pytest.mark.parametrize("rule, error", [
    ("open", 0),
    ("closed", errno.ECONNREFUSED),
    ("icmp=3/0", errno.ENETUNREACH),
    ("icmp=3/1 quote=8", errno.EHOSTUNREACH),
    ("icmp=3/3", errno.ECONNREFUSED),
    ("reject", errno.EHOSTUNREACH),
    ("icmp=3/1 quote=4 error-then-reply open", 0),
    ("icmp=3/1 quote-seq=100000 error-then-reply open", 0),
    ("open wrong-ack=1", errno.EINPROGRESS),  # timed out
])
def test_the_kernel_believes_it(beside, far, rule, error):
    """The kernel's own connect() judges segments and quotes."""
    far("* tcp 80: " + rule)
    with beside.inside():
        client = socket.socket()
    with client:
        # Seconds and microseconds: a quick try, or as long as it takes.
        patience = (0, 300000) if error == errno.EINPROGRESS else (60, 0)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", *patience))
        result = client.connect_ex((A, 80))
    assert result == error


# What nmap is told, lest a peer that waits 200 ms to be scheduled is silent to it.
PATIENT = ["--initial-rtt-timeout", "1s", "--min-rtt-timeout", "1s"]
POPULATION = "population alive=60% ping=90% open=20% filtered=5%"


def test_nmap_finds_the_truth(beside, far):
    rules = [f"* tcp 80,443,8080: {POPULATION} delay=2ms"]
    there = far(*rules, seed=9)
    nmap = beside.run("nmap", "-n", "-Pn", "-sS", "-T4", *PATIENT, "--max-retries", 1, "--min-rate", 2000,
                      "-p", "80,443,8080", "-oX", "-", "10.64.5.0/26")
    report = there.stop()
    found = {}
    for host in xml.etree.ElementTree.fromstring(nmap.out).iter("host"):
        address = host.find("address").get("addr")
        for port in host.iter("port"):
            found[f"{address}:{port.get('portid')}"] = port.find("state").get("state")
    truth = peer.truth(*[f"10.64.5.0/26:{port}" for port in (80, 443, 8080)], rules=rules, seed=9)
    assert len(found) == len(truth) == 192
    assert found == {where: "filtered" if what == "dead" else what for where, what in truth.items()}
    assert {"open", "closed", "filtered", "dead"} == set(truth.values())
    assert report["sent"]["syn_ack"] >= list(truth.values()).count("open")


def test_population(far):
    """The report's totals are those of the truth told one by one, and near the shares asked for."""
    rules = [f"10.64.0.0/16 icmp: {POPULATION}", f"10.64.0.0/16 tcp 80: {POPULATION}"]
    report = far(*rules, seed=4).stop()
    hosts = list(peer.truth("10.64.0.0/16", rules=rules, seed=4).values())
    ports = list(peer.truth("10.64.0.0/16:80", rules=rules, seed=4).values())
    icmp, tcp = (rule["truth"] for rule in report["rules"])
    assert icmp == {"hosts": 65536, "alive": hosts.count("ping") + hosts.count("alive"), "ping": hosts.count("ping")}
    assert tcp == dict(icmp, open=ports.count("open"), closed=ports.count("closed"), filtered=ports.count("filtered"))
    assert tcp["open"] + tcp["closed"] + tcp["filtered"] == tcp["alive"] == 65536 - ports.count("dead")
    # within five standard deviations
    assert abs(icmp["alive"] - 0.6 * 65536) < 630
    assert abs(icmp["ping"] - 0.54 * 65536) < 640
    assert abs(tcp["open"] - 0.12 * 65536) < 420
    assert abs(tcp["filtered"] - 0.03 * 65536) < 220


def test_the_first_rule_decides(beside, far):
    there = far(f"{A}: silent", "10.64.3.0/24 icmp: alive", "10.64.3.0/24 tcp 1-10,20: open", "10.64.3.0/24 tcp: closed")
    assert ping(beside, "-c", 1, "-W", "0.1") == (1, 0)
    assert ping(beside, "-c", 1, target="10.64.3.8") == (1, 1)
    assert ping(beside, "-c", 1, "-W", "0.1", target="10.64.4.8") == (1, 0)
    nmap = beside.run("nmap", "-n", "-Pn", "-sS", *PATIENT, "-p", "1,10,11,19-21", "-oG", "-", "10.64.3.9")
    assert re.findall(r"(\d+)/(\w+)/tcp", nmap.out) == [
        ("1", "open"), ("10", "open"), ("11", "closed"), ("19", "closed"), ("20", "open"), ("21", "closed")]
    report = there.stop()
    assert [rule["seen"] for rule in report["rules"]][:2] == [1, 1]
    assert report["unmatched"] == 1
    # nmap's host resets the connections that it half opened
    assert report["seen"]["rst"] == report["sent"]["syn_ack"] == 3


def test_forgeries_are_sent_and_counted(beside, far):
    there = far("10.64.1.0/24: silent bogus=100%", "10.64.2.0/24 tcp: closed bogus=50%")
    peer.flood(beside, "10.64.1.0", 200)
    peer.flood(beside, "10.64.2.0", 200, 80)
    silent, closed = there.stop()["rules"]
    assert silent["sent"]["forged"] == silent["sent"]["total"] == 200
    assert 65 <= closed["sent"]["forged"] <= 135 and closed["sent"]["rst"] == 200


@pytest.mark.parametrize("rule", [
    "no colon", "10.64.0.300: alive", "10.0.0.0/33: alive", "* tcp 80-20: open", "* tcp 70000: open", "*: no-such",
    "*: delay=20", "*: loss=5", "*: loss=101%", "*: icmp=3", "*: icmp=300/1", "*: every", "*: silent=3", "*: open=20%",
])
def test_bad_rules(rule):
    done = net.run(os.path.join(peer.BIN, "peer"), "--truth", "--rule", rule, A)
    assert done.code == 2
    assert done.err.startswith("peer: ") and len(done.err.splitlines()) == 1


def test_ends_when_idle(beside):
    start = time.monotonic()
    code, out, _ = net.finish(peer.Peer(beside, "*: alive", idle="0.3").process)
    assert 0.25 < time.monotonic() - start
    assert '"seen"' in out and code == 0
