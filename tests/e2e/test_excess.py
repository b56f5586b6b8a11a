# SPDX-License-Identifier: MIT
"""Nobody can fill the disk by answering: of what others send without limit so many a second have lines, and all are counted."""
import csv
import io
import re
import socket
import struct
import threading
import time

import pytest

import net

B = "10.9.1.2"
IDENTIFIER = 4711
# EXCESS_LINES of src/app/excess.h
LINES = 256
SECONDS = 1.5


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    total = (total & 0xffff) + (total >> 16)
    return ~(total + (total >> 16)) & 0xffff


def summed(message):
    return message[:2] + struct.pack("!H", checksum(message)) + message[4:]


def answers(kind, request):
    """(what to send from the target again and again, the request being known)."""
    echo = b"\0\0\0\0" + request[24:]
    return {
        "checksum": echo[:2] + b"\xba\xad" + echo[4:],
        "cookie": summed(echo[:8] + bytes(56)),
        "duplicate": summed(echo),
        "error": summed(b"\3\1\0\0\0\0\0\0" + request),
    }[kind]


def flood(namespace, kind):
    """Sends for SECONDS as fast as it goes, when the first request is there."""
    with namespace.inside():
        one = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
    one.settimeout(30)

    def work():
        with one:
            while (request := one.recv(2048))[20] != 8 or struct.unpack("!H", request[24:26])[0] != IDENTIFIER:
                pass
            message, end = answers(kind, request), time.monotonic() + SECONDS
            while time.monotonic() < end:
                for _ in range(100):
                    one.sendto(message, ("10.9.1.1", 0))

    thread = threading.Thread(target=work)
    thread.start()
    return thread


def flooded(pair, kind, *options):
    thread = flood(pair.b, kind)
    done = pair.a.run("rping", "-e", IDENTIFIER, "-i", "0.2", "-w", 3, *options, B, timeout=60)
    thread.join()
    return done


COUNTER = {"checksum": "corrupted", "cookie": "suspect", "duplicate": "duplicates", "error": "errors"}
EVENT = {"checksum": "suspect", "cookie": "suspect", "duplicate": "duplicate", "error": "error"}
MOST = (LINES + 20) * 5  # seconds do not begin with the flood, and it may last into a further one


@pytest.mark.parametrize("kind", COUNTER)
def test_json(pair, kind):
    """One line each for so many; and the rest is a number, once a second."""
    done = flooded(pair, kind, "--json")
    lines = net.json_lines(done.out)
    shown = [line for line in lines if line["event"] == EVENT[kind]]
    omitted = [line for line in lines if line["event"] == "omitted"]
    total = lines[-1][COUNTER[kind]]
    net.below(10 * MOST, total)  # a flood at all
    assert len(shown) <= MOST and len(omitted) <= 6
    assert len(shown) + sum(line[EVENT[kind]] for line in omitted) == total
    assert len(done.out) < MOST * 500
    assert all(b["time_ns"] - a["time_ns"] >= 0.99e9 for a, b in zip(omitted, omitted[1:-1]))


@pytest.mark.parametrize("kind, words", [
    ("checksum", "answers? with a bad checksum"), ("cookie", "suspect answers?"), ("duplicate", "duplicates?"), ("error", "ICMP errors?")])
def test_text_and_csv(pair, kind, words):
    done = flooded(pair, kind, "-v")
    counted = [int(number) for number in re.findall(rf"^(\d+) {words} not shown$", done.out, re.MULTILINE)]
    assert 1 <= len(counted) <= 6
    net.below(9 * MOST, sum(counted))
    assert len(done.out) < MOST * 500  # an error is shown with the header that it quotes
    rows = list(csv.reader(io.StringIO(flooded(pair, kind, "--format", "csv").out, newline="")))
    assert len({len(row) for row in rows}) == 1
    assert 1 <= sum(row[0] == "omitted" for row in rows) <= 6
    assert sum(row[0] == EVENT[kind] for row in rows) <= MOST


def test_what_is_not_shown_anyway_is_not_counted_aloud(pair):
    """Without -v no line tells of answers that are not believed; and -x shows no more packets than there are lines."""
    assert "not shown" not in flooded(pair, "cookie").out
    dumped = flooded(pair, "checksum", "-x")
    assert dumped.out.count("Received,") <= MOST + 20 and " not shown\n" in dumped.out
