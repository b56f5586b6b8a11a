# SPDX-License-Identifier: MIT
"""rsyn's outputs as others read them: nmap's DTD, python-libnmap, ndiff, csv and json; and every way to cut a run short."""
import csv
import fcntl
import io
import os
import pty
import re
import shutil
import signal
import stat
import struct
import subprocess
import termios
import xml.etree.ElementTree

import pytest

import net

OPEN, CLOSED, DROPPED = 22, 443, 80
SILENT = "10.9.1.2"
DTD = "/usr/share/nmap/nmap.dtd"
FILTER = f"chain c {{ type filter hook input priority 0; tcp dport {{ {DROPPED}, 2000-5000 }} drop; }}"


@pytest.fixture(scope="module")
def target(pair):
    listener = pair.b.listen(OPEN)
    pair.b.nft(FILTER)
    yield pair
    pair.b.nft("")
    listener.close()


def read(path):
    with open(path, encoding="utf-8", newline="") as file:
        return file.read()


def accepted(path):
    """Whole, and read by each of nmap's readers; the ports as python-libnmap sees them: port -> state."""
    text = read(path)
    xml.etree.ElementTree.fromstring(text)
    if 'scanner="nmap"' in text and os.path.exists(DTD):
        done = net.run("xmllint", "--noout", "--nonet", "--dtdvalid", DTD, path)
        assert done.code == 0, done.err
    if shutil.which("ndiff"):
        # 1: the two files differ, 2: an error
        assert net.run("ndiff", path, path).code == 0
    libnmap = pytest.importorskip("libnmap.parser")
    report = libnmap.NmapParser.parse(text)
    return {port: service.state for host in report.hosts for service in host.services for port in [service.port]}


@pytest.mark.parametrize("scanner", ["nmap", "rsyn"])
def test_xml_is_read_by_nmaps_readers(target, tmp_path, scanner):
    path = tmp_path / "x.xml"
    done = target.a.run("rsyn", "-p", f"{OPEN},{CLOSED},{DROPPED}", "-oX", path, "--xml-scanner", scanner, SILENT)
    assert (done.code, done.err) == (1, "")
    assert accepted(path) == {OPEN: "open", CLOSED: "closed", DROPPED: "filtered"}
    assert f'scanner="{scanner}"' in read(path)
    assert ("rtt_ms=" in read(path)) == (scanner == "rsyn")


def test_xml_says_what_nmap_says(target, tmp_path):
    """ndiff finds no difference in a host's ports; folding and reasons are the same in the XML."""
    ours, theirs = tmp_path / "ours.xml", tmp_path / "theirs.xml"
    ports = f"{OPEN},{DROPPED},100-160,{CLOSED}"
    target.a.run("rsyn", "-p", ports, "-oX", ours, "--xml-scanner", "nmap", SILENT)
    target.a.run("nmap", "-n", "-Pn", "-sS", "-p", ports, "-oX", theirs, SILENT)

    def facts(path):
        tree = xml.etree.ElementTree.fromstring(read(path))
        host = tree.find("host")
        return ([dict(tree.find("scaninfo").attrib), dict(host.find("address").attrib)]
                + [dict(e.attrib) for e in host.iter("extraports")] + [dict(e.attrib) for e in host.iter("extrareasons")]
                + [(p.get("portid"), dict(p.find("state").attrib)) for p in host.iter("port")])

    assert facts(ours) == facts(theirs)


