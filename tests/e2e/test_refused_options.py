# SPDX-License-Identifier: MIT
"""A kernel that refuses a socket option (an old one, a sandbox): the run does without, its results are the same, and -v says so."""
import re

import pytest

import net

PORT = 22
LINES = {
    "rping": ["-n", "-c", "3", "-i", "0.02", "-W", "2"],
    "rping flood": ["-n", "-q", "-f", "-c", "300", "-W", "2"],
    "rping tos, size": ["-n", "-c", "3", "-i", "0.02", "-W", "2", "-Q", "16", "-S", "100000", "-s", "400"],
    "rsyn": ["-n", "-p", f"{PORT},9"],
    "rsyn series": ["-n", "-p", str(PORT), "-c", "3", "-i", "0.02", "-W", "2", "--tos", "16"],
}
REFUSED = {
    "SO_ATTACH_FILTER": "packet filters",
    "SO_RXQ_OVFL": "the count of packets dropped",
    "IP_RECVERR": "reports of a full queue",
    "SO_SNDBUF": "larger socket buffers",
    "IP_TOS": "the type of service of a socket",
}
SAID = re.compile(r"^\w+: this kernel refuses (.*)$", re.M)


@pytest.fixture(scope="module")
def here():
    network = net.Network()
    namespace = network.namespace("o")
    namespace.listen(PORT)
    yield namespace
    network.close()


def run(here, tmp_path, line, when, *more, error="ENOPROTOOPT"):
    """The run, and the calls of setsockopt that were refused in it."""
    tool = line.split()[0]
    calls = tmp_path / "calls"
    inject = ["-e", f"inject=setsockopt:error={error}:when={when}"] if when else []
    done = here.run("strace", "-f", "-o", calls, "-e", "trace=setsockopt", *inject, net.tool(tool), *LINES[line], *more, "127.0.0.1")
    return done, [call for call in calls.read_text().splitlines() if "setsockopt(" in call and ("INJECTED" in call or not when)]


def right(line, done):
    assert done.code == (1 if line == "rsyn" else 0), done.out + done.err
    if line == "rsyn":
        assert re.search(rf"^{PORT}/tcp +open", done.out, re.M) and re.search(r"^9/tcp +closed", done.out, re.M), done.out
    else:
        count = 300 if "flood" in line else 3
        assert f"{count} packets transmitted, {count} received, 0% packet loss" in done.out or f"{count} received" in done.out, done.out


@pytest.mark.parametrize("line", LINES)
def test_each_option_of_a_start(here, tmp_path, line):
    _, calls = run(here, tmp_path, line, None, "-v")
    assert len(calls) >= 8
    for when in range(1, len(calls) + 1):
        done, refused = run(here, tmp_path, line, when, "-v")
        assert len(refused) == 1
        right(line, done)
        said = SAID.findall(done.err)
        for option, text in REFUSED.items():
            if f" {option}, " in refused[0] and "(3, SOL_SOCKET, SO_ATTACH_FILTER" not in refused[0]:
                again = "len=1," in refused[0]  # the real filter, later, was taken
                assert [one.startswith(text) for one in said] == ([] if again else [True]), (refused, done.err)
        if " SO_TIMESTAMPING" in refused[0]:
            assert [one.startswith("time stamps of what") for one in said] == [True], (refused, done.err)
        quiet, _ = run(here, tmp_path, line, when)
        right(line, quiet)
        assert SAID.findall(quiet.err) == [] and "socket" not in quiet.err


@pytest.mark.parametrize("error", ["ENOPROTOOPT", "EPERM", "ENOMEM"])
@pytest.mark.parametrize("line", LINES)
def test_all_of_them(here, tmp_path, line, error):
    done, refused = run(here, tmp_path, line, "1+", "-v", error=error)
    assert len(refused) >= 8
    right(line, done)
    said = SAID.findall(done.err)
    assert len(said) == len(set(said)) >= 5


@pytest.mark.parametrize("tool", ["rping", "rsyn series"])
def test_the_clock_is_named(here, tmp_path, tool):
    """Each stamp that is missing makes the time the user clock's."""
    _, calls = run(here, tmp_path, tool, None, "--json")
    for when in (number for number, call in enumerate(calls, 1) if "SO_TIMESTAMPING" in call):
        done, _ = run(here, tmp_path, tool, when, "--json", "--clock", "kernel")
        replies = [one for one in net.json_lines(done.out) if one["event"] == "reply"]
        if f"({calls[when - 1].split('(')[1].split(',')[0]}," == "(4," and tool == "rsyn series":
            continue  # the socket of ICMP, where no answer comes
        assert len(replies) == 3 and {one["clock"] for one in replies} == {"user"}, done.out
        assert re.fullmatch(r"\w+: no kernel time stamp for a round trip: its time is the user clock's\n", done.err)


@pytest.mark.parametrize("line", ["rping", "rsyn", "rsyn series"])
def test_without_a_filter_the_rest_of_the_host_does_not_count(here, tmp_path, line):
    """Other programs' echo replies, errors and segments arrive as well, and are no answers, suspects or unknowns of this run."""
    others = [here.start("ping", "-i", "0.002", "127.0.0.1", stdout=-3, stderr=-3) for _ in range(2)]
    try:
        for _ in range(2):
            here.run("rsyn", "-n", "-p", "1-50", "127.0.0.1")
            done, refused = run(here, tmp_path, line, "1+", "--json")
            lines = net.json_lines(done.out)
            assert refused and lines[-1]["event"] == "run" and lines[-1]["suspect"] == 0 and lines[-1]["lost"] == 0
            assert not {"suspect", "unknown"} & {one["event"] for one in lines}
    finally:
        for process in others:
            process.kill()
            process.wait()
