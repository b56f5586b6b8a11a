# SPDX-License-Identifier: MIT
"""What really leaves: captured by the kernel and dissected by scapy, which knows nothing of our code."""
import pytest
from scapy.all import ICMP, IP, TCP, Raw


def good_checksums(packet):
    """scapy computes every checksum anew, and gets the same packet."""
    fresh = IP(bytes(packet))
    del fresh.chksum
    for layer in (ICMP, TCP):
        if layer in fresh:
            del fresh[layer].chksum
    return bytes(fresh) == bytes(packet)


@pytest.mark.parametrize("size", [0, 8, 15, 56, 57, 1472])
def test_echo_request(pair, size):
    with pair.a.capture(pair.device_a) as packets:
        done = pair.a.run("rping", "-c", 2, "-i", "0.05", "-s", size, pair.address_b)
    assert done.code == 0, done.err
    probes = [p for p in packets if ICMP in p and p[ICMP].type == 8]
    assert [p[ICMP].seq for p in probes] == [1, 2]
    assert len({p[ICMP].id for p in probes}) == 1
    for packet in probes:
        assert good_checksums(packet)
        assert (packet.version, packet.ihl, packet.len, packet.ttl) == (4, 5, 28 + size, 64)
        assert (packet.src, packet.dst, packet[ICMP].code) == (pair.address_a, pair.address_b, 0)
        assert len(packet[Raw].load if Raw in packet else b"") == size
    if size >= 16:  # the keyed value differs from probe to probe
        assert probes[0][Raw].load != probes[1][Raw].load


@pytest.mark.parametrize("line", ["rping -c 1 -t 7 -Q 0x28", "rsyn -p 9 --ttl 7 --tos 0x28"])
def test_time_to_live_and_type_of_service(pair, line):
    with pair.a.capture(pair.device_a) as packets:
        pair.a.run(*line.split(), pair.address_b)
    assert {(p.ttl, p.tos) for p in packets if p.src == pair.address_a} == {(7, 0x28)}


def test_identifier_and_key_differ_from_run_to_run(pair):
    payloads = set()
    for _ in range(3):
        with pair.a.capture(pair.device_a) as packets:
            pair.a.run("rping", "-c", 1, pair.address_b)
        payloads.update(p[Raw].load for p in packets if ICMP in p and p[ICMP].type == 8)
    assert len(payloads) == 3


def test_syn(pair):
    pair.b.listen(8022)
    with pair.a.capture(pair.device_a) as packets:
        done = pair.a.run("rsyn", "-p", "8022,8023", pair.address_b)
    assert done.code == 1, done.err
    probes = [p for p in packets if TCP in p and p[TCP].flags == "S"]
    assert sorted(p[TCP].dport for p in probes) == [8022, 8023]
    for packet in probes:
        assert good_checksums(packet)
        assert (packet.src, packet.dst, packet[TCP].ack, packet.version) == (pair.address_a, pair.address_b, 0, 4)
        assert packet[TCP].window > 0 and packet[TCP].urgptr == 0
        assert dict(packet[TCP].options)["MSS"] == 1460
    assert probes[0][TCP].seq != probes[1][TCP].seq  # each probe has its own keyed number
    assert len({p[TCP].sport for p in probes}) == 1


def test_retries_of_a_silent_port_differ(pair, firewall):
    firewall(pair.b, "chain c { type filter hook input priority 0; tcp dport 9 drop; }")
    with pair.a.capture(pair.device_a) as packets:
        pair.a.run("rsyn", "-p", 9, pair.address_b)
    numbers = [p[TCP].seq for p in packets if TCP in p and p[TCP].flags == "S"]
    assert 2 <= len(numbers) <= 12
    assert len(set(numbers)) == len(numbers)
