# SPDX-License-Identifier: MIT
"""Names that come at once, late, never, wrongly, or change: no probe and no line waits for one."""
import itertools
import os
import pathlib
import re
import signal
import subprocess
import threading
import time

import pytest

import dns
import net

B, B2, ROUTER = "10.9.2.2", "10.9.2.3", "10.9.1.254"


@pytest.fixture(scope="module")
def world(routed):
    routed.b.do(f"ip address add {B2}/24 dev {routed.device_b}")
    routed.b.listen(80, 443)
    yield routed
    routed.b.do(f"ip address del {B2}/24 dev {routed.device_b}")


@pytest.fixture
def names(world):
    """names(records) starts the name server of namespace a."""
    started = []

    def start(records, **more):
        started.append(dns.Names(world.a, {"web.test.example": B, **records}, **more))
        return started[-1]

    yield start
    for one in started:
        one.close()


def timed(namespace, *argv, most, **more):
    """Takes less than so many seconds: no deadline is waited for that is not the run's own."""
    begun = time.monotonic()
    done = namespace.run(*argv, **more)
    done.seconds = time.monotonic() - begun
    net.below(done.seconds, most)
    return done


def until_it_moves(namespace, word, *argv):
    """(code, output) of a series that is stopped a few replies after a line with the word."""
    process = namespace.start(*argv)
    out = net.read_until(process, word)
    for _ in range(6):
        out += net.read_until(process, "seq")
    code, rest, err = net.finish(process, signal.SIGINT)
    assert re.sub("rping: other addresses of .*\n", "", err) == ""
    return code, out + rest


# Who a line says it is from.
SENDER = re.compile(r"(?:bytes from|From) (\S+?(?: \([\d.]+\))?):? icmp_seq")


def senders(done):
    return SENDER.findall(done.out)


def gaps(done):
    stamps = [float(m[1]) for m in re.finditer(r"^\[([\d.]+)\]", done.out, re.M)]
    return [b - a for a, b in itertools.pairwise(stamps)]


def after(seconds, then, before=dns.SILENT):
    """A record that changes so long after it was first asked for."""
    first = []

    def record():
        first.append(time.monotonic())
        return then if time.monotonic() - first[0] >= seconds else before

    return record


def slow(seconds, answer):
    def record():
        time.sleep(seconds)
        return answer

    return record


def test_the_name_is_in_every_line(world, names):
    names({dns.reverse(B): "host-b.test.example"})
    done = world.a.run("rping", "-c", 3, "-i", 0.1, "web")
    assert done.code == 0 and done.err == ""
    assert done.out.startswith(f"PING web.test.example ({B}) 56(84) bytes of data.\n")
    assert senders(done) == [f"host-b.test.example ({B})"] * 3
    assert "--- web.test.example ping statistics ---" in done.out


@pytest.mark.parametrize("arguments", [["-n", "web"], [B], ["-q", "web"], ["-f", "-i", 0.05, "web"], ["--json", "web"]])
def test_nobody_is_asked_for_what_is_not_shown(world, names, arguments):
    server = names({dns.reverse(B): "host-b.test.example"})
    done = world.a.run("rping", "-c", 2, "-i", 0.1, *arguments)
    assert done.code == 0 and "host-b" not in done.out
    assert not [name for _, name, kind in server.asked if kind == "PTR"]


def test_an_address_has_a_name_when_asked(world, names):
    names({dns.reverse(B): "host-b.test.example"})
    assert senders(world.a.run("rping", "-H", "-c", 1, B)) == [f"host-b.test.example ({B})"]


def test_routers_have_names(world, names):
    names({dns.reverse(ROUTER): "gw.test.example"})
    done = world.a.run("rping", "-c", 4, "-i", 0.2, "-t", 1, "web")
    assert done.code == 1
    assert senders(done)[-1] == f"gw.test.example ({ROUTER})" and len(senders(done)) == 4


