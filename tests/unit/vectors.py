#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Packets built and dissected by scapy, as C initializers (vectors.h): the oracle of the tests of src/wire.

What scapy states are the octets and the fields. Verdicts and lengths follow from what each case does to a packet.
"""
from scapy.layers.inet import ICMP, IP, TCP, IPOption_NOP, IPOption_RR, IPOption_Router_Alert, in4_pseudoheader
from scapy.packet import Raw
from scapy.utils import checksum

A, B, ROUTER = "10.0.0.1", "192.0.2.77", "203.0.113.254"
SYN_OPTIONS = [("MSS", 1460), ("SAckOK", b""), ("Timestamp", (0x01020304, 0)), ("NOP", None), ("WScale", 7)]


def ip(src=A, dst=B, **fields):
    return IP(src=src, dst=dst, **{"id": 0x1234, "ttl": 64, **fields})


def syn(**fields):
    return TCP(**{"sport": 40000, "dport": 443, "seq": 0xDEADBEEF, "flags": "S", "window": 64240,
                  "options": SYN_OPTIONS, **fields})


def echo(**fields):
    return ICMP(**{"type": 8, "id": 0xBEEF, "seq": 513, **fields})


# ---- what scapy says of a packet, as C initializers ---------------------------------------------


def octets(address):
    return f"IPV4({', '.join(address.split('.'))})"


def flag(value):
    return "true" if value else "false"


def ip_fields(p):
    flags = int(p.flags)
    return {"version": p.version, "header_length": p.ihl * 4, "type_of_service": p.tos, "time_to_live": p.ttl,
            "protocol": p.proto, "dont_fragment": flag(flags & 2), "more_fragments": flag(flags & 1),
            "fragment_offset": p.frag * 8, "total_length": p.len, "identification": p.id,
            "header_checksum": p.chksum, "source": octets(p.src), "destination": octets(p.dst),
            "options_length": p.ihl * 4 - 20}


def icmp_fields(p):
    fields = {"type": p.type, "code": p.code, "checksum": p.chksum}
    if p.type in (0, 8):
        fields.update(identifier=p.id, sequence=p.seq)
    if (p.type, p.code) == (3, 4):
        fields["next_hop_mtu"] = p.nexthopmtu
    if p.type == 5:
        fields["gateway"] = octets(p.gw)
    if p.type == 12:
        fields["pointer"] = p.ptr
    return fields


TCP_ENDS = {"source_port": 2, "destination_port": 4, "sequence": 8, "acknowledgment": 12, "header_length": 13,
            "flags": 14, "window": 16, "checksum": 18, "urgent_pointer": 20}


def tcp_fields(p, length=60):
    """The fields whose octets are within the first `length`; the options only when all of the header is."""
    values = {"source_port": p.sport, "destination_port": p.dport, "sequence": p.seq, "acknowledgment": p.ack,
              "header_length": p.dataofs * 4, "flags": int(p.flags) & 0xFF, "window": p.window,
              "checksum": p.chksum, "urgent_pointer": p.urgptr}
    fields = {name: value for name, value in values.items() if TCP_ENDS[name] <= length}
    if length < p.dataofs * 4:
        return fields
    fields["options_length"] = p.dataofs * 4 - 20
    for name, value in p.options:
        if name == "MSS":
            fields.update(has_mss="true", mss=value)
        elif name == "SAckOK":
            fields["sack_permitted"] = "true"
        elif name == "WScale":
            fields.update(has_window_scale="true", window_scale=value)
        elif name == "Timestamp":
            fields.update(has_timestamps="true", timestamp_value=value[0], timestamp_echo=value[1])
    return fields


def rows(data):
    return "(const uint8_t[]){" + (", ".join(f"{b:#04x}" for b in data) or "0") + "}"


def initializer(fields):
    return "{" + ", ".join(f".{name} = {value}" for name, value in fields.items()) + "}"


# ---- cases --------------------------------------------------------------------------------------

cases = []


def case(name, packet, verdict="OK", checksum_is="GOOD", keep=None, append=b"", patch=None, quoted=None, put=False,
         transport=True):
    """One vector. keep: octets left of the packet; append: octets behind it; patch: {offset: octet};
    quoted: (the quoted packet, octets of it quoted)."""
    whole = bytes(packet)
    data = bytearray(whole[:keep] + append)
    for offset, value in (patch or {}).items():
        data[offset] = value
    seen = IP(whole)  # scapy's own dissection
    header = seen.ihl * 4
    fields = {"name": f'"{name}"', "bytes": rows(data),
              "length": len(data), "verdict": f"RP_PACKET_{verdict}", "checksum": f"RP_CHECKSUM_{checksum_is}",
              "put": flag(put), "cut": min(len(data), seen.len), "ip": initializer(ip_fields(seen))}
    payload_at = None
    if transport and ICMP in seen:
        fields["icmp"] = initializer(icmp_fields(seen[ICMP]))
        payload_at = header + 8
    elif transport and TCP in seen:
        fields["tcp"] = initializer(tcp_fields(seen[TCP]))
        payload_at = header + seen[TCP].dataofs * 4
    if payload_at and payload_at < fields["cut"]:
        fields.update(payload_at=payload_at, payload_length=fields["cut"] - payload_at)
    if quoted:
        fields["quote"] = quote_initializer(*quoted, payload_at)
    cases.append(fields)


def quote_initializer(packet, length, at):
    seen = IP(bytes(packet))
    behind = length - seen.ihl * 4
    fields = {"ip": initializer(ip_fields(seen)), "at": at, "length": length}
    size = 8
    if seen.frag == 0 and ICMP in seen:
        fields["icmp"] = initializer(icmp_fields(seen[ICMP]))
    elif seen.frag == 0 and TCP in seen:
        fields["tcp"] = initializer(tcp_fields(seen[TCP], behind))
        size = seen[TCP].dataofs * 4
    else:
        size = 0
    if behind > size:
        fields.update(payload_at=at + seen.ihl * 4 + size, payload_length=behind - size)
    return initializer(fields)


def error(name, kind, packet, length, present=True, outer=None, behind=b"", **fields):
    """An ICMP error from the router about the first `length` octets of `packet`; behind: octets after them."""
    data = bytes(packet)[:length]
    case(name, (outer or ip(src=ROUTER, dst=A)) / ICMP(type=kind, **fields) / Raw(data + behind),
         quoted=(packet, len(data)) if present else None)


def unfilled(packet, delta=0):
    """The packet with the folded, uncomplemented sum of the pseudo-header for a TCP checksum."""
    seen = IP(bytes(packet))
    length = seen.len - seen.ihl * 4
    value = ~checksum(in4_pseudoheader(6, seen, length)) & 0xFFFF
    seen[TCP].chksum = (value + delta) & 0xFFFF
    return seen


def echo_cases():
    body = bytes(range(56))
    case("echo request", ip(flags="DF") / echo() / Raw(body), put=True)
    case("echo request, no payload", ip(id=0, ttl=1) / echo(id=0, seq=0) / Raw(b""), put=True)
    case("echo request, odd payload", ip(ttl=255, tos=0xB8) / echo(id=65535, seq=65535) / Raw(b"abc"), put=True)
    case("echo reply", ip(src=B, dst=A) / echo(type=0) / Raw(body))
    case("echo reply, sum of all ones", ip(src=B, dst=A) / echo(type=0, id=0, seq=0) / Raw(b"\xff" * 8))
    case("echo reply, bad checksum", ip(src=B, dst=A) / echo(type=0, chksum=0x4321) / Raw(body), checksum_is="BAD")
    case("echo reply, damaged payload", ip(src=B, dst=A) / echo(type=0) / Raw(body), checksum_is="BAD", patch={60: 99})
    case("echo reply, octets behind", ip(src=B, dst=A) / echo(type=0) / Raw(b"abcd"), append=b"\x99" * 14)
    case("echo reply, payload truncated", ip(src=B, dst=A) / echo(type=0) / Raw(body), "TRUNCATED", "NONE", keep=40)
    case("echo request, record route",
         ip(options=[IPOption_RR(routers=["1.2.3.4", "0.0.0.0", "0.0.0.0"])]) / echo() / Raw(b"x"), put=True)
    case("echo request, router alert and padding",
         ip(options=[IPOption_Router_Alert(), IPOption_NOP()]) / echo() / Raw(b""), put=True)
    case("ICMP timestamp request", ip() / ICMP(type=13, id=9, seq=9, ts_ori=1, ts_rx=2, ts_tx=3))


def tcp_cases():
    case("SYN as Linux sends it", ip(id=0, flags="DF") / syn(), put=True)
    case("SYN without options", ip() / syn(options=[]), put=True)
    case("SYN with MSS alone", ip() / syn(options=[("MSS", 536)]), put=True)
    case("SYN with a payload", ip() / syn(options=[("MSS", 65535)]) / Raw(b"GET"), put=True)
    case("SYN-ACK", ip(src=B, dst=A) / syn(sport=443, dport=40000, flags="SA", ack=0xDEADBEF0))
    case("RST", ip(src=B, dst=A) / syn(flags="RA", seq=0, window=0, options=[], ack=0xFFFFFFFF), put=True)
    case("every flag, urgent", ip() / syn(flags="FSRPAUEC", urgptr=0xFFFF, options=[]), put=True)
    case("SACK blocks", ip() / syn(flags="A", options=[("NOP", None), ("NOP", None), ("SAck", (1, 2)), ("EOL", None)]))
    case("unknown option", ip() / syn(options=[(253, b"\xf9\x89\x01\x02"), ("WScale", 14)]))
    case("60 octets of header", ip() / syn(options=[("NOP", None)] * 36 + [("MSS", 9)]))
    case("bad TCP checksum", ip(src=B, dst=A) / syn(chksum=0x1234), checksum_is="BAD")
    case("unfilled TCP checksum", unfilled(ip(src=B, dst=A) / syn(flags="SA")), checksum_is="UNFILLED")
    case("nearly unfilled", unfilled(ip(src=B, dst=A) / syn(flags="SA"), 1), checksum_is="BAD")
    case("unfilled with payload", unfilled(ip(src=B, dst=A) / syn(flags="SA") / Raw(b"abc")), checksum_is="UNFILLED")
    case("TCP with IP options", ip(options=[IPOption_Router_Alert()]) / syn(), put=True)
    case("TCP, payload truncated", ip() / syn() / Raw(b"x" * 20), "TRUNCATED", "NONE", keep=70)


def error_cases():
    probe = ip(ttl=1) / echo() / Raw(bytes(range(56)))
    optioned = ip(options=[IPOption_RR(routers=["0.0.0.0"] * 9)]) / echo() / Raw(b"12345678")
    segment = ip(ttl=1) / syn()
    error("time exceeded, 8 octets of echo", 11, probe, 28)
    error("time exceeded, all of echo", 11, probe, 84)
    error("time exceeded, 8 octets of SYN", 11, segment, 28)
    error("port unreachable, all of SYN", 3, segment, 60, code=3)
    error("unreachable, SYN cut behind the flags", 3, segment, 34, code=13)
    error("unreachable, SYN cut in the acknowledgment", 3, segment, 30, code=1)
    error("unreachable, SYN cut in the options", 3, segment, 45, code=9)
    error("fragmentation needed", 3, probe, 28, code=4, nexthopmtu=1400)
    error("fragmentation needed, old router", 3, probe, 28, code=4, nexthopmtu=0)
    error("source quench", 4, probe, 28)
    error("redirect", 5, probe, 28, code=1, gw="10.0.0.254")
    error("parameter problem", 12, probe, 28, ptr=20)
    error("quote with IP options", 11, optioned, 68)
    error("outer IP options too", 11, optioned, 68,
          outer=ip(src=ROUTER, dst=A, options=[IPOption_Router_Alert(), IPOption_Router_Alert()]))
    error("quote of a later fragment", 11, ip(frag=185, proto=6) / Raw(b"ABCDEFGHIJ"), 30)
    error("quote of a later fragment of ICMP", 11, ip(frag=185, proto=1) / Raw(b"\x08\x00CDEFGHIJ"), 30)
    error("octets behind the whole quote", 11, probe, 84, behind=b"\x99" * 12)
    error("quote one octet short", 11, probe, 27, present=False)
    error("quote one octet short of its options", 11, optioned, 67, present=False)
    error("quote of 19 octets", 11, probe, 19, present=False)
    error("empty quote", 11, probe, 0, present=False)
    error("quote of IP version 6", 11, Raw(b"\x65" + bytes(probe)[1:]), 28, present=False)
    error("quoted header length 16", 11, Raw(b"\x44" + bytes(probe)[1:]), 28, present=False)
    error("quoted header length 60 of 28", 11, Raw(b"\x4f" + bytes(probe)[1:]), 28, present=False)


def other_cases():
    case("UDP", ip(proto=17) / Raw(b"\x00" * 12), "OTHER", "NONE", transport=False)
    case("later fragment", ip(frag=1) / echo() / Raw(b"12345678"), "OTHER", "NONE", transport=False)
    case("first fragment", ip(flags="MF") / echo() / Raw(b"12345678"), "TRUNCATED", "NONE")


def malformed():
    """Names, octets and verdicts of packets whose fields mean nothing."""
    good = bytes(ip() / echo() / Raw(b"12345678"))
    segment = bytes(ip() / syn())
    return [
        ("version 6", b"\x65" + good[1:], "MALFORMED"),
        ("header length 0", b"\x40" + good[1:], "MALFORMED"),
        ("header length 16", b"\x44" + good[1:], "MALFORMED"),
        ("header length 60, 36 there", b"\x4f" + good[1:2] + b"\x00\x64" + good[4:], "TRUNCATED"),
        ("total length 0", good[:2] + b"\x00\x00" + good[4:], "MALFORMED"),
        ("total length 19", good[:2] + b"\x00\x13" + good[4:], "MALFORMED"),
        ("total length 20: no ICMP header", good[:2] + b"\x00\x14" + good[4:], "TRUNCATED"),
        ("total length 27: 7 octets of ICMP", good[:2] + b"\x00\x1b" + good[4:], "TRUNCATED"),
        ("TCP header length 16", segment[:32] + b"\x40" + segment[33:], "MALFORMED"),
        ("TCP header length 60, 40 there", segment[:32] + b"\xf0" + segment[33:], "TRUNCATED"),
        ("total length 39: 19 octets of TCP", segment[:2] + b"\x00\x27" + segment[4:], "TRUNCATED"),
    ]


def checksums():
    """RFC 1071's worked example is in the test; these are scapy's sums of other lengths and contents."""
    for data in (b"", b"\x00", b"\x01", b"\xff", b"\xff\xff", b"\x12\x34\x56", bytes(range(255)), b"\xff" * 1501,
                 bytes(i * 7 & 255 for i in range(1000))):
        yield data, checksum(data)


def main():
    for make in (echo_cases, tcp_cases, error_cases, other_cases):
        make()
    print('#include "tests/unit/vector.h"')
    print("static const struct packet_vector packet_vectors[] = {")
    for fields in cases:
        print(initializer(fields) + ",")
    print("};\nstatic const struct verdict_vector verdict_vectors[] = {")
    for name, data, verdict in malformed():
        print(f'{{"{name}", {rows(data)}, {len(data)}, RP_PACKET_{verdict}}},')
    print("};\nstatic const struct checksum_vector checksum_vectors[] = {")
    for data, value in checksums():
        print(f"{{{rows(data)}, {len(data)}, {value:#06x}}},")
    print("};")


main()
