# SPDX-License-Identifier: MIT
"""Lists of targets and what they hold: many names, names of one address, bad lines. Each name stands for itself in every
output, one that is bad stops no other, and what is excluded is never probed."""
import collections
import csv
import io
import pathlib
import signal
import socket
import time
import xml.etree.ElementTree as ElementTree

import pytest
from scapy.all import IP, TCP, raw

import dns
import net

A, B, B2, B3 = "10.9.1.1", "10.9.1.2", "10.9.1.3", "10.9.1.4"


@pytest.fixture(scope="module")
def world(pair):
    for address in B2, B3:
        pair.b.do(f"ip address add {address}/24 dev {pair.device_b}")
    pair.b.listen(80, 8080)
    yield pair
    for address in B2, B3:
        pair.b.do(f"ip address del {address}/24 dev {pair.device_b}")


@pytest.fixture
def names(world):
    """names(records, hosts=text) starts the name server of namespace a."""
    started = []

    def start(records=None, **more):
        started.append(dns.Names(world.a, records or {}, **more))
        return started[-1]

    yield start
    for one in started:
        one.close()


@pytest.mark.skipif(net.sanitized(), reason="built without the filter")
def test_junk_for_many_names_of_one_address(world, names, firewall):
    """3,000 names that are found only when the run has begun, so each has probes of its own to the same silent port; and 4,000
    segments that answer none of them: who sends them does not keep an interrupt waiting."""
    server = names()
    server.file("/etc/nsswitch.conf", "hosts: files\n")
    firewall(world.b, "chain i { type filter hook input priority 0; tcp dport 81 drop; }")
    junk = [raw(IP(src=B, dst=A) / TCP(sport=81, dport=40000, flags="RA", ack=1 + i)) for i in range(4000)]
    process = world.a.start("rsyn", "-q", "--wait-open", 60, "--source-port", 40000, *[f"n{i}.test:81" for i in range(3000)])
    status = pathlib.Path(f"/proc/{process.pid}/status")
    net.until(lambda: "Seccomp:\t2" in status.read_text())  # the first moment is over, in which names share their probes
    before = world.a.sent(world.device_a)
    server.file("/etc/hosts", "".join(f"{B} n{i}.test\n" for i in range(3000)))
    net.until(lambda: world.a.sent(world.device_a) > before + 3000, seconds=30)
    with world.b.inside():
        sender = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    with sender:
        for segment in junk:
            sender.sendto(segment, (A, 0))
    begun = time.monotonic()
    code, _, _ = net.finish(process, signal.SIGINT)
    assert code == 1
    net.below(time.monotonic() - begun, 3)


NAMES = "".join(f"{address} {name}\n" for address, name in [
    (B, "one.test"), (B2, "two.test"), (B, "multi.test"), (B2, "multi.test"), (B3, "multi.test"), (B, "alias.test")])
# By a name server, where it matters which addresses a name has.
RECORDS = {"one.test": B, "multi.test": [B, B2, B3], "alias.test": B}


def probed(world, *argv, **more):
    """The SYNs as the wire has them, (address, port) -> how many; and the command's result."""
    with world.b.capture(world.device_b) as packets:
        done = world.a.run("rsyn", *argv, **more)
    return collections.Counter((p.dst, p[TCP].dport) for p in packets if TCP in p and p[TCP].flags == "S"), done


def rows_of_csv(text):
    return {(row["host"], row["address"], row["port"]): (row["state"], row["reason"]) for row in csv.DictReader(io.StringIO(text))}


def hosts_of_xml(text):
    """(address, names, ports that have an element, what the script says), for each host."""
    return [(host.find("address").get("addr"), [name.get("name") for name in host.iter("hostname")],
             [int(port.get("portid")) for port in host.iter("port")], [script.get("output") for script in host.iter("script")])
            for host in ElementTree.fromstring(text).iter("host")]


# ---- what is bad stops no other ----

