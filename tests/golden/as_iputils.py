# SPDX-License-Identifier: MIT
"""Our text against that of iputils' ping, asked to do the same on loopback, with every number masked.
Skipped (77) where there is no iputils ping that may ping. as_iputils.py GOLDEN"""

import os
import re
import shlex
import shutil
import subprocess
import sys

GOLDEN = [*shlex.split(os.environ.get("MESON_EXE_WRAPPER", "")), sys.argv[1]]
ENVIRONMENT = {"LC_ALL": "C", "PATH": "/usr/bin:/bin:/usr/sbin:/sbin"}
SAME = {
    "ping-plain": ["-c2", "-i0.2", "127.0.0.1"],
    "ping-quiet": ["-q", "-c2", "-i0.2", "127.0.0.1"],
}


def ping(*arguments):
    return subprocess.run(["ping", *arguments], env=ENVIRONMENT, capture_output=True, text=True, timeout=20).stdout


def golden(scenario):
    return subprocess.run([*GOLDEN, scenario], check=True, capture_output=True, text=True).stdout


def masked(text):
    """time= has 0 to 3 decimals by its size, so decimals go with the number."""
    return re.sub(r"\d+(\.\d+)?", "N", text)


if not shutil.which("ping") or "iputils" not in ping("-V") or " 0% packet loss" not in ping("-c1", "127.0.0.1"):
    sys.exit(77)

for scenario, arguments in SAME.items():
    theirs, ours = masked(ping(*arguments)), masked(golden(scenario))
    assert theirs == ours, f"{scenario}:\n{theirs}---\n{ours}"

# The lines that options change. -v writes ident= since 20210722.
theirs = ping("-D", "-a", "-v", "-c1", "-pa5", "-Ilo", "127.0.0.1").splitlines()
theirs = [masked(line) for line in theirs if re.match(r"PATTERN|PING|\[", line)]
ours = [masked(line) for line in golden("ping-options").splitlines()]
# What name the loopback address has, and which address localhost has first, is this machine's affair.
theirs = [re.sub(r"from (\S+ \()?N\.N\)?: ", "from localhost (N.N): ", line).replace("PING N.N (", "PING localhost (") for line in theirs]
assert theirs == ours[:3], f"{theirs}\n{ours[:3]}"

theirs = masked(ping("-I127.0.0.1", "-c1", "127.0.0.1")).splitlines()[0]
assert theirs == masked(golden("ping-silent")).splitlines()[0], theirs
