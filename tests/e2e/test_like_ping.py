# SPDX-License-Identifier: MIT
"""The same command line given to iputils' ping and to rping, each in a stage of its own: standard output (numbers
that measure are masked), exit status, whether standard error says something, the packets that leave, and roughly the time
it takes are equal, or a paragraph of the manual's section DIFFERENCES FROM PING says how they differ. The lines are in like_ping.txt
and like_ping_odd.txt.
"""
import contextlib
import difflib
import os
import re
import shlex
import shutil
import signal
import subprocess
import threading
import time

import pytest

import net
import stage

HERE = os.path.dirname(os.path.abspath(__file__))
WORKERS = 6
ROW = re.compile(r"(?P<pending>\?)?(?:@(?P<how>\w+) )?(?P<line>.*?)(?: +=> (?P<key>[\w-]+))?$")
SIGNALS = {name: getattr(signal, "SIG" + name.upper()) for name in ("int", "quit", "term", "hup", "alrm")}
LOCALES = {"utf8": {"LC_ALL": "C.UTF-8"}}
SLACK = 0.4  # s, and half of what the slower one takes: by so much may one end earlier than the other
ASPECTS = "out", "exit", "err", "wire"
MASKS = [
    (re.compile(r"time=[\d.]+ ms"), "time=T ms"),
    (re.compile(r"time \d+ms"), "time Tms"),
    (re.compile(r"= [\d.]+/[\d.]+/[\d.]+/[\d.]+ ms"), "= T/T/T/T ms"),
    (re.compile(r"ipg/ewma [\d.]+/[\d.]+ ms"), "ipg/ewma T/T ms"),
    (re.compile(r"(, )?pipe \d+"), ""),  # depends on how fast the answers came
    (re.compile(r"^\[\d{10}\.\d{6}\] ", re.MULTILINE), "[STAMP] "),
    (re.compile(r"\bident=\d+"), "ident=I"),
    (re.compile(r"\r\d+/\d+ packets"), "\rN/N packets"),
    (re.compile(r"\t-?\d+( absolute|$)", re.MULTILINE), r"\tT\1"),  # IP time stamps
]


# The paragraphs: where a line may differ, and what rping's side must then have.
DIFFERENCES = {
    "ipv4": ("out exit err", r"rping: ::1: Address family for hostname not supported"),
    "notation": ("out exit err wire", r"\d packets transmitted, [12] received"),
    "long-names": ("out exit err wire", r"1 packets transmitted, 1 received"),
    "newer": ("out exit err wire", r"packets transmitted|\"sent\":1"),
    "values": ("out exit err wire", r"\Arping: .*(invalid argument|cannot|usage error|does not fit|hops are needed)"),
    "class-names": ("out exit err wire", r"1 packets transmitted"),
    "source-route": ("out exit err wire", r"1 packets transmitted"),
    "route": ("out exit err", r"rping: (connect: |Do you want to ping broadcast)"),
    "preload": ("err", r"3 packets transmitted"),
    "help": ("out exit err", r"\AUsage: rping "),
    "version": ("out", r"\Arping .*\biputils\b"),
    "verbose": ("out err", r"ident=|Outage|^ 4  [5-f]  "),
    "count": ("out wire", r"([1-3]) packets transmitted, \1 received, .*, 0% packet loss"),
    "timeout": ("out exit", r"\(late\)\n[^$]*, [13] late$"),
    "deadline": ("out exit err wire", r"packets transmitted"),
    "signals": ("out", r"3 packets transmitted, 3 received"),
    "write-errors": ("exit wire", r"No space left on device|\A\Z"),
    "in-flight": ("out err", r"3 packets transmitted, 0 received, 100% packet loss, time Tms, 1 in flight$|/\d packets, (10)?0% loss.*, \d in flight$"),
    "flood": ("out", r"^(\.\x08 \x08)+"),
    "unsent": ("out err exit", r"transmitted, 0 received, (\+1 errors, )?100% packet loss, time \w+, [23] not sent$"),
    "outstanding": ("out", r"no answer yet for icmp_seq=3$"),
    "small": ("out", r"bytes from \S+: icmp_seq=1 ttl=\d+ time=T ms$"),
    "clock": ("out", r" ms, user clock$"),
    "believed": ("out exit wire", r"2 packets transmitted, (2 received, 0%|0 received, \+2 corrupted, 100%) packet loss"),
    "remarks": ("out", r"ms \((longer than sent|code 5)\)$"),
    "errors": ("out", r"^From \S+ icmp_seq=1 (Frag reassembly time exceeded|Dest Unreachable, Bad Code: 16)$"),
    "fragments": ("wire", r"1 packets transmitted"),
}


