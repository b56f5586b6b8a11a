# SPDX-License-Identifier: MIT
"""A call that fails once changes no result; one that fails for good ends the run with the reason and with what was found so far.

The first and the second call of each kind here; more by tests/lib/injected.py."""
import re

import pytest

import injected
import net

WHENS = (1, 2)


@pytest.fixture(scope="module")
def lab():
    lab = injected.Lab()
    yield lab
    lab.close()


@pytest.fixture(scope="module")
def results(lab):
    return lab.go_all(injected.cases(WHENS))


@pytest.mark.parametrize("call", injected.CALLS + injected.OTHERS)
@pytest.mark.parametrize("line", injected.LINES)
def test_fails_once(lab, results, line, call):
    """A run that was slow is repeated alone: the others may have been the reason."""
    mine = [case for case in results if (case.line, case.call) == (line, call)]
    for case in mine:
        if results[case].slow > 0:
            results[case] = lab.go(case)
    assert [(case, results[case].wrong) for case in mine if results[case].wrong] == []
    net.below(max(results[case].slow for case in mine), 0.001)


def test_faults_were_met(results, capsys):
    with capsys.disabled():
        print("\n" + injected.report(results))
    assert injected.never_ran(results) == set()


@pytest.mark.parametrize("line", ["rping -c 3 -i 0.2", "rping --json -c 3 -i 0.2", "rsyn -p 22,80,8001-8010", "rsyn --json -p 22,23"])
@pytest.mark.parametrize("call", ["recvmmsg", "epoll_wait"])
def test_fails_for_good(lab, line, call):
    """From the first call on: answers cannot be read, or nobody says when there are any. That ends the run after a second, unless it
    was over before, since what overdue probes may have as answers is read without waiting."""
    run, met = lab.strace(injected.Case(line, call, "EPERM", "1+"))
    assert met and run.code == 2 or call == "epoll_wait" and run.code in (0, 1)
    assert re.fullmatch(r"\w+: cannot receive packets or signals: Operation not permitted\n" if run.code == 2 else "", run.err)
    if "--json" in line:
        end = net.json_lines(run.out)[-1]
        assert (end["event"], end["end"], end.get("error")) == ("run", *(("error", "EPERM") if run.code == 2 else ("complete", None)))
        assert end["lost"] == 0
    elif "transmitted" in run.out:  # what may have been answered is in flight
        sent, received, in_flight = re.search(r"^(\d+) packets transmitted, (\d+) received, .*?(?:(\d+) in flight)?$", run.out, re.M).groups("0")
        assert int(sent) == int(received) + int(in_flight), run.out
    else:
        assert re.search(r"^\d+ of \d+ ports? open", run.out, re.M), run.out
    injected.states_of({port: state for port, state in injected.printed(run.out).items() if state != "unknown"})
