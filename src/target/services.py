#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Prints services.inc: port and name of the TCP services in a services(5) file.

    ./services.py /etc/services > services.inc

A port has the first name that the file gives it. A services(5) file that is not there or has few services is an error.
"""
import re
import sys

FEWEST = 150


def read(path):
    names = {}
    with open(path, encoding="utf-8", errors="replace") as lines:
        for line in lines:
            match = re.match(r"([\w.+-]+)\s+(\d+)/tcp\b", line, re.ASCII)
            if match and 0 < int(match[2]) < 65536:
                names.setdefault(int(match[2]), match[1])
    return names


def main():
    names = read(sys.argv[1])
    if len(names) < FEWEST:
        sys.exit(f"{sys.argv[1]}: only {len(names)} TCP services")
    print("/* SPDX-License-Identifier: MIT */")
    print("/* Port and name of registered TCP services. Made by services.py: do not edit. */")
    for port in sorted(names):
        print(f'{{{port}, "{names[port]}"}},')


main()