# The table and the paragraphs are for iputils 20221126. Of another version, the lines that end in another paragraph, or in none.
SAME = None
VERSIONS = {
    "20221126": {},
    "20240905": {
        "-c 3 -i 0.2 -M probe -s 1400 -W 0.3 NARROW": SAME,  # has -M probe
        "-c 1 -3 HOST": SAME,  # has -3
        "-c 1 -H HOST": SAME,  # has -H
        "-c 1 -H host.example": SAME,
        "-i -1 -c 1 HOST": SAME,  # refuses it
        "--": SAME,  # ends with 2
        "-c 2 -f -i 0.1 -W 0.3 BADSUM": SAME,  # does not count it
        "-c 2 -i 0.1 -p ff -q HOST": "later",  # tells the pattern with -q, too
    },
}
LATER = {"later": ("out", r"\APING .*bytes of data\.$")}


def keys_of(row, version):
    """The paragraphs of which one holds. A version that is not in the table does as one of those that are."""
    keys = {known: lines.get(row["line"], row["key"]) for known, lines in VERSIONS.items()}
    return [keys[version]] if version in keys else sorted(set(keys.values()), key=str)


def rows():
    for name in "like_ping.txt", "like_ping_odd.txt":
        with open(os.path.join(HERE, name), encoding="utf-8") as table:
            for text in table:
                if text.strip() and not text.startswith("#"):
                    yield ROW.match(text.rstrip("\n")).groupdict()


ROWS = list(rows())


def masked(text):
    for pattern, word in MASKS:
        text = pattern.sub(word, text)
    return text


@contextlib.contextmanager
def output(how):
    """What standard output is."""
    if how == "full":
        with open("/dev/full", "w") as full:
            yield full
    elif how == "closed":
        reader, writer = os.pipe()
        os.close(reader)
        yield writer
        os.close(writer)
    else:
        yield subprocess.PIPE


class Run:
    """One program and one command line in one stage."""

    def __init__(self, place, program, row):
        self.row = row
        self.wire, first = stage.Wire(place.a), stage.Wire(place.a)
        argv = place.a.argv([program, *shlex.split(stage.places(row["line"]))])
        if row["how"] == "user":
            argv[2:2] = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]
        with output(row["how"]) as out:
            self.process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.PIPE,
                                            text=True, env=dict(net.ENVIRONMENT, **LOCALES.get(row["how"], {})), cwd="/")
        self.took = None
        self.watch = threading.Thread(target=self.measure, args=[time.monotonic()])
        self.watch.start()
        self.killer = stage.send_later(first, self.process, SIGNALS[row["how"]]) if row["how"] in SIGNALS else first.close()

    def measure(self, start):
        self.process.wait()
        self.took = time.monotonic() - start

    def end(self):
        try:
            self.out, self.err = self.process.communicate(timeout=30)
        finally:
            self.process.kill()
            if self.killer:
                self.killer.join()
            self.watch.join()
        packets = self.wire.requests(identifier=" -e " in self.row["line"] and "-e 0" not in self.row["line"])
        self.wire.close()
        assert not net.SANITIZER.search(self.err), self.err
        self.seen = {"out": masked(self.out or "").splitlines(), "exit": [str(self.process.returncode)],
                     "err": [self.told()], "wire": packets}
        return self

    def told(self):
        """Of standard error; its text is each program's own, but for the interim line that is asked for."""
        if self.row["how"] == "quit":
            return masked(self.err)
        return "something" if self.err else "nothing"


