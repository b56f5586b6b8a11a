# SPDX-License-Identifier: MIT
"""Packets shown to people: --decode and -x of both tools, with scapy as the judge of every field and every offset."""
import re

import pytest
from scapy.layers.inet import ICMP, IP, TCP

import net

A, ROUTER = "10.64.3.7", "10.64.0.254"
HEAD = re.compile(r"^(Sent|Received), (\d+) bytes \[(.*)\]:$")


def blocks(out):
    """The packets of the output: direction, what it is about, the lines, the bytes of the dump."""
    found = []
    for line in out.splitlines():
        head = HEAD.match(line)
        dump = re.match(r"^\t0x([0-9a-f]{4}):  ((?:[0-9a-f]{2,4} ?)+)", line)
        if head:
            found.append((head[1], head[3], [], bytearray()))
            assert not len(found) > 1 or len(found[-2][3]) in (0, size)
            size = int(head[2])
        elif dump and found:
            assert int(dump[1], 16) == len(found[-1][3])
            found[-1][3].extend(bytes.fromhex(dump[2].replace(" ", "")))
        elif found and re.match(r"^(IPv4|ICMP|TCP|Data|  |\[)", line):
            found[-1][2].append(line)
    return found


def fields(lines):
    """[(layer, offset, name, value)] of a tree."""
    layer, found = None, []
    for line in lines:
        title = re.match(r"^ *([A-Z][\w ]*?)(?: \[cut short\])?, bytes 0x([0-9a-f]+) to 0x([0-9a-f]+)$", line)
        field = re.match(r"^ *0x([0-9a-f]{4}) (.{15}) (.*)$", line)
        if title:
            layer = title[1]
            found.append((layer, int(title[2], 16), "range", int(title[3], 16)))
        elif field:
            found.append((layer, int(field[1], 16), field[2].strip(), field[3]))
    return found


def first_number(text):
    return int(text.split()[0], 0)


WIDTHS = {"total length": 2, "identification": 2, "time to live": 1, "protocol": 1, "checksum": 2, "type": 1, "code": 1,
          "identifier": 2, "sequence": None, "source port": 2, "dest. port": 2, "acknowledgment": 4, "window": 2,
          "urgent pointer": 2, "type of service": 1, "next-hop MTU": 2, "unused": 4, "option": 1, "pointer": 1}


def check_offsets(tree, data):
    """Each number stands in the bytes where its line says."""
    for layer, offset, name, value in tree:
        if name in ("source", "destination", "gateway"):
            assert value.split()[0] == ".".join(map(str, data[offset:offset + 4])), (layer, name)
        elif name in WIDTHS:
            width = WIDTHS[name] or (4 if layer == "TCP" else 2)
            assert first_number(value) == int.from_bytes(data[offset:offset + width], "big"), (layer, name)
        elif name == "header length":
            shift = 4 if layer == "TCP" else 0
            assert first_number(value) == data[offset] >> shift & 15


def check_ranges(tree, data):
    """The layers follow one another without a gap; a quote contains its own."""
    ranges = [(offset, last) for layer, offset, name, last in tree if name == "range" and layer != "Quoted datagram"]
    assert ranges[0][0] == 0 and ranges[-1][1] == len(data) - 1
    for (_, last), (first, _) in zip(ranges, ranges[1:]):
        assert first == last + 1


