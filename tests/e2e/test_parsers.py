# SPDX-License-Identifier: MIT
"""Programs that read ping read rping. jc and check_ping run for real, the rules of others are in tests/lib/consumers.py;
what each takes from ping's output in a situation is what it has to take from rping's in the same one.
"""
import json
import concurrent.futures
import os
import re
import shutil
import signal
import subprocess

import pytest

import consumers
import net
import stage

WORKERS = 8
CHECK_PING = "/usr/lib/nagios/plugins/check_ping"

# place: options that the consumer adds; with -w ping ends at an error, so that only silence can be compared
PLACES = ["HOST", "host.example", "SILENT", "THIRD", "SWAPPED", "REFUSED", "refused.example", "UNREACHABLE",
          "ADMIN", "CODE13", "MTU", "ELSEWHERE", "SHORT", "SLOW", "FLIPPED", "LONG", "CODE", "OPTION", "QUENCH", "REDIRECT",
          "127.0.0.1"]
# ended by a signal: with -c copies of the last answer race with the end, and ping counts errors
TWICE = ["TWICE", "BOTH", "BOTHTWICE"]
ANY = ["", "-n", "-D", "-O", "-q", "-D -O", "-n -q"]
# what rping makes otherwise, on purpose: it has to be read, and the host is not up
OTHERWISE = ["-c 2 -i 0.1 -W 0.3 DROPPED", "-c 2 -i 0.2 -W 0.1 SLOW", "-c 2 -i 0.1 -W 0.3 BADSUM",
             "-q -c 2 -i 0.1 -W 0.3 DROPPED", "-O -c 2 -i 0.2 -W 0.1 SLOW"]

EVERYWHERE = [f"{options} -c 4 -i 0.1 -W 0.3 {place}".strip() for place in PLACES for options in ("", "-D -O")]
EVERYWHERE += [f"{options} -c 4 -i 0.1 -W 0.3 {place}" for place in ("HOST", "SILENT", "THIRD", "REFUSED") for options in ANY[1:]
               if options != "-D -O"]
EVERYWHERE += [f"@int {options} -i 0.4 {place}" for place in TWICE for options in ANY]
# a word with "+" is for rping alone: options of its own leave what parsers see as it is
EVERYWHERE += [f"{more} -c 4 -i 0.1 -W 0.3 {place}" for more in ("+--percentiles", "+--percentiles +--breakdown", "+--outages +--changes")
               for place in ("HOST", "SILENT", "THIRD", "REFUSED")]
EVERYWHERE += [f"{options} -c 2 -i 0.1 -W 0.3 HOST" for options in ("-R", "-T tsandaddr", "-a", "-s 16", "-s 3000", "-U", "-A", "-f -q")]
EVERYWHERE += ["@int -D -O -i 0.4 SILENT", "-p ff -c 2 -i 0.1 HOST", "-I SECOND -c 2 -i 0.1 HOST", "-s 1000 -c 2 -i 0.1 HOST", "-t 1 -c 2 -i 0.1 -W 0.3 HOST",
               "-c 1 HOST", "-c 1 -W 0.3 SILENT", "-c 1 NOROUTE", "-c 1 nobody.invalid"]
LINES = {
    consumers.pingparsing: EVERYWHERE,
    consumers.telegraf: [f"-c 4 -n -s 16 -i 0.2 -W 0.3 {place}" for place in PLACES + ["TWICE"]] +
                        ["-c 2 -n -s 16 -i 0.2 -W 1 -w 3 HOST", "-c 1 -n -s 16 -i 0.2 -W 1 -I e0 HOST", "-c 1 -n nobody.invalid"],
    consumers.home_assistant: [f"-n -q -c 2 -i 0.2 -W1 {place}" for place in PLACES + ["TWICE"]] + ["-n -q -c 1 -W1 nobody.invalid"],
    consumers.node_ping: [f"-n -W 1 -w 3 -c 2 -s 56 {place}" for place in PLACES + ["TWICE"] if place not in ("THIRD", "SHORT", "SWAPPED")] +
                         ["-n -W 1 -w 2 -c 1 -I e0 -s 56 HOST"],
    consumers.gping: [f"-O -i 0.2 -c 4 -W 0.3 {place}" for place in ("HOST", "127.0.0.1", "SWAPPED")] +
                     [f"@int -O -i 0.4 {place}" for place in ("HOST", "THIRD", "SILENT", "host.example")],
    consumers.prettyping: [line for line in EVERYWHERE if not re.search(r"-D|-q|nobody|NOROUTE", line)],
}
CHECKS = ["HOST", "SILENT", "TWICE", "THIRD", "REFUSED", "NETWORK", "PORT", "UNREACHABLE", "PROHIBITED", "ADMIN", "BOTH",
          "NOBODY", "CODE13", "CODE0", "SHORT", "FLIPPED", "LONG", "SLOW", "ELSEWHERE", "QUENCH", "REDIRECT", "NOROUTE", "127.0.0.1", "host.example", "nobody.invalid"]


