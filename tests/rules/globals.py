# SPDX-License-Identifier: MIT
"""No object of the library or of the tools holds a variable: .data and .bss are empty (.data.rel.ro is constant).

usage: globals.py FOLDER (build tree's src)
"""
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../lib"))
from tap import check, finish  # noqa: E402

SECTION = re.compile(r"^\s*\[\s*\d+\]\s+(\.(?:data|bss|tdata|tbss|sdata|sbss)\S*)\s+\S+\s+\S+\s+\S+\s+([0-9a-f]+)")


def variables(path):
    out = subprocess.run(["readelf", "--section-headers", "--wide", path], check=True, text=True,
                         stdout=subprocess.PIPE).stdout
    for match in filter(None, map(SECTION.match, out.splitlines())):
        name, size = match[1], int(match[2], 16)
        if size and not name.startswith(".data.rel.ro"):
            yield f"{name} holds {size} bytes"


objects = sorted(os.path.join(folder, file) for folder, _, files in os.walk(sys.argv[1]) for file in files
                 if file.endswith(".o"))
check("there are objects to look at", [] if objects else ["none"])
for path in objects:
    check(f"{os.path.basename(path)} holds no variable", variables(path))
finish()
