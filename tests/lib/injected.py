#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Every error of every call that moves packets, in real runs of both tools: strace returns it instead of the kernel's answer.

injected.py [FIRST-LAST]: the FIRST to the LAST call of its kind fails (1-5), one in each run. Run below private.sh:

    RPROBE_BIN=build/test/src tests/lib/private.sh tests/lib/injected.py 1-5

Each run has a host that answers, so its result is known beforehand: the host is up, nothing is lost, open ports are open. Where the
fault makes the run impossible, it ends with exit status 2 and a sentence about what was refused. A run without so many calls of a
kind has no fault, and counts as not run.
"""
import collections
import concurrent.futures
import errno
import itertools
import os
import re
import subprocess
import sys
import tempfile
import time

import net

CALLS = ("sendmmsg", "recvmmsg", "epoll_wait", "setsockopt", "socket", "bind")
ERRORS = ("ENOBUFS", "ENOMEM", "EINTR", "EAGAIN", "EPERM", "ENETUNREACH")
REFUSALS = ("EPERM", "ENETUNREACH")  # of a packet, by a firewall or a route; after the others it is sent again
# Those that ask for routes, take up signals and set timers; here only what may pass.
OTHERS = ("sendto", "recvfrom", "signalfd4", "timerfd_settime")
HOST = "10.9.1.2"
OPEN, SILENT = (22, 80), 9

# What the sentence names where a run is impossible; no socket option makes it so.
NAMES = {"socket": r"\bsocket\b|source port", "bind": r"source (address|port)"}

# How long a call that fails is repeated at most when it fails once, and what starting below strace takes on a busy machine.
REPEATED, START = 0.1, 2.0
HUNG = 30

SUMMARY = re.compile(r"^(\d+) packets transmitted, (\d+) received, (\S+)% packet loss, time \d+ms(?:, (\d+) not sent)?$", re.M)


def series(sent, exit_status=0, fewer=0, goes_on=False):
    """So many probes (or that many fewer), all of them answered. One that the kernel refused is neither sent nor lost; goes_on:
    there is another one for it."""
    def check(run, refused):
        summary = SUMMARY.search(run.out)
        assert summary, run.out + run.err
        transmitted, received, not_sent = int(summary[1]), int(summary[2]), int(summary[4] or 0)
        assert received == transmitted, summary[0]
        assert summary[3] == "0" or transmitted == 0, summary[0]
        assert not_sent == refused, summary[0]
        most = sent - refused * (not goes_on)
        assert most - fewer <= transmitted <= most, summary[0]
        assert run.code == (exit_status if transmitted else 1), run.code

    return check


def states_of(states):
    for port, state in states.items():
        wanted = "open" if port in OPEN else "filtered" if port == SILENT else "closed"
        assert state == wanted, f"port {port} is {state}"


def printed(out):
    """The states in the table of a scan."""
    return {int(port): state for port, state in re.findall(r"^(\d+)/tcp +(\S+)", out, re.M)}


def scan(count, exit_status):
    """Every port is what it is; one that the kernel refused to ask is asked again."""
    def check(run, _):
        states = printed(run.out)
        assert len(states) == count, run.out + run.err
        states_of(states)
        assert f"\n{len(states.keys() & OPEN)} of {count} port" in run.out, run.out
        assert run.code == exit_status, run.code

    return check


def json_scan(run, refused):
    assert run.out, run.err
    lines = net.json_lines(run.out)  # its sums are right
    states_of({line["port"]: line["state"] for line in lines if line["event"] == "port"})
    host, end = lines[-2:]
    assert (host["event"], host["open"], host["closed"]) == ("host", 1, 1), host
    assert (end["end"], end["sent"], end["received"], end["unsent"]) == ("complete", 2, 2, refused), end
    assert run.code == 1, run.code


# Command line: how long it takes at most, by arithmetic, and its result.
LINES = {
    "rping -c 1 -W 1": (1.0, series(1)),
    "rping -c 3 -i 0.2": (0.4, series(3)),
    "rping -f -c 200": (0.2, series(200)),
    # After a refused send the next probe leaves after 1 s.
    "rping --until-up 1 -w 8 -I 10.9.1.1": (1.0, series(1, goes_on=True)),
    "rping -c 5 -w 3": (3.0, series(4, exit_status=1, fewer=1)),
    # After a refused send the same is sent again, slower.
    "rsyn -p 22,80,8001-8010": (1.0, scan(12, 1)),
    "rsyn -p 22 -c 3 -i 0.2": (0.4, series(3)),
    "rsyn -p 22 --wait-open 8": (1.0, scan(1, 0)),
    # A silent port is asked three times, and once more after a second's rest.
    "rsyn -p 9,22,23": (4.0, scan(3, 1)),
    "rsyn --json -p 22,23": (1.0, json_scan),
}

Case = collections.namedtuple("Case", "line call error when")
Result = collections.namedtuple("Result", "ran wrong slow")  # the fault was met; what is wrong; s beyond the bound


def cases(whens):
    return [Case(*one) for one in (*itertools.product(LINES, CALLS, ERRORS, whens),
                                   *itertools.product(LINES, OTHERS, sorted(set(ERRORS) - set(REFUSALS)), whens))]


def refusal(case, run):
    """A run that could not begin."""
    assert run.out == "" and len(run.err.splitlines()) == 1, run.out + run.err
    if case.error == "ENOMEM" and run.err.endswith(": out of memory\n"):
        return
    assert re.search(NAMES[case.call], run.err) and "port 0" not in run.err, run.err
    assert os.strerror(getattr(errno, case.error)) in run.err or "no permission" in run.err, run.err


class Lab(net.Pair):
    """The host has two open ports and a silent one."""

    def __init__(self):
        super().__init__()
        self.numbers = itertools.count()
        self.b.listen(*OPEN)
        self.b.nft(f"chain c {{ type filter hook input priority 0; tcp dport {SILENT} drop; }}")

    def strace(self, case):
        """The run, and whether it met the fault."""
        log = f"/run/injected-{os.getpid()}-{next(self.numbers)}"
        tool, *rest = case.line.split()
        try:
            run = self.a.run("strace", "-f", "-o", log, "-e", f"trace={case.call}",
                             "-e", f"inject={case.call}:error={case.error}:when={case.when}", net.tool(tool), *rest, HOST, timeout=HUNG)
            with open(log, encoding="utf-8") as file:
                return run, "(INJECTED)" in file.read()
        finally:
            os.remove(log)

    def go(self, case):
        most, check = LINES[case.line]
        started = time.monotonic()
        try:
            run, met = self.strace(case)
            seconds = time.monotonic() - started
            if not met:
                return Result(False, None, 0)
            if case.call in NAMES and run.code == 2:
                refusal(case, run)
            else:
                check(run, int(case.call == "sendmmsg" and case.error in REFUSALS))
        except (AssertionError, subprocess.TimeoutExpired) as wrong:
            return Result(True, str(wrong) or repr(wrong), 0)
        return Result(True, None, max(0.0, seconds - most - REPEATED - START))

    def go_all(self, wanted):
        """Case: result. They mostly wait, so many of them run at once."""
        with concurrent.futures.ThreadPoolExecutor(8 * (os.cpu_count() or 1)) as pool:
            return dict(zip(wanted, pool.map(self.go, wanted)))


def report(results):
    """How many cases of each call ran, and how many did not because there were not so many calls."""
    text = []
    for call in CALLS + OTHERS:
        ran = [result.ran for case, result in results.items() if case.call == call]
        text.append(f"{call} {sum(ran)} run, {len(ran) - sum(ran)} not run")
    return "; ".join(text)


def never_ran(results):
    """Tools and calls without a single case that ran."""
    ran = {(case.line.split()[0], case.call) for case, result in results.items() if result.ran}
    return {(case.line.split()[0], case.call) for case in results} - ran


def main():
    first, last = map(int, (sys.argv[1] if len(sys.argv) > 1 else "1-5").split("-"))
    os.chdir(tempfile.mkdtemp())
    lab = Lab()
    results = lab.go_all(cases(range(first, last + 1)))
    lab.close()
    wrong = [(case, result) for case, result in results.items() if result.wrong or result.slow > 0]
    for case, result in wrong:
        print(f"{case.line}: {case.call} {case.when}, {case.error}: {result.wrong or f'{result.slow:.1f} s too slow'}")
    print(f"{len(results)} cases, {len(wrong)} wrong; {report(results)}")
    sys.exit(bool(wrong or never_ran(results)))


if __name__ == "__main__":
    main()
