# SPDX-License-Identifier: MIT
"""The same command line for ping and rping, each in a network of its own that is like the other's: output with the
numbers masked, exit code, and what went over the wire."""
import difflib
import os
import re
import subprocess

import net

MASKS = [
    (re.compile(r"time=[\d.]+ ms"), "time=T ms"),
    (re.compile(r"time \d+ms"), "time Tms"),
    (re.compile(r"= [\d.]+/[\d.]+/[\d.]+/[\d.]+ ms"), "= T/T/T/T ms"),
    (re.compile(r", ipg/ewma [\d.]+/[\d.]+ ms"), ", ipg/ewma T/T ms"),
    (re.compile(r"^\[\d{10}\.\d{6}\] ", re.MULTILINE), "[STAMP] "),
    (re.compile(r"\bident=\d+"), "ident=I"),
    (re.compile(r"\t\d+ absolute"), "\tT absolute"),
    (re.compile(r"^(\t[\d.]+\t)-?\d+$", re.MULTILINE), r"\1T"),
    # How many were under way depends on how fast the answers came.
    (re.compile(r"(, )?pipe \d+"), ""),
]
MANUAL = os.path.join(os.path.dirname(__file__), "../../man/rping.1.in")


def masked(text):
    for pattern, word in MASKS:
        text = pattern.sub(word, text)
    return text


def differences():
    """The items of the manual's section DIFFERENCES FROM PING, as plain text in one line each."""
    with open(MANUAL, encoding="utf-8") as file:
        section = re.search(r"^\.SH DIFFERENCES FROM PING\n(.*?)^\.SH ", file.read(), re.MULTILINE | re.DOTALL)[1]
    items = section.split(".IP \\(bu 2\n")[1:]
    return [" ".join(re.sub(r"^\.\w+ ?|\\f.|\\&", "", item.replace("\\-", "-"), flags=re.MULTILINE).split())
            for item in items]


class Twins:
    """Two equal networks: ping runs in one, rping in the other."""

    def __init__(self):
        self.networks = [net.Routed(), net.Routed()]
        for network in self.networks:
            for route in ("blackhole 10.9.10.0/24", "unreachable 10.9.11.0/24", "prohibit 10.9.12.0/24"):
                network.r.do("ip route add " + route)
            network.a.do("ip route add unreachable 10.9.20.0/24")
            network.a.do("ip address change 10.9.1.1/24 broadcast 10.9.1.255 dev " + network.device_a)
            network.b.sysctl("net.ipv4.icmp_echo_ignore_broadcasts", 0)
            network.r.sysctl("net.ipv4.icmp_echo_ignore_broadcasts", 0)

    def each(self, action):
        for network in self.networks:
            action(network)

    def run(self, line, timeout=20):
        """(ping's, rping's): .code .out .err .wire"""
        results, processes, captures, contexts = [], [], [], []
        for network, tool in zip(self.networks, ("ping", "rping")):
            context = network.a.capture(network.device_a)
            captures.append(context.__enter__())
            contexts.append(context)
            words = [word.replace("DEVICE", network.device_a) for word in line.split()]
            processes.append(network.a.start(tool, *words))
        for process in processes:
            out, err = process.communicate(timeout=timeout)
            results.append(subprocess.CompletedProcess(process.args, process.returncode, out, err))
        for context in contexts:
            context.__exit__(None, None, None)
        for result, network, packets in zip(results, self.networks, captures):
            assert not net.SANITIZER.search(result.stderr), result.stderr
            result.out = result.stdout.replace(network.device_a, "DEVICE")
            result.err, result.code = result.stderr, result.returncode
            result.wire = wire(packets)
            network.a.processes.clear()
        return results

    def close(self):
        for network in self.networks:
            network.close()


def wire(packets):
    """What of the probes is comparable: identifiers, checksums and time stamps are each tool's own."""
    from scapy.all import ICMP, IP

    rows = []
    for packet in packets:
        ip = packet[IP]
        if ip.src != "10.9.1.1" or ip.proto != 1:
            continue
        if ip.frag == 0 and packet[ICMP].type != 8:
            continue
        options = bytes(ip)[20:4 * ip.ihl]
        if options[:1] == b"\x44":
            options = options[:4]
        data = bytes(ip.payload)[8 + 16:] if ip.frag == 0 else b""
        rows.append((ip.dst, ip.ttl, ip.tos, str(ip.flags), ip.frag, ip.len, options, data))
    return rows


def difference(theirs, ours):
    """What differs, as text; nothing when nothing does."""
    lines = list(difflib.unified_diff(masked(theirs.out).splitlines(), masked(ours.out).splitlines(), "ping", "rping",
                                      lineterm=""))
    if theirs.code != ours.code:
        lines.append(f"exit code {theirs.code}, ours {ours.code}")
    if theirs.wire != ours.wire:
        lines.append(f"on the wire:\n  {theirs.wire}\nours:\n  {ours.wire}")
    if lines:
        lines += ["stderr:", theirs.err, ours.err]
    return "\n".join(lines)
