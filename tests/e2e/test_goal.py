# SPDX-License-Identifier: MIT
"""What a script asks: exit codes, --any, --expect, waiting, HOST:PORTS, and the command that follows."""
import threading
import time

import pytest

import net


@pytest.fixture(scope="module")
def served(pair):
    pair.b.listen(80, 443)
    return pair


def timed(namespace, *argv, most):
    """Takes less than so many seconds; the deadline it does not wait for is far above, or has passed long before."""
    begun = time.monotonic()
    done = namespace.run(*argv)
    done.seconds = time.monotonic() - begun
    net.below(done.seconds, most)
    return done


def words(done):
    return {(line["host"], line["port"]): line["state"] for line in net.json_lines(done.out) if line["event"] == "port"}


@pytest.mark.parametrize("arguments, code", [
    ("-p 80,443 10.9.1.2", 0),
    ("-p 80,81 10.9.1.2", 1),
    ("--all -p 80,81 10.9.1.2", 1),
    ("--any -p 80,81 10.9.1.2", 0),
    ("--any -p 81,82 10.9.1.2", 1),
    ("--expect closed -p 81,82 10.9.1.2", 0),
    ("--expect closed -p 80,81 10.9.1.2", 1),
    ("--expect closed --any -p 80,81 10.9.1.2", 0),
    ("--expect filtered -p 81 10.9.1.2", 1),
    ("--expect filtered --max-retries 0 --initial-rtt-timeout 50ms -p 81 10.9.1.77", 0),
    ("10.9.1.2:80 10.9.1.2:443", 0),
    ("10.9.1.2:80 10.9.1.1:80", 1),
    ("-p 80 10.9.1.2 10.9.1.2:81", 1),
    ("--expect closed -c 2 -i 0.05 -p 81 10.9.1.2", 0),
    ("--wait-open 1 --expect closed -p 81 10.9.1.2", 2),
    ("--wait-open 1 --wait-closed 1 -p 81 10.9.1.2", 2),
    ("--any --all -p 80 10.9.1.2", 2),
    ("10.9.1.2:", 2),
    (":80", 2),
    ("10.9.1.2:80 10.9.1.1", 2),
    ("10.9.1.2:80 10.9.1.300:80", 1),
    ("--strict-targets 10.9.1.2:80 10.9.1.300:80", 2),
    ("--any 10.9.1.2:80 10.9.1.300:80", 0),
    ("--any --strict-targets 10.9.1.2:80 10.9.1.300:80", 2),
    ("nowhere.invalid:80", 2),
    ("--wait-open 0.5 nowhere.invalid:80", 1),
])
def test_exit_codes(served, arguments, code):
    done = served.a.run("rsyn", *arguments.split())
    assert done.code == code, done.out + done.err
    quiet = served.a.run("rsyn", "-q", *arguments.split())
    assert (quiet.code, quiet.out) == (code, "") or "-c" in arguments  # a series' statistics stay
    assert code == 2 or quiet.err == "" or "--wait" in arguments or "10.9.1.300" in arguments


@pytest.mark.parametrize("quiet", [[], ["-q"]], ids=["", "quiet"])
@pytest.mark.parametrize("line, words", [
    ("rsyn --wait-open 0.7 10.9.1.2:80,5002", ["1 of 2 ports is not open", "10.9.1.2:5002 closed (reset)"]),
    ("rsyn --wait-open 0.7 10.9.1.2:5002", ["1 of 1 port is not open", "10.9.1.2:5002 closed (reset)"]),
    ("rsyn --wait-open 0 10.9.1.2:5002", ["10.9.1.2:5002 closed (reset)"]),
    ("rsyn --wait-open 60 -w 0.7 10.9.1.2:5002", ["waited 0.", "10.9.1.2:5002 closed (reset)"]),
    ("rsyn --wait-open 0.7 10.9.1.2:5002-5010", ["9 of 9 ports are not open", "5003 closed (reset)", "and 6 more"]),
    ("rsyn --any --wait-open 0.7 10.9.1.2:5002 10.9.1.77:80", ["none of 2 ports is open", "10.9.1.2:5002 closed", "10.9.1.77:80 "]),
    ("rsyn --wait-closed 0.7 10.9.1.2:80,5002", ["1 of 2 ports is not closed", "10.9.1.2:80 open (syn-ack)"]),
    ("rsyn --wait-open 0.7 10.9.1.2:5002 -- true", ["10.9.1.2:5002 closed (reset)"]),
    ("rsyn --json --wait-open 0.7 10.9.1.2:5002", ["10.9.1.2:5002 closed (reset)"]),
    ("rping --until-up -w 0.7 -i 0.2 10.9.1.77", ["10.9.1.77 did not answer: ", " sent, 0 answered"]),
    ("rping --until-up=3 -c 2 -i 0.2 10.9.1.2", ["10.9.1.2 did not answer for 3 probes in a row: 2 sent, 2 answered"]),
    ("rping --until-down -w 0.7 -i 0.2 10.9.1.2", ["10.9.1.2 did not fall silent: "]),
    ("rping --until-up --max-errors 1 -t 1 -i 0.2 -w 5 10.9.1.77", ["10.9.1.77 did not answer"]),
    ("rping --json --until-up -w 0.7 -i 0.2 10.9.1.77", ["10.9.1.77 did not answer: "]),
    ("rping --until-up -w 0.7 -i 0.2 --require loss<=100% 10.9.1.77", ["10.9.1.77 did not answer: "]),
])
def test_a_wait_in_vain_says_why(served, line, words, quiet):
    """One line of standard error, and exit status 1; a refusal on the way has its own line, before it."""
    tool, *arguments = line.split()
    done = served.a.run(tool, *quiet, *arguments)
    last = done.err.splitlines()[-1:]
    assert done.code == 1 and last, done.out + done.err
    assert last[0].startswith(f"{tool}: waited ") and all(word in last[0] for word in words), last
    assert sum(": waited " in one for one in done.err.splitlines()) == 1, done.err


