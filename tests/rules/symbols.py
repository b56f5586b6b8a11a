# SPDX-License-Identifier: MIT
"""The shared library exports what src/rprobe.sym lists, and that is what the public headers declare.

usage: symbols.py LIBRARY
"""
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../lib"))
from tap import check, finish, read, sources  # noqa: E402

COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


def exported(library):
    out = subprocess.run(["nm", "--dynamic", "--defined-only", library], check=True, text=True,
                         stdout=subprocess.PIPE).stdout
    for line in out.splitlines():
        kind, name = line.split()[-2:]
        if kind != "A":  # the version's own name
            yield name.partition("@")[0]


def ledger():
    text = COMMENT.sub("", read("src/rprobe.sym"))
    return re.findall(r"^\s*(\S+);", text[text.index("global:"):text.index("local:")], re.MULTILINE)


def declared():
    for path in sources("include", endings=(".h",)):
        text = re.sub(r"^\s*#.*$", "", COMMENT.sub("", read(path)), flags=re.MULTILINE)
        yield from re.findall(r"\b(rp_\w+)\s*\(", text)


def differences(have, want, what_have, what_want):
    have, want = set(have), set(want)
    yield from (f"{name}: in {what_have}, not in {what_want}" for name in sorted(have - want))
    yield from (f"{name}: in {what_want}, not in {what_have}" for name in sorted(want - have))


listed = ledger()
check("rprobe.sym is sorted and has no wildcard",
      [] if listed == sorted(set(listed)) and not any("*" in name for name in listed) else listed)
check("the library exports what rprobe.sym lists",
      differences(exported(sys.argv[1]), listed, "the library", "rprobe.sym"))
check("rprobe.sym lists what the headers declare", differences(listed, declared(), "rprobe.sym", "the headers"))
finish()
