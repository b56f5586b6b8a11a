# SPDX-License-Identifier: MIT
"""ping and rping side by side in equal networks: the same output, exit code and packets, or a difference that the manual
names under DIFFERENCES FROM PING. A case is a command line, or one with words of the manual's item."""
import shutil

import pytest

import compat

pytestmark = pytest.mark.skipif(not shutil.which("ping"), reason="there is no ping to compare with")
B, R, ROUTER_LESS = "10.9.2.2", "10.9.1.254", "10.9.1.77"
FAST = "-i 0.05"


@pytest.fixture(scope="module")
def twins():
    pair = compat.Twins()
    yield pair
    pair.close()


def check(twins, line, item=None, timeout=20):
    found = compat.difference(*twins.run(line, timeout))
    if item is None:
        assert not found, found
        return
    assert any(item in text for text in compat.differences()), f"the manual names no difference with '{item}'"
    assert found, "there is no difference any more"


def cases(*rows):
    return pytest.mark.parametrize("line, item", [row if isinstance(row, tuple) else (row, None) for row in rows],
                                   ids=lambda value: value if isinstance(value, str) else "")


@cases(
    f"-c 1 {B}", f"-c 2 {FAST} {B}", f"{B} -c 1", f"-c1 {B}", f"-c 3 {FAST} -q {B}", f"-nc1 {B}", f"-c 1 {R}",
    f"-c 1 -4 {B}", f"-c 1 -n {B}", f"-c 2 {FAST} -D {B}", f"-c 1 -a {B}", f"-c 3 {FAST} -a {B}", f"-c 1 -aq {B}",
    f"-c 1 -A {B}", f"-c 3 -A {B}", f"-c 2 {FAST} -O {B}", (f"-c 2 {FAST} -v {B}", "sockets and lookups"), f"-c 1 -d {B}", f"-c 1 -B {B}",
    f"-c 1 -e 7 {B}", (f"-c 1 -e 65535 -v {B}", "sockets and lookups"), f"-c 1 -e 65535 {B}", f"-c 1 -e 0 {B}",
    f"-c 1 -F 5 {B}", f"-c 1 -L {B}", f"-c 1 -m 9 {B}", f"-c 1 -m 4294967295 {B}", f"-c 1 -S 5000 {B}",
    f"-c 3 -l 3 {B}", f"-c 5 -l 2 {FAST} {B}", f"-c 3 -l 2 -q {FAST} {B}",
    (f"-c 1 -U {B}", "user clock"),
    f"-c 1 -C {B}",
    (f"-c 1 -3 {B}", "exit status 2"),
    (f"-c 1 -H {B}", "exit status 2"),
)
def test_plain(twins, line, item):
    check(twins, line, item)


@cases(
    f"-c 5 -f {B}", f"-c 50 -f {B}", f"-c 3 -f -q {B}", f"-c 4 -f {FAST} {B}", f"-c 3 -f -D {B}", f"-c 2 -f -n {B}",
    f"-c 3 -f -W 0.3 10.9.10.1", f"-c 1 -i 0 {B}", f"-c 3 -i 0.01 {B}", f"-c 2 -i .05 {B}", f"-c 2 -i 0.0025 {B}",
)
def test_pace(twins, line, item):
    check(twins, line, item)


@cases(
    f"-c 1 -s 16 {B}", f"-c 1 -s 17 {B}", f"-c 1 -s 24 {B}", f"-c 1 -s 100 {B}", f"-c 1 -s 1000 {B}",
    f"-c 1 -s 1472 {B}", f"-c 1 -s 1473 {B}", f"-c 1 -s 2952 {B}", f"-c 1 -s 2953 {B}", f"-c 2 {FAST} -s 8000 {B}",
    f"-c 1 -s 20000 {B}", f"-c 1 -s 65507 {B}", f"-c 1 -s 2000 -M dont {B}", f"-c 1 -s 1472 -M dont {B}",
    f"-c 1 -M dont {B}", f"-c 1 -M do {B}", f"-c 1 -M want {B}", f"-c 1 -s 1472 -M do {B}",
    f"-c 1 -s 3000 -t 3 -Q 8 {B}", (f"-c 1 -s 3000 -R {B}", "IP options"), f"-c 1 -s 2000 -q {B}", f"-c 1 -s 1432 -R {B}",
    (f"-c 1 -s 0 {B}", "below 16 bytes"), (f"-c 1 -s 8 {B}", "below 16 bytes"), (f"-c 1 -s 15 {B}", "below 16 bytes"),
    (f"-c 1 -s 1473 -M do {B}", "could not be sent"), (f"-c 2 {FAST} -s 65507 -M do {B}", "could not be sent"),
    (f"-c 1 -s 65508 {B}", "exit status 2"), (f"-c 1 -M probe {B}", "exit status 2"),
)
def test_size(twins, line, item):
    check(twins, line, item)


