# SPDX-License-Identifier: MIT
"""Command lines of both tools: what means the same has the same name in both."""
import itertools
import os
import re

import pytest

import net

HERE = "127.0.0.1"
BASE = {"rping": ["-c", "1", HERE], "rsyn": ["-p", "9", "--expect", "closed", HERE]}
BOTH = ["rping", "rsyn"]


def both(lo, *words, code=0):
    for tool in BOTH:
        done = lo.run(tool, *words, *BASE[tool])
        assert done.code == code, done.err
        yield done


def test_source_and_interface(lo):
    """An address that is not that of the route: loopback has a whole network of them."""
    for words in (["--source", "127.0.0.2"], ["--interface", "lo", "--source=127.0.0.2"], ["--interface", "127.0.0.2"]):
        with lo.capture("lo") as packets:
            list(both(lo, *words))
        sent = [packet for packet in packets if packet.dst == HERE and packet.src != HERE]
        assert {packet.src for packet in sent} == {"127.0.0.2"} and {packet.proto for packet in sent} == {1, 6}, words
    for words in (["--source", "lo"], ["--source", "0.0.0.0"], ["--source", "224.0.0.1"]):
        for done in both(lo, *words, code=2):
            assert "--source" in done.err and f"'{words[1]}'" in done.err


def test_formats(lo, tmp_path):
    for spelling in (["--json"], ["-j"], ["--format", "json"], ["-oJ", "-"], ["--output-json", "-"]):
        for done in both(lo, *spelling):
            assert net.json_lines(done.out)[-1]["event"] == "run"
    for spelling in (["--csv"], ["--format=csv"], ["-oC", "-"], ["--output-csv", "-"]):
        for done in both(lo, *spelling):
            assert {line.count(",") for line in done.out.splitlines()} == {done.out.splitlines()[0].count(",")}
    for tool, done in zip(BOTH, both(lo, "-oJ", tmp_path / "json", "-oC", tmp_path / "csv", "-oN", tmp_path / "text", "-q")):
        text = (tmp_path / "text").read_text()
        assert net.json_lines((tmp_path / "json").read_text())[0]["tool"] == tool
        assert (tmp_path / "csv").read_text().count(HERE) >= 1
        assert "icmp_seq=1 " in text if tool == "rping" else "9/tcp" in text
        assert "icmp_seq=1 " not in done.out and "9/tcp" not in done.out


def test_family(lo):
    list(both(lo, "-4"))
    for words in (["-6"], ["--ipv6"]):
        for done in both(lo, *words, code=2):
            assert "-6: only IPv4 is supported" in done.err
    for done in both(lo, "-46", code=2):
        assert "-4" in done.err and "-6" in done.err


def test_class_of_service(lo):
    for word, value in (("ef", 184), ("AF21", 72), ("0x10", 16), ("7", 7)):
        with lo.capture("lo") as packets:
            list(both(lo, "--tos", word))
        assert {packet.tos for packet in packets if packet.proto in (1, 6)} >= {value}
    for word in ("256", "-1", "nonsense"):
        for done in both(lo, "--tos", word, code=2):
            assert "--tos" in done.err and f"'{word}'" in done.err


# ---- what a refusal blames ----------------------------------------------------------------------

# No option takes all of them; "-x" is an option of both tools, and stands where a value was forgotten.
VALUES = ["", "x~", "-1", "99999999999999999999", "5 ms", "5parsecs", "1.5", "0x", "-x", "\N{SNOWMAN}"]
# The rest of a command line that is right, and ends soon.
REST = {"rping": ["-c", "1", "-w", "0.2"], "rsyn": ["-w", "0.2", "--max-retries", "0"]}
OPERAND = {"rping": HERE, "rsyn": f"{HERE}:9"}
# What is refused for another reason than its value says that one, and names the option.
OTHER_REASON = " is for a series| is there twice|is for a scan|exclude each other|only one of"


def options(tool):
    """(spellings, the argument's name or None, whether it may be left out) of each entry, as the help lists them."""
    optgen = os.path.join(os.path.dirname(os.path.abspath(net.BIN)), "completions", "optgen")
    text = net.must(optgen, tool, "help").out
    found = re.findall(r"^ {2,6}(?:(-\w+), )?(--[\w-]+)(?:(\[=| )([A-Z]+)\]?)?(?:  |$)", text, re.M)
    assert len(found) > 40
    return [([one for one in (short, long) if one], argument or None, how == "[=")
            for short, long, how, argument in found if long not in ("--help", "--version")]