@pytest.mark.parametrize("rule", [
    "alive", "alive tos=184 ttl=33", "alive record-route", "alive pad=40", "alive truncate=4", "alive bad-checksum",
    *[f"icmp={kind} from={ROUTER}{quote}" for kind in ("3/1", "3/4 mtu=1000", "11/0", "12/0", "3/13")
      for quote in ("", " quote=8")],
    f"redirect gateway=10.64.9.9 from={ROUTER}", f"quench from={ROUTER}",
])
@pytest.mark.parametrize("detail", ["brief", "full"])
def test_echo(beside, far, rule, detail):
    far("*: " + rule)
    # What is no answer is shown, but not waited for.
    patience = 1 if re.search("truncate|bad-checksum|redirect|quench", rule) else 20
    done = beside.run("rping", "-v", "-c", 1, "-W", patience, "-x", "--decode=" + detail, "-Q", "ef", A)
    if len(blocks(done.out)) == 1:
        raise net.Slow("the peer took a second")
    sent, received = blocks(done.out)
    data = bytes(received[3])
    packet = IP(data)
    assert sent[0:2] == ("Sent", "probe 1") and received[0] == "Received"
    if detail == "full":
        for block in (sent, received):
            tree = fields(block[2])
            check_offsets(tree, block[3])
            check_ranges(tree, block[3])
            assert len({name for layer, _, name, _ in tree if layer == "IPv4"}) >= 13
    else:
        assert received[2][0].startswith(f"IPv4 {packet.src} > {packet.dst}: ttl {packet.ttl}, ")
        assert len([line for line in received[2] if line.startswith("  quotes ")]) == (2 if "quote" in done.out else 0)
    verdict = "bad" if "bad-checksum" in rule else "cannot be judged" if "truncate" in rule else "good"
    assert re.search(rf"(0x[0-9a-f]{{4}} \[{verdict}\]|checksum {verdict})", "\n".join(received[2])) or "truncate" in rule


def test_syn_ack(beside, far):
    far("*: open")
    done = beside.run("rsyn", "-p", 80, "-x", "--decode", A)
    sent, received = blocks(done.out)[:2]
    assert sent[1] == "try 1 of port 80" and re.fullmatch(r"answers try 1 of port 80, after [\d.]+ ms \(.*\)", received[1])
    syn, answer = IP(bytes(sent[3]))[TCP], IP(bytes(received[3]))[TCP]
    for block, tcp in ((sent, syn), (received, answer)):
        tree = fields(block[2])
        check_offsets(tree, block[3])
        check_ranges(tree, block[3])
        options = [re.sub(r"^\d+ \[(.*?)\].*", r"\1", value) for _, _, name, value in tree if name == "option"]
        words = {"MSS": "maximum segment size", "NOP": "no operation", "WScale": "window scale", "SAckOK": "SACK permitted",
                 "Timestamp": "time stamps", "EOL": "end of list"}
        assert options == [words[name] for name, _ in tcp.options]
        mss = dict(tcp.options).get("MSS")
        assert not mss or f"[maximum segment size] {mss}\n" in done.out
    assert answer.ack == syn.seq + 1 and f"[acknowledges the SYN: {syn.seq} + 1]" in received[2]


def test_quote_is_compared(routed):
    """A real router: how far the probe came, and nothing else changed."""
    done = routed.a.run("rping", "-c", 1, "-t", 1, "--decode=brief", "10.9.2.2")
    assert "[time to live 1 as sent, 1 in the quote: 0 routers passed it on]" in done.out
    assert re.search(r"^\[otherwise as sent: 84 of 84 bytes are quoted\]$", done.out, re.MULTILINE)


def test_translated_on_the_way(routed, firewall):
    """A translator between here and the router's next hop gives itself away in the quote."""
    firewall(routed.r, "chain c { type filter hook forward priority 0; icmp type echo-request ip dscp set cs1; "
                       "icmp type echo-request reject with icmp admin-prohibited; }")
    done = routed.a.run("rping", "-c", 1, "-W", 20, "--decode=brief", "10.9.2.2")
    assert "[changed on the way: type of service 0x00 to 0x20]" in done.out, done.out


def test_as_captured(pair):
    """What the dump shows is what was on the wire, and only what the kernel fills in differs from what was sent."""
    with pair.a.capture(pair.device_a) as packets:
        done = pair.a.run("rping", "-c", "1", "-x", "--decode", "-Q", "ef", "10.9.1.2")
    sent, received = blocks(done.out)
    assert bytes(received[3]) == bytes(next(packet for packet in packets if packet.src == "10.9.1.2"))
    request = next(packet for packet in packets if packet.src == "10.9.1.1" and ICMP in packet)
    assert bytes(sent[3])[20:] == bytes(request)[20:] and bytes(sent[3])[:4] == bytes(request)[:4]
    assert "[data as sent]" in received[2] and "[DSCP 46 ef, " in done.out
