# SPDX-License-Identifier: MIT
"""What rping gives to scripts beyond ping: conditions, signals, outages, changes, and packets in words."""
import re
import signal
import time

import pytest

import net

B, A = "10.9.1.2", "10.9.1.1"
DROP = "chain c { type filter hook input priority 0; icmp type echo-request drop; }"
REJECT = "chain c { type filter hook input priority 0; icmp type echo-request reject with icmp host-unreachable; }"


def test_until_up_survives_errors_and_silence(pair, firewall):
    firewall(pair.b, REJECT)
    process = pair.a.start("rping", "--until-up", "-i", "0.2", "-w", "60", B)
    out = net.read_until(process, "Destination Host Unreachable")
    pair.b.nft(DROP)
    time.sleep(0.5)
    assert process.poll() is None
    begin = time.monotonic()
    pair.b.nft("")
    code, rest, _ = net.finish(process)
    assert code == 0
    net.below(time.monotonic() - begin, 10)
    assert " 1 received" in rest, out + rest


@pytest.mark.parametrize("line, code", [
    (f"--until-up=3 -i 0.1 -w 5 {B}", 0), ("--until-up -w 1 -i 0.2 10.9.1.77", 1), (f"--until-down -w 1 -i 0.2 {B}", 1),
    ("--until-down=2 -W 0.2 -i 0.1 -w 9 10.9.1.77", 0), ("--until-up -w 2 no-such-name.invalid", 1),
    ("--until-up -w 9 256.1.1.1", 2), ("--until-up -w 9 http://h.example/", 2), (f"--until-up -w 9 {B}:80", 2), ("--until-up -w 9 ::1", 2),
    (f"-c 2 -i 0.1 --require loss<=1%,p95<=1s {B}", 0), (f"-c 2 -i 0.1 --require loss<=1%,received>=3 {B}", 1),
    (f"-c 1 -W 0.2 --require loss=100% 10.9.1.77", 0), (f"-w 0.5 -i 0.1 {B}", 0),
    (f"--max-errors 2 -t 1 -i 0.1 {B}", 0), (f"-c 1 --require p95<=5 {B}", 2), (f"--until-up --until-down {B}", 2),
])
def test_exit_codes(pair, line, code):
    if "--max-errors" in line:
        line += " -w 1"
    done = pair.a.run("rping", *line.split())
    assert done.code == code, done.out + done.err


def test_max_errors(routed):
    done = routed.a.run("rping", "--max-errors", "2", "-t", "1", "-i", "0.05", "10.9.2.2")
    assert done.code == 1
    assert "2 packets transmitted, 0 received, +2 errors, 100% packet loss" in done.out and "in flight" not in done.out


def test_verdicts(pair):
    done = pair.a.run("rping", "-c", "2", "-i", "0.1", "--require", "loss<=1%,max<1us", B)
    assert done.out.splitlines()[-1].startswith("require: loss<=1% holds (0%), max<1us FAILS (")
    assert done.out.endswith(": NOT HELD\n")
    lines = pair.a.run("rping", "-c", "2", "-i", "0.1", "--json", "--require", "loss<=1%,received=2", B).out
    *_, verdict, run = net.json_lines(lines)
    assert (verdict["event"], run["event"]) == ("verdict", "run") and verdict["time_ns"] == run["time_ns"] and verdict["held"] and verdict["conditions"][1]["measured"] == 2
    done = pair.a.run("rping", "-c", "2", "-i", "0.1", "--format", "csv", "--require", "loss<=1%", B)
    assert [line.split(",")[0] for line in done.out.splitlines()] == ["event", "reply", "reply"]
    assert done.err == "rping: require: loss<=1% holds (0%): held\n"


