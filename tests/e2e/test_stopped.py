# SPDX-License-Identifier: MIT
"""A tool that is stopped in the middle of a run (SIGSTOP, a frozen cgroup) loses nothing: the answers came in time and wait for it."""
import concurrent.futures
import contextlib
import os
import re
import signal
import time

import pytest

import net

HOST, LATE = "10.64.1.1", "300ms"
STOP = 1.2  # longer than any of the timeouts, with which the answers are waited for

SERIES = r"^3 packets transmitted, 3 received, 0% packet loss"
LINES = {
    "rping -c 1 -W 0.5": (0, r"^1 packets transmitted, 1 received, 0% packet loss"),
    "rping -c 3 -i 0.2 -W 0.5": (0, SERIES),
    "rping -l 3 -c 3 -W 0.5": (0, SERIES),
    "rping -f -c 3 -W 0.5": (0, SERIES),
    "rping --until-up 2 -i 0.2 -W 0.5 -w 8": (0, r"^\d packets transmitted, 2 received, 0% packet loss"),
    "rping --until-down 1 -c 3 -i 0.2 -W 0.5": (1, SERIES),
    "rsyn -p 22 -c 3 -i 0.2 -W 0.5": (0, SERIES),
    "rsyn -p 22 --wait-open 8": (0, r"^22/tcp +open "),
    "rsyn -p 22,23": (1, r"^22/tcp +open .*\n23/tcp +closed "),
}


@pytest.fixture
def slow(far):
    far(f"{HOST} tcp 22: open late={LATE}", f"{HOST}: alive late={LATE}")


def waits(process):
    """The tool waits for the answer to what it has sent."""
    with open(f"/proc/{process.pid}/wchan") as where:
        return "poll" in where.read() or process.poll() is not None


def state(process):
    with open(f"/proc/{process.pid}/stat") as stat:
        return stat.read().rsplit(") ", 1)[1][0]


@contextlib.contextmanager
def stopped(process):
    process.send_signal(signal.SIGSTOP)
    net.until(lambda: state(process) == "T")
    yield
    process.send_signal(signal.SIGCONT)


@contextlib.contextmanager
def frozen(process):
    """In a cgroup of its own, which takes version 2 and the right to make one."""
    with open("/proc/self/mounts") as mounts:
        roots = [line.split()[1] for line in mounts if line.split()[2] == "cgroup2"]
    group = os.path.join(*roots[:1], f"rprobe-test-{process.pid}") if roots else "/nowhere/group"
    try:
        os.mkdir(group)
    except OSError as error:
        pytest.skip(f"no cgroup can be made here: {error}")

    def read(name):
        with open(os.path.join(group, name)) as file:
            return file.read()

    def write(name, value):
        with open(os.path.join(group, name), "w") as file:
            file.write(str(value))

    try:
        write("cgroup.procs", process.pid)
        write("cgroup.freeze", 1)
        net.until(lambda: "frozen 1" in read("cgroup.events"))
        yield
    finally:
        write("cgroup.freeze", 0)
        net.until(lambda: read("cgroup.procs") == "")
        os.rmdir(group)


def go(namespace, line, how):
    tool, *rest = line.split()
    process = namespace.start(tool, *rest, HOST)
    net.until(lambda: waits(process))
    with how(process):
        time.sleep(STOP)
        resumed = time.monotonic()
    code, out, err = net.finish(process)
    return line, code, out, err, time.monotonic() - resumed


@pytest.mark.parametrize("how", [stopped, frozen])
def test_nothing_is_lost(beside, slow, how):
    with concurrent.futures.ThreadPoolExecutor(len(LINES)) as pool:
        for line, code, out, err, seconds in pool.map(lambda line: go(beside, line, how), LINES):
            wanted, pattern = LINES[line]
            assert code == wanted and re.search(pattern, out, re.M), (line, code, out, err)
            assert "late" not in out and "no answer" not in out and "DUP" not in out, (line, out)
            net.below(seconds, 3)  # what is left of the run