def test_a_bad_line_stops_no_other(world, names, tmp_path):
    names(hosts=NAMES)
    path = tmp_path / "list"
    path.write_text("one.test\nbad.test # nobody knows it\n\n10.0.0.300, two.test\n2001:db8::1\n10.9.1.4:99999\n")
    found, done = probed(world, "-p", 80, "-iL", path, "--csv", "-oA", tmp_path / "all")
    assert found == {(B, 80): 1, (B2, 80): 1} and done.code == 1
    assert sorted(line.split(": ")[1] for line in done.err.splitlines()) == [f"{path}, line {number}" for number in (2, 4, 5, 6)]
    bad = {"bad.test": "no-address", "10.0.0.300": "bad-target", "2001:db8::1": "bad-target", "10.9.1.4:99999": "bad-target"}
    good = {("one.test", B, "80"): ("open", "syn-ack"), ("two.test", B2, "80"): ("open", "syn-ack")}
    assert rows_of_csv(done.out) == {**good, **{(host, "", "80"): ("unknown", reason) for host, reason in bad.items()}}
    lines = net.json_lines((tmp_path / "all.jsonl").read_text())
    assert {line["host"]: line["reason"] for line in lines if line["event"] == "port" and line["address"] is None} == bad
    assert {line["host"]: line.get("reason") for line in lines if line["event"] == "host"} == {"one.test": None, "two.test": None, **bad}
    assert lines[-1]["sent"] == lines[-1]["received"] == 2 and lines[-1]["unsent"] == 0
    text, greppable = (tmp_path / "all.nmap").read_text(), (tmp_path / "all.gnmap").read_text()
    for host, reason in bad.items():
        assert f"Host {host}\n" in text and f"Host: - ({host})\tPorts: 80/unknown/tcp//http///\tReason: {reason}\n" in greppable
    assert text.count("unknown -   no-address") == 1 and text.count("unknown -   bad-target") == 3
    assert "2 IP addresses (2 hosts up) scanned" in greppable
    assert {(host[1][0], *host[3]) for host in hosts_of_xml((tmp_path / "all.xml").read_text()) if host[0] == "-"} == {
        (host, f"{reason}: ports 80") for host, reason in bad.items()}
    assert world.a.run("rsyn", "-q", "-p", 80, "--strict-targets", "-iL", path).code == 2


def test_a_bad_operand_stops_no_other(world, names):
    """A line without ports that anybody knows is a row without a port."""
    names(hosts=NAMES)
    found, done = probed(world, "--csv", "one.test:80", "bad.test:22", "10.9.1.3:99999", "http://x/")
    assert found == {(B, 80): 1} and done.code == 1 and len(done.err.splitlines()) == 3
    assert rows_of_csv(done.out) == {("one.test", B, "80"): ("open", "syn-ack"), ("bad.test", "", "22"): ("unknown", "no-address"),
                                     ("10.9.1.3:99999", "", ""): ("unknown", "bad-target"), ("http://x/", "", ""): ("unknown", "bad-target")}
    for rest in (["--json"], ["--format", "greppable"], ["--format", "xml"], ["--format", "text"]):
        done = world.a.run("rsyn", *rest, "one.test:80", "http://x/")
        assert done.code == 1 and "http://x/" in done.out and "bad-target" in done.out


@pytest.mark.parametrize("form", ["text", "json", "csv"])
def test_a_series_goes_on_without_it(world, names, form):
    names(hosts=NAMES)
    found, done = probed(world, "-c", 3, "-i", 0.05, "--format", form, "one.test:80", "bad.test:22", "10.9.1.3:99999")
    assert found == {(B, 80): 3} and done.code == 1
    for host, reason in ("bad.test", "no-address"), ("10.9.1.3:99999", "bad-target"):
        assert any(host in line and reason in line for line in done.out.splitlines()), done.out
    if form == "json":
        ends = {line["host"]: (line["sent"], line["received"]) for line in net.json_lines(done.out) if line["event"] == "target"}
        assert ends == {"one.test": (3, 3), "bad.test": (0, 0)}


def test_nothing_left(world, names):
    names(hosts=NAMES)
    done = world.a.run("rsyn", "-p", 80, "bad.test", "10.0.0.300")
    assert (done.code, done.out, len(done.err.splitlines())) == (2, "", 2)


def test_what_is_waited_for_is_no_mistake(world, names):
    """No time makes a target of it."""
    names(hosts=NAMES)
    done = world.a.run("rsyn", "--wait-open", 60, "one.test:80", "10.0.0.300:80")
    assert (done.code, done.out) == (2, "") and "10.0.0.300" in done.err


