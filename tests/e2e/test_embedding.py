# SPDX-License-Identifier: MIT
"""The library inside other programs: several sessions on one loop, a foreign loop, closing from callbacks."""
import os

import pytest

import net

PROGRAM = os.path.join(os.environ.get("PEER_BIN", ""), "embedding")


@pytest.mark.parametrize("test", ["two_sessions", "sockets_are_of_one_session", "inside_a_poll_loop", "closed_by_listeners",
                                  "stopped_by_itself", "other_versions", "targets_come_and_go"])
def test_embedding(lo, test):
    done = lo.run(PROGRAM, test, timeout=60)
    assert done.code == 0, done.out + done.err
