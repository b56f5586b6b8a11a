# SPDX-License-Identifier: MIT
"""Every option of a tool's table is in its --help, its manual and its three completions; --help knows no other.

usage: options.py LISTER FILE...  (the tools, the manuals, the completions; told apart by their names)
"""
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../lib"))
from tap import check, finish  # noqa: E402


def as_word(spelling):
    """The spelling, not as part of a longer word."""
    return re.compile(r"(?<![\w-])" + re.escape(spelling) + r"(?![\w-])")


def as_fish(spelling):
    flag = "-l" if spelling.startswith("--") else "-s" if len(spelling) == 2 else "-o"
    return re.compile(rf"\s{flag}\s+['\"]?{re.escape(spelling.lstrip('-'))}['\"]?(?=\s|$)", re.MULTILINE)


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def surfaces(tool, files):
    """(what, its text, how a spelling looks there)"""
    help_text = subprocess.run([files[tool], "--help"], check=True, text=True, stdout=subprocess.PIPE).stdout
    yield "--help", help_text, as_word
    yield "manual", re.sub(r"\\f.|\\&", "", read(files[tool + ".1"])).replace("\\-", "-"), as_word
    yield "bash", read(files["bash " + tool]), as_word
    yield "zsh", read(files["_" + tool]), as_word
    yield "fish", read(files[tool + ".fish"]), as_fish


lister, paths = sys.argv[1], sys.argv[2:]
files = {}
for path in paths:
    name = os.path.basename(path)
    # The bash completion has the tool's own name.
    files["bash " + name if os.path.basename(os.path.dirname(path)) == "completions" and "." not in name else name] = path
    files.setdefault(name, path)
table = {}
for line in subprocess.run([lister], check=True, text=True, stdout=subprocess.PIPE).stdout.splitlines():
    table.setdefault(line.split()[0], []).append(line.split()[1])
check("there are two tables", [] if len(table) == 2 and "rsyn" in table else [str(table)])
for tool, spellings in table.items():
    twice = {s for s in spellings if spellings.count(s) > 1}
    check(f"{tool}: no spelling twice", sorted(twice))
    for what, text, pattern in surfaces(tool, files):
        check(f"{tool}: every option is in {what}", (s for s in spellings if not pattern(s).search(text)))
        if what == "--help":
            known = set(spellings)
            check(f"{tool}: --help names no option that is not there",
                  sorted(set(re.findall(r"(?<![\w-])--[a-z][\w-]*", text)) - known))
finish()
