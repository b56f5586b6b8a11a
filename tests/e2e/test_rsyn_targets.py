# SPDX-License-Identifier: MIT
"""Targets and ports that are named twice, in any form, are probed once; what is excluded never is."""
import collections

import pytest
from scapy.all import TCP

import net


@pytest.fixture(scope="module")
def target(pair):
    for last in (3, 4, 5):
        pair.b.do(f"ip address add 10.9.1.{last}/24 dev {pair.device_b}")
    yield pair


def without_filter_notice(err):
    """-v says so where a build has no system-call filter, as the sanitized one."""
    return err.replace("rsyn: this build has no system-call filter: every call stays allowed\n", "")


def probed(pair, *argv, **more):
    """The SYNs as the wire has them, (address, port) -> how many; and the command's result."""
    with pair.b.capture(pair.device_b) as packets:
        done = pair.a.run("rsyn", *argv, **more)
    assert done.code in (0, 1), done.err
    return collections.Counter((p.dst, p[TCP].dport) for p in packets if TCP in p and p[TCP].flags == "S"), done


@pytest.mark.parametrize("operands, repeated", [
    (["10.9.1.2/30", "10.9.1.2"], 1),
    (["10.9.1.2", "10.9.1.0-3"], 1),
    (["10.9.1.0/31", "10.9.1.1-10.9.1.3", "10.9.1.2", "10.9.1.0-3"], 6),
    (["10.9.1.0-1,2,2-3"], 0),  # nmap's way to write a set
])
def test_overlapping_targets(target, operands, repeated):
    found, done = probed(target, "-n", "-v", "-p", "7", "--max-retries", 0, "--exclude", "10.9.1.0,10.9.1.1", *operands)
    assert found == {("10.9.1.2", 7): 1, ("10.9.1.3", 7): 1}
    assert done.out.count("Host ") == 2
    many = "1 address is" if repeated == 1 else f"{repeated} addresses are"
    assert without_filter_notice(done.err) == (f"rsyn: {many} named more than once: probed once\n" if repeated else "")


def test_overlap_of_a_list_and_operands(target, tmp_path):
    path = tmp_path / "list"
    path.write_text("10.9.1.3 10.9.1.2-4 # twice\n10.9.1.2\n")
    found, done = probed(target, "-p", "7", "-iL", path, "10.9.1.4/32")
    assert found == {(f"10.9.1.{last}", 7): 1 for last in (2, 3, 4)}
    assert done.err == ""  # only -v tells


def test_pairs_that_overlap_have_all_their_ports(target):
    found, _ = probed(target, "10.9.1.3:7", "10.9.1.2-4:8,9", "10.9.1.3:9", "10.9.1.4:8-9")
    assert found == {("10.9.1.3", 7): 1, **{(f"10.9.1.{last}", port): 1 for last in (2, 3, 4) for port in (8, 9)}}


def test_a_list_beside_pairs(target, tmp_path):
    """What is listed has the ports of -p, also where a pair names the same host; without -p nobody knows its ports."""
    path = tmp_path / "list"
    path.write_text("10.9.1.2-3")
    found, _ = probed(target, "-p", "7", "-iL", path, "10.9.1.3:8", "10.9.1.4:9")
    assert found == {("10.9.1.2", 7): 1, ("10.9.1.3", 7): 1, ("10.9.1.3", 8): 1, ("10.9.1.4", 9): 1}
    done = target.a.run("rsyn", "-iL", path, "10.9.1.3:8")
    assert (done.code, done.err) == (1, f"rsyn: {path}, line 1: '10.9.1.2-3': which ports? name them with -p, or as HOST:PORT\n")


def test_a_list_of_pairs(target, tmp_path):
    """Lines as operands are, and with commas between them; what has no ports of its own has those of -p."""
    path = tmp_path / "list"
    path.write_text("# db\r\n10.9.1.2:7,8\r\n10.9.1.3:9-10,12 # web\r\n10.9.1.2:7\n10.9.1.4:1,2,10.9.1.5:3\n")
    pairs = {("10.9.1.2", 7), ("10.9.1.2", 8), ("10.9.1.3", 9), ("10.9.1.3", 10), ("10.9.1.3", 12), ("10.9.1.4", 1), ("10.9.1.4", 2),
             ("10.9.1.5", 3)}
    found, done = probed(target, "-iL", path)
    assert found == {pair: 1 for pair in pairs}, done.err
    found, _ = probed(target, "-iL", "-", "-p", "20", "--exclude", "10.9.1.3", "--exclude-ports", "8,20", "10.9.1.4:5", "10.9.1.4:20,6",
                      input=path.read_text() + "10.9.1.5\n10.9.1.2:11")
    pairs = {pair for pair in pairs if pair[0] != "10.9.1.3" and pair[1] != 8}
    assert found == {pair: 1 for pair in pairs | {("10.9.1.4", 5), ("10.9.1.4", 6), ("10.9.1.2", 11)}}
    done = target.a.run("rsyn", "-p", "7", "--excludefile", path, "10.9.1.2")
    assert done.code == 2 and "10.9.1.2:7,8" in done.err


