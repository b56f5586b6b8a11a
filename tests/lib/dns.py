# SPDX-License-Identifier: MIT
"""A name server for one test: it answers as it is told, late, wrongly or never. Below private.sh, whose mount table
is ours: the tools find it through /etc/resolv.conf."""
import contextlib
import os
import socket
import subprocess
import threading
import time

from scapy.all import DNS, DNSRR, raw

SERVFAIL, NXDOMAIN = 2, 3
SILENT = object()


def reverse(address):
    return ".".join(reversed(address.split("."))) + ".in-addr.arpa"


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
            threading.Thread(target=self.reply, args=(DNS(data), client, self.delay), daemon=True).start()

    def answer(self, query):
        name = query.qd.qname.decode().rstrip(".").lower()
        kind = {1: "A", 12: "PTR"}.get(query.qd.qtype)
        self.asked.append((time.monotonic(), name, kind))
        found = self.records.get(name, NXDOMAIN)
        found = found() if callable(found) else found
        if found is SILENT:
            return None
        reply = DNS(id=query.id, qr=1, rd=1, ra=1, qd=query.qd)
        if isinstance(found, int):
            reply.rcode = found
        elif kind:
            reply.an = None
            for value in [found] if isinstance(found, (str, bytes)) else found:
                record = DNSRR(rrname=query.qd.qname, type=kind, ttl=1, rdata=value)
                reply.an = record if reply.an is None else reply.an / record
        return raw(reply)

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
