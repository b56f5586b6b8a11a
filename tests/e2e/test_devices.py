# SPDX-License-Identifier: MIT
"""Interfaces and source addresses that go away in mid-run and come back: what is told, and that the run goes on."""
import collections
import json
import re
import signal

import pytest

import events
import net

B, SECOND = "10.9.1.2", "10.9.1.7"
GONE = "the network interface is gone"
NO_ADDRESS = "the source address is no address of this host any more"


class Reborn(net.Network):
    """a (v0 10.9.1.1) -- b (w0 10.9.1.2), and the pair can be made anew."""

    def __init__(self):
        super().__init__()
        self.a, self.b = self.namespace("a"), self.namespace("b")
        self.make()

    def make(self):
        """Whoever sends through v0 as soon as that is possible is answered."""
        net.must("ip", "link", "add", "v0", "netns", self.a.name, "type", "veth", "peer", "w0", "netns", self.b.name)
        for line in f"address add {B}/24 dev w0", "link set w0 up":
            self.b.do("ip " + line)
        for line in "address add 10.9.1.1/24 dev v0", f"address add {SECOND}/24 dev v0", "link set v0 up":
            self.a.do("ip " + line)


@pytest.fixture
def reborn():
    network = Reborn()
    yield network
    network.close()


class Told:
    """A run whose lines of JSON are read as they come."""

    def __init__(self, namespace, *argv):
        self.lines = []
        self.process = namespace.start(*argv)

    def until(self, event, count=3):
        """Until so many more lines are of that event."""
        for line in self.process.stdout:
            self.lines.append(json.loads(line))
            count -= self.lines[-1]["event"] == event
            if count == 0:
                return
        raise AssertionError(self.process.stderr.read())

    def end(self, number=signal.SIGINT):
        """The line of the run, and the lines of standard error."""
        if number:
            self.process.send_signal(number)
        self.lines += map(json.loads, self.process.stdout)
        events.check(self.lines)
        err = self.process.stderr.read()
        self.process.wait()
        run = self.lines[-1]
        count = collections.Counter(line["event"] for line in self.lines)
        assert run["unsent"] == count["unsent"] and run["received"] == count["reply"]
        return run, err.splitlines()


SERIES = [["rping", "-I", "v0"], ["rping", "-R", "-I", "v0"], ["rping", "-I", "v0", "-I", SECOND], ["rsyn", "-e", "v0", "-p", "9", "-c", "1000"]]


@pytest.mark.parametrize("argv", SERIES, ids=" ".join)
def test_an_interface_made_again(reborn, argv):
    told = Told(reborn.a, *argv, "--json", "-w", "20", "-i", "0.05", B)
    for _ in range(2):
        told.until("reply")
        reborn.a.do("ip link del v0")
        told.until("unsent")
        reborn.make()
        told.until("reply", 25)  # as long as an answer about a route is remembered, and longer
    run, err = told.end()
    assert run["lost"] == 0
    assert sum(GONE in line for line in err) >= 2 and sum(" sending works again" in line for line in err) == 2, err
    assert " sending works again" in err[-1]


@pytest.mark.parametrize("argv", [["rping", "-I", SECOND], ["rping", "-B"], ["rsyn", "-S", SECOND, "-p", "9", "-c", "1000"]],
                         ids=" ".join)
def test_an_address_that_comes_back(reborn, argv):
    """The route stays, by the other address: without a word the probes would be lost."""
    if argv == ["rping", "-B"]:
        reborn.a.do("ip route replace 10.9.1.0/24 dev v0 src " + SECOND)
    told = Told(reborn.a, *argv, "--json", "-w", "20", "-i", "0.15", B)
    told.until("reply")
    reborn.a.do(f"ip address del {SECOND}/24 dev v0")
    reborn.a.do("ip route replace 10.9.1.0/24 dev v0")
    told.until("unsent")
    reborn.a.do(f"ip address add {SECOND}/24 dev v0")
    told.until("reply")
    run, err = told.end()
    assert run["lost"] <= 1  # one may have been on its way
    assert NO_ADDRESS in err[0] and re.search(r": sending works again, from probe \d+ on; \d+ before it were not sent$", err[-1]), err
    assert {line["text"].split(": ")[-1] for line in told.lines if line["event"] == "unsent"} == {NO_ADDRESS}


def test_a_scan_goes_on(reborn):
    told = Told(reborn.a, "rsyn", "--json", "-e", "v0", "-p", "1-600", "--max-rate", "100", B)
    told.until("reply")
    reborn.a.do("ip link del v0")
    told.until("unsent")
    reborn.make()
    run, err = told.end(None)
    ports = [line for line in told.lines if line["event"] == "port"]
    assert len(ports) == 600 and {line["reason"] for line in ports} == {"reset"}
    assert err[0].endswith(GONE)
    assert err[-1] == f"rsyn: sending works again; {run['unsent']} probes were not sent"


def test_waiting_for_a_port_behind_it(reborn):
    """As behind a VPN."""
    told = Told(reborn.a, "rsyn", "--json", "-e", "v0", "--wait-open", "20", "-p", "80", B)
    told.until("reply", 1)
    reborn.a.do("ip link del v0")
    told.until("unsent", 1)
    reborn.make()
    reborn.b.listen(80)
    run, err = told.end(None)
    assert told.process.returncode == 0 and run["lost"] == 0 and "sending works again" in err[-1]


def test_the_source_stays_that_of_the_interface(reborn):
    """Though the routes lead through another one, also when the source is asked for again, after a second."""
    net.must("ip", "link", "add", "v1", "netns", reborn.a.name, "type", "veth", "peer", "w1", "netns", reborn.b.name)
    for namespace, device, address in (reborn.b, "w1", "10.9.3.2"), (reborn.a, "v1", "10.9.3.1"):
        namespace.do(f"ip address add {address}/24 dev {device}")
        namespace.do(f"ip link set {device} up")
    reborn.b.do("ip route add 10.9.3.1/32 dev w1 src 10.9.3.2")
    for device in "all", "w1":
        reborn.b.sysctl(f"net.ipv4.conf.{device}.rp_filter", 0)
    with reborn.a.capture("v1") as packets:
        done = reborn.a.run("rsyn", "-n", "-e", "v1", "-p", "9", "-i", "0.3", "-c", "6", B)
    assert done.code == 1 and "6 received" in done.out, done.out + done.err
    assert {packet.src for packet in packets if packet.dst == B} == {"10.9.3.1"}
