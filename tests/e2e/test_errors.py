# SPDX-License-Identifier: MIT
"""Bad input: one line on stderr that names the tool and the thing, exit 2, and nothing is sent."""
import os
import subprocess

import pytest

import net

HERE = "127.0.0.1"


@pytest.mark.parametrize("line, thing", [
    # rping: operands
    ("rping", "required"),
    ("rping -c 1", "required"),
    ("rping no-such-name.invalid", "no-such-name.invalid"),
    ("rping 256.1.1.1", "256.1.1.1"),
    ("rping 1.2.3.4.5", "1.2.3.4.5"),
    ("rping 10.0.0.0/33", "/33"),
    ("rping -c 1 ''", ""),
    # rping: values, in iputils' ranges
    (f"rping -c 0 {HERE}", "0"),
    (f"rping -c -1 {HERE}", "-1"),
    (f"rping -c x {HERE}", "x"),
    (f"rping -c 1x {HERE}", "1x"),
    (f"rping -c 99999999999999999999 {HERE}", "99999999999999999999"),
    (f"rping {HERE} -c", "-c"),
    (f"rping -i abc {HERE}", "abc"),
    (f"rping -i -1 {HERE}", "-1"),
    (f"rping -i nan {HERE}", "nan"),
    (f"rping -i inf {HERE}", "inf"),
    (f"rping -i 0,5 {HERE}", "0,5"),
    (f"rping -i 1e9 {HERE}", "1e9"),
    (f"rping -W -1 {HERE}", "-1"),
    (f"rping -W x {HERE}", "x"),
    (f"rping -w -1 {HERE}", "-1"),
    (f"rping -w x {HERE}", "x"),
    (f"rping -s -1 {HERE}", "-1"),
    (f"rping -s 65508 {HERE}", "65508"),
    (f"rping -s x {HERE}", "x"),
    (f"rping -t 0 {HERE}", "0"),
    (f"rping -t 256 {HERE}", "256"),
    (f"rping -t x {HERE}", "x"),
    (f"rping -I no-such-device {HERE}", "no-such-device"),
    (f"rping -I 10.99.99.99 {HERE}", "10.99.99.99"),
    (f"rping --no-such-option {HERE}", "no-such-option"),
    (f"rping -~ {HERE}", "~"),
    (f"rping --count {HERE}", HERE),
    (f"rping --quiet=3 {HERE}", "quiet"),
    # rsyn: operands
    ("rsyn", "-p"),
    ("rsyn -p 22", "required"),
    (f"rsyn {HERE}", "-p"),
    ("rsyn -p 22 no-such-name.invalid", "no-such-name.invalid"),
    ("rsyn -p 22 10.0.0.0/33", "/33"),
    ("rsyn -p 22 10.0.0.300", "10.0.0.300"),
    ("rsyn -p 22 10.0.0.50-1", "10.0.0.50-1"),
    # rsyn: ports
    (f"rsyn -p 70000 {HERE}", "70000"),
    (f"rsyn -p 65536 {HERE}", "65536"),
    (f"rsyn -p 80-22 {HERE}", "80-22"),
    (f"rsyn -p 22;80 {HERE}", "22;80"),
    (f"rsyn -p 22,,80 {HERE}", "22,,80"),
    (f"rsyn -p , {HERE}", ","),
    (f"rsyn -p no-such-service {HERE}", "no-such-service"),
    (f"rsyn -p ssh-http {HERE}", "ssh-http"),
    (f"rsyn {HERE} -p", "-p"),
    # rsyn: values
    (f"rsyn -p 22 -c -1 {HERE}", "-1"),
    (f"rsyn -p 22 -c x {HERE}", "x"),
    (f"rsyn -p 22 -i x {HERE}", "x"),
    (f"rsyn -p 22 --no-such-option {HERE}", "no-such-option"),
    (f"rsyn -sU -p 22 {HERE}", "'-sU'"),
    # rsyn: what was likely meant otherwise
    ("rsyn -p 22 ''", "empty"),
    ("rsyn -p 22, 80", "blanks"),
    ("rsyn -p 22 ::1", "IPv6"),
    ("rsyn [::1]:22", "IPv6"),
    ("rsyn http://127.0.0.1:80/", "URL"),
    ("rsyn -p 22 127.0.0.1,127.0.0.2", "blanks"),
    ("rsyn -p 22 127.255.255.255", "broadcast address"),
    ("rsyn -p 22 192.0.2.1", "ip route get 192.0.2.1"),
    ("rsyn -p 22 -S 127.0.0.1 192.0.2.1", "ip route get 192.0.2.1"),
    (f"rsyn -p 22 -S 0.0.0.0 {HERE}", "of this host"),
    (f"rsyn -p 22 -S 224.0.0.1 {HERE}", "of this host"),
    (f"rsyn -p 22 -S 192.0.2.1 {HERE}", "ip address"),
    (f"rsyn -p 22 -e no-such-device {HERE}", "no-such-device: No such device; see: ip link"),
    (f"rsyn -p 22 -e '' {HERE}", "an interface's name"),
    (f"rsyn -p 22 -oX -v {HERE}", "./-NAME"),
    (f"rsyn -p 22 -oA -v {HERE}", "./-NAME"),
    (f"rsyn --top-ports 65535 {HERE}", "-p -"),
    ("rsyn -p 1-2000 10.0.0.0/16", "in parts"),
    # rsyn: what would have no effect
    (f"rsyn -p 22 -i 0.2 {HERE}", "-c"),
    (f"rsyn -p 22 -W 2 {HERE}", "-c"),
    (f"rsyn -p 22 -D {HERE}", "-D"),
    (f"rsyn -p 22 -c 1 --open {HERE}", "--open"),
    (f"rsyn -p 22 --min-rate 5 --max-rate 4 {HERE}", "--max-rate"),
    (f"rsyn -p 22 -T5 --min-rtt-timeout 1 {HERE}", "--max-rtt-timeout"),
    # rsyn: lists, of which a second one would undo the first
    (f"rsyn -p 22 -p 80 {HERE}", "-p is there twice"),
    (f"rsyn -p 22,80 --exclude-ports 22 --exclude-ports 80 {HERE}", "--exclude-ports is there twice"),
    (f"rsyn -p 22 --exclude {HERE} --exclude 127.0.0.2 127.0.0.1-2", "--exclude is there twice"),
])
def test_bad_input(lo, line, thing):
    argv = [word.strip("'") for word in line.split(" ")]
    before = lo.sent()
    done = lo.run(*argv, timeout=20)
    assert done.code == 2, (done.out, done.err)
    assert done.out == ""
    assert len(done.err.splitlines()) == 1, done.err
    assert done.err.startswith(argv[0] + ": ") and thing in done.err
    # A name may be asked for at a resolver on this host; probes may not leave.
    if "invalid" not in line:
        assert lo.sent() == before


