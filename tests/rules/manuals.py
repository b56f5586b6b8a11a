# SPDX-License-Identifier: MIT
"""The manuals have a date, and mandoc(1) finds no mistake in them.

usage: manuals.py FILE...

Only the length of source lines is not looked at: it is no matter of the page, and most lines come from the option tables.
"""
import os
import re
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../lib"))
from tap import check, finish, skip  # noqa: E402

LONG_LINE = "STYLE: input text line longer than 80 bytes"
TITLE = re.compile(r'^\.TH \S+ \d \d{4}-\d\d-\d\d "rprobe \S+" "[^"]+"$', re.MULTILINE)

for path in sys.argv[1:]:
    name = os.path.basename(path)
    with open(path, encoding="utf-8") as file:
        text = file.read()
    check(f"{name} has a date and a version", [] if TITLE.search(text) else [text.splitlines()[1]])
    if shutil.which("mandoc"):
        lint = subprocess.run(["mandoc", "-T", "lint", path], text=True, stdout=subprocess.PIPE).stdout
        check(f"{name}: mandoc finds no mistake", (line for line in lint.splitlines() if LONG_LINE not in line))
    else:
        skip(f"{name}: mandoc finds no mistake", "mandoc is not installed")
finish()
