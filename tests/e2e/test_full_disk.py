# SPDX-License-Identifier: MIT
"""Files that cannot grow: on a full disk, at a limit, after SIGKILL. What stands in them is whole."""
import contextlib
import csv
import io
import json
import os
import shutil
import signal
import time
import xml.etree.ElementTree

import pytest

import events
import net

DTD = "/usr/share/nmap/nmap.dtd"
HOSTS = 120
ARGV = ["-n", "-p", "1-6", f"127.0.0.1-{HOSTS}"]
ONE_PORT = ["-n", "-p", "1", f"127.0.0.1-{HOSTS}"]  # so one after the other is done
FORMATS = {"xml": "-oX", "jsonl": "-oJ", "csv": "-oC", "gnmap": "-oG", "nmap": "-oN"}


@contextlib.contextmanager
def disk(path, size):
    """A disk of so many bytes, of whole pages: tmpfs rounds up, and might hold a little more than is asked for."""
    size -= size % os.sysconf("SC_PAGE_SIZE")
    path.mkdir(exist_ok=True)
    net.must("mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", path)
    try:
        yield path
    finally:
        net.must("umount", path)


def hosts_in(form, text):
    """How many hosts a reader of the format finds in a text that may not be cut."""
    if form == "xml":
        return len(xml.etree.ElementTree.fromstring(text).findall("host"))
    assert text == "" or text.endswith("\n")
    if form == "jsonl":
        return len({line["address"] for line in net.json_lines(text, whole=False) if line["event"] == "reply"})
    if form == "csv":
        rows = list(csv.reader(io.StringIO(text, newline="")))
        assert len({len(row) for row in rows}) <= 1
        return len({row[0] for row in rows[1:]})
    if form == "gnmap":
        assert all(line[0] in "#H" for line in text.splitlines())
        return text.count("\tPorts: ")
    return text.count("Host ")


def read(path):
    with open(path, encoding="utf-8", newline="") as file:
        return file.read()


def valid(path):
    if os.path.exists(DTD):
        done = net.run("xmllint", "--noout", "--nonet", "--dtdvalid", DTD, path)
        assert done.code == 0, done.err


@pytest.mark.parametrize("form", FORMATS)
def test_full_disk(lo, tmp_path, form):
    """As the disk shrinks fewer hosts are told, each of them whole; what follows the full disk costs nothing else."""
    whole = tmp_path / "whole"
    lo.run("rsyn", *ARGV, FORMATS[form], whole, "--xml-scanner", "nmap")
    size = len(read(whole))
    assert hosts_in(form, read(whole)) == HOSTS
    found = []
    for part in (0.9, 0.6, 0.3):
        with disk(tmp_path / "disk", int(size * part)) as folder:
            path, other = folder / "x", tmp_path / "other"
            done = lo.run("rsyn", *ARGV, FORMATS[form], path, "--xml-scanner", "nmap", "-oX", other)
            assert done.code == 2
            assert done.err == f"rsyn: cannot write {path}: No space left on device\n"
            found.append(hosts_in(form, read(path)))
            assert len(read(path)) < size
            if form == "xml":
                valid(path)
                assert 'errormsg="cut short"' in read(path)
            assert hosts_in("xml", read(other)) == HOSTS == hosts_in("nmap", done.out)
    assert HOSTS >= found[0] >= found[1] >= found[2] > 5


@pytest.mark.parametrize("form", ["xml", "json", "csv", "greppable", "text"])
def test_limit_of_file_size_and_standard_output(lo, tmp_path, form):
    """Standard output is a file like others."""
    path = tmp_path / "out"
    done = lo.run("sh", "-c", f'ulimit -f 16; "$0" "$@" >{path}', net.tool("rsyn"), *ARGV, "--format", form)
    assert done.code == 2
    assert done.err == "rsyn: cannot write the output: File too large\n"
    assert 5 < hosts_in({"json": "jsonl", "greppable": "gnmap", "text": "nmap"}.get(form, form), read(path)) <= HOSTS


def test_no_room_at_all(lo, tmp_path):
    """Not even the head fits, for the many ports in it: nothing is left of it."""
    path = tmp_path / "x"
    ports = ",".join(str(port) for port in range(1, 1000, 2))
    done = lo.run("sh", "-c", f'ulimit -f 1; exec "$0" "$@" -oX {path}', net.tool("rsyn"), "-q", "-p", ports, "127.0.0.1")
    assert (done.code, done.err) == (2, f"rsyn: cannot write {path}: File too large\n")
    assert read(path) == ""