@pytest.mark.parametrize("lines", [
    [f"127.0.0.{1 + port % 4}:{port}" for port in range(20001, 40001)],
    [f"127.{1 + host // 65536}.{host // 256 % 256}.{host % 256}:443" for host in range(50000)],
    [f"127.1.{host // 256}.{host % 256}:{1 + host}" for host in range(20000)],
], ids=["ports", "hosts", "both"])
def test_many_pairs(lo, lines):
    """What is not asked for costs nothing: of hosts times ports there are up to 400 million."""
    done = lo.run("rsyn", "--json", "-iL", "-", input="\n".join(lines), timeout=60)
    assert done.code in (0, 1), done.err
    found = {(line["host"], line["port"]) for line in net.json_lines(done.out) if line["event"] == "port"}
    assert found == {(line.split(":")[0], int(line.split(":")[1])) for line in lines}


@pytest.mark.parametrize("ports, count, repeated", [
    ("22,22,22", 1, 2), ("22,ssh", 1, 1), ("T:22,20-25,22", 6, 2), ("22,80,", 2, 0),
])
def test_ports_named_twice(target, ports, count, repeated):
    found, done = probed(target, "-v", "-p", ports, "10.9.1.2")
    assert len(found) == count and set(found.values()) == {1}
    many = "1 port is" if repeated == 1 else f"{repeated} ports are"
    assert without_filter_notice(done.err) == (f"rsyn: {many} named more than once: probed once\n" if repeated else "")


@pytest.mark.parametrize("argv", [
    ["-p", "7", "10.9.1.2", "10.9.1.3", "--exclude", "10.9.1.3/32"],
    ["--exclude", "10.9.1.0-1,10.9.1.3-255", "-p", "7", "10.9.1.2-3"],
    ["10.9.1.2:7", "10.9.1.3:7", "--exclude", "10.9.1.3"],
    ["10.9.1.2-3:7,8", "--exclude", "10.9.1.3", "--exclude-ports", "8"],
    ["-p", "7", "10.9.1.3", "10.9.1.2", "--exclude", "10.9.1.3", "--wait-closed", "2"],
])
def test_excluded_is_excluded(target, argv):
    found, done = probed(target, *argv)
    assert set(found) == {("10.9.1.2", 7)}
    assert "10.9.1.3" not in done.out


@pytest.mark.parametrize("rest", ["3", "3-4", "*"])
def test_the_rest_of_a_set_is_no_exclusion(target, rest):
    """10.9.1.2,3 reads as .2 and .3, and 3 alone is 0.0.0.3 in an old form of address."""
    done = target.a.run("rsyn", "-p", "7", "10.9.1.2-4", "--exclude", f"10.9.1.2,{rest}")
    assert (done.code, done.out) == (2, "") and "whole addresses" in done.err


@pytest.mark.parametrize("operand, words", [
    ("10.9.1.2/33", "0 to 32"), ("10.9.1.300", "0 to 255"), ("10.9.1.50-20", "did you mean 20-50"),
    ("010.9.1.2", "leading zeros"), ("10.9.1.2:80-22", "did you mean 22-80"), ("10.9.1.2:70000", "0 to 65535"),
    ("10.9.1.2:ssh-http", "did you mean 22-80"), (":80", "before the colon"), ("10.9.1.2:", "port is missing"),
])
def test_refused_with_what_to_write_instead(target, operand, words):
    before = target.a.sent(target.device_a)
    done = target.a.run("rsyn", "-p", "7", operand)
    assert (done.code, done.out, len(done.err.splitlines())) == (2, "", 1)
    assert words in done.err
    assert target.a.sent(target.device_a) == before


@pytest.mark.parametrize("operand", ["2130706433", "127.1", "0x7f.1", "127.0.1"])
def test_old_forms_of_one_address(lo, operand):
    done = lo.run("rsyn", "-p", "7", "--json", operand)
    assert done.code == 1
    assert {line["address"] for line in net.json_lines(done.out) if line["event"] == "port"} == {"127.0.0.1"}
