# SPDX-License-Identifier: MIT
"""Networks for the end-to-end tests. Run by meson, or by hand:

RPROBE_BIN=build/test/src tests/lib/private.sh /usr/bin/python3 -m pytest tests/e2e
"""
import contextlib
import os
import re
import shutil
import sys
import tempfile

import pytest
from _pytest.runner import runtestprotocol

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../lib"))

import net  # noqa: E402
import peer  # noqa: E402
import stage  # noqa: E402


TRIES = 3


def pytest_sessionstart():
    """What a tool writes to a strange file name lies in a folder of its own, which is gone with private.sh."""
    for name in {"RPROBE_BIN", "PEER_BIN"} & set(os.environ):
        os.environ[name] = os.path.abspath(os.environ[name])
    os.chdir(tempfile.mkdtemp())


def pytest_runtest_makereport(item, call):
    if call.excinfo and call.excinfo.errisinstance(net.Slow):
        item.slow = True


def pytest_runtest_protocol(item, nextitem):
    """A test that was Slow is run again: it fails by chance when three runs were each beyond their bound."""
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    for _ in range(TRIES):
        item.slow = False
        reports = runtestprotocol(item, nextitem=nextitem, log=False)
        if not item.slow:
            break
    for report in reports:
        item.ihook.pytest_runtest_logreport(report=report)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


@pytest.fixture(scope="session")
def lo():
    """A namespace with loopback alone."""
    network = net.Network()
    yield network.namespace("lo")
    network.close()


@pytest.fixture(scope="session")
def pair():
    network = net.Pair()
    yield network
    network.close()


@pytest.fixture(scope="session")
def routed():
    network = net.Routed()
    yield network
    network.close()


@pytest.fixture(scope="session")
def iputils():
    """The ping that rping is compared with: its version, a date. VERSIONS in test_like_ping.py has what differs between them."""
    version = re.search(r"iputils (\d{8})", net.run("ping", "-V").out if shutil.which("ping") else "")
    if not version or version[1] < "20221126":
        pytest.skip("no ping of iputils 20221126 or later")
    return version[1]


@pytest.fixture(scope="session")
def known_names():
    """/etc/hosts has the names of tests/lib/stage.py, and no name server answers."""
    places = {"/etc/hosts": stage.NAMES, "/etc/resolv.conf": "nameserver 127.0.0.1\n"}
    for number, (place, text) in enumerate(places.items()):
        file = f"/run/names-{os.getpid()}-{number}"
        with open(file, "w") as names:
            names.write(text)
        net.must("mount", "--bind", file, place)
    yield
    for place in places:
        net.must("umount", place)


@pytest.fixture
def firewall():
    """Sets rules in a namespace, which are gone after the test."""
    touched = []

    def rules(namespace, text):
        touched.append(namespace)
        namespace.nft(text)

    yield rules
    for namespace in touched:
        namespace.nft("")


@pytest.fixture(scope="session")
def beside():
    """A namespace beside a network in one process; see far."""
    if not os.access("/dev/net/tun", os.R_OK | os.W_OK):
        pytest.skip("/dev/net/tun may not be opened here")
    network = net.Network()
    namespace = network.namespace("p")
    with contextlib.suppress(OSError):  # a kernel without IPv6 says nothing of its own into the device either
        namespace.sysctl("net.ipv6.conf.default.disable_ipv6", 1)
    yield namespace
    network.close()


@pytest.fixture
def far(beside):
    """far(rule, ...) starts that network behind the namespace; it ends with the test, or by .stop()."""
    started = []

    def start(*rules, **options):
        started.append(peer.Peer(beside, *rules, **options))
        return started[-1]

    yield start
    for one in started:
        one.stop()
