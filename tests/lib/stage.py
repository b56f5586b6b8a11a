# SPDX-License-Identifier: MIT
"""A small internet with one example of everything that can become of a ping, and what leaves for it on the wire.

Two stages are equal to the last name, so that two programs can be asked the same in each. In a is the program:

  a e0 10.9.1.1 -- 10.9.1.254 br0 r e2 10.9.2.254 -- 10.9.2.2 e0 b
                        |         r e4 10.9.4.254 -- 10.9.4.2 e4 b   packets of at most 1000 bytes
                   10.9.1.7 e0 h

and a tun0 to a peer, which answers as no kernel does (PEERS).
"""
import concurrent.futures
import contextlib
import os
import queue
import socket
import struct
import subprocess
import threading
import time

import net
import peer

PLACES = {
    "HOST": "10.9.2.2", "ROUTER": "10.9.1.254", "NEIGHBOUR": "10.9.1.7", "SELF": "10.9.1.1", "SECOND": "10.9.1.3",
    "NOBODY": "10.9.1.77", "NARROW": "10.9.4.2", "BROADCAST": "10.9.1.255", "GROUP": "224.0.0.1",
    # refused on the way
    "UNREACHABLE": "10.8.1.1", "PROHIBITED": "10.8.2.1", "BLACKHOLED": "10.8.3.1", "THROWN": "10.8.4.1",
    # refused, or not, by the host's firewall
    "SILENT": "10.9.2.10", "NETWORK": "10.9.2.11", "REFUSED": "10.9.2.12", "PROTOCOL": "10.9.2.13", "PORT": "10.9.2.14",
    "ADMIN": "10.9.2.15", "NETADMIN": "10.9.2.16",
    # refused at home
    "DROPPED": "10.9.2.99", "NOROUTE": "10.7.1.1", "HOMELESS": "10.6.1.1", "FORBIDDEN": "10.6.2.1", "SWALLOWED": "10.6.3.1",
}
ANSWERS = {"NETWORK": "net-unreachable", "REFUSED": "host-unreachable", "PROTOCOL": "prot-unreachable",
           "PORT": "port-unreachable", "ADMIN": "admin-prohibited", "NETADMIN": "net-prohibited"}
PEERS = {
    "TWICE": "twice", "THIRD": "every=3", "SLOW": "late=150ms", "SWAPPED": "swap", "SHORT": "truncate=20",
    "LONG": "pad=40", "FLIPPED": "flip=20", "BADSUM": "bad-checksum", "CODE": "code=5", "ELSEWHERE": "other-source=10.64.9.9",
    "WRONGID": "wrong-id", "EXTRA": "extra-seq=500", "OPTION": "unknown-option",
    "BOTH": "icmp=3/1 from=10.64.0.254 error-then-reply", "BOTHTWICE": "icmp=3/1 from=10.64.0.254 error-then-reply twice",
    "REDIRECT": "redirect gateway=10.64.9.1 from=10.64.0.254 error-then-reply", "QUENCH": "quench from=10.64.0.254 error-then-reply",
    "POINTER": "param-problem pointer=20 from=10.64.0.254", "REASSEMBLY": "icmp=11/1 from=10.64.0.254",
    **{f"CODE{code}": f"icmp=3/{code} from=10.64.0.254" for code in range(17)}, "MTU": "icmp=3/4 mtu=1000 from=10.64.0.254",
    "QUOTE8": "icmp=3/1 from=10.64.0.254 quote=8",
}
PLACES.update({name: f"10.64.1.{number}" for number, name in enumerate(PEERS, 1)})
NAMES = f"""127.0.0.1 localhost
{PLACES['HOST']} host.example alias.example xn--bcher-kva.example
{PLACES['ROUTER']} router.example
{PLACES['SILENT']} silent.example
{PLACES['REFUSED']} refused.example
"""

A = """link set lo up
address add 10.9.1.3/24 dev e0
route add 10.8.0.0/16 via 10.9.1.254
route add 10.9.0.0/16 via 10.9.1.254
route add 224.0.0.0/4 dev e0
route add unreachable 10.6.1.0/24
route add prohibit 10.6.2.0/24
route add blackhole 10.6.3.0/24
link add down0 type bridge
address add 10.9.6.1/24 dev down0
link add dead0 type bridge
address add 10.9.8.1/24 dev dead0
link set dead0 up
"""
R = """link set br0 up
route add unreachable 10.8.1.0/24
route add prohibit 10.8.2.0/24
route add blackhole 10.8.3.0/24
route add throw 10.8.4.0/24
"""
B = "".join(f"address add {PLACES[name]}/24 dev e0\n" for name in ("SILENT", "DROPPED", *ANSWERS))


def places(text):
    """The text with its words in capitals replaced by addresses."""
    return " ".join(PLACES.get(word, word) for word in text.split(" "))


def ip(namespace, lines):
    done = subprocess.run(["ip", "-n", namespace.name, "-batch", "-"], input=lines, text=True, stderr=subprocess.PIPE)
    assert done.returncode == 0, done.stderr