def ask(place, program, line):
    """(output, exit status)."""
    words = stage.places(line).split()
    words = [word.lstrip("+") for word in words if word[0] != "+" or program != "ping"]
    if words[0] != "@int":
        done = place.a.run(program, *words)
        return done.out, done.code
    wire = stage.Wire(place.a)
    process = place.a.start(program, *words[1:])
    stage.send_later(wire, process, signal.SIGINT, 1)
    code, out, _ = net.finish(process)
    return out, code


def both(pair, line):
    return [ask(place, program, line) for place, program in zip(pair, ("ping", net.tool("rping")))]


def check_ping(pair, name):
    """What check_ping says, with ping and with rping in its place: (text, exit status)."""
    argv = ["unshare", "-m", "sh", "-c", 'mount --bind "$0" "$(realpath /bin/ping)" && exec "$@"']
    said = []
    for place, program in zip(pair, (shutil.which("ping"), net.tool("rping"))):
        done = place.a.run(*argv, program, CHECK_PING, "-4", "-H", stage.places(name), "-w", "1000,30%", "-c", "2000,60%",
                           "-p", 3 if name == "THIRD" else 2, "-t", 4)
        said.append((re.sub(r"\d+\.\d+", "T", done.out), done.code))
    return said


@pytest.fixture(scope="session")
def pairs(iputils, known_names):
    made = stage.Pairs(WORKERS)
    yield made
    made.close()


@pytest.fixture(scope="session")
def outputs(pairs):
    """The line -> a promise of what ping and rping print."""
    lines = {line for some in LINES.values() for line in some} | set(OTHERWISE)
    return {line: pairs.submit(both, line) for line in sorted(lines)}


def facts(pairs, outputs, line, about):
    """What `about` takes from ping's output and from rping's. Beside others either may miss a moment: then again, alone."""
    for _ in range(5):
        theirs, ours = (about(output) for output in outputs[line].result())
        if theirs == ours:
            break
        again(pairs, outputs, line)
    return theirs, ours


def again(pairs, outputs, line):
    outputs[line] = concurrent.futures.Future()
    outputs[line].set_result(pairs.alone(both, line))


@pytest.fixture(scope="session")
def checks(pairs, outputs):
    return {name: pairs.submit(check_ping, name) for name in CHECKS} if os.access(CHECK_PING, os.X_OK) else {}


def read(consumer, output):
    try:
        return consumer(*output)
    except consumers.Unreadable as error:
        return f"unreadable: {error}"


@pytest.mark.parametrize("consumer, line", [
    pytest.param(consumer, line, id=f"{consumer.__name__} {line}") for consumer, lines in LINES.items() for line in lines])
def test_rules(pairs, outputs, consumer, line):
    theirs, ours = facts(pairs, outputs, line, lambda output: read(consumer, output))
    assert ours == theirs, "\n".join(out for out, _ in outputs[line].result())


@pytest.mark.parametrize("line", OTHERWISE)
@pytest.mark.parametrize("consumer", LINES)
def test_rules_where_rping_differs(pairs, outputs, consumer, line):
    facts = read(consumer, outputs[line].result()[1])
    assert not str(facts).startswith("unreadable")
    if "SLOW" in line and " 0 received" not in outputs[line].result()[1][0]:
        again(pairs, outputs, line)  # what read the answer was late itself
        facts = read(consumer, outputs[line].result()[1])
    if consumer is consumers.telegraf:
        assert facts[1] == 0
    if consumer is consumers.home_assistant:
        assert facts is False


