#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""seed.py DIRECTORY: writes the seeds of every fuzz target, DIRECTORY/TARGET/NAME.

The packets are captured between real kernels: ping, sockets and nftables in private network namespaces with a
router between. Only what this kernel does not send (redirect, source quench, parameter problem) is made with scapy.
Run it below tests/lib/private.sh.
"""
import os
import socket
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
from net import Routed  # noqa: E402
from scapy.all import ICMP, IP, TCP, IPOption_RR, raw  # noqa: E402


def connect(namespace, address, port, data=b""):
    """One TCP conversation, or the refusal of it."""
    with namespace.inside():
        sock = socket.socket()
    with sock:
        sock.settimeout(0.3)
        try:
            sock.connect((address, port))
            sock.sendall(data)
            sock.recv(100)
        except OSError:
            pass


def datagram(namespace, address, port):
    with namespace.inside(), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.sendto(b"nobody listens", (address, port))


def conversations(net):
    a, b, far = net.a, net.b, net.address_b
    b.listen(80)
    for options in ("", "-s 0", "-s 4", "-s 1400", "-p ff", "-t 1", "-R", "-T tsonly", "-T tsandaddr", "-Q 0x10",
                    "-s 2000", "-s 1400 -M do"):
        a.run("ping", "-n", "-c", "1", "-W", "0.3", *options.split(), far)
    a.run("ping", "-n", "-c", "1", "-W", "0.3", "-b", "10.9.1.255")
    connect(a, far, 80, b"GET / HTTP/1.0\r\n\r\n")
    connect(a, far, 81)
    datagram(a, far, 53)
    net.r.do(f"ip link set {net.device_rb} mtu 600")
    a.run("ping", "-n", "-c", "1", "-W", "0.3", "-s", "1000", "-M", "do", far)
    for number, kind in enumerate(("unreachable", "prohibit", "blackhole")):
        net.r.do(f"ip route add {kind} 10.9.{10 + number}.0/24")
        connect(a, f"10.9.{10 + number}.1", 80)
    connect(a, "10.9.2.77", 80)  # nobody there: the router's neighbour lookup fails
    for number, code in enumerate(("net-unreachable", "host-unreachable", "prot-unreachable", "port-unreachable",
                                   "net-prohibited", "host-prohibited", "admin-prohibited")):
        b.nft(f"chain i {{ type filter hook input priority 0; tcp dport {100 + number} reject with icmp {code}; }}")
        connect(a, far, 100 + number)


def unlike(packets):
    """One of each kind: protocol, type or flags, code, options, size."""
    found = {}
    for packet in packets:
        data = raw(packet)
        kind = [packet.proto, packet.frag, int(packet.flags), packet.ihl, len(data).bit_length()]
        if ICMP in packet:
            kind += [packet[ICMP].type, packet[ICMP].code]
        if TCP in packet:
            kind += [int(packet[TCP].flags), packet[TCP].dataofs]
        found.setdefault(tuple(kind), data)
    return list(found.values())


def forged():
    def cut(data, **fields):
        """The same with header fields that lie."""
        return bytes(raw(IP(**fields)))[:20] + data[20:]

    quote = raw(IP(src="10.9.1.1", dst="10.9.2.2") / ICMP(id=0x1234, seq=1) / (b"x" * 56))
    quote_tcp = raw(IP(src="10.9.1.1", dst="10.9.2.2", options=IPOption_RR(length=39, routers=["0.0.0.0"] * 9)) /
                    TCP(sport=40000, dport=80, flags="S", options=[("MSS", 1460)]))
    ip = IP(src="10.9.1.254", dst="10.9.1.1")
    lies = [cut(quote, ihl=ihl, len=length, proto=1) for ihl, length in
            ((4, 84), (5, 19), (5, 40), (15, 84), (5, 85), (5, 27), (6, 20))]
    return lies + [raw(ip / icmp / data) for data in (quote, quote[:28], quote_tcp, quote_tcp[:68], quote[:27])
            for icmp in (ICMP(type=5, code=1, gw="10.9.1.253"), ICMP(type=4), ICMP(type=12, ptr=20))]


# The order in which fuzz_session.c takes the bytes.
CONFIG = ("kind", "count", "interval", "targets", "ports", "floor", "timeout", "endless", "deadline", "preload",
          "payload", "clock")
CONFIG_SERIES = ("answered", "silent", "errors", "pattern", "show")
CONFIG_ECHO = ("option", "hops")
CONFIG_SCAN = ("flags", "retries", "initial", "least", "most", "rate", "min_rate", "delay", "per_target", "host_timeout",
               "patience", "silent_patience")
ECHO, SERIES, SCAN, ADAPTIVE, OVERDUE, COUNT_REPLIES = 0, 1, 2, 0x21, 0x42, 0x81
WAIT, ADVANCE, ANSWER, RAW, STAMP, REFUSE, NO_ROUTE, BLOCKED, WALL, STOP = 0, 1, 2, 5, 6, 7, 8, 9, 10, 11
PLAIN = [0, 10, 0]  # the kernel's clock, a millisecond ago, no hardware


def config(**fields):
    kind = fields.get("kind", 0) % 3
    names = CONFIG + (CONFIG_SCAN if kind == SCAN else CONFIG_SERIES + CONFIG_ECHO if kind == ECHO else CONFIG_SERIES)
    return [fields.get(name, 0) for name in names]


def reply(how=0, kind=0, detail=0):
    return [ANSWER, how, kind, detail, *PLAIN]


def error(kind, quoted=28):
    return reply(0, 0x80 | kind, quoted)


def sessions(packets):
    for probe in (ECHO, SERIES, SCAN):
        yield config(kind=probe, count=3) + (reply() + [WAIT, 200, ADVANCE]) * 3
        yield config(kind=probe, count=3, targets=1, ports=1) + reply() * 4 + [ADVANCE] + reply(0x20) * 2
        yield config(kind=probe, count=2, timeout=1) + [ADVANCE, ADVANCE] + reply(0x10) + reply()
        yield config(kind=probe, count=2, preload=2) + [STAMP, 0, 1, 5] + reply() + [WALL, 3] + reply() + error(0)
        yield config(kind=probe, count=3) + error(0x08) + error(1) + error(4) + error(5) + error(2) + reply()
        yield config(kind=probe, count=4, deadline=2) + [REFUSE, 1, NO_ROUTE, 1, ADVANCE, BLOCKED, 200, ADVANCE]
        yield config(kind=probe, interval=3, deadline=3) + [WAIT, 255] * 3 + [STOP, 255]
        yield config(kind=probe, count=2, payload=1) + [*reply(4 | 1)[:4], 30, 1, *PLAIN] + [*reply(8)[:4], 25, *PLAIN]
        yield config(kind=probe, count=5, endless=255, clock=2) + reply() * 2 + [STOP, 255]
    for kind in range(6):
        yield config(kind=SCAN, ports=2, rate=2) + reply(0, kind, 0) + reply(0, kind, 1) + reply(0x10, kind, 0)
        yield config(kind=SERIES, ports=1, count=2) + reply(0, kind, 0) + reply(0, 0, 0)
    yield config(kind=0x63, count=6, payload=6, pattern=16) + (reply() + [ADVANCE]) * 6
    yield config(kind=0xc0 + 2, count=2, deadline=2, interval=2) + (reply() + [ADVANCE]) * 3
    yield config(kind=0x21, count=6, floor=1) + (reply() + [ADVANCE]) * 6
    for flags in (1, 1 + 4, 2 + 8, 1 + 8, 16, 0x20, 0x40, 0x60, 0x80):
        for kind in (0, 1):
            yield config(kind=SCAN, ports=2, targets=1, flags=flags, deadline=2, retries=3) + reply(0, kind) * 3 + [ADVANCE]
    yield config(kind=SCAN, ports=2, host_timeout=1, patience=2, silent_patience=2) + reply() + [ADVANCE] * 4
    yield config(kind=SCAN, ports=2, delay=1, per_target=1, min_rate=2) + reply() + [ADVANCE] * 4
    for option in range(1, 7):
        yield config(option=option, hops=1, count=2) + reply() + error(0, 68) + [ADVANCE] + reply()
    for rule in ("answered", "silent", "errors"):
        yield config(**{rule: 2, "timeout": 2, "show": 1}) + reply() + error(0) + [ADVANCE] * 4 + reply()
    for packet in packets:
        if len(packet) < 256:
            yield config(count=1) + [RAW, len(packet), *packet, *PLAIN]


RPING = """10.0.0.1|-c 4 10.0.0.1|-c4 -i0.2 -W 1 -w 10 host|-i 10ms -l 3 -q host|-f -c 100 host|-A -w 2s host|-D -O -n host
-s 1472 -t 1 -p 00ff host|-e 4660 -I 192.0.2.1 -I eth0 host|-Q 0x10 -v -v host|--format=json host|--json --count=2 host
--clock kernel --breakdown --percentiles host|--help|-V|-vnqc3 host -- -x|--co 1 host|--c 1 h|--count|-c x h|-c 99999999999999999999
--nonsense|-Z|--quiet=1|-W auto -i auto h|-i -1 h|-p xyz h|-s 70000 h|-t 256 h|-t 0 h|-c \x1b[31m h|-\x7f|--\x1b h"""
RSYN = """-p 22 host|-p 22,80,8000-8100,https -Pn 10.0.0.0/24|-p- --open --reason host|-iL targets -p 80 --max-rate 1000
-p 80 -c 4 -i 1 -W 1 -w 9 host|--max-retries 2 --initial-rtt-timeout 200ms --min-rtt-timeout 50ms --max-rtt-timeout 2s -p 1 h
-g 40000 -S 192.0.2.1 -e eth0 -p 22 h|--json -p 22 h|--format xml h|-t 3 -Q 16 -n -q -v -p 1 h|-iL|-Px|--max-r 1 h|--help|-V|-t 256 -p 1 h
--max-retries 51 h|-g 65536 h|--format \x07 h"""
PORTS = """22|22-25,80|-25|65530-|-|ssh,http|http*|[20-25]|T:22|0,65535|U:53|22-|,|1-2-3|65536|9-1|*|[1-|?ttp|no-such|T:[80-90],T:-5|22,,23
00080|http?,https|[-]|[1]|22 23"""
TARGETS = """10.0.0.1|10.0.0.0/30|10.0.0.1-5,200|10.0.0.1-10.0.0.9|10.0.*.1|*.*.*.*|0.0.0.0/0|255.255.255.255|10.0.0.0/31,10.0.0.1
10.0.0.1,3,5.7.9|10.0.0.256|10.0.0.9-1|10.0.0.1/33|host.example|1.2.3|010.0.0.1|10.0.0.1-|10.0.0.0/8 10.1.0.0/16 10.0.0.0/7
10.0.0.5 10.0.0.1-9 10.0.0.0/28 10.0.0.5|0.0.0.0/1 128.0.0.0/1|1-3.1.1.1-2|10.0.0.9-10.0.0.1"""
NS = """1|0.25|.5|10ms|250us|1.5s|2m|1h|-1|1.|.|9223372036.854775807|9223372036.854775808|9223372036854775807|0x7fffffffffffffff
-0x8000000000000000|18446744073709551615|18446744073709551616|0x|1e3| 1|+1|0.0000000001|0.3333333333333333333h|1ss|99999999999999999999|0x1ffffffffffffffff|00012|-0|2562047h"""


def words(text):
    return [one for line in text.splitlines() for one in line.split("|")]


def main(directory):
    with_router = Routed()
    try:
        with with_router.a.capture(with_router.device_a) as packets:
            conversations(with_router)
    finally:
        with_router.close()
    captured = unlike(packets)
    print(f"{len(packets)} packets captured, {len(captured)} of them unlike")
    seeds = {
        "packet": captured + forged(),
        "session": [bytes(one) for one in sessions(captured + forged())],
        "options": [tool + line.replace(" ", "\n").encode()
                    for tool, lines in ((b"\0", RPING), (b"\1", RSYN)) for line in words(lines)],
        "ports": [one.encode() for one in words(PORTS)],
        "targets": [one.replace(" ", "\n").encode() for one in words(TARGETS)],
        "ns": [struct.pack(">Bqq", number % 6, -number, 10 ** number) + one.encode()
               for number, one in enumerate(words(NS)) if number < 19] +
              [struct.pack(">Bqq", 4, -1, 100) + one.encode() for one in words(NS)],
    }
    for target, inputs in seeds.items():
        os.makedirs(os.path.join(directory, target), exist_ok=True)
        for number, data in enumerate(inputs):
            with open(os.path.join(directory, target, f"seed-{number:03}"), "wb") as file:
                file.write(data)


main(sys.argv[1])