def hops(done):
    """The lines of addresses behind RR: and TS:, a list for each reply that has some."""
    return [re.findall(r"\t([^\t\n]+)(?:\t\d.*)?\n", text + "\n")
            for text in re.findall(r"^(?:RR|TS): ((?:\t.*(?:\n|$))+)", done.out, re.M)]


@pytest.mark.parametrize("option", [["-R"], ["-T", "tsandaddr"]])
def test_hops_have_names(world, names, iputils, option):
    """As ping prints them, once they are known (but an address without a name once); a route that was printed without
    them is printed once more."""
    names({dns.reverse(B): "host-b.test.example", dns.reverse(ROUTER): "gw.test.example",
           dns.reverse("10.9.2.254"): slow(0.5, "far.test.example"), dns.reverse(world.address_a): dns.NXDOMAIN})
    expected = [[re.sub(r"^(\S+) \(\1\)$", r"\1", hop) for hop in reply]
                for reply in hops(world.a.run("ping", *option, "-c", 1, "web"))]
    assert len(expected) == 1 and f"host-b.test.example ({B})" in expected[0], expected
    done = world.a.run("rping", *option, "-c", 6, "-i", 0.4, "web")
    found = hops(done)
    assert done.code == 0 and found[-1] == expected[0], done.out
    assert "far.test.example" not in str(found[0]) and world.address_a in str(expected)
    if option == ["-R"]:
        assert len(found) <= 3 and done.out.count("\t(same route)\n") == 6 - len(found)
    bare = hops(world.a.run("rping", *option, "-n", "-c", 1, "web"))
    assert bare == [[re.sub(r".*\((.*)\)", r"\1", hop) for hop in expected[0]]]


@pytest.mark.parametrize("answer, named", [
    (dns.SILENT, False),
    (dns.SERVFAIL, False),
    (slow(1.5, "host-b.test.example"), True),
    (slow(3, "host-b.test.example"), True),
])
def test_no_line_waits_for_a_name(world, names, answer, named):
    names({dns.reverse(B): answer, dns.reverse(ROUTER): dns.SILENT})
    done = timed(world.a, "rping", "-D", "-c", 35, "-i", 0.2, "web", most=12)
    assert done.code == 0
    assert senders(done)[:5] == [B] * 5
    assert senders(done)[-1] == (f"host-b.test.example ({B})" if named else B)
    # The quickest of these lookups to hold a line up would hold it up for 1.5 s.
    assert len(gaps(done)) == 34
    net.below(max(gaps(done)), 1.2)


@pytest.mark.parametrize("name", [b"\x1b[2Jevil.test.example", b"e\x07vil.test.example", b"a b.test.example",
                                  b"-rf.test.example", b"\xc2\x9b2J.test.example", b"a=b.test.example"])
def test_a_hostile_name_is_no_name(world, names, name):
    names({dns.reverse(B): name})
    done = world.a.run("rping", "-c", 2, "-i", 0.1, "web")
    assert done.code == 0 and senders(done) == [B, B] and "\x1b" not in done.out


def test_the_longest_name(world, names):
    longest = ".".join(["a" * 63, "b" * 63, "c" * 63, "d" * 61])
    names({dns.reverse(B): longest})
    assert senders(world.a.run("rping", "-c", 1, "web")) == [f"{longest} ({B})"]


# ---- the name of the target changes ----