# ---- several addresses ----

def test_exclusion_means_all_addresses(world, names, tmp_path):
    """nmap probes none of them either."""
    names(hosts=NAMES)
    path = tmp_path / "excluded"
    path.write_text("multi.test\n::1 2001:db8::/32\nfe80::1%eth0\n")
    for excluding in (["--exclude", "multi.test"], ["--excludefile", path]):
        found, done = probed(world, "-p", 80, "10.9.1.2-5", "--max-retries", 0, *excluding)
        assert {address for address, _ in found} <= {"10.9.1.5"} and done.code == 1, done.err
    done = world.a.run("rsyn", "-p", 80, B, "--exclude", "bad.test")
    assert (done.code, done.out) == (2, "") and "bad.test" in done.err
    path.write_text("10.9.1.4\n\n10.9.1.2/33\n")
    done = world.a.run("rsyn", "-p", 80, B, "--excludefile", path)
    assert (done.code, done.out) == (2, "") and f"{path}, line 3" in done.err


def test_a_name_that_moves_to_what_is_excluded(world, names):
    """The series stays where it was, and says so once."""
    seen = iter([B, B2, B2, B2])
    names({"web.test.example": lambda: next(seen, B2)})
    found, done = probed(world, "-c", 25, "-i", 0.1, "--resolve-every", 1, "--exclude", B2, "web.test.example:80")
    assert {address for address, _ in found} == {B} and done.code == 0
    assert done.err == f"rsyn: --resolve-every: web.test.example: its address is excluded; probes still go to {B}\n"


def test_other_addresses_are_named(world, names):
    names(RECORDS)
    said = f"other addresses of multi.test (not probed): {B2}, {B3}\n"
    done = world.a.run("rsyn", "-p", 80, "multi.test", "one.test")
    assert (done.code, done.err) == (0, "rsyn: " + said)
    assert world.a.run("rsyn", "-q", "-p", 80, "multi.test").err == ""
    assert world.a.run("rping", "-c", 1, "multi.test").err == "rping: " + said
    assert world.a.run("rping", "-q", "-c", 1, "multi.test").err == world.a.run("rping", "-c", 1, "one.test").err == ""
    assert world.a.run("rping", "--until-up", "-w", 30, "multi.test").err == "rping: " + said
    done = world.a.run("rsyn", "--wait-open", 30, "multi.test:80")
    assert (done.code, done.err) == (0, "rsyn: " + said)


def test_all_addresses(world, names):
    names(hosts=NAMES)
    found, done = probed(world, "-p", 80, "--csv", "--all-addresses", "multi.test", "two.test")
    assert found == {(B, 80): 1, (B2, 80): 1, (B3, 80): 1} and (done.code, done.err) == (0, "")
    assert set(rows_of_csv(done.out)) == {("multi.test", B, "80"), ("multi.test", B2, "80"), ("multi.test", B3, "80"), ("two.test", B2, "80")}


# ---- several names ----

def test_each_name_of_one_address(world, names, tmp_path):
    """One probe for each port; each name has its own row with the ports it was given with."""
    names(hosts=NAMES)
    found, done = probed(world, "--csv", "-oA", tmp_path / "all", "one.test:80", "alias.test:80,8080", f"{B}:81", "alias.test:81")
    assert found == {(B, 80): 1, (B, 8080): 1, (B, 81): 1}
    closed, is_open = ("closed", "reset"), ("open", "syn-ack")
    assert rows_of_csv(done.out) == {
        ("one.test", B, "80"): is_open, ("alias.test", B, "80"): is_open, ("alias.test", B, "8080"): is_open,
        ("alias.test", B, "81"): closed, (B, B, "81"): closed}
    assert hosts_of_xml((tmp_path / "all.xml").read_text()) == [(B, ["one.test", "alias.test"], [80, 81, 8080], [])]
    greppable = (tmp_path / "all.gnmap").read_text()
    assert f"Host: {B} (one.test)\tPorts: 80/open" in greppable and f"Host: {B} (alias.test)\tPorts: 80/open" in greppable
    assert f"Host: {B} ()\tPorts: 81/closed" in greppable and "1 IP address (1 host up)" in greppable
    text = (tmp_path / "all.nmap").read_text()
    assert text.count("Host ") == 3 and f"Host one.test ({B})\n" in text and f"Host alias.test ({B})\n" in text
    lines = net.json_lines((tmp_path / "all.jsonl").read_text())
    assert {(line["host"], line["port"]) for line in lines if line["event"] == "port"} == {
        ("one.test", 80), ("alias.test", 80), ("alias.test", 8080), ("alias.test", 81), (B, 81)}
    assert {line["host"]: line["open"] for line in lines if line["event"] == "host"} == {"one.test": 1, "alias.test": 2, B: 0}
    assert lines[-1]["sent"] == lines[-1]["received"] == 3


