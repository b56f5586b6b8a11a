# SPDX-License-Identifier: MIT
"""A queue of this host's interface that is full, and an interface that is down: for a while, for ever, or again and again. Nothing
hangs, and no answer is reported lost."""
import concurrent.futures
import contextlib
import re
import socket
import threading
import time

import pytest

import net

HOST, PORTS = "10.9.1.2", (22, 80)
FULL = 1.2  # s

SERIES = r"^(\d+) packets transmitted, \1 received, 0% packet loss"
SCAN = r"^22/tcp +open .*\n23/tcp +closed .*\n80/tcp +open "
LINES = {
    "rping -c 1": (0, SERIES),
    "rping -c 1 -W 2": (0, SERIES),
    "rping -c 3 -i 0.2": (0, SERIES),
    "rping -l 3 -c 3": (0, SERIES),
    "rping -f -c 200": (0, SERIES),
    "rping -c 3 -i 0.2 -w 8": (0, r"^\d packets transmitted, 3 received, 0% packet loss"),
    "rping --until-up 1 -w 8 -W 2": (0, SERIES),
    "rsyn -p 22 -c 3 -i 0.2": (0, SERIES),
    "rsyn -p 22,23,80": (1, SCAN),
    "rsyn -p 22 --wait-open 8": (0, r"^22/tcp +open "),
    "rsyn -p 23 --wait-closed 8": (0, r"^23/tcp +closed "),
}


@pytest.fixture(scope="module")
def own():
    """A pair of its own, whose ends know each other for ever: ARP is not what waits."""
    network = net.Pair()
    network.b.listen(*PORTS)
    for one, device, other, far_device, address in (network.a, network.device_a, network.b, network.device_b, HOST), (
            network.b, network.device_b, network.a, network.device_a, network.address_a):
        mac = re.search(r"link/ether (\S+)", other.do(f"ip link show {far_device}").out)[1]
        one.do(f"ip neigh replace {address} lladdr {mac} dev {device} nud permanent")
    yield network
    network.close()


@contextlib.contextmanager
def queue(pair, text):
    """While a queue is taken away the kernel loses packets and reports that they were sent; so this one never is."""
    pair.a.do(f"tc qdisc replace dev {pair.device_a} root {text}")
    try:
        yield
    finally:
        pair.a.do(f"tc qdisc replace dev {pair.device_a} root pfifo limit 1000")


def start(pair, lines):
    """The tools run side by side: line, code, stdout, stderr and seconds of each."""
    def go(line):
        tool, *rest = line.split()
        began = time.monotonic()
        done = pair.a.run(tool, *rest, HOST, timeout=60)
        return line, done.code, done.out, done.err, time.monotonic() - began

    pool = concurrent.futures.ThreadPoolExecutor(len(lines))
    promises = [pool.submit(go, line) for line in lines]
    return lambda: [promise.result() for promise in promises]


def check(results, most):
    for line, code, out, err, seconds in results:
        wanted, pattern = LINES[line]
        assert code == wanted and re.search(pattern, out, re.M), (line, code, out, err)
        assert "late" not in out and "no answer" not in out, (line, out)
        net.below(seconds, most)


def test_full_for_a_while(own):
    """ping answers then, too: its second probe, where the first was refused, does."""
    with queue(own, "pfifo limit 0"):
        results = start(own, LINES)
        time.sleep(FULL)
    results = results()
    check(results, FULL + 3)
    for line, _, out, err, seconds in results:
        assert seconds > FULL - 0.5
        assert "not sent" not in out + err or "/tcp" in out, (line, out, err)  # a scan repeats it


@pytest.mark.parametrize("line, most", [
    ("rping -c 1 -W 1", 1), ("rping -c 3 -i 0.2 -W 1", 1.75), ("rping -f -c 200 -W 1", 2.2), ("rping -c 3 -w 2", 2),
    ("rping --until-up 1 -w 2", 2), ("rsyn -p 22 -c 1 -W 1", 1), ("rsyn -p 22,23", 6), ("rsyn -p 22 --wait-open 2", 2),
])
def test_full_for_ever(own, line, most):
    """Every probe is reported as not sent, none as lost, and the run ends: each probe is tried half as long as the one before."""
    with queue(own, "pfifo limit 0"):
        (_, code, out, err, seconds), = start(own, [line])()
    assert code == 1 and "the queue of the network interface is full" in err, (code, out, err)
    assert not re.search(r"\b(closed|filtered|late)\b", out), out
    if "transmitted" in out:
        assert re.search(r"^0 packets transmitted, 0 received, .*, \d+ not sent$", out, re.M), out
    net.below(seconds, most + 1)


def test_narrow_uplink_kept_full(own):
    """400 kbit/s, of which another program's packets want all: a probe waits until the queue has room for it, and in the queue."""
    done = threading.Event()

    def keep_full():
        with own.a.inside(), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
            one.connect((HOST, 9))
            while not done.wait(0.005):
                with contextlib.suppress(OSError):
                    one.send(bytes(1000))

    with queue(own, "tbf rate 400kbit burst 2000 latency 300ms"):
        thread = threading.Thread(target=keep_full)
        thread.start()
        try:
            time.sleep(0.5)
            results = start(own, [line for line in LINES if "-f" not in line])()
        finally:
            done.set()
            thread.join()
    check(results, 6)


@contextlib.contextmanager
def down(pair):
    pair.a.do(f"ip link set {pair.device_a} down")
    yield
    pair.a.do(f"ip link set {pair.device_a} up")


@pytest.mark.parametrize("bound", [False, True])
def test_interface_down_for_a_while(own, bound):
    """What cannot leave is reported as not sent. The kernel may lose a probe without a word when it takes the link down and when it
    brings it up; those that wait for ARP then may come back as unreachable, which is reported as an error."""
    device = [own.device_a] if bound else []
    lines = [" ".join([line, *flag, *device]) for line, flag in (
        ("rping -c 25 -i 0.1 -W 0.5", ["-I"][:bound]), ("rsyn -p 22 -c 25 -i 0.1 -W 0.5", ["-e"][:bound]))]
    results = start(own, lines)
    time.sleep(0.8)
    with down(own):
        time.sleep(0.6)
    for line, code, out, err, seconds in results():
        counts = re.search(r"^(\d+) packets transmitted, (\d+) received, .* (\d+) not sent$", out, re.M)
        assert code == 0 and counts, (line, code, out, err)
        transmitted, received, not_sent = map(int, counts.groups())
        errors = re.search(r", \+(\d+) errors, ", out)
        silent = transmitted - received - (int(errors[1]) if errors else 0)
        assert transmitted + not_sent == 25 and not_sent >= 3 and silent <= 3, (line, out)
        assert "sending works again" in err, (line, err)
        net.below(seconds, 5)


def test_interface_down_at_first(own):
    """Who waits for a host or a port waits for the interface, too."""
    with down(own):
        results = start(own, ["rping --until-up 1 -w 9", "rsyn -p 22 --wait-open 9", "rsyn -p 22,80 --wait-open 9 --all"])
        time.sleep(1.2)
    for line, code, out, err, seconds in results():
        assert code == 0, (line, code, out, err)
        net.below(seconds, 5)