@pytest.mark.parametrize("size", [56, 4])
def test_a_change_of_address_is_followed(world, names, size):
    names({"web.test.example": after(0.5, B2, before=B)})
    code, out = until_it_moves(world.a, r'"event": ?"address"', "rping", "--json", "-i", 0.1, "-s", size, "--resolve-every", 1, "web")
    lines = net.json_lines(out)
    moved = [line for line in lines if line["event"] == "address"]
    assert [(line["was"], line["address"], line["host"]) for line in moved] == [(B, B2, "web")]
    replies = [line for line in lines if line["event"] == "reply"]
    at = next(i for i, line in enumerate(lines) if line["event"] == "address")
    assert {line["from"] for line in lines[:at] if line["event"] == "reply"} == {B}
    assert {line["from"] for line in lines[at + 1:] if line["event"] == "reply"} == {B2}
    assert [line["seq"] for line in replies] == list(range(1, len(replies) + 1))
    run = lines[-1]
    assert code == 0 and run["sent"] == run["received"] + run["in_flight"] == len(replies) + run["in_flight"]
    assert (run["lost"], run["suspect"]) == (0, 0)


def test_the_change_is_a_line(world, names):
    names({"web.test.example": after(0.5, [B2, "10.9.2.9"], before=[B, "10.9.2.9"])})
    code, out = until_it_moves(world.a, "no longer", "rping", "-i", 0.1, "--resolve-every", 1, "web")
    assert out.count("web has the address 10.9.2.3 now, no longer 10.9.2.2\n") == 1
    assert SENDER.findall(out)[-1] == B2 and " 0% packet loss" in out and code == 0


@pytest.mark.parametrize("then", [dns.SILENT, dns.SERVFAIL, dns.NXDOMAIN, "224.0.0.1", ["10.9.2.9", B]])
def test_nothing_leads_away_from_a_good_address(world, names, then):
    """A failing lookup, a group of hosts, and an order that turns."""
    names({"web.test.example": after(0.1, then, before=B)})
    done = world.a.run("rping", "-D", "-i", 0.2, "-c", 12, "--resolve-every", 1, "web")
    assert set(senders(done)) == {B} and len(senders(done)) == 12 and "no longer" not in done.out
    net.below(max(gaps(done)), 1.2)  # a lookup without an answer would hold a line up until the end


def test_a_name_of_another_source_stays(world, names):
    """Known at the start, and unknown to who is asked later: told once, and once more when it is lost again."""
    seen = iter([B, dns.NXDOMAIN, dns.NXDOMAIN, B])
    names({"web.test.example": lambda: next(seen, dns.NXDOMAIN)})
    done = world.a.run("rping", "-n", "-i", 0.2, "-c", 25, "--resolve-every", 1, "web.test.example")
    assert done.code == 0 and senders(done) == [B] * 25
    said = f"rping: --resolve-every: web.test.example: Name or service not known; probes still go to {B}\n"
    assert done.err in (said, said * 2)


def test_replies_on_their_way_from_the_old_address(world, names, firewall):
    """The old address goes away unanswered: its probes are lost, and nothing is suspect."""
    names({"web.test.example": after(1, B2, before=B)})
    firewall(world.b, f"chain i {{ type filter hook input priority 0; ip daddr {B} icmp type echo-request drop; }}")
    _, out = until_it_moves(world.a, '"from": ?"' + B2, "rping", "--json", "-i", 0.2, "-W", 0.5, "-s", 4, "--resolve-every", 1, "web")
    lines = net.json_lines(out)
    run = lines[-1]
    late = [line for line in lines if line["event"] == "timeout"]
    assert run["received"] + run["lost"] + run["in_flight"] == run["sent"] and run["suspect"] == 0
    assert run["received"] >= 3 and len(late) == run["lost"] >= 3


def test_a_series_of_ports_follows_too(world, names):
    names({"web.test.example": after(0.5, B2, before=B)})
    _, out = until_it_moves(world.a, r'"event": ?"address"', "rsyn", "--json", "-p", "80,443", "-c", 1000, "-i", 0.1, "--resolve-every", 1, "web")
    lines = net.json_lines(out)
    assert [(line["was"], line["address"]) for line in lines if line["event"] == "address"] == [(B, B2)]
    last = [line["from"] for line in lines if line["event"] == "reply" and line["host"] == "web"][-1]
    run = lines[-1]
    assert last == B2 and run["received"] + run["in_flight"] == run["sent"] and (run["lost"], run["suspect"]) == (0, 0)
    assert world.a.run("rsyn", "-p", 80, "--resolve-every", 1, "web").code == 2