@pytest.mark.parametrize("tool", ["rping", "rsyn"])
@pytest.mark.parametrize("conditions, code", [
    (["received=2", "loss<=0%"], 0), (["received=3", "loss<=0%"], 1), (["loss<=0%", "received=3"], 1),
    (["sent>=1,received=3", "loss<=0%"], 1), (["received=2", "received=2"], 0), (["received=3", "received=3"], 1),
])
def test_conditions_are_added(pair, tool, conditions, code):
    """Each --require has its say, wherever it stands, and each condition is in the verdict."""
    target = [B] if tool == "rping" else ["-p", "9", "--expect", "closed", B]
    words = [word for condition in conditions for word in ("--require", condition)]
    done = pair.a.run(tool, "-c", "2", "-i", "0.05", *words, *target)
    verdict = done.out.splitlines()[-1]
    assert done.code == code, verdict
    assert verdict.count("holds") + verdict.count("FAILS") == len(",".join(conditions).split(",")), verdict
    assert all(condition in verdict for condition in conditions) or "," in conditions[0]


@pytest.mark.parametrize("conditions", [["loss<=1%", "nonsense"], ["nonsense", "loss<=1%"], ["", "loss<=1%"]])
def test_no_condition_is_passed_over(pair, conditions):
    done = pair.a.run("rping", "-c", "1", *(word for condition in conditions for word in ("--require", condition)), B)
    assert done.code == 2 and done.out == "" and "--require" in done.err
    assert "nonsense" in done.err or "" in conditions


@pytest.mark.parametrize("name, code", [("INT", 0), ("ALRM", 0), ("TERM", -15), ("HUP", -1)])
def test_ending_signals(pair, name, code):
    process = pair.a.start("rping", "-i", "0.1", B)
    net.read_until(process, "icmp_seq=2 ")
    got, out, _ = net.finish(process, getattr(signal, "SIG" + name))
    assert got == code and re.search(r"^\d+ packets transmitted, \d+ received, 0% packet loss", out, re.MULTILINE)


@pytest.mark.parametrize("name", ["QUIT", "USR1"])
def test_asking_signals(pair, name):
    process = pair.a.start("rping", "-i", "0.1", B)
    net.read_until(process, "icmp_seq=2 ")
    process.send_signal(getattr(signal, "SIG" + name))
    net.read_until(process, "icmp_seq=")
    code, _, err = net.finish(process, signal.SIGINT)
    assert code == 0
    assert re.fullmatch(r"\d+/\d+ packets, 0% loss, min/avg/ewma/max = [\d.]+/[\d.]+/[\d.]+/[\d.]+ ms", err.strip()), err


def test_full_disk(pair):
    with open("/dev/full", "w", encoding="ascii") as full:
        process = pair.a.start("rping", "-c", "1", B, stdout=full)
    code, _, err = net.finish(process)
    assert code == 2 and "No space left on device" in err


def test_outages(pair, firewall):
    """From the first probe that is lost to the next answer, as the kernel saw them pass."""
    with pair.a.capture(pair.device_a) as packets:
        process = pair.a.start("rping", "-i", "0.1", "-W", "0.5", "--outages", B)
        out = net.read_until(process, "icmp_seq=2 ")
        firewall(pair.b, DROP)
        out += net.read_until(process, "Outage begins")
        pair.b.nft("")
        out += net.read_until(process, "Outage ends")
        out += net.finish(process, signal.SIGINT)[1]
    begins = re.search(r"^Outage begins: probe (\d+) was not answered$", out, re.MULTILINE)
    ends = re.search(r"^Outage ends: probes (\d+) to (\d+) unanswered, (\d\.\d{3}) s$", out, re.MULTILINE)
    assert begins and ends and begins[1] == ends[1], out
    passed = {(packet.payload.type, packet.payload.seq): packet.time for packet in packets if packet.proto == 1}
    lost = [seq for kind, seq in passed if kind == 8 and (0, seq) not in passed]
    first, last = int(ends[1]), int(ends[2])
    assert list(range(first, last + 1)) == [seq for seq in lost if seq <= last]
    assert float(ends[3]) == pytest.approx(passed[0, last + 1] - passed[8, first], abs=0.02)
    assert f"\nOutages: 1, the longest {ends[3]} s, probes {ends[1]} to {ends[2]}\n\n--- " in out