@cases(
    f"-c 1 -p ff {B}", f"-c 1 -p f {B}", f"-c 1 -p ff00 {B}", f"-c 1 -p 0102030405060708090a0b0c0d0e0f10 {B}",
    f"-c 1 -p AbCd -s 40 {B}", f"-q -p ff -c 1 {B}", f"-c 1 -p 00 -s 1000 {B}",
    f"-p ff -q -c 1 {B}",
    f"-c 1 -Q 0x10 {B}", f"-c 1 -Q 0 {B}", f"-c 1 -Q 255 {B}", f"-c 1 -Q 184 {B}", f"-c 1 -Q 0xb8 {B}",
    f"-c 1 -t 2 {B}", f"-c 1 -t 255 {B}", f"-c 1 -t 64 {B}", f"-c 1 -r {R}", f"-c 1 -r -q {R}",
    (f"-c 1 -r {B}", "could not be sent"),
    f"-c 1 -R {B}", f"-c 2 {FAST} -R {B}", f"-c 1 -R -n {R}", f"-c 1 -Rq {B}", f"-c 1 -R -s 100 {B}", f"-c 2 {FAST} -R -D {B}",
    f"-c 1 -T tsonly {B}", f"-c 1 -T tsandaddr {B}", f"-c 1 -T tsonly -q {B}", f"-c 2 {FAST} -T tsandaddr -n {R}",
    f"-c 1 -T tsprespec {R} {B}", f"-c 1 -T tsprespec {R} {B} {B}", f"-c 1 -T tsprespec 10.9.1.1 {R} {B}",
)
def test_packet(twins, line, item):
    check(twins, line, item)


@cases(
    f"-c 1 -I DEVICE {B}", f"-c 1 -I 10.9.1.1 {B}", f"-c 1 -I 10.9.1.1 -I DEVICE {B}", f"-c 1 -I DEVICE -q {R}",
    f"-c 1 -I 10.9.1.1 -B {B}", f"-c 1 -I DEVICE -B {B}", f"-c 1 -I lo -W 0.2 {B}", f"-c 1 -I 127.0.0.1 127.0.0.1",
    f"-c 1 -I DEVICE -R {B}", f"-c 1 -I nosuchdevice {B}", f"-c 1 -I 192.0.2.1 {B}", f"-c 1 -I DEVICE 10.9.1.1 -W 0.2",
    "-c 1 127.0.0.1", "-c 1 127.0.0.77", "-c 1 localhost", "-c 2 -i 0.05 -q localhost", "-c 1 -n localhost",
    "-c 1 10.9.1.1", "-c 1 -s 60000 127.0.0.1", "-c 1 -s 65507 127.0.0.1", ("-c 1 -v localhost", "sockets and lookups"), "-c 1 -R 127.0.0.1",
)
def test_interface(twins, line, item):
    check(twins, line, item)


@cases(
    "-b -c 1 -W 0.3 10.9.1.255", "-b -c 2 -i 0.2 10.9.1.255", "-c 1 10.9.1.255", "-b -c 1 -q 10.9.1.255",
    "-b -c 1 -W 0.3 255.255.255.255", "-c 1 255.255.255.255", f"-b -c 1 {B}",
    "-c 1 -W 0.3 224.0.0.1 -I DEVICE", "-c 1 -W 0.3 -t 3 -I DEVICE 224.0.0.1", "-c 1 -W 0.3 -L -I DEVICE 224.0.0.1",
    "-c 1 -W 0.3 239.1.2.3 -I DEVICE",
)
def test_groups(twins, line, item):
    check(twins, line, item)


@cases(
    f"-c 1 -t 1 {B}", f"-c 2 {FAST} -t 1 {B}", f"-c 2 {FAST} -t 1 -q {B}", f"-c 2 {FAST} -t 1 -D {B}",
    f"-c 2 {FAST} -t 1 -n {B}", f"-c 2 {FAST} -t 1 -O {B}", f"-c 1 -t 1 -s 1000 {B}", f"-c 1 -t 1 -I DEVICE {B}",
    f"-c 1 -t 1 -R {B}", f"-c 2 {FAST} -t 1 -a {B}",
    "-c 1 10.9.11.1", f"-c 2 {FAST} 10.9.11.1", "-c 1 -q 10.9.11.1", "-c 1 10.9.12.1",
    f"-c 2 {FAST} 10.9.12.1", f"-c 2 {FAST} -D 10.9.12.1", "-c 1 -W 0.3 10.9.10.1", f"-c 3 {FAST} -W 0.3 10.9.10.1",
    "-c 1 -q -W 0.3 10.9.10.1", f"-c 2 {FAST} -D -W 0.3 10.9.10.1", "-c 1 -w 1 10.9.10.1",
    f"-c 2 {FAST} -l 2 -W 0.3 10.9.10.1", "-c 1 -W 1 10.9.9.9", f"-c 2 {FAST} 10.9.9.9",
    f"-c 1 -W 2 {ROUTER_LESS}", f"-c 2 {FAST} -W 2 {ROUTER_LESS}", f"-c 1 -W 2 -q {ROUTER_LESS}", "-c 1 10.9.20.1",
    (f"-c 3 {FAST} -O -W 0.3 10.9.10.1", "the last one, too"),
    (f"-w 1 -i 0.3 -t 1 {B}", "does not end the run"),
    (f"-c 2 -w 1 {FAST} 10.9.11.1", "does not end the run"),
    f"-f -c 3 -t 1 {B}",
)
def test_unanswered(twins, line, item):
    check(twins, line, item)