def test_a_series_of_two_names(world, names):
    names(hosts=NAMES)
    found, done = probed(world, "--json", "-c", 4, "-i", 0.05, "one.test:80", "alias.test:80")
    lines = net.json_lines(done.out)
    assert found == {(B, 80): 4} and done.code == 0
    for host in "one.test", "alias.test":
        assert [line["seq"] for line in lines if line["event"] == "reply" and line["host"] == host] == [1, 2, 3, 4]
        assert [line["received"] for line in lines if line["event"] == "target" and line["host"] == host] == [4]
    assert lines[-1]["sent"] == 4


def test_names_of_one_address_are_waited_for_together(world, names):
    names(RECORDS)
    found, done = probed(world, "--csv", "--wait-open", 30, "one.test:80", "alias.test:80,8080")
    assert found == {(B, 80): 1, (B, 8080): 1} and (done.code, done.err) == (0, "")
    assert set(rows_of_csv(done.out)) == {("one.test", B, "80"), ("alias.test", B, "80"), ("alias.test", B, "8080")}


def test_a_name_that_comes_to_the_address_of_others(world, names, tmp_path):
    """It has probes of its own, and they are no news of the others."""
    server = names(hosts=NAMES)
    server.file("/etc/nsswitch.conf", "hosts: files\n")
    process = world.a.start("rsyn", "--csv", "-oX", tmp_path / "xml", "--wait-open", 60, *[f"{name}.test:80" for name in ("one", "alias", "late")])
    net.read_until(process, "waiting for it", "stderr")
    server.file("/etc/hosts", NAMES + f"{B} late.test\n")
    code, out, _ = net.finish(process)
    assert code == 0 and sorted(line.split(",")[0] for line in out.splitlines()[1:]) == ["alias.test", "late.test", "one.test"]
    assert sorted(host[1] for host in hosts_of_xml((tmp_path / "xml").read_text())) == [["late.test"], ["one.test", "alias.test"]]


def test_many_names_of_one_address(world, names):
    """Each one is a row; the host is asked once."""
    names(hosts="".join(f"{B} n{i}.test\n" for i in range(500)))
    found, done = probed(world, "-p", 80, "--csv", *[f"n{i}.test" for i in range(500)])
    assert found == {(B, 80): 1} and done.code == 0
    assert set(rows_of_csv(done.out).items()) == {((f"n{i}.test", B, "80"), ("open", "syn-ack")) for i in range(500)}


# ---- what is no list ----

@pytest.mark.parametrize("content, line", [
    (f"{B}\n{B2}\0 {B3}\n".encode(), 2), (f"{B}\n{B2}\n".encode("utf-16"), 1), (f"{B}\n{B2}\n".encode("utf-16-be"), 1),
    (f"# a comment\n\n{B}\x1b[2J\n".encode(), 3), (f"{B} # \x07\n".encode(), 1),
], ids=["nul", "utf-16", "utf-16-be", "escape", "comment"])
@pytest.mark.parametrize("option", ["-iL", "--excludefile"])
def test_what_is_no_text_is_refused(world, tmp_path, option, content, line):
    path = tmp_path / "list"
    path.write_bytes(content)
    found, done = probed(world, "-p", 80, "10.9.1.2-4", option, path)
    assert found == {} and (done.code, done.out) == (2, "")
    assert done.err.startswith(f"rsyn: {path}, line {line}: not text: ")