def test_outages_in_quiet(pair):
    out = pair.a.run("rping", "-q", "-c", "2", "-i", "0.1", "-W", "0.2", "--outages", "10.9.1.77").out
    assert re.search(r"\nOutages: 1, the longest 0\.\d{3} s, probes 1 to 2; the last goes on\n\n--- ", out), out


def test_changes(pair):
    process = pair.a.start("rping", "-i", "0.1", "--changes", B)
    out = net.read_until(process, "icmp_seq=2 ")
    pair.b.sysctl("net.ipv4.ip_default_ttl", 44)
    try:
        out += net.read_until(process, "Change")
        out += net.read_until(process, "icmp_seq=")
        out += net.finish(process, signal.SIGINT)[1]
    finally:
        pair.b.sysctl("net.ipv4.ip_default_ttl", 64)
    assert len(re.findall(r"^Change in the reply to probe \d+: ttl 64 to 44$", out, re.MULTILINE)) == 1


@pytest.mark.parametrize("form, shape", [
    ("epoch", r"^\[\d{10}\.\d{6}\] 64 bytes"), ("iso", r"^\[\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00\] 64 bytes")])
def test_timestamps(pair, form, shape):
    done = pair.a.run("rping", "-c", "1", "--timestamps=" + form, B)
    assert re.search(shape, done.out, re.MULTILINE), done.out


def test_timestamps_of_what_is_not_sent(pair):
    done = pair.a.run("rping", "-c", "1", "-D", "-M", "do", "-s", "2000", B)
    assert re.fullmatch(rf"rping: \[\d{{10}}\.\d{{6}}\] {B}: probe 1 was not sent: .*\n", done.err), done.err


def test_bells(pair):
    assert pair.a.run("rping", "-c", "2", "-i", "0.1", "-a", B).out.count("\a") == 2
    assert pair.a.run("rping", "-c", "2", "-i", "0.1", "--bell-on-loss", B).out.count("\a") == 0
    assert pair.a.run("rping", "-c", "2", "-i", "0.1", "-W", "0.2", "--bell-on-loss", "10.9.1.77").out.count("\a") == 2


def test_bells_for_errors(routed):
    """The last probe's, too, that is in error before the next would be due."""
    assert routed.a.run("rping", "-c", "2", "-i", "0.1", "-t", "1", "--bell-on-loss", "10.9.2.2").out.count("\a") == 2


@pytest.mark.parametrize("name, byte", [("ef", 0xB8), ("EF", 0xB8), ("af21", 0x48), ("cs3", 0x60), ("le", 0x04)])
def test_names_of_classes(pair, name, byte):
    with pair.a.capture(pair.device_a) as packets:
        assert pair.a.run("rping", "-c", "1", "-Q", name, B).code == 0
    assert {packet.tos for packet in packets if packet.src == A and packet.proto == 1} == {byte}


def test_source_route(routed):
    """Hosts refuse source routes unless they are told otherwise; each of these is."""
    namespaces = routed.a, routed.r, routed.b
    for namespace in namespaces:
        for where in ("all", routed.device_a, routed.device_ra, routed.device_rb, routed.device_b):
            try:
                namespace.sysctl(f"net.ipv4.conf.{where}.accept_source_route", 1)
            except FileNotFoundError:
                pass
    done = routed.a.run("rping", "-c", "1", "--via", "10.9.1.254", "-W", "1", "10.9.2.2")
    assert done.code == 0 and "\nLSRR: \t10.9.1.254\n" in done.out
    done = routed.a.run("rping", "-c", "1", "--via", "10.9.1.254", "-t", "1", "10.9.2.2")
    assert done.code == 1 and "From 10.9.1.254 icmp_seq=1 Time to live exceeded" in done.out
    for namespace in namespaces:
        namespace.sysctl("net.ipv4.conf.all.accept_source_route", 0)