@cases(
    f"-w 1 -i 0.3 {B}", f"-c 2 -w 3 {FAST} {B}", f"-c 1 -w 1 {B}", f"-w 1 -q -i 0.2 {B}", f"-c 2 -W 1 {FAST} {B}",
    f"-c 1 -W 0 {B}", f"-c 1 -W 0.5 {B}", f"-c 1 -W 1.5 -w 5 {B}", f"-c 1 -w 0 {B}",
    (f"-c 1 -w 0.5 {B}", "fractions"),
)
def test_waiting(twins, line, item):
    check(twins, line, item)


@cases(
    ("", "exit status 2"), ("-c 0 127.0.0.1", "exit status 2"), ("-c x 127.0.0.1", "exit status 2"),
    ("-c 1x 127.0.0.1", "exit status 2"), ("-c 99999999999999999999 127.0.0.1", "exit status 2"),
    ("-t 256 127.0.0.1", "exit status 2"), ("-l 0 127.0.0.1", "exit status 2"), ("-e 70000 127.0.0.1", "exit status 2"),
    ("-s -1 127.0.0.1", "exit status 2"), ("-S 0 127.0.0.1", "exit status 2"), ("-w -1 127.0.0.1", "exit status 2"),
    ("-m x 127.0.0.1", "exit status 2"), ("-c 1 -i abc 127.0.0.1", "exit status 2"),
    ("-c 1 -i 0,5 127.0.0.1", "exit status 2"), ("-c 1 -i -1 127.0.0.1", "exit status 2"),
    "-i nan 127.0.0.1", "-W -1 -c 1 127.0.0.1", "-p xyz 127.0.0.1", "-R -T tsonly 127.0.0.1", "-T bad 127.0.0.1", ("-c 1 -W x 127.0.0.1", "exit status 2"),
    "-M bad 127.0.0.1", "-Q 256 127.0.0.1", "-Z 127.0.0.1", "-c", "-4 -6 localhost", ("--", "exit status 2"), "-t 0 127.0.0.1",
    "no-such-name.invalid", "-c 1 -6 127.0.0.1", "-i 1e30 127.0.0.1",
    ("-c 1 -Q ef 127.0.0.1", "names"), ("-h", "standard output"), ("-V", "prints its own name"),
    f"-c 1 {R} {B}", ("--count 1 127.0.0.1", "long name"), "-c 1 -j 127.0.0.1",
)
def test_arguments(twins, line, item):
    check(twins, line, item)


@pytest.mark.parametrize("verdict", [
    "drop", "reject with icmp net-unreachable", "reject with icmp host-unreachable", "reject with icmp prot-unreachable",
    "reject with icmp port-unreachable", "reject with icmp net-prohibited", "reject with icmp host-prohibited",
    "reject with icmp admin-prohibited"])
@pytest.mark.parametrize("where", ["r", "b"])
def test_firewall(twins, verdict, where):
    hook = "forward" if where == "r" else "input"
    rule = f"chain c {{ type filter hook {hook} priority 0; icmp type echo-request {verdict}; }}"
    try:
        twins.each(lambda network: getattr(network, where).nft(rule))
        check(twins, f"-c 2 {FAST} -W 0.3 {B}")
    finally:
        twins.each(lambda network: getattr(network, where).nft(""))


def test_firewall_here(twins):
    try:
        twins.each(lambda network: network.a.nft("chain c { type filter hook output priority 0; ip protocol icmp drop; }"))
        check(twins, f"-c 2 {FAST} -W 0.3 {B}", "could not be sent")
    finally:
        twins.each(lambda network: network.a.nft(""))


@pytest.mark.parametrize("line", [
    f"-c 3 -i 0.1 -s 1400 {B}", f"-c 2 -i 0.1 -s 1400 -M dont {B}", f"-c 1 -s 1400 -M do {B}", f"-c 2 -i 0.1 -s 900 {B}"])
def test_small_path(twins, line):
    """The path carries less than the link, and nobody knows it yet."""
    try:
        twins.each(lambda n: (n.r.do(f"ip link set {n.device_rb} mtu 1000"), n.b.do(f"ip link set {n.device_b} mtu 1000"),
                              n.a.do("ip route flush cache")))
        check(twins, line)
    finally:
        twins.each(lambda n: (n.r.do(f"ip link set {n.device_rb} mtu 1500"), n.b.do(f"ip link set {n.device_b} mtu 1500"),
                              n.a.do("ip route flush cache")))


def test_every_difference_is_one_item():
    items = compat.differences()
    assert len(items) >= 8 and all(items)
