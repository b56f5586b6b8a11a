# SPDX-License-Identifier: MIT
"""Each folder of src/ includes only the layers below it (the table in src/README.md)."""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../lib"))
from tap import ROOT, check, finish, read, sources  # noqa: E402

MAY_INCLUDE = {
    "base": "",
    "wire": "base",
    "dissect": "base wire",
    "probe": "base wire",
    "target": "base",
    "plan": "base probe target",
    "core": "base wire probe plan",
    "io": "base wire target plan core",
    "opt": "base",
    "out": "base",
    "app": "opt out base",
    "rping": "app opt out base",
    "rsyn": "app opt out base",
}
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(["<])([^">]+)[">]', re.MULTILINE)
PUBLIC = {"rprobe/rprobe.h", "rprobe/config.h", "rprobe/event.h", "rprobe/packet.h", "rprobe/stats.h"}
GENERATED = {"config.h", "seccomp_filter.inc", "services_table.inc"}


def complaints(layer, allowed):
    for path in sources(f"src/{layer}"):
        for form, name in INCLUDE.findall(read(path)):
            if form == "<":
                if name.startswith("rprobe/") and name not in PUBLIC:
                    yield f"{path}: <{name}> is not a public header"
            elif name not in GENERATED | PUBLIC:
                folder, slash, _ = name.partition("/")
                if not slash:
                    yield f'{path}: write "{name}" with its folder in front'
                elif folder not in (layer, *allowed):
                    yield f'{path}: {layer} must not include "{name}"'


folders = {name for name in os.listdir(os.path.join(ROOT, "src")) if os.path.isdir(os.path.join(ROOT, "src", name))}
check("every folder of src is a layer of the table", folders ^ set(MAY_INCLUDE))
for layer, allowed in MAY_INCLUDE.items():
    check(f"{layer} includes only: {allowed or 'nothing of ours'}", complaints(layer, allowed.split()))
check("public headers include only public and standard headers",
      (f"{path}: {name}" for path in sources("include") for form, name in INCLUDE.findall(read(path))
       if form == '"' or ("/" in name and name not in PUBLIC)))
finish()