@pytest.mark.parametrize("number, status", [(signal.SIGINT, 1), (signal.SIGTERM, -15), (signal.SIGHUP, -1)])
def test_signal_in_mid_scan(target, tmp_path, number, status):
    """Every file is whole, and the status tells the signal."""
    base = tmp_path / "cut"
    process = target.a.start("rsyn", "-p", f"{OPEN},{CLOSED},2000-5000", "--max-retries", 10, "--initial-rtt-timeout", 5,
                             "--min-rtt-timeout", 5, "--xml-scanner", "nmap", "-oA", base, "-oC", f"{base}.csv", "--json", SILENT)
    for _ in range(2):  # what is open, and what is closed
        net.read_until(process, '"event":"port"')
    code, _, err = net.finish(process, number)
    assert (code, err) == (status, "")
    assert "stopped" in read(f"{base}.nmap")
    ports = accepted(f"{base}.xml")
    assert ports[OPEN] == "open" and ports[CLOSED] == "closed"
    run = net.json_lines(read(f"{base}.jsonl"))[-1]
    assert (run["event"], run["end"]) == ("run", "stopped")
    assert read(f"{base}.gnmap").splitlines()[-1].startswith("# rsyn done at")
    rows = list(csv.DictReader(io.StringIO(read(f"{base}.csv"))))
    assert {(row["port"], row["state"]) for row in rows} >= {(str(OPEN), "open"), (str(CLOSED), "closed")}


def test_stopped_before_anything_is_known(target, tmp_path):
    path = tmp_path / "x.xml"
    before = target.a.sent(target.device_a)
    process = target.a.start("rsyn", "-p", "2000-2003", "--xml-scanner", "nmap", "-oX", path, "--initial-rtt-timeout", 5,
                             "--min-rtt-timeout", 5, SILENT)
    net.until(lambda: target.a.sent(target.device_a) > before)
    assert net.finish(process, signal.SIGINT)[0] == 1
    assert accepted(path) == {}


@pytest.mark.parametrize("form", ["xml", "json", "csv", "greppable"])
def test_nothing_open(target, form):
    done = target.a.run("rsyn", "-p", f"{CLOSED}", "--open", "--format", form, SILENT)
    assert (done.code, done.err) == (1, "")
    if form == "xml":
        assert xml.etree.ElementTree.fromstring(done.out).find("host") is None
    elif form == "json":
        assert {line["event"] for line in net.json_lines(done.out)} == {"start", "reply", "host", "run"}
    elif form == "csv":
        assert len(list(csv.reader(io.StringIO(done.out)))) == 1
    else:
        assert all(line.startswith("#") for line in done.out.splitlines())


def test_all_at_once_agree(target, tmp_path):
    base = tmp_path / "r"
    done = target.a.run("rsyn", "-p", f"{OPEN},{CLOSED},{DROPPED}", "-oA", base, "-oC", f"{base}.csv", SILENT)
    wanted = {OPEN: "open", CLOSED: "closed", DROPPED: "filtered"}
    assert read(f"{base}.nmap") == done.out
    assert accepted(f"{base}.xml") == wanted
    lines = net.json_lines(read(f"{base}.jsonl"))
    assert {line["port"]: line["state"] for line in lines if line["event"] == "port"} == wanted
    assert {int(row["port"]): row["state"] for row in csv.DictReader(io.StringIO(read(f"{base}.csv")))} == wanted
    listed = re.search(r"^Host: 10\.9\.1\.2 \(\)\tPorts: (.*)$", read(f"{base}.gnmap"), re.MULTILINE)[1]
    fields = [port.split("/") for port in listed.split(", ")]
    assert {int(field[0]): field[1] for field in fields} == wanted
    assert all(len(field) == 8 and field[2] == "tcp" for field in fields)


def test_each_host_has_its_own_ledger(target):
    """Of an own address and of one that answers half as many probes, and the run has their sum."""
    done = target.a.run("rsyn", "--json", "-p", f"{OPEN},{CLOSED},{DROPPED}", "--max-retries", 0, SILENT, "10.9.1.1")
    lines = net.json_lines(done.out)
    hosts = {line["host"]: line for line in lines if line["event"] == "host"}
    assert {host: (line["sent"], line["received"], line["lost"]) for host, line in hosts.items()} == {
        SILENT: (3, 2, 1), "10.9.1.1": (3, 3, 0)}
    replies = [line["rtt_ns"] for line in lines if line["event"] == "reply" and line["host"] == SILENT]
    assert round(hosts[SILENT]["rtt_max_ms"] * 1e6) == max(replies) and round(hosts[SILENT]["rtt_min_ms"] * 1e6) == min(replies)
    for key in ("sent", "received", "lost", "late", "in_flight", "errors", "suspect"):
        assert lines[-1][key] == sum(line[key] for line in hosts.values())