def test_an_international_name_is_followed_in_its_other_form(world, names):
    names({"xn--bcher-kva.test.example": B})
    done = world.a.run("env", "LC_ALL=C.UTF-8", net.tool("rping"), "-c", 1, "--resolve-every", 1, "b\u00fccher.test.example")
    assert done.code == 2
    assert world.a.run("rping", "-c", 1, "--resolve-every", 1, "xn--bcher-kva.test.example").code == 0


@pytest.mark.parametrize("tool, arguments", [("rping", ["-c", 1]), ("rsyn", ["-p", 9, "--expect", "closed"]),
                                             ("rsyn", ["-p", 9, "--wait-closed", 5])])
def test_a_sinkhole_is_this_host(world, names, iputils, tool, arguments):
    """0.0.0.0 means this host where it is typed, and so it does where a blocking name server says it."""
    names({"sink.test.example": "0.0.0.0"})
    assert "(127.0.0.1)" in world.a.run("ping", "-c", 1, "sink").out
    done = world.a.run(tool, *arguments, "sink")
    assert done.code == 0 and "127.0.0.1" in done.out and "0.0.0.0" not in done.out


def test_a_name_that_becomes_a_sinkhole(world, names):
    names({"web.test.example": after(0.5, "0.0.0.0", before=B)})
    code, out = until_it_moves(world.a, "no longer", "rping", "-i", 0.1, "--resolve-every", 1, "web")
    assert code == 0 and out.count("web has the address 127.0.0.1 now, no longer 10.9.2.2\n") == 1


# ---- before the start ----

def test_a_name_nobody_knows(world, names):
    names({"nohost.test.example": dns.SERVFAIL})
    done = world.a.run("rping", "-c", 1, "nosuch.test.example")
    assert (done.code, done.err) == (2, "rping: nosuch.test.example: Name or service not known\n")
    done = world.a.run("rping", "-c", 1, "nohost.test.example")
    assert (done.code, done.err) == (2, "rping: nohost.test.example: Temporary failure in name resolution\n")


def test_the_deadline_bounds_the_lookup(world, names, tmp_path):
    """A name server that is silent is given up after ten seconds and more."""
    names({"web.test.example": dns.SILENT, "late.test.example": slow(1, B)})
    done = timed(world.a, "rping", "-w", 1, "web.test.example", most=4)
    assert done.code == 2 and 0.9 < done.seconds
    assert done.err == "rping: web.test.example: no address was found for it before the deadline\n"
    file = tmp_path / "names"
    file.write_text("web.test.example\nlate.test.example\n")
    done = timed(world.a, "rsyn", "-p", 80, "-w", 1, "-iL", file, most=4)
    assert done.code == 2 and 0.9 < done.seconds and "deadline" in done.err
    done = world.a.run("rping", "--json", "-i", 0.2, "-w", 2, "late.test.example")
    lines = net.json_lines(done.out)
    assert done.code == 0
    net.below(lines[-1]["duration_ns"], 1.5e9)  # of its two seconds the lookup took one


@pytest.mark.parametrize("tool, arguments", [("rping", []), ("rsyn", ["-p", "80"])])
def test_an_interrupt_ends_the_lookup(world, names, tool, arguments):
    server = names({"web.test.example": dns.SILENT})
    process = world.a.start(tool, *arguments, "web.test.example")
    net.until(lambda: server.asked)
    begun = time.monotonic()
    code, _, _ = net.finish(process, signal.SIGINT)
    assert code == -signal.SIGINT
    net.below(time.monotonic() - begun, 3)