class Stage(net.Network):
    def __init__(self):
        super().__init__()
        self.a, self.r, self.b, self.h = (self.namespace(name) for name in "arbh")
        ip(self.r, "link add br0 type bridge\naddress add 10.9.1.254/24 dev br0\n")
        self.link(self.a, "10.9.1.1/24", self.r, None, names=("e0", "ea"))
        self.link(self.h, "10.9.1.7/24", self.r, None, names=("e0", "eh"))
        self.link(self.b, "10.9.2.2/24", self.r, "10.9.2.254/24", names=("e0", "e2"))
        self.link(self.b, "10.9.4.2/24", self.r, "10.9.4.254/24", names=("e4", "e4"))
        ip(self.r, R + "link set ea master br0\nlink set eh master br0\nlink set e4 mtu 1000\n")
        ip(self.b, B + "link set e4 mtu 1000\nroute add default via 10.9.2.254\n")
        ip(self.a, A)
        self.r.sysctl("net.ipv4.ip_forward", 1)
        for one in self.namespaces:
            with contextlib.suppress(OSError):  # once a limit of the whole machine
                one.sysctl("net.ipv4.icmp_msgs_burst", 10000)
        for one in self.r, self.h:
            one.sysctl("net.ipv4.icmp_echo_ignore_broadcasts", 0)
        self.a.nft(f"chain c {{ type filter hook output priority 0; ip daddr {PLACES['DROPPED']} drop; meta mark 7 drop; }}")
        self.b.nft("chain c { type filter hook input priority 0; " + f"ip daddr {PLACES['SILENT']} drop; " + "".join(
            f"icmp type echo-request ip daddr {PLACES[name]} reject with icmp {answer}; " for name, answer in ANSWERS.items()) + "}")
        self.peer = None
        if os.access("/dev/net/tun", os.R_OK | os.W_OK):
            self.peer = peer.Peer(self.a, *(f"{PLACES[name]}: alive {rule}" for name, rule in PEERS.items()))

    def forget(self):
        """No path MTU learnt by an earlier run is known to the next."""
        self.a.sysctl("net.ipv4.route.flush", 1)

    def close(self):
        if self.peer:
            self.peer.stop()
        super().close()


class Pairs:
    """Pairs of equal stages, on which functions run side by side; each gets a pair for itself."""

    def __init__(self, count):
        self.pool = concurrent.futures.ThreadPoolExecutor(count)
        self.all = list(self.pool.map(lambda _: (Stage(), Stage()), range(count)))
        self.promises = []
        self.free = queue.Queue()
        for pair in self.all:
            self.free.put(pair)

    def submit(self, function, *arguments):
        """A promise of function(pair, ...)."""
        self.promises.append(self.pool.submit(self.work, function, *arguments))
        return self.promises[-1]

    def alone(self, function, *arguments):
        """function(pair, ...), when no other is at work any more."""
        concurrent.futures.wait(self.promises)
        return self.work(function, *arguments)

    def work(self, function, *arguments):
        pair = self.free.get()
        try:
            for place in pair:
                place.forget()
            return function(pair, *arguments)
        finally:
            self.free.put(pair)

    def close(self):
        self.pool.shutdown(wait=True, cancel_futures=True)
        for pair in self.all:
            for place in pair:
                place.close()


def send_later(wire, process, number, seconds=0.5):
    """Sends a signal so long after the first packet that a Wire sees, which is closed then, or, if there is none, after
    the first second."""
    def wait():
        end = time.monotonic() + 1
        while process.poll() is None and time.monotonic() < end and not wire.requests():
            time.sleep(0.01)
        wire.close()
        time.sleep(seconds)
        if process.poll() is None:
            process.send_signal(number)

    thread = threading.Thread(target=wait)
    thread.start()
    return thread


class Wire:
    """The echo requests that leave a namespace while it is open, whatever the device."""

    def __init__(self, namespace):
        with namespace.inside():
            self.tap = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(net.ETH_P_ALL))
        self.tap.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
        self.tap.setblocking(False)

    def requests(self, identifier=False):
        """One line for each packet: what two programs asked for the same must agree on."""
        lines = []
        with contextlib.suppress(BlockingIOError):
            while True:
                data, (device, kind, direction, *_) = self.tap.recvfrom(65536)
                if kind == net.ETH_P_IP and direction == net.PACKET_OUTGOING and data[9] == socket.IPPROTO_ICMP:
                    lines += describe(device, data, identifier)
        return lines

    def close(self):
        self.tap.close()


def describe(device, data, identifier):
    header = data[0] % 16 * 4
    tos, length, fragment, ttl = data[1], *struct.unpack("!H2xHB", data[2:9])
    options = bytearray(data[20:header])
    if options[:1] == b"\x44":  # the times that stamps hold
        step, start = (8, 8) if options[3] % 16 else (4, 4)
        for at in range(start, len(options) - 3, step):
            options[at:at + 4] = bytes(4)
    line = (f"{device} > {socket.inet_ntoa(data[16:20])} tos {tos} ttl {ttl} length {length} "
            f"{'DF ' * (fragment >> 14 & 1)}{'MF ' * (fragment >> 13 & 1)}at {fragment % 8192 * 8} [{options.hex(' ')}]")
    if fragment % 8192:
        return [f"{line} {data[header:].hex()[:32]}"]
    kind, code, number, sequence = struct.unpack("!BB2xHH", data[header:header + 8])
    # The first bytes of the payload are each program's own: a time, a cookie.
    tail = data[header + 24:]
    return [f"{line} icmp {kind}/{code} seq {sequence} {f'id {number} ' * identifier}{tail.hex()[:64]}"] if kind == 8 else []