def test_a_wait_that_is_fulfilled_says_nothing(served):
    for line in ("rsyn -q --wait-open 9 10.9.1.2:80", "rsyn --any --wait-open 9 10.9.1.2:80,5002", "rping -q --until-up -w 9 10.9.1.2"):
        done = served.a.run(*line.split())
        assert (done.code, done.err) == (0, ""), line


def test_pairs_ask_for_nothing_else(served):
    with served.b.capture(served.device_b) as packets:
        done = served.a.run("rsyn", "--json", "-p", 22, "10.9.1.2:80,443", "10.9.1.2")
    assert words(done) == {("10.9.1.2", 22): "closed", ("10.9.1.2", 80): "open", ("10.9.1.2", 443): "open"}
    assert sorted(p.dport for p in packets if p.src == "10.9.1.1" and p["TCP"].flags == "S") == [22, 80, 443]
    assert net.json_lines(done.out)[-2]["unknown"] == 0


def test_wait_until_all_are_open(served):
    opener = threading.Timer(0.6, served.b.listen, (5001,))
    opener.start()
    done = timed(served.a, "rsyn", "--wait-open", "60", "10.9.1.2:80,5001", most=20)
    opener.join()
    assert done.code == 0 and 0.5 < done.seconds, done.seconds


def test_wait_survives_a_host_that_is_not_there(served):
    """No ARP reply at first, and no route: errors on the way are waited out."""
    served.b.do(f"ip address add 10.9.1.9/24 dev {served.device_b}")
    served.b.do(f"ip link set {served.device_b} down")
    adder = threading.Timer(0.8, served.b.do, (f"ip link set {served.device_b} up",))
    adder.start()
    done = timed(served.a, "rsyn", "--wait-open", "60", "10.9.1.9:80", most=20)
    adder.join()
    assert done.code == 0 and done.seconds > 0.7
    done = timed(served.a, "rsyn", "--wait-open", "0.7", "192.0.2.1:80", most=4)
    assert done.code == 1 and 0.6 < done.seconds


def test_wait_gives_up_at_the_deadline(served):
    done = timed(served.a, "rsyn", "--json", "--wait-open", "1", "10.9.1.2:80,5002", "10.9.1.77:80", most=4)
    assert done.code == 1 and 0.9 < done.seconds
    last = words(done)
    assert (last["10.9.1.2", 80], last["10.9.1.2", 5002]) == ("open", "closed")
    assert last["10.9.1.77", 80] in ("filtered", "unknown")
    shut, = (line for line in net.json_lines(done.out) if line["event"] == "port" and line["port"] == 5002)
    assert shut["ttl"] == 64 and shut["rtt_ms"] > 0 and shut["tries"] > 2, shut
    done = timed(served.a, "rsyn", "--any", "--wait-open", "60", "10.9.1.77:80", "10.9.1.2:5002,443", most=20)
    assert done.code == 0


RST_DROPPED = "chain o { type filter hook output priority 0; tcp flags & rst == rst drop; }"