@pytest.mark.parametrize("ending", ["deadline", signal.SIGINT, signal.SIGTERM])
def test_outputs_are_whole_although_a_name_never_came(world, names, tmp_path, ending):
    """The names that are known by then are in them, and the others as such."""
    server = names({"late.test.example": dns.SILENT, "soon.test.example": "127.0.2.1"})
    deadline = ["-w", 1] if ending == "deadline" else []
    process = world.a.start("rsyn", "-p", 80, *deadline, "-oX", tmp_path / "x", "-oJ", tmp_path / "j", B, "late.test.example", "soon.test.example")
    net.until(lambda: {name for _, name, _ in server.asked} >= {"late.test.example", "soon.test.example"})
    begun = time.monotonic()
    code, out, err = net.finish(process, None if deadline else ending)
    net.below(time.monotonic() - begun, 3)
    assert code == (-ending if ending == signal.SIGTERM else 1)
    assert "late.test.example: no address was found for it before the " + ("deadline" if deadline else "interrupt") in err
    hosts = {line["host"] for line in net.json_lines((tmp_path / "j").read_text()) if line["event"] == "host"}
    assert hosts == {B, "late.test.example", "soon.test.example"}
    assert (tmp_path / "x").read_text().endswith("</nmaprun>\n") and "late.test.example" in out


def children(process):
    with open(f"/proc/{process.pid}/task/{process.pid}/children") as file:
        return [int(word) for word in file.read().split()]


def test_the_child_that_asks(world, names):
    """It has nothing of the run: no capability, no socket but its own, no signal of the terminal; and it ends with the run."""
    names({dns.reverse(B): dns.SILENT})
    process = world.a.start("rping", "-i", 0.1, "web")
    net.read_until(process, "seq")
    child, = children(process)
    status = dict(line.split(":\t", 1) for line in pathlib.Path(f"/proc/{child}/status").read_text().splitlines())
    assert {int(status[name], 16) for name in ("CapInh", "CapPrm", "CapEff", "CapAmb")} == {0} and status["NoNewPrivs"] == "1"
    for number in signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGTSTP:
        os.kill(child, number)
    links = [os.readlink(f"/proc/{child}/fd/{fd}") for fd in os.listdir(f"/proc/{child}/fd")]
    assert [link for link in links if "socket" in link] == [link for link in links if link != "/dev/null"] and len(links) <= 6
    begun = time.monotonic()
    code, _, _ = net.finish(process, signal.SIGINT)
    assert code == 0 and not os.path.exists(f"/proc/{child}")
    net.below(time.monotonic() - begun, 1)


def test_the_child_of_a_killed_run(world, names):
    names({dns.reverse(B): dns.SILENT})
    process = world.a.start("rping", "-i", 0.1, "web")
    net.read_until(process, "seq")
    child, = children(process)
    net.finish(process, signal.SIGKILL)
    net.until(lambda: not os.path.exists(f"/proc/{child}") or "Z (zombie)" in pathlib.Path(f"/proc/{child}/status").read_text())


def test_a_run_outlives_the_child(world, names):
    """Then nobody has a name any more."""
    names({dns.reverse(B): dns.SILENT, "web.test.example": after(0, B)})
    process = world.a.start("rping", "-i", 0.2, "-c", 15, "--resolve-every", 1, "web")
    net.read_until(process, "seq")
    os.kill(children(process)[0], signal.SIGKILL)
    code, out, err = net.finish(process)
    assert code == 0 and "15 received" in out and "the process that looks names up has ended; probes still go to" in err


def test_until_up_survives_the_name_server(world, names):
    names({"web.test.example": after(2, B, before=dns.SERVFAIL)})
    done = timed(world.a, "rping", "--until-up", "-w", 60, "web.test.example", most=20)
    assert done.code == 0 and 2 < done.seconds and "waiting for it" in done.err
    names_failed = timed(world.a, "rping", "--until-up", "-w", 1, "nosuch.test.example", most=4)
    assert names_failed.code == 1 and 0.9 < names_failed.seconds