def command_lines(tool, spellings, argument, optional):
    """Each way to write each value, with and without an operand behind it: (words, value)."""
    for spelling, value in itertools.product(spellings, VALUES):
        if spelling.startswith("--"):
            yield [f"{spelling}={value}"], value
        if argument and not optional and not ("--wait-" in spelling and not value.lstrip("-").isdigit() and value):
            yield [spelling, value], value
    for spelling, value in itertools.product(spellings if not argument else [], ["1", "0.5", "200ms"]):
        yield [spelling, value], value


@pytest.mark.parametrize("tool", BOTH)
def test_a_refusal_names_the_option_and_the_value(lo, tool, tmp_path):
    """Whatever is refused: one sentence, in which the option stands as it was typed or is listed, and the value."""
    wrong, refused, accepted = [], 0, 0
    for spellings, argument, optional in options(tool):
        for (words, value), operand in itertools.product(command_lines(tool, spellings, argument, optional), ([OPERAND[tool]], [])):
            done = lo.run(tool, *REST[tool], *words, *operand, cwd=tmp_path, timeout=20)
            assert done.code in (0, 1, 2), (words, done.err)
            if done.code != 2:
                accepted += 1
                continue
            refused += 1
            one_line = len(done.err.splitlines()) == 1 and done.err.startswith(f"{tool}: ")
            named = any(one in done.err or one.lstrip("-") + " " in done.err for one in spellings)
            valued = value in done.err or re.search(OTHER_REASON, done.err)
            missing = not operand and ("required" in done.err or "which ports" in done.err)
            if not one_line or not (missing or named and valued):
                wrong.append(f"{' '.join([*words, *operand])!r}: {done.err.strip()}")
    assert not wrong, "\n".join(wrong)
    assert refused > 500 and accepted > 100, (refused, accepted)


@pytest.mark.parametrize("tool", BOTH)
def test_a_missing_argument_is_named(lo, tool):
    for spellings, argument, optional in options(tool):
        for spelling in spellings if argument and not optional else []:
            done = lo.run(tool, *REST[tool], OPERAND[tool], spelling, timeout=20)
            if "--wait-" in spelling or (tool, spellings[-1]) == ("rsyn", "--count"):
                continue
            assert done.code == 2 and spelling in done.err and argument in done.err, (spelling, done.err)


@pytest.mark.parametrize("line, words", [
    ("rping -i 200 ms HERE", ["-i", "'ms'", "200ms"]),
    ("rping -i200 ms HERE", ["-i", "'ms'", "200ms"]),
    ("rping --interval=200 ms HERE", ["--interval", "'ms'", "200ms"]),
    ("rping -w 1 s HERE", ["-w", "'s'", "1s"]),
    ("rsyn --wait-open 1 m HERE:9", ["--wait-open", "'m'", "1m"]),
    ("rping -n 3 HERE", ["-n", "'3'"]),
    ("rping -qn 3 HERE", ["-qn", "'3'"]),
    ("rping HERE -n 3", ["-n", "'3'"]),
    ("rping --numeric 3", ["--numeric", "'3'"]),
    ("rping -f 0.2 HERE", ["-f", "'0.2'"]),
    ("rsyn -p 9 -v 80 HERE", ["-v", "'80'"]),
    ("rping HERE 4", ["'4'"]),
    ("rping 127.0.0.1 127.0.0.2", ["'127.0.0.2'", "second"]),
    ("rping -c 1 HERE -- ls", ["'ls'", "second"]),
    ("rping --until-up 0 HERE", ["--until-up", "'0'"]),
    ("rping --decode=nonsense HERE", ["--decode", "'nonsense'", "brief, full"]),
    ("rsyn -T fast -p 9 HERE", ["-T", "'fast'", "aggressive"]),
    ("rping -T nonsense HERE", ["-T", "'nonsense'", "tsonly"]),
    ("rsyn -sV -p 9 HERE", ["'-sV'", "nmap -sV"]),
    ("rsyn -sT -p 9 HERE", ["'-sT'", "leave"]),
    ("rsyn -sU -p 9 HERE", ["'-sU'", "UDP"]),
    ("rsyn -sX -p 9 HERE", ["'-sX'", "-sS"]),
    ("rsyn -A -p 9 HERE", ["'-A'", "nmap -A"]),
    ("rsyn -PE -p 9 HERE", ["'-PE'", "-Pn"]),
    ("rsyn --script=default -p 9 HERE", ["'--script=default'", "scripts"]),
    ("rsyn --wait-open 5 HERE:9 ./start.sh now", ["'./start.sh'", "--"]),
    ("rsyn --wait-open 5 HERE:9 /bin/echo now", ["'/bin/echo'", "--"]),
    ("rsyn --wait-open 5 HERE:9 bin/start now", ["'bin/start'", "--"]),
    ("rsyn --wait-open 5 HERE:9 echo now", ["'echo'", "--"]),
    ("rsyn -p 9 HERE/33", ["HERE/33"]),
    ("rsyn -p 9 HERE/x", ["HERE/x"]),
    ("rsyn -p 9 http://HERE/", ["URL"]),
])
def test_who_is_to_blame(lo, line, words):
    before = lo.sent()
    done = lo.run(*line.replace("HERE", HERE).split(), timeout=20)
    assert done.code == 2 and done.out == "" and len(done.err.splitlines()) == 1, done.err
    assert all(word.replace("HERE", HERE) in done.err for word in words), done.err
    assert lo.sent() == before


