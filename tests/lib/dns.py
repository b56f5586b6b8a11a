# SPDX-License-Identifier: MIT
"""A name server for one test: it answers as it is told, late, wrongly or never. Below private.sh, whose mount table
is ours: the tools find it through /etc/resolv.conf."""
import contextlib
import os
import socket
import struct
import subprocess
import threading
import time

SERVFAIL, NXDOMAIN = 2, 3
SILENT = object()


def reverse(address):
    return ".".join(reversed(address.split("."))) + ".in-addr.arpa"


def encoded(name):
    """A name of a message: its labels, each after its length."""
    labels = (name if isinstance(name, bytes) else name.encode()).rstrip(b".").split(b".")
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def question(query):
    """Of a query: the bytes of its question, the name, and the number of the type."""
    at, labels = 12, []
    while query[at]:
        labels.append(query[at + 1:at + 1 + query[at]].decode())
        at += 1 + query[at]
    return query[12:at + 5], ".".join(labels).lower(), int.from_bytes(query[at + 1:at + 3], "big")


class Names:
    """records: name -> addresses (or, for the name of an address, names), SERVFAIL, SILENT, or a function that gives one
    of these. What is not there does not exist."""

    def __init__(self, namespace, records, hosts=""):
        self.records, self.delay, self.asked = dict(records), 0, []
        with namespace.inside():
            self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.53", 53))
        self.socket.settimeout(0.1)
        self.mounted = []
        self.file("/etc/resolv.conf", "nameserver 127.0.0.53\nsearch test.example\n")
        self.file("/etc/hosts", "127.0.0.1 localhost\n" + hosts)
        self.file("/etc/nsswitch.conf", "hosts: files dns\n")
        self.closed = False
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def file(self, path, text):
        """Our own, in the place of the system's."""
        own = "/run/" + os.path.basename(path)
        with open(own, "w") as file:
            file.write(text)
        if path not in self.mounted:
            subprocess.run(["mount", "--bind", own, path], check=True)
            self.mounted.append(path)

    def serve(self):
        while not self.closed:
            try:
                data, client = self.socket.recvfrom(4096)
            except TimeoutError:
                continue
            threading.Thread(target=self.reply, args=(data, client, self.delay), daemon=True).start()

    def answer(self, query):
        asked, name, number = question(query)
        kind = {1: "A", 12: "PTR"}.get(number)
        self.asked.append((time.monotonic(), name, kind))
        found = self.records.get(name, NXDOMAIN)
        found = found() if callable(found) else found
        if found is SILENT:
            return None
        code, values = (found, []) if isinstance(found, int) else (0, [found] if isinstance(found, (str, bytes)) else found)
        records = b""
        for value in values if kind else []:
            data = socket.inet_aton(value) if kind == "A" else encoded(value)
            # The name is a pointer to that of the question.
            records += b"\xc0\x0c" + struct.pack("!HHIH", number, 1, 1, len(data)) + data
        return query[:2] + struct.pack("!5H", 0x8180 | code, 1, len(values) if kind else 0, 0, 0) + asked + records

    def reply(self, query, client, delay):
        data = self.answer(query)
        time.sleep(delay)
        if data is not None:
            with contextlib.suppress(OSError):  # the test is over
                self.socket.sendto(data, client)

    def close(self):
        self.closed = True
        self.thread.join()
        self.socket.close()
        for path in self.mounted:
            subprocess.run(["umount", path], check=True)
