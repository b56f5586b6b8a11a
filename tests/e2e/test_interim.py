# SPDX-License-Identifier: MIT
"""The counters so far: SIGQUIT and SIGUSR1 ask for them in every mode of both tools and end none; --stats-every reports
them by itself, also in a series without end. A mode that is not in this table once died of SIGQUIT, with all its results."""
import os
import re
import signal
import threading
import time

import pytest

import dns
import net

A, B, ABSENT = "10.9.1.1", "10.9.1.2", "10.9.1.77"
LOST = "lost.test.example"
# The line of iputils' ping, and that of a scan.
SERIES = r"\r(\d+)/(\d+) packets, \d+% loss(, min/avg/ewma/max = [\d.]+/[\d.]+/[\d.]+/[\d.]+ ms)?(, \d+ (late|in flight|not sent))*\n"
SCAN = r"Stats: \d:\d\d:\d\d; [\d.]+% of \d+ ports?, \d+ open; .*\n"
NOTHING = r"\r0/0 packets, 0% loss\n"
MODES = [
    (["rping", "-i", "0.1", B], SERIES),
    (["rping", "-q", "-i", "0.1", B], SERIES),
    (["rping", "-f", "-i", "0.1", B], SERIES),
    (["rping", "-A", "-q", B], SERIES),
    (["rping", "--json", "-i", "0.1", B], SERIES),
    (["rping", "--until-up", ABSENT], SERIES),
    (["rping", "--until-down", "-i", "0.1", B], SERIES),
    (["rsyn", "-p", "80", "-c", "1000", "-i", "0.1", B], SERIES),
    (["rsyn", "-q", "-p", "80,81", "-c", "0", "-i", "0.1", B], SERIES),
    (["rsyn", "-p", "1-1000", "--max-rate", "20", B], SCAN),
    (["rsyn", "-q", "-p", "1-1000", "--max-rate", "20", B], SCAN),
    (["rsyn", "--json", "-T2", "-F", B], SCAN),
    (["rsyn", "--wait-open", "60", f"{B}:5999"], SCAN),
    (["rsyn", "-q", "--wait-closed", "60", f"{B}:80"], SCAN),
    (["rsyn", "--any", "--wait-open", "60", f"{B}:5999", f"{LOST}:80"], SCAN),
    (["rsyn", "--wait-open", "60", f"{B}:5999", "--", "true"], SCAN),
    (["rsyn", "-c", "0", "-i", "0.1", f"{B}:80", "--", "true"], SERIES),
]
NAMES = [
    ["rping", LOST], ["rping", "--until-up", LOST], ["rsyn", "-p", "80", LOST], ["rsyn", "-p", "80", "-c", "1", LOST],
    ["rsyn", "-p", "80", LOST, "--", "true"],
]
# A shell ignores SIGQUIT in what it starts in the background.
IGNORED = pytest.mark.parametrize("ignored", [False, True], ids=["", "ignored"])


@pytest.fixture(scope="module")
def world(pair):
    pair.b.listen(80)
    server = dns.Names(pair.a, {LOST: dns.SILENT, "web.test.example": B})
    server.file("/etc/resolv.conf", "nameserver 127.0.0.53\noptions timeout:30 attempts:2\n")
    pair.names = server
    yield pair
    server.close()


def start(world, argv, ignored):
    def ignore():
        for number in (signal.SIGQUIT, signal.SIGUSR1):
            signal.signal(number, signal.SIG_IGN)

    return world.a.start(*argv, preexec_fn=ignore if ignored else None)


def family(process):
    """The process and its child, as far as there is one."""
    with open(f"/proc/{process.pid}/task/{process.pid}/children") as file:
        return [process.pid, *map(int, file.read().split())]


def has_begun(process):
    """It takes signals by its loop."""
    assert process.poll() is None, process.communicate()
    try:
        return any("signalfd" in os.readlink(f"/proc/{one}/fd/{fd}") for one in family(process)
                   for fd in os.listdir(f"/proc/{one}/fd"))
    except OSError:
        return False


def answer(process, number):
    """The line that a signal brings about."""
    killer = threading.Timer(30, process.kill)
    killer.start()
    process.send_signal(number)
    line = process.stderr.buffer.readline().decode()
    killer.cancel()
    return line


@IGNORED
@pytest.mark.parametrize("number", [signal.SIGQUIT, signal.SIGUSR1], ids=["QUIT", "USR1"])
@pytest.mark.parametrize("argv, line", MODES, ids=[" ".join(argv) for argv, _ in MODES])
def test_every_mode_reports_and_goes_on(world, argv, line, number, ignored):
    process = start(world, argv, ignored)
    net.until(lambda: has_begun(process))
    time.sleep(0.3)
    told = [answer(process, number) for _ in range(2)]
    told = [one for one in told if not one.startswith("rsyn: lost")] or [answer(process, number)]
    assert all(re.fullmatch(line, one) for one in told), told
    if line is SERIES and ABSENT not in argv:
        assert int(re.match(SERIES, told[-1])[2]) > 0, told
    code, out, err = net.finish(process, signal.SIGINT)
    assert code in (0, 1), err
    assert ("-q" in argv and "-c" not in argv and argv[0] == "rsyn") or out, "its results are lost"


@IGNORED
@pytest.mark.parametrize("number", [signal.SIGQUIT, signal.SIGUSR1], ids=["QUIT", "USR1"])
@pytest.mark.parametrize("argv", NAMES, ids=" ".join)
def test_while_names_are_looked_up(world, argv, number, ignored):
    world.names.asked.clear()
    process = start(world, argv, ignored)
    net.until(lambda: any(name == LOST for _, name, _ in world.names.asked))
    told = [answer(process, number) for _ in range(2)]
    assert all(re.fullmatch(NOTHING, one) for one in told), told
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=30) == -signal.SIGINT