def test_many_names_at_once(world, names, tmp_path):
    count = 200
    server = names({f"h{i}.test.example": slow(0.2, f"127.0.1.{i}") for i in range(count)})
    file = tmp_path / "names"
    file.write_text("\n".join(f"h{i}.test.example" for i in range(count)))
    done = timed(world.a, "rsyn", "--json", "-p", 9, "-iL", file, most=20)  # one after the other is 40
    hosts = [line for line in net.json_lines(done.out) if line["event"] == "host"]
    assert len(hosts) == count and all(h["address"] == "127.0.1." + h["host"][1:].split(".")[0] for h in hosts)
    assert max(at_once(server.asked, 0.2)) <= 64
    file.write_text("h1.test.example\nnosuch.test.example\n")
    done = world.a.run("rsyn", "-p", 9, "-iL", file)
    assert (done.code, done.err) == (1, f"rsyn: {file}, line 2: nosuch.test.example: Name or service not known\n")


@pytest.mark.parametrize("answer", [slow(1, "127.0.2.1"), dns.SILENT])
def test_operands_are_looked_up_side_by_side(world, names, answer):
    """Twenty take as long as one does, a second, and not twenty; by the system's resolver, so from every source."""
    hosts = [f"h{i}.test.example" for i in range(20)]
    server = names(dict.fromkeys(hosts, answer), hosts="127.0.2.2 near.example\n")
    patience = 1 if answer is dns.SILENT else 5
    server.file("/etc/resolv.conf", f"nameserver 127.0.0.53\noptions timeout:{patience} attempts:1\n")
    done = timed(world.a, "rsyn", "--json", "-p", 9, "near.example", *hosts, most=10)
    if answer is dns.SILENT:
        assert (done.code, done.err) == (1, "".join(f"rsyn: {host}: Temporary failure in name resolution\n" for host in hosts))
    else:
        found = {line["host"]: line["address"] for line in net.json_lines(done.out) if line["event"] == "host"}
        assert found == {"near.example": "127.0.2.2", **dict.fromkeys(hosts, "127.0.2.1")}
        excluding = timed(world.a, "rsyn", "-p", 9, "--exclude", ",".join(hosts), "near.example", "127.0.2.1", most=10)
        assert "near.example" in excluding.out and "127.0.2.1" not in excluding.out
    assert 0.9 < done.seconds and {name for _, name, _ in server.asked} == set(hosts)


def at_once(asked, seconds):
    """Names that are asked for at the same moment: the server holds each for so long."""
    return [len({name for then, name, _ in asked if 0 <= then - when < seconds * 0.9}) for when, _, _ in asked]


# ---- waiting for ports of names ----

def decided(done):
    """When each port was decided, in seconds from the start."""
    lines = net.json_lines(done.out)
    return {(line["host"], line["port"]): (line["state"], (line["time_ns"] - lines[0]["time_ns"]) / 1e9)
            for line in lines if line["event"] == "port"}


@pytest.mark.parametrize("before", [dns.SILENT, dns.SERVFAIL, dns.NXDOMAIN])
def test_a_name_that_comes_late_is_waited_for(world, names, before):
    names({"late.test.example": after(1, B2, before=before)})
    done = timed(world.a, "rsyn", "--json", "--wait-open", 60, "late:80", f"{B}:80,443", most=20)
    ports = decided(done)
    assert done.code == 0 and 1 < done.seconds
    assert ports[B, 80][0] == ports[B, 443][0] == ports["late", 80][0] == "open"
    net.below(ports[B, 80][1], 0.9)  # long before the name is known
    assert ports["late", 80][1] > 0.7
    moved = [line for line in net.json_lines(done.out) if line["event"] == "address"]
    assert [(line["host"], line["was"], line["address"]) for line in moved] == [("late", None, B2)]


