# SPDX-License-Identifier: MIT
"""What programs that read ping's output take from it: for each a function of the output (and the exit status),
which gives the facts that do not depend on the clock, or raises Unreadable where that program gives up.

They restate rules, each in the words of its docstring; none is the program itself.
"""
import re


class Unreadable(Exception):
    pass


def number(text):
    try:
        return int(text)
    except ValueError as error:
        raise Unreadable(text) from error


def pingparsing(out, _):
    """A reply is "[stamp] N bytes from X: icmp_seq=N ttl=N time=N", with these words next to each other; (DUP!) ends
    its line. After the headline of the statistics the counters come at once, then times, "pipe N", or nothing."""
    lines = out.splitlines()
    replies = []
    for line in lines:
        match = re.match(r"(?:\[[\d.]+\] )?\d+ bytes from (.+): icmp_seq=(\d+) ttl=(\d+) time=[\d.]+ ms", line)
        if match:
            replies.append((*match.groups(), line.endswith(" (DUP!)")))
    heads = [n for n, line in enumerate(lines) if re.fullmatch(r"--- .+ ping statistics ---", line)]
    if not heads:
        raise Unreadable("no headline")
    counters = re.match(r"(\d+) packets transmitted, (\d+) received,.* ([\d.]+)% packet loss", lines[heads[0] + 1])
    if not counters:
        raise Unreadable(lines[heads[0] + 1])
    copies = re.search(r"\+(\d+) duplicates,", lines[heads[0] + 1])
    times = (lines[heads[0] + 2:] or [""])[0]
    if not re.match(r"rtt min/avg/max/mdev = [\d.]+/[\d.]+/[\d.]+/[\d.]+ ms|pipe \d+|$", times):
        raise Unreadable(times)
    return replies, counters.groups(), copies and copies[1], times.startswith("rtt")


def telegraf(out, code):
    """Exit status 1 is read like 0, another is an error. The first words of the first two comma-separated parts of
    the line with "transmitted" and "received" are whole numbers; the fourth word of a line with "min/avg/max" is
    three or four numbers between slashes; the first ttl= counts."""
    if code > 1:
        raise Unreadable(code)
    sent = received = times = None
    ttl = re.search(r"ttl=(\d+)", out)
    for line in out.splitlines():
        if "transmitted" in line and "received" in line:
            parts = line.split(", ")
            sent, received = number(parts[0].split(" ")[0]), number(parts[1].split(" ")[0])
        elif "min/avg/max" in line:
            times = [float(value) for value in line.split(" ")[3].split("/")]
            if len(times) not in (3, 4):
                raise Unreadable(line)
    if sent is None:
        raise Unreadable("no counters")
    return sent, received, ttl and ttl[1], times is not None


def home_assistant(out, code):
    """The first four decimal numbers between slashes, wherever they stand, are the times, and "max/" must be there;
    without them the host is off. An exit status above 1 is an error."""
    if code > 1:
        raise Unreadable(code)
    times = re.search(r"(\d+\.\d+)/(\d+\.\d+)/(\d+\.\d+)/(\d+\.\d+)", out)
    if times and ("max/" not in out or not float(times[1]) <= float(times[2]) <= float(times[3])):
        raise Unreadable(times[0])
    return times is not None


def node_ping(out, _):
    """The second word of the first line is the host, the third has its address. A line of the body with three or more
    "=" needs a time. A line with "---" ends the body; after it the first " N%" is the loss, and the first line
    with three or more "/" has four numbers."""
    lines = out.splitlines()
    if not lines:
        raise Unreadable("nothing")
    words = lines[0].split(" ")
    host, address = words[1], re.search(r"[\d.]+", words[2])[0]
    replies, loss, times = 0, None, None
    body = lines[1:]
    for n, line in enumerate(body):
        if "---" in line:
            for last in body[n:]:
                percent = re.search(r" ([\d.]+)%", last)
                loss = percent[1] if percent and loss is None else loss
                if last.count("/") >= 3 and times is None:
                    times = re.findall(r"[\d.]+", last.split("=")[1])
            break
        if line.count("=") >= 3:
            if not re.search(r"[\d.]+ ms", line):
                raise Unreadable(line)
            replies += 1
    if loss is None or (times is not None and len(times) < 4):
        raise Unreadable(body)
    return host, address, replies > 0, loss, times is not None


def gping(out, _):
    """A line that begins with "64 bytes from" and has a time is a reply, one that begins with "no answer yet" is a
    loss; others are nothing."""
    facts = []
    for line in out.splitlines():
        if line.startswith("64 bytes from"):
            facts.append("reply" if re.search(r"time=[\d.]+ *ms", line) else "unknown")
        elif line.startswith("no answer yet"):
            facts.append("lost")
    return facts


def prettyping(out, _):
    """The fields of a reply are what stands between "=": the sequence number, the TTL and the time, in this order.
    Missing numbers are lost probes. The counters are words of the line with "transmitted"."""
    seen, counters = [], None
    for line in out.splitlines():
        if re.match(r"\d+ bytes from .*icmp_seq=\d+ ttl=\d+ time=[\d.]+ *ms", line):
            fields = line.split("=")
            seen.append((number(fields[1].split(" ")[0]), number(fields[2].split(" ")[0]), float(fields[3].split(" ")[0]) >= 0))
        elif "packets transmitted" in line:
            counters = [word for word in line.split(", ") if "time" not in word]
    if counters is None:
        raise Unreadable("no counters")
    return seen, counters
