#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Prints services.inc: port and name of the TCP services in a services(5) file.

    ./services.py [/etc/services] > services.inc

A port has the first name that the file gives it.
"""
import re
import sys


def main():
    path = sys.argv[1] if len(sys.argv) > 1 else "/etc/services"
    names = {}
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            match = re.match(r"([^\s#]+)\s+(\d+)/tcp\b", line)
            if match:
                names.setdefault(int(match[2]), match[1])
    print("/* SPDX-License-Identifier: MIT */")
    print("/* Port and name of registered TCP services. Made by services.py: do not edit. */")
    for port in sorted(names):
        print(f'{{{port}, "{names[port]}"}},')


main()
