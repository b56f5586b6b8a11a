# SPDX-License-Identifier: MIT
"""Descriptors: a running tool has those it needs and no other, and none that a program it starts would inherit."""
import collections
import contextlib
import os
import re

import pytest

import net

PROGRAM = os.path.join(os.environ.get("PEER_BIN", ""), "descriptors")
O_CLOEXEC = 0o2000000
LOOP = ["[eventpoll]", "[timerfd]", "[signalfd]"]
# To send, ICMP, the routes; for TCP one more, and what holds each source port: of a scan two.
ECHO, SYN = ["socket"] * 3, ["socket"] * 4
SCAN = [*SYN, *["socket"] * 2]
HERE = "127.0.0.1"


def descriptors(process):
    """What each descriptor above 2 of a process is, and those that are inherited by exec."""
    kinds, inherited = [], []
    for number in os.listdir(f"/proc/{process}/fd"):
        if int(number) <= 2:
            continue
        target = os.readlink(f"/proc/{process}/fd/{number}")
        kinds.append(re.sub(r"^anon_inode:|:\[\d+\]$", "", target))
        with open(f"/proc/{process}/fdinfo/{number}") as info:
            flags = int(re.search(r"^flags:\s*(\d+)", info.read(), re.MULTILINE)[1], 8)
        if not flags & O_CLOEXEC:
            inherited.append(target)
    return collections.Counter(kinds), inherited


def descriptors_in_the_run(process):
    """The signals are taken up last."""
    def in_the_run():
        with contextlib.suppress(FileNotFoundError):  # of nsenter, which becomes the tool, or just closed
            found, inherited = descriptors(process.pid)
            if "[signalfd]" in found:
                return found, inherited
        assert process.poll() is None, process.communicate()
        return None

    return net.until(in_the_run)


@pytest.mark.parametrize("line, expected", [
    (f"rping {HERE}", ECHO),
    (f"rping --json -I lo {HERE}", ECHO),
    # a port for each probe that may wait for 10 seconds, or that leaves in 4
    (f"rsyn -c 100 -p 9 {HERE}", [*SYN, *["socket"] * 11]),
    (f"rsyn -c 3 -W 60 -i 30 -p 9 --source {HERE} {HERE}", [*SYN, *["socket"] * 3]),
    (f"rsyn -c 1000 -i 0.1 -W 0.5 -p 9 {HERE}", [*SYN, *["socket"] * 41]),
    (f"rsyn -c 100000 -i 0.01 -p 9 {HERE}", [*SYN, *["socket"] * 256]),
    (f"rsyn -c 100 -i 0.1 -g 4444 -p 9 {HERE}", [*SYN, "socket"]),
    ("rsyn -p 1-4000 --max-rate 100 -iL FOLDER/list", SCAN),
    (f"rsyn -p 1-4000 --max-rate 100 -oG FOLDER/ports -oJ FOLDER/lines {HERE}", [*SCAN, "FOLDER/ports", "FOLDER/lines"]),
])
def test_of_a_running_tool(lo, tmp_path, line, expected):
    (tmp_path / "list").write_text(HERE + "\n")
    process = lo.start(*line.replace("FOLDER", str(tmp_path)).split())
    wanted = collections.Counter([*LOOP, *(one.replace("FOLDER", str(tmp_path)) for one in expected)])
    try:
        found, inherited = descriptors_in_the_run(process)
        assert found == wanted
        assert inherited == []
    finally:
        process.kill()


def test_of_the_library(lo):
    """Sessions opened and closed again and again, and failing at every single descriptor."""
    done = lo.run(PROGRAM, timeout=60)
    assert done.code == 0, done.out + done.err


def test_of_the_command(lo, tmp_path):
    """What rsyn executes has the standard descriptors; number 3 is the folder that ls reads."""
    lo.listen(8023)
    (tmp_path / "list").write_text(HERE + "\n")
    done = lo.run("rsyn", "-q", "-p", 8023, "-iL", tmp_path / "list", "-oG", tmp_path / "ports", "--", "ls", "/proc/self/fd")
    assert done.out.split() == ["0", "1", "2", "3"], done.err