def test_greppable_is_nmaps(target, tmp_path):
    """The Ports line of an open port is nmap's to the byte."""
    ours, theirs = tmp_path / "o", tmp_path / "t"
    target.a.run("rsyn", "-p", f"{OPEN},100-160", "-oG", ours, SILENT)
    target.a.run("nmap", "-n", "-Pn", "-sS", "-p", f"{OPEN},100-160", "-oG", theirs, SILENT)
    assert re.findall("^Host.*$", read(ours), re.MULTILINE) == re.findall("^Host.*$", read(theirs), re.MULTILINE)


def test_series_as_csv(target):
    done = target.a.run("rsyn", "-c", 3, "-i", "0.01", "-p", OPEN, "--csv", SILENT)
    rows = list(csv.DictReader(io.StringIO(done.out)))
    assert [(row["event"], row["seq"], row["state"]) for row in rows] == [("reply", str(n), "open") for n in (1, 2, 3)]
    assert all(float(row["rtt_ms"]) > 0 for row in rows)
    done = target.a.run("rping", "-c", 2, "-i", "0.01", "--format", "csv", SILENT)
    rows = list(csv.DictReader(io.StringIO(done.out)))
    assert [(row["event"], row["seq"], row["bytes"]) for row in rows] == [("reply", "1", "64"), ("reply", "2", "64")]


@pytest.mark.parametrize("argv", ["-oX -", "-oG -", "--format xml", "-oA x"])
def test_a_series_has_no_nmap_format(target, tmp_path, argv):
    done = target.a.run("rsyn", "-c", 1, "-p", OPEN, *argv.split(), SILENT, cwd=tmp_path)
    assert (done.code, done.out, os.listdir(tmp_path)) == (2, "", [])
    assert "a series (-c) can be had as JSON (-oJ) and CSV (-oC)" in done.err


def test_a_series_in_several_formats(target, tmp_path):
    done = target.a.run("rsyn", "-c", 2, "-i", "0.01", "-p", OPEN, "-oJ", "j", "-oC", "c", "-oN", "n", SILENT, cwd=tmp_path)
    assert read(tmp_path / "n") == done.out and done.code == 0
    assert [line["seq"] for line in net.json_lines(read(tmp_path / "j")) if line["event"] == "reply"] == [1, 2]
    assert [row["seq"] for row in csv.DictReader(io.StringIO(read(tmp_path / "c")))] == ["1", "2"]


# ---- files ----

def test_a_name_for_stdout_replaces_the_table(target):
    done = target.a.run("rsyn", "-p", OPEN, "-oX", "-", SILENT)
    assert done.code == 0
    assert xml.etree.ElementTree.fromstring(done.out).find("host") is not None


@pytest.mark.parametrize("line", [
    "-oX - -oG -", "-oX - --json", "-oX same -oN same", "-oX same -oN ./same", "-oN no/such/folder", "-oX /", "-oA -", "-oX ''",
])
def test_refused_before_anything_is_sent(target, tmp_path, line):
    before = target.a.sent(target.device_a)
    kept = tmp_path / "same"
    kept.write_text("kept")
    done = target.a.run("rsyn", "-p", OPEN, *[word.strip("'") for word in line.split()], SILENT, cwd=tmp_path)
    assert (done.code, done.out) == (2, "")
    assert len(done.err.splitlines()) == 1
    assert kept.read_text() == "kept"
    assert target.a.sent(target.device_a) == before


def test_mode_and_overwriting(target, tmp_path):
    path = tmp_path / "new"
    done = target.a.run("sh", "-c", f'umask 027; exec "{net.tool("rsyn")}" -p {OPEN} -oN {path} {SILENT}')
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o640
    assert path.read_text() == done.out
    path.write_text("x" * 100000)
    done = target.a.run("rsyn", "-p", OPEN, "-oN", path, SILENT)
    assert path.read_text() == done.out