@pytest.mark.parametrize("never", [dns.SILENT, dns.SERVFAIL])
def test_a_name_that_never_comes_delays_nobody(world, names, never):
    names({"never.test.example": never})
    done = timed(world.a, "rsyn", "--json", "--wait-open", 1.5, "never.test.example:80", f"{B}:80", most=4)
    assert done.code == 1 and 1.4 < done.seconds
    assert decided(done)[B, 80][0] == "open"
    net.below(decided(done)[B, 80][1], 1.2)
    assert ("waiting for it" in done.err) == (never is dns.SERVFAIL) and "never.test.example:80 unknown (no-address)" in done.err
    unknown, = (line for line in net.json_lines(done.out) if line["event"] == "port" and line["port"] == 80 and
                line["address"] is None)
    assert (unknown["state"], unknown["reason"]) == ("unknown", "no-address")
    done = timed(world.a, "rsyn", "-q", "--any", "--wait-open", 60, "never:80", f"{B}:80", "--", "echo", "up", most=20)
    assert (done.code, done.out, done.err) == (0, "up\n", "")
    done = timed(world.a, "rsyn", "-q", "--wait-open", 1, "never:80", most=4)
    assert (done.code, done.out, len(done.err.splitlines())) == (1, "", 1) and 0.9 < done.seconds


def test_names_of_a_list_are_waited_for(world, names, tmp_path):
    """As operands are: the first came late, the second never does."""
    names({"late.test.example": after(1, B2, before=dns.NXDOMAIN)})
    file = tmp_path / "names"
    file.write_text("late # comes\n10.9.2.2\n")
    done = timed(world.a, "rsyn", "--json", "--wait-open", 60, "-p", 80, "-iL", file, f"{B}:443", most=20)
    ports = decided(done)
    assert done.code == 0 and done.seconds > 1 and done.err == "rsyn: late: Name or service not known; waiting for it\n"
    assert {pair: state for pair, (state, _) in ports.items()} == {(B, 80): "open", (B, 443): "open", ("late", 80): "open"}
    assert ports[B, 80][1] < 0.4 < ports["late", 80][1]
    file.write_text("never\n10.9.2.2\n")
    for wait in "0", "1":
        assert world.a.run("rsyn", "--wait-open", wait, "-p", 80, "-iL", file).code == 1
        assert world.a.run("rsyn", "--wait-open", wait, "-p", 80, "never", B).code == 1
    assert world.a.run("rsyn", "--any", "--wait-open", 5, "-p", 80, "-iL", file).code == 0
    assert (world.a.run("rsyn", "-p", 80, "-iL", file).code, world.a.run("rsyn", "-p", 80, "never").code) == (1, 2)


def test_two_names_of_one_host(world, names):
    names({"alias.test.example": after(0.3, B, before=dns.NXDOMAIN)})
    done = timed(world.a, "rsyn", "--wait-open", 60, "web:80", "web:443", "alias:80", f"{B}:443", most=20)
    assert done.code == 0, done.out + done.err
    assert world.a.run("rsyn", "--wait-closed", 60, "web:81", "alias:82").code == 0


def test_what_is_excluded_is_not_probed_by_name(world, names):
    names({"late.test.example": after(0.5, B2, before=dns.SERVFAIL)})
    with world.b.capture(world.device_b) as packets:
        done = world.a.run("rsyn", "--exclude", B2, "--wait-open", 2, "late:80", f"{B}:80")
    assert done.code == 1 and "excluded" in done.err
    assert {p.dst for p in packets if p.src == world.address_a} == {B}


def test_another_name_server_is_noticed(world, names):
    """As on a laptop that changes networks."""
    server = names({"late.test.example": B})
    server.file("/etc/resolv.conf", "nameserver 127.0.0.99\n")
    changer = threading.Timer(1, server.file, ("/etc/resolv.conf", "nameserver 127.0.0.53\nsearch test.example\n"))
    changer.start()
    done = timed(world.a, "rsyn", "--wait-open", 60, "late:80", most=20)
    changer.join()
    assert done.code == 0 and 1 < done.seconds
