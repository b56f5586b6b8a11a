# SPDX-License-Identifier: MIT
"""No busy loop: the system calls of a probe are few, and waiting longer costs none."""
import os
import re
import subprocess

import pytest

import net


def system_calls(lo, tmp_path, *argv):
    report = os.path.join(tmp_path, "strace")
    done = lo.run("strace", "-f", "-c", "-U", "calls,name", "-o", report, net.tool(argv[0]), *argv[1:])
    assert done.code in (0, 1), done.err
    with open(report) as file:
        return int(re.search(r"^\s*(\d+)\s+total$", file.read(), re.MULTILINE)[1])


SERIES = {
    "rping": lambda count, interval: ["rping", "-q", "-c", count, "-i", interval, "127.0.0.1"],
    "rsyn": lambda count, interval: ["rsyn", "-c", count, "-i", interval, "-p", "22", "127.0.0.1"],
}


@pytest.mark.parametrize("tool", list(SERIES))
def test_calls_per_probe(lo, tmp_path, tool):
    line = SERIES[tool]
    one = system_calls(lo, tmp_path, *line(1, "0.01"))
    hundred = system_calls(lo, tmp_path, *line(100, "0.01"))
    slow = system_calls(lo, tmp_path, *line(20, "0.1"))
    assert (hundred - one) / 99 <= 15
    assert (slow - one) / 19 <= 15


def test_routes_are_asked_for_once(lo, tmp_path):
    """Each host's route is asked for at its first probe and at most once a second, not for each of its ports."""
    scan = ["rsyn", "-q", "-p", "1-100"]
    assert system_calls(lo, tmp_path, *scan, "127.0.0.0/27") < system_calls(lo, tmp_path, *scan, "127.0.0.1") + 32 * 20


@pytest.mark.skipif(net.sanitized(), reason="sanitizers load it")
@pytest.mark.parametrize("tool", list(SERIES))
def test_no_mathematical_library(tool):
    """Loading it takes nine system calls at each start. What the tools compute needs no function of it."""
    needed = subprocess.run(["readelf", "--dynamic", net.tool(tool)], check=True, capture_output=True, text=True).stdout
    assert "libc." in needed and "libm." not in needed