TIMED = re.compile(r"^(timestamp|time_ms|round_trip_ms_\w+|unparsed_line)$")


def timeless(value):
    """The parsed value, with true in place of each time that is there."""
    if isinstance(value, dict):
        return {key: one is not None if TIMED.match(key) else timeless(one) for key, one in value.items()}
    return [timeless(one) for one in value] if isinstance(value, list) else value


def parsed_by_jc(output):
    import jc.parsers.ping
    return timeless(jc.parsers.ping.parse(output, quiet=True))


def comparable(out):
    """What jc reads. Of a lost last probe and of one with an ICMP error -O tells other things than ping's, and jc stumbles
    over a "pipe N" without times, as ping prints it when it is slow."""
    parsed = parsed_by_jc(re.sub(r"^pipe \d+$", "", out, flags=re.MULTILINE))
    told = {int(number) for number in re.findall(r"^(?:\[[\d.]+\] )?From .* icmp_seq=(\d+)", out, re.MULTILINE)}
    told.add(parsed["packets_transmitted"])
    parsed["responses"] = [one for one in parsed["responses"] if one["type"] != "timeout" or one["icmp_seq"] not in told]
    return parsed


@pytest.mark.parametrize("line", [line for line in EVERYWHERE if "nobody" not in line and "NOROUTE" not in line])
def test_jc(pairs, outputs, line):
    pytest.importorskip("jc")
    theirs, ours = facts(pairs, outputs, line, lambda output: comparable(output[0]))
    assert ours == theirs
    assert isinstance(ours["packets_transmitted"], int) and ours["packet_loss_percent"] is not None


@pytest.mark.parametrize("line", ["-c 4 -i 0.1 -W 0.3 THIRD", "@int -D -O -i 0.4 SILENT"])
@pytest.mark.parametrize("kind", ["--ping", "--ping-s"])
def test_jc_itself(pairs, outputs, kind, line):
    if not shutil.which("jc"):
        pytest.skip("jc is not installed")

    def objects(output):
        done = subprocess.run(["jc", kind], input=output[0], stdout=subprocess.PIPE, check=True, text=True, env=net.ENVIRONMENT)
        return [timeless(json.loads(line)) for line in done.stdout.splitlines()]

    theirs, ours = facts(pairs, outputs, line, objects)
    assert ours == theirs != []


@pytest.mark.parametrize("line", OTHERWISE)
def test_jc_where_rping_differs(outputs, line):
    pytest.importorskip("jc")
    ours = parsed_by_jc(outputs[line].result()[1][0])
    assert isinstance(ours["packets_transmitted"], int) and ours["packets_received"] == 0
    assert ours["packet_loss_percent"] > 0


@pytest.mark.parametrize("name", CHECKS)
def test_check_ping(pairs, checks, name):
    if not checks:
        pytest.skip("check_ping is not installed")
    theirs, ours = checks[name].result()
    for _ in range(3):
        if ours != theirs:
            theirs, ours = pairs.alone(check_ping, name)
    assert ours == theirs


def test_check_ping_behind_a_firewall(pairs):
    if not os.access(CHECK_PING, os.X_OK):
        pytest.skip("check_ping is not installed")
    for said, code in pairs.submit(check_ping, "DROPPED").result():
        assert code == 2 and "CRITICAL" in said


# ---- situations that no network here brings about: what the golden tests expect ----

@pytest.mark.parametrize("name", ["plain", "odd", "errors", "quoted", "silent", "unsent", "quiet", "breakdown"])
def test_expected_outputs(name):
    with open(os.path.join(os.path.dirname(__file__), f"../golden/ping-{name}.txt"), encoding="utf-8") as file:
        output = file.read(), 0
    for consumer in LINES:
        assert not str(read(consumer, output)).startswith("unreadable"), consumer.__name__