@pytest.mark.parametrize("line", ["rsyn -p 9 HERE echo now", "rsyn -p 9 --wait-open 1 HERE echo now"])
def test_a_forgotten_dash_before_a_program(lo, line):
    """It is a name like any other, and looked up; where that fails the sentence says what else it may be."""
    done = lo.run(*line.replace("HERE", HERE).split(), timeout=20)
    told = [one for one in done.err.splitlines() if one.startswith("rsyn: echo: ")]
    assert len(told) == 1 and told[0].endswith("(it is a program here: a COMMAND follows --)"), done.err
    assert not any("now" in one and "COMMAND" in one for one in done.err.splitlines()), done.err


@pytest.mark.parametrize("number, name", enumerate(["paranoid", "sneaky", "polite", "normal", "aggressive", "insane"]))
def test_timing_by_name(lo, number, name):
    """The same by its number: how often a silent port is tried follows from it, and the range of the timeouts."""
    sentences = [lo.run("rsyn", "-p", "9", "-T", one, "--min-rtt-timeout", "1000s", HERE).err for one in (name, number)]
    assert sentences[0] == sentences[1] and "--max-rtt-timeout" in sentences[0]
    assert lo.run("rsyn", "-p", "9", f"-T{name}", "--expect", "closed", HERE).code == 0


# ---- what a process has no more of --------------------------------------------------------------

# Names are looked up in the hosts file; glibc itself crashes in some places when memory is out while it does so.
SHORT = ["rping -c 1 HERE", "rping -c 1 localhost", "rping --until-up -w 1 localhost", "rsyn -p 9 HERE", "rsyn -p 9 localhost",
         "rsyn --wait-open 1 localhost:9", "rsyn -p 9 --exclude 127.0.0.2 -iL LIST 127.0.0.0/30", "rsyn HERE:9 HERE:10,11",
         "rsyn --top-ports 9 --exclude-ports 80 HERE", "rsyn -p 9 -c 1 -oJ OUT HERE --require loss<1% --require sent>=1"]


def blames_nobody(tool, done, cause):
    """The sentence names the cause, and neither a name nor a port nor a deadline."""
    lines = done.err.splitlines()
    assert lines and all(line.startswith(f"{tool}: ") and len(line) > len(tool) + 2 for line in lines), done.err
    assert any(cause in line for line in lines), done.err
    assert not re.search("not known|in name resolution|no address|source port|deadline", done.err), done.err


@pytest.fixture
def short(lo, tmp_path):
    (tmp_path / "list").write_text(f"{HERE}:9\n")

    def run(line, *prefix):
        argv = line.replace("HERE", HERE).replace("LIST", str(tmp_path / "list")).replace("OUT", str(tmp_path / "out")).split()
        return argv[0], lo.run(*prefix, net.tool(argv[0]), *argv[1:], timeout=30)

    return run


@pytest.mark.skipif(net.sanitized(), reason="the sanitizers have their own allocator")
@pytest.mark.parametrize("line", SHORT)
def test_out_of_memory(short, line):
    """From each allocation on, none succeeds."""
    preload = os.path.join(os.environ["PEER_BIN"], "libnomemory.so")
    failed = 0
    for at in [*range(0, 60), *range(60, 300, 7)]:
        tool, done = short(line, "env", f"LD_PRELOAD={preload}", f"NOMEMORY_AT={at}")
        if done.code in (-6, -11) and "localhost" in line:
            continue
        assert done.code in (0, 1, 2), (at, done.err)
        if done.code == 2:
            failed += 1
            blames_nobody(tool, done, "out of memory")
        assert done.code != 1 or "waited" in done.err or done.out, (at, done.err)
    assert failed > 5


@pytest.mark.skipif(net.sanitized(), reason="the sanitizers need descriptors")
@pytest.mark.parametrize("line", SHORT)
def test_out_of_descriptors(short, line):
    failed = 0
    for limit in range(5, 24):
        tool, done = short(line, "prlimit", f"--nofile={limit}")
        if "error while loading shared libraries" in done.err:
            continue
        assert done.code in (0, 1, 2), done.err
        if done.code == 2:
            failed += 1
            blames_nobody(tool, done, "Too many open files")
    assert failed > 1 and done.code < 2, done.err