def test_link_of_somebody_else(target, tmp_path):
    victim, link = tmp_path / "victim", tmp_path / "link"
    victim.write_text("precious")
    link.symlink_to(victim)
    assert target.a.run("rsyn", "-p", OPEN, "-oN", link, SILENT).code == 0
    assert "ssh" in victim.read_text()
    victim.write_text("precious")
    try:
        os.lchown(link, 12345, 12345)
    except OSError:
        pytest.skip("one user alone in this namespace")
    done = target.a.run("rsyn", "-p", OPEN, "-oN", link, SILENT)
    assert done.code == 2 and str(link) in done.err
    assert victim.read_text() == "precious"


def test_link_that_is_swapped_while_it_is_looked_at(target, tmp_path):
    """The link that was looked at is the one that is followed."""
    good, victim, link, calls = (tmp_path / name for name in ("good", "victim", "link", "calls"))
    victim.write_text("precious")
    link.symlink_to(good.name)
    process = target.a.start("strace", "-f", "-o", calls, "-P", link, "-e", "trace=%file,fstat", "-e", "inject=newfstatat,lstat,fstat:delay_exit=2000000",
                             net.tool("rsyn"), "-p", OPEN, "-oN", link, SILENT)
    net.until(lambda: calls.exists() and re.search("stat", calls.read_text()))
    (tmp_path / "other").symlink_to(victim)
    os.rename(tmp_path / "other", link)
    assert net.finish(process)[0] == 0
    assert victim.read_text() == "precious" and "ssh" in good.read_text()