def test_a_waiting_name_is_found_in_spite_of_signals(world):
    """Each interrupts a system call of the resolver."""
    world.names.records["web.test.example"] = lambda: time.sleep(1) or B
    world.names.asked.clear()
    process = start(world, ["rping", "-c", "1", "web.test.example"], False)
    net.until(lambda: world.names.asked)
    for _ in range(40):
        process.send_signal(signal.SIGUSR1)
        time.sleep(0.02)
    code, out, _ = net.finish(process)
    assert code == 0 and " 1 received" in out


@pytest.mark.parametrize("argv", [["rping", "-i", "0.1", B], ["rsyn", "-p", "1-1000", "--max-rate", "20", B]], ids=["series", "scan"])
def test_an_alarm_clock_ends_the_run_with_its_results(world, argv):
    process = start(world, argv, False)
    net.until(lambda: has_begun(process))
    time.sleep(0.2)
    code, out, err = net.finish(process, signal.SIGALRM)
    assert code in (0, 1) and err == "" and out.splitlines()[-1:], (code, err)


# ---- a series without end, and --stats-every ----------------------------------------------------


@pytest.mark.parametrize("words", [["-c", "0"], ["-c0"], ["--count=0"], ["--count", "0"], ["-c"], ["--count"], ["-qc"]], ids=" ".join)
@pytest.mark.parametrize("command", [[], ["--", "echo", "up"]], ids=["", "command"])
def test_without_end(world, words, command):
    process = start(world, ["rsyn", "-i", "0.05", "-p", "80", B, *words, *command], False)
    net.until(lambda: has_begun(process))
    time.sleep(1)
    assert process.poll() is None
    code, out, err = net.finish(process, signal.SIGINT)
    sent, received = map(int, re.search(r"(\d+) packets transmitted, (\d+) received", out).groups())
    assert code == 0 and err == "", err
    assert 5 < sent <= 60 and sent - received <= 1


def test_a_deadline_ends_it(world):
    done = world.a.run("rsyn", "-i", "0.05", "-p", "80", "-w", "0.5", B, "-c")
    assert done.code == 0 and re.search(r"\d+ packets transmitted, [1-9]\d* received, 0% packet loss", done.out), done.out


@pytest.mark.parametrize("line, thing", [("-c x", "'x'"), ("-c -1", "'-1'"), ("-c", f"'{B}'"), ("--count=", "''")])
def test_a_number_that_is_none_is_not_left_out(world, line, thing):
    done = world.a.run("rsyn", "-p", "80", *line.split(), B)
    assert done.code == 2 and "-c" in done.err and thing in done.err, done.err


def test_stats_every_of_one(world):
    for argv in (["rping", B], ["rsyn", "-p", "80", B]):
        done = world.a.run(*argv, "-c", 12, "-i", "0.1", "--stats-every", "250ms")
        lines = done.err.splitlines()
        counts = [int(re.fullmatch(r"(\d+)/\1 packets, 0% loss, min/avg/ewma/max = \S+ ms", line)[1]) for line in lines]
        assert done.code == 0 and counts == sorted(counts), done.err
        assert 3 <= len(counts) <= 5 and 0 < counts[0] < counts[-1] <= 12, counts


def test_stats_every_of_several(world):
    """A line for each HOST:PORT and one for all; 81 is closed and answers, 10.9.1.77 never does."""
    done = world.a.run("rsyn", "-i", "0.1", "-W", "0.2", "-w", "1.3", "--stats-every", "0.5", f"{B}:80,81", f"{ABSENT}:9", "-c")
    lines = done.err.splitlines()
    named = [re.match(r"(\S+): (\d+)/(\d+) packets, ", line) for line in lines]
    rounds = [i for i, line in enumerate(lines) if re.match(r"\d+/\d+ packets", line)]
    assert len(rounds) == 2, done.err
    for last in rounds:
        rows = [one for one in named[:last] if one][-3:]
        assert [row[1] for row in rows] == [f"{B}:80", f"{B}:81", f"{ABSENT}:9"], done.err
        assert int(rows[0][2]) > 0 and int(rows[1][2]) > 0 and rows[2][2] == "0"
        total = re.match(r"(\d+)/(\d+) packets", lines[last])
        assert int(total[1]) == sum(int(row[2]) for row in rows) and int(total[2]) == sum(int(row[3]) for row in rows)


@pytest.mark.parametrize("argv, rows", [(["rping", B], 1), (["rsyn", f"{B}:80,81", f"{A}:9"], 3)], ids=["rping", "rsyn"])
def test_stats_every_as_json(world, argv, rows):
    """Target events on the way carry `interim`, add up, and those at the end do not carry it."""
    done = world.a.run(*argv, "--json", "-i", "0.1", "-c", "12", "--stats-every", "0.3")
    events = net.json_lines(done.out)
    targets = [one for one in events if one["event"] == "target"]
    interim = [one for one in targets if one.get("interim")]
    assert len(targets) - len(interim) == rows and targets[-rows:] == [one for one in targets if "interim" not in one]
    assert len(interim) >= 2 * rows and len(interim) % rows == 0
    for one in interim:
        answered = sum(1 for event in events[:events.index(one)] if event["event"] == "reply"
                       and (event["host"], event.get("port")) == (one["host"], one.get("port")))
        assert one["received"] == answered
        assert one["sent"] == one["received"] + one["lost"] + one["late"] + one["in_flight"]
    times = [one["time_ns"] for one in targets]
    assert times == sorted(times)


def test_stats_every_of_nothing(world):
    done = world.a.run("rsyn", "-p", "80", "--stats-every", "1us", B)
    assert done.code == 2 and "--stats-every" in done.err and "'1us'" in done.err
