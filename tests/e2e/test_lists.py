# SPDX-License-Identifier: MIT
"""Lists of targets and what they hold: many names, names of one address, bad lines. Each name stands for itself in every
output, one that is bad stops no other, and what is excluded is never probed."""
import signal
import socket
import time

import pytest
from scapy.all import IP, TCP, raw

import dns
import net

A, B, B2, B3 = "10.9.1.1", "10.9.1.2", "10.9.1.3", "10.9.1.4"


@pytest.fixture(scope="module")
def world(pair):
    for address in B2, B3:
        pair.b.do(f"ip address add {address}/24 dev {pair.device_b}")
    pair.b.listen(80)
    yield pair
    for address in B2, B3:
        pair.b.do(f"ip address del {address}/24 dev {pair.device_b}")


@pytest.fixture
def names(world):
    """names(records, hosts=text) starts the name server of namespace a."""
    started = []

    def start(records=None, **more):
        started.append(dns.Names(world.a, records or {}, **more))
        return started[-1]

    yield start
    for one in started:
        one.close()


def test_junk_for_many_names_of_one_address(world, names, firewall):
    """3,000 names, each waits for its own silent port, and 4,000 segments that answer none of them: who sends them does not
    keep an interrupt waiting."""
    names(hosts="".join(f"{B} n{i}.test\n" for i in range(3000)))
    firewall(world.b, "chain i { type filter hook input priority 0; tcp dport 81 drop; }")
    junk = [raw(IP(src=B, dst=A) / TCP(sport=81, dport=40000, flags="RA", ack=1 + i)) for i in range(4000)]
    process = world.a.start("rsyn", "-q", "--wait-open", 60, "--source-port", 40000, *[f"n{i}.test:81" for i in range(3000)])
    net.until(lambda: world.a.sent(world.device_a) > 3000, seconds=30)
    with world.b.inside():
        sender = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    with sender:
        for segment in junk:
            sender.sendto(segment, (A, 0))
    begun = time.monotonic()
    code, _, err = net.finish(process, signal.SIGINT)
    assert (code, err) == (1, "")
    net.below(time.monotonic() - begun, 3)