def complaint(key, theirs, ours):
    """What is wrong with these two, as text; nothing when they are equal, or differ as the paragraph says."""
    text, differ = [], set()
    for aspect in ASPECTS:
        lines = list(difflib.unified_diff(theirs.seen[aspect], ours.seen[aspect], "ping " + aspect, "rping " + aspect, lineterm=""))
        text += lines
        differ |= {aspect} if lines else set()
    if not key and abs(theirs.took - ours.took) > SLACK + max(theirs.took, ours.took) / 2:
        differ.add("time")
    text = "\n".join(text) + f"\nping, {theirs.took:.2f} s: {theirs.err}\nrping, {ours.took:.2f} s: {ours.err}"
    if not key:
        return text if differ else ""
    aspects, shown = {**DIFFERENCES, **LATER}[key]
    if not differ:
        return "no difference"
    told = differ <= set(aspects.split()) and re.search(shown, "\n".join(ours.seen["out"]) + ours.err, re.MULTILINE)
    return "" if told else text


def side_by_side(pair, row, programs, keys):
    """The complaint."""
    runs = [Run(place, program, row) for place, program in zip(pair, programs)]
    seen = [run.end() for run in runs]
    complaints = [complaint(key, *seen) for key in keys]
    return all(complaints) and complaints[0]


@pytest.fixture(scope="session")
def programs_of_users():
    """Copies where everybody may run them, with the capability: a ping may have come without it."""
    folder = f"/run/like-{os.getpid()}"
    os.mkdir(folder, 0o755)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", folder], check=True)
    copies = [shutil.copy(program, folder) for program in (shutil.which("ping"), net.tool("rping"))]
    subprocess.run(["setcap", "cap_net_raw+ep", copies[0], "cap_net_raw+p", copies[1]], check=False)
    yield copies
    subprocess.run(["umount", "-l", folder], check=True)
    os.rmdir(folder)


@pytest.fixture(scope="session")
def compare(request, iputils, known_names, programs_of_users):
    """compare(number of the row) is the complaint. All chosen lines start here, several at a time. Either program may miss
    a moment then: what one of them is too late for is asked again, alone, five times at most. A difference that is one
    is there each time."""
    chosen = [item.callspec.params["number"] for item in request.session.items if item.originalname == "test_like_ping"]
    pairs = stage.Pairs(min(WORKERS, len(chosen)))

    def arguments(number):
        row = ROWS[number]
        programs = programs_of_users if row["how"] == "user" else ("ping", net.tool("rping"))
        return side_by_side, row, programs, keys_of(row, iputils)

    promises = {number: pairs.submit(*arguments(number)) for number in chosen}

    def complaint_of(number):
        wrong = promises[number].result()
        for _ in range(0 if ROWS[number]["pending"] else 5):
            wrong = wrong and pairs.alone(*arguments(number))
        return wrong

    yield complaint_of
    pairs.close()


def parameters():
    for number, row in enumerate(ROWS):
        marks = [pytest.mark.xfail(strict=True, reason="not yet")] if row["pending"] else []
        yield pytest.param(number, marks=marks, id=f"{'@' + row['how'] + ' ' if row['how'] else ''}{row['line']}")


@pytest.mark.parametrize("number", parameters())
def test_like_ping(compare, number):
    row = ROWS[number]
    if row["how"] == "user" and open("/proc/self/uid_map").read().split()[-1] == "1":
        pytest.skip("needs a real root")
    wrong = compare(number)
    assert not wrong, wrong


def test_every_difference_is_told_and_shown():
    with open(os.path.join(HERE, "../../man/rping.1.in"), encoding="utf-8") as manual:
        section = re.search(r"^\.SH DIFFERENCES FROM PING\n(.*?)^\.SH ", manual.read(), re.DOTALL | re.MULTILINE)[1]
    told = [name.replace("\\-", "-") for name in re.findall(r"^\.TP\n\.B (\S+)\n", section, re.MULTILINE)]
    assert told == list(DIFFERENCES)
    assert {row["key"] for row in ROWS if row["key"]} == set(DIFFERENCES)
