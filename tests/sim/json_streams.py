# SPDX-License-Identifier: MIT
"""The JSON of simulated runs: every line as the schema says, and each stream in order, with sums that add up and nothing about a host
behind its line, whatever the network, the clock and the user do. json_streams.py PROGRAM SEEDS"""
import json
import os
import shlex
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../lib"))

import events  # noqa: E402

with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "streams")
    subprocess.run([*shlex.split(os.environ.get("MESON_EXE_WRAPPER", "")), sys.argv[1]], env=dict(os.environ, SIM_JSON=path, SIM_SEEDS=sys.argv[2]), check=True, stdout=subprocess.DEVNULL)
    streams = []
    with open(path, encoding="utf-8") as file:
        for text in file:
            line = json.loads(text)
            if line["event"] == "start":
                streams.append([])
            streams[-1].append(line)
seen = set()
for number, stream in enumerate(streams):
    try:
        events.check(stream, whole=stream[-1]["event"] == "run")
    except AssertionError as error:
        sys.exit(f"stream {number}: {error}")
    seen.update(line["event"] for line in stream)
print(len(streams), "streams,", sum(map(len, streams)), "lines:", *sorted(seen))
assert len(streams) >= int(sys.argv[2]) and {"reply", "late", "duplicate", "host", "target", "outage", "error", "suspect", "unsent"} <= seen
