# SPDX-License-Identifier: MIT
"""Networks for the end-to-end tests. Run by meson, or by hand:

RPROBE_BIN=build/test/src tests/lib/private.sh /usr/bin/python3 -m pytest tests/e2e
"""
import os
import sys

import pytest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../lib"))

import net  # noqa: E402


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