@pytest.mark.parametrize("path", ["/dev/fd/3", "/proc/self/fd/3", "chain", "folder/link"])
def test_links_of_ones_own(target, tmp_path, path):
    """Through /proc, and through relative links in other folders."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder/link").symlink_to("../file")
    (tmp_path / "chain").symlink_to("folder/link")
    done = target.a.run("sh", "-c", f"{net.tool('rsyn')} -q -p {OPEN} -oJ {path} {SILENT} 3> 3", cwd=tmp_path)
    assert done.code == 0 and done.err == ""
    assert '"open"' in (tmp_path / ("3" if path.startswith("/") else "file")).read_text()


def test_links_in_a_circle(target, tmp_path):
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    done = target.a.run("rsyn", "-p", OPEN, "-oN", tmp_path / "a", SILENT)
    assert done.code == 2 and "Too many levels of symbolic links" in done.err


def test_one_full_disk_the_others_whole(target, tmp_path):
    path = tmp_path / "x.xml"
    done = target.a.run("rsyn", "-p", f"{OPEN},{CLOSED}", "-oJ", "/dev/full", "-oX", path, SILENT)
    assert done.code == 2
    assert done.err == "rsyn: cannot write /dev/full: No space left on device\n"
    assert "1 of 2 ports open" in done.out
    assert accepted(path) == {OPEN: "open", CLOSED: "closed"}


def test_closed_pipe_and_a_file(target, tmp_path):
    path = tmp_path / "x.xml"
    process = target.a.start("rsyn", "-p", f"{OPEN},{CLOSED},{DROPPED}", "-oX", path, "--json", SILENT)
    process.stdout.close()
    err = process.stderr.read()
    assert process.wait(timeout=60) == 2
    assert err == "rsyn: cannot write the output: Broken pipe\n"
    assert accepted(path) == {OPEN: "open", CLOSED: "closed", DROPPED: "filtered"}
    process.stdout = None


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_reader_that_never_reads(target, number):
    """The pipe is full and stays full: a signal still ends the tool."""
    process = target.a.start("rsyn", "--json", "-v", "-p", "-", SILENT)
    net.until(lambda: net.is_full(process.stdout))
    assert process.poll() is None
    process.send_signal(number)
    assert process.wait(timeout=60) == -number


def test_closed_pipe_alone_ends_as_filters_do(target):
    process = target.a.start("rsyn", "-p", f"{DROPPED}", "--json", SILENT)
    process.stdout.close()
    assert process.stderr.read() == ""
    assert process.wait(timeout=60) == -signal.SIGPIPE
    process.stdout = None


def test_no_library_no_xml(target):
    """Where libxml2 cannot be loaded a sentence says so; nothing else needs it."""
    if os.getuid() != 0:
        pytest.skip("hides a library by a mount")
    hide = "for l in /usr/lib/*/libxml2.so.* /usr/lib/libxml2.so.* /usr/lib64/libxml2.so.*; do [ ! -e $l ] || mount --bind /dev/null $l; done; "
    line = "%s exec \"%s\" -p %d %s " % (hide, net.tool("rsyn"), OPEN, SILENT)
    done = target.a.run("unshare", "-m", "sh", "-c", line + "-oX -")
    assert (done.code, done.out) == (2, "")
    assert "libxml2" in done.err and len(done.err.splitlines()) == 1
    assert target.a.run("unshare", "-m", "sh", "-c", line).code == 0


# ---- which ports ----

@pytest.mark.parametrize("options, wanted", [
    ("--top-ports 10", "21-22,25,53,80,443,445,3306,3389,8080"),
    ("--top-ports 3 --exclude-ports https", "22,80"),
    ("-p 20-30 --exclude-ports 21-28", "20,29-30"),
])
def test_ports_by_ranking(target, options, wanted):
    done = target.a.run("rsyn", *options.split(), "-oX", "-", "--max-retries", 0, SILENT)
    assert xml.etree.ElementTree.fromstring(done.out).find("scaninfo").get("services") == wanted


def test_fast_is_a_hundred(target):
    done = target.a.run("rsyn", "-F", "-oX", "-", "--max-retries", 0, SILENT)
    assert xml.etree.ElementTree.fromstring(done.out).find("scaninfo").get("numservices") == "100"


@pytest.mark.parametrize("options", ["-F -p 22", "--top-ports 9999", "-p 22 --exclude-ports 22", "-p 22 --exclude-ports x;y", "--top-ports 0"])
def test_ports_refused(target, options):
    done = target.a.run("rsyn", *options.split(), SILENT)
    assert (done.code, done.out, len(done.err.splitlines())) == (2, "", 1)


# ---- terminals ----

def everything(master, key=None, after=b""):
    """What a terminal shows until the last one who has it open is gone; a key is typed after something is shown."""
    shown = b""
    try:
        while chunk := os.read(master, 65536):
            shown += chunk
            if key and after in shown:
                os.write(master, key)
                key = None
    except OSError:
        pass
    os.close(master)
    return shown.decode().replace("\r\n", "\n")


def on_terminal(namespace, *argv, columns=80, **environment):
    """What a terminal shows of stdout and stderr."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    process = subprocess.Popen(namespace.argv(argv), stdin=slave, stdout=slave, stderr=slave,
                               env=dict(net.ENVIRONMENT, **{"TERM": "xterm", **environment}))
    os.close(slave)
    shown = everything(master)
    process.wait()
    return shown


def test_progress_on_a_terminal(target):
    """The line is there while the scan runs, and gone when it ends."""
    shown = on_terminal(target.a, "rsyn", "-p", f"{OPEN},2000-2099", "--initial-rtt-timeout", 1, "--min-rtt-timeout", 1, SILENT)
    assert re.search(r"\d+\.\d% of 101 ports, 1 open\033\[K", shown)  # how many tries the others take nobody knows yet
    assert not re.search(r"left(?!\033\[K)", shown)
    assert "1 of 101 ports open" in shown
    silent = on_terminal(target.a, "rsyn", "-p", "2000-2099", SILENT)
    left = [int(seconds) for seconds in re.findall(r"\d+\.\d% of 100 ports, 0 open, 0:00:0(\d) left\033\[K", silent)]
    assert left == sorted(left, reverse=True) and 2 <= left[0] <= 4 and left[-1] <= 1, left
    quiet = on_terminal(target.a, "rsyn", "-q", "-p", "2000-2099", "--initial-rtt-timeout", 1, SILENT)
    assert quiet == ""