@pytest.mark.parametrize("text, thing", [
    ("127.0.0.1\n127.0.0.300\n", "127.0.0.300"),
    ("127.0.0.1:http,nonsense\n", "'nonsense'"),
    ("127.0.0.1:22\n127.0.0.1:\n", "port"),
    ("127.0.0.1\n::1\n", "IPv6"),
    ("127.0.0.1 22\n", "'22'"),
])
def test_bad_line_of_a_list(lo, tmp_path, text, thing):
    path = tmp_path / "list"
    path.write_text(text)
    line = text.count("\n")
    done = lo.run("rsyn", "-p", "1", "-iL", str(path))
    assert done.code == (1 if line > 1 or " " in text else 2) and len(done.err.splitlines()) == 1
    assert done.err.startswith(f"rsyn: {path}, line {line}: ") and thing in done.err


def test_list_of_an_editor_that_marks_utf8(lo, tmp_path):
    (tmp_path / "list").write_bytes(b"\xef\xbb\xbf127.0.0.1\r\n127.0.0.2 # last\r\n")
    done = lo.run("rsyn", "-p", "1", "-iL", str(tmp_path / "list"), "--expect", "closed")
    assert done.code == 0, done.err
    assert "Host 127.0.0.1\n" in done.out and "Host 127.0.0.2\n" in done.out


@pytest.mark.parametrize("line", [
    ["rping", "X"],
    ["rping", "--X"],
    ["rping", "-c", "X", HERE],
    ["rping", "-I", "X", HERE],
    ["rping", HERE, "X"],
    ["rsyn", "-p", "X", HERE],
    ["rsyn", "-p", "22", "--exclude-ports", "X", HERE],
    ["rsyn", "-p", "22", "1.2.3.0/X"],
    ["rsyn", "-p", "22", "-iL", "X"],
    ["rsyn", "-p", "22", "-iL", "LIST"],
    ["rsyn", "-p", "22", "-oG", "nowhere/X", HERE],
], ids=" ".join)
def test_nothing_controls_the_terminal(lo, tmp_path, line):
    """Foreign text is quoted, also that of a file: an escape sequence (ESC, and CSI in UTF-8) is no longer one."""
    foreign = "a\x1b[2J\u009b2Jb"
    (tmp_path / "list").write_text(foreign + "\n")
    done = lo.run(*(word.replace("X", foreign).replace("LIST", str(tmp_path / "list")) for word in line))
    assert done.code == 2
    assert done.err.endswith("\n") and done.err[:-1].isprintable(), done.err


@pytest.mark.parametrize("line", [
    f"rping -c 3 -i 0.05 {HERE}",
    f"rsyn -p 22,80 {HERE}",
    f"rsyn --json -p 22,80 {HERE}",
    "rping --help",
    "rsyn --help",
])
def test_full_disk(lo, line):
    with open("/dev/full", "w") as full:
        process = lo.start(*line.split(), stdout=full)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 2, err
    assert len(err.splitlines()) == 1
    assert err.startswith(line.split()[0] + ": ") and "No space left" in err


@pytest.mark.parametrize("line", [
    f"rping -i 0.05 {HERE}",
    f"rsyn -p 22 -c 1000 -i 0.05 {HERE}",
    f"rsyn --json -p 22 -c 1000 -i 0.05 {HERE}",
])
def test_closed_pipe(lo, line):
    """The reader goes away: the tool ends soon and says nothing, as every filter does."""
    reader, writer = os.pipe()
    process = lo.start(*line.split(), stdout=writer)
    os.close(writer)
    assert os.read(reader, 1)
    os.close(reader)
    try:
        _, err = process.communicate(timeout=30)  # of a thousand probes it would be fifty
    except subprocess.TimeoutExpired:
        pytest.fail("it runs on")
    assert err == ""
    assert process.returncode in (-13, 141, 2)


def test_stdout_closed(lo):
    done = lo.run("sh", "-c", f'"{net.tool("rping")}" -c 1 {HERE} >&-')
    assert done.code != 0
    assert "Sanitizer" not in done.err