def test_behind_what_stands_there(lo, tmp_path):
    """What a shell wrote to the same file, before and after, stays."""
    path = tmp_path / "out"
    lo.run("sh", "-c", f'(echo before; "$0" -oX - -p 1 127.0.0.1; echo behind) >{path}', net.tool("rsyn"))
    before, text = read(path).split("\n", 1)
    assert before == "before" and text.endswith("</nmaprun>\nbehind\n")
    assert hosts_in("xml", text[:-len("behind\n")]) == 1
    lo.run("sh", "-c", f'(echo before; "$0" -oX - -p 1 127.0.0.1) >>{path}', net.tool("rsyn"))
    assert read(path).startswith("before\n" + text + "before\n<?xml")


def test_killed(lo, tmp_path):
    """SIGKILL leaves a whole document, because its end always stands there already."""
    base = tmp_path / "x"
    process = lo.start("rsyn", *ONE_PORT, "--max-rate", 20, "-oA", base, "--xml-scanner", "nmap")
    while not os.path.exists(f"{base}.xml") or read(f"{base}.xml").count("<host ") < 3:
        time.sleep(0.02)
        assert process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert 3 <= hosts_in("xml", read(f"{base}.xml")) < HOSTS
    valid(f"{base}.xml")
    assert hosts_in("jsonl", read(f"{base}.jsonl")) >= 3
    if shutil.which("ndiff"):
        assert net.run("ndiff", f"{base}.xml", f"{base}.xml").code == 0


@pytest.mark.parametrize("form", FORMATS)
def test_killed_at_any_call(lo, tmp_path, form):
    """Between two system calls nothing is cut, however long the text of one host is."""
    path = tmp_path / "x"
    found = []
    for number in 2, 3, 4, 5, 6, 7, 100, 100000:  # the first writes the head
        done = lo.run("strace", "-qq", "-o", "/dev/null", "-P", path, "-e", f"inject=write,ftruncate:signal=KILL:when={number}",
                      net.tool("rsyn"), "-q", "-vvvv", "-p", "1-100", "127.0.0.1-3", FORMATS[form], path)
        found.append(hosts_in(form, read(path)))
    assert done.code == 1 and found[-1] == 3 and min(found) < 3


def test_two_runs_and_one_file(lo, tmp_path):
    """The second is refused before it touches the file; afterwards, and in other files, all is well."""
    path = tmp_path / "x.xml"
    process = lo.start("rsyn", *ARGV, "--max-rate", 200, "-oX", path)
    while not os.path.exists(path) or read(path).count("<host ") < 1:
        time.sleep(0.02)
    done = lo.run("rsyn", "-p", 1, "127.0.0.1", "-oX", path)
    assert (done.code, done.out, done.err) == (2, "", f"rsyn: {path}: another process is writing to it\n")
    process.send_signal(signal.SIGINT)
    process.wait()
    assert hosts_in("xml", read(path)) == HOSTS
    assert lo.run("rsyn", "-p", 1, "127.0.0.1", "-oX", path).code == 1
    assert hosts_in("xml", read(path)) == 1


def test_two_runs_append_to_one_file(lo, tmp_path):
    """By the shell's >>: lines of both, and none within another."""
    path = tmp_path / "log"
    with open(path, "a") as log:
        runs = [lo.start("rsyn", *ARGV, "--format", "json", stdout=log) for _ in range(2)]
        assert [run.wait(timeout=60) for run in runs] == [1, 1]
    lines = [json.loads(line) for line in read(path).splitlines()]
    for line in lines:
        events.validate(line)
    assert sum(line["event"] == "host" for line in lines) == 2 * HOSTS and sum(line["event"] == "run" for line in lines) == 2


def test_reader_beside_the_run(lo, tmp_path):
    """Whoever reads the file while it grows finds a document, unless he comes in the midst of a write: a process that is
    stopped is between two system calls."""
    path = tmp_path / "x.xml"
    process = lo.start("rsyn", *ONE_PORT, "--max-rate", 40, "-oX", path)
    seen = set()
    while process.poll() is None:
        process.send_signal(signal.SIGSTOP)
        net.until(lambda: read(f"/proc/{process.pid}/stat").rsplit(")", 1)[1].split()[0] in "TZ")
        if os.path.exists(path) and (text := read(path)):
            seen.add(hosts_in("xml", text))
        process.send_signal(signal.SIGCONT)
        time.sleep(0.01)
    net.below(5, len(seen))
    assert hosts_in("xml", read(path)) == HOSTS