def test_progress_fits_the_terminal(target):
    """No line of it is wrapped, so that going back to its start erases it; nothing at all where lines are not written over."""
    argv = ["rsyn", "-p", f"{OPEN},2000-2099", SILENT]
    lines = re.findall(r"\r([^\r\n\033]*)\033\[K", on_terminal(target.a, *argv, columns=20))
    assert max(len(line) for line in lines) == 19 and all(re.match(r"\d+\.\d% of 101 ports", line) for line in lines if line)
    assert "\r" not in on_terminal(target.a, *argv, TERM="dumb")


def test_progress_of_a_wait(target):
    """Nobody knows when a port will open; the deadline is known. And what is excluded is nothing to be done."""
    done = target.a.run("rsyn", "--wait-open", 2, "--stats-every", "500ms", f"{SILENT}:{CLOSED}", "10.9.1.1:9", "--exclude", "10.9.1.1")
    assert done.code == 1
    found = re.findall(r"; 0\.00% of 1 port, 0 open; 0 of 1 host done; 0:00:0(\d) left at most$", done.err, re.M)
    net.below(2, len(found))
    *stats, why = done.err.splitlines()
    assert len(found) == len(stats) and found == sorted(found, reverse=True) and why.startswith("rsyn: waited")


def test_enter_asks(target):
    """A terminal of its own, in whose foreground it runs; a key is a whole line about the scan."""
    pid, master = pty.fork()
    if pid == 0:
        argv = target.a.argv(["rsyn", "-p", f"{OPEN},2000-2099", "--min-rtt-timeout", 0.5, SILENT])
        os.execvpe(argv[0], argv, dict(net.ENVIRONMENT, TERM="xterm"))
    shown = everything(master, b"\n", b"of 101 ports, 1 open")
    os.waitpid(pid, 0)
    told = re.search(r"Stats: 0:00:0\d; .* of 101 ports, 1 open; 0 of 1 host done", shown)
    assert told and len(told[0]) < 80, shown


def test_stats_every(target):
    line = r"Stats: 0:00:0\d; \d+\.\d\d% of 101 ports, 1 open; 0 of 1 host done"
    argv = ["rsyn", "-p", f"{OPEN},2000-2099", "--min-rtt-timeout", 0.5, SILENT]
    done = target.a.run(*argv, "--stats-every", "500ms")
    net.below(1, len(done.err.splitlines()))
    if "1 open" not in done.err.splitlines()[0]:
        raise net.Slow("the answer took half a second")
    assert re.fullmatch(line, done.err.splitlines()[0]), done.err
    shares = [float(share) for share in re.findall(r"; ([\d.]+)% of 101 ports", done.err)]
    assert len(shares) == len(done.err.splitlines()) and shares == sorted(shares)
    assert target.a.run(*argv).err == ""
    before = target.a.sent(target.device_a)
    process = target.a.start(*argv)
    net.until(lambda: target.a.sent(target.device_a) > before + 101)  # the SYNs, and the kernel's RST: one is known as open
    _, out, err = net.finish(process, signal.SIGUSR1)
    assert re.fullmatch(line + "\n", err) and "1 of 101 ports open" in out


def test_color(target, tmp_path):
    argv = ["rsyn", "-p", f"{OPEN},{CLOSED}", "-oN", tmp_path / "plain", SILENT]
    assert "\033[32mopen" in on_terminal(target.a, *argv)
    assert "\033" not in read(tmp_path / "plain")
    assert "\033[3" not in on_terminal(target.a, *argv, NO_COLOR="1")
    assert "\033[3" not in on_terminal(target.a, *argv, "--color", "never")
    assert "\033" not in target.a.run(*argv).out
    assert "\033[31mclosed" in target.a.run(*argv, "--color", "always").out