def test_wait_closed_and_a_port_that_is_open(served, beside, far, firewall):
    """Loss each way does not close a port, nor does a connection that is half open: the own firewall drops every RST."""
    lossy = {f"10.64.50.{i}": 10 + i for i in range(1, 17)}
    far(*(f"{host} tcp 80: open listen loss={percent}% delay=2ms" for host, percent in lossy.items()), "10.64.50.50 tcp 80: open listen")
    runs = [beside.start("rsyn", "-q", "--wait-closed", 8, f"{host}:80") for host in lossy]
    assert [net.finish(run)[0] for run in runs] == [1] * len(runs)
    firewall(served.a, RST_DROPPED)
    firewall(beside, RST_DROPPED)
    runs = [served.a.start("rsyn", "--wait-closed", 6, "10.9.1.2:80"), beside.start("rsyn", "--wait-closed", 6, "10.64.50.50:80")]
    for code, out, err in map(net.finish, runs):
        assert code == 1 and "80 open (syn-ack)" in err and len(err.splitlines()) == 1 and " open " in out, out + err


def test_wait_closed_and_a_port_that_falls_silent(beside, far):
    """Soon where nothing was lost, and at 20 % each way all the same."""
    far("10.64.50.1 tcp 80: open listen delay=2ms ban-after=20", "10.64.50.2 tcp 80: open listen loss=20% delay=2ms ban-after=20",
        "10.64.50.3 tcp 80: silent")
    for host, least, most in (1, 4.7, 9), (2, 4.7, 20), (3, 4.5, 9):
        done = timed(beside, "rsyn", "--wait-closed", "60", f"10.64.50.{host}:80", most=most)
        assert done.code == 0 and done.seconds > least, (host, done.seconds)


def test_wait_until_closed(served):
    listener = served.b.listen(5003)
    closer = threading.Timer(0.6, listener.close)
    closer.start()
    done = timed(served.a, "rsyn", "--wait-closed", "60", "10.9.1.2:5003", most=20)
    closer.join()
    assert done.code == 0 and 0.5 < done.seconds
    assert served.a.run("rsyn", "--wait-closed", "1", "10.9.1.2:80").code == 1


def test_the_server_sees_no_connection(served):
    listener = served.b.listen(5004)
    assert served.a.run("rsyn", "--wait-open", "60", "10.9.1.2:5004", "--", "true").code == 0
    listener.setblocking(False)
    with pytest.raises(BlockingIOError):
        listener.accept()


@pytest.mark.parametrize("arguments, check", [
    ([], lambda t: t["TCP"].options == [("MSS", 1460), ("NOP", None), ("NOP", None), ("SAckOK", b""), ("NOP", None),
                                        ("WScale", 7)] and t["TCP"].window == 64240 and t.flags == "DF"),
    (["--syn-options", "windows"], lambda t: ("WScale", 8) in t["TCP"].options),
    (["--syn-options", "mss"], lambda t: t["TCP"].options == [("MSS", 1460)] and t["TCP"].window == 1024),
    (["--syn-options", "none", "--window", 4321], lambda t: t["TCP"].options == [] and t["TCP"].window == 4321),
    (["--ttl", 9, "--tos", "0x10", "--df", "no"], lambda t: (t.ttl, t.tos, int(t.flags)) == (9, 16, 0)),
    (["--data-length", 5], lambda t: bytes(t["TCP"].payload) == bytes(range(5))),
    (["--ecn"], lambda t: t["TCP"].flags == "SEC"),
    (["-g", 4444, "-S", "10.9.1.1"], lambda t: (t.sport, t.src) == (4444, "10.9.1.1")),
])
def test_the_shape_of_the_probe(served, arguments, check):
    with served.b.capture(served.device_b) as packets:
        done = served.a.run("rsyn", "-p", 80, *arguments, "10.9.1.2")
    assert done.code == 0, done.err + done.out
    syn = next(p for p in packets if p.src == "10.9.1.1" and p["TCP"].flags.S)
    assert check(syn), syn.show(dump=True)


def test_a_wrong_checksum_goes_unanswered(served):
    """veth does not look at checksums unless it is told that they are not offloaded; the kernel behind it does."""
    done = served.a.run("rsyn", "--json", "--badsum", "--max-retries", 0, "--initial-rtt-timeout", "100ms", "-T5", "-p", 80,
                        "10.9.1.2")
    assert words(done) == {("10.9.1.2", 80): "filtered"}


def test_exclusions_win(served, tmp_path):
    (tmp_path / "no").write_text("10.9.1.1 # ourselves\n10.9.1.3-255\n")
    done = served.a.run("rsyn", "--json", "-p", 80, "--exclude", "10.9.1.0,10.9.1.4", "--excludefile", tmp_path / "no", "10.9.1.0/24")
    assert words(done) == {("10.9.1.2", 80): "open"} and done.code == 0
    assert sum(line["event"] == "host" for line in net.json_lines(done.out)) == 1
    assert served.a.run("rsyn", *"--exclude 10.9.1.300 -p 80 10.9.1.2".split()).code == 2
    assert served.a.run("rsyn", "-c", "1", "10.9.1.2:80").code == 0
