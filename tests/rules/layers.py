# SPDX-License-Identifier: MIT
"""Each folder of src/ needs only the layers below it (the table in src/README.md): by its includes, and by the symbols of its
archive, which nobody can forget to write down. No two modules need each other.

usage: layers.py ARCHIVE...
"""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../lib"))
from tap import ROOT, check, finish, read, sources, symbols  # noqa: E402

MAY_INCLUDE = {
    "base": "",
    "wire": "base",
    "dissect": "base wire",
    "probe": "base wire",
    "target": "base",
    "plan": "base probe target",
    "core": "base wire probe target plan",
    "io": "base wire probe target plan core",
    "opt": "base",
    "out": "base wire dissect",
    "app": "opt out base",
    "rping": "app opt out base",
    "rsyn": "app opt out base",
}
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(["<])([^">]+)[">]', re.MULTILINE)
PUBLIC = {"rprobe/rprobe.h", "rprobe/config.h", "rprobe/event.h", "rprobe/packet.h", "rprobe/probe.h", "rprobe/stats.h",
          "rprobe/target.h"}
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

def layer_of(archive):
    name = os.path.basename(archive)[len("lib"):-len(".a")]
    return {"named": "rsyn"}.get(name, name.removesuffix("_opts"))


archives = sys.argv[1:]
owners = {symbol: (layer_of(archive), member) for archive in archives
          for member, symbol in symbols(archive, "--defined-only", "--extern-only")}
exported = set(re.findall(r"^\t(rp_\w+);", read("src/rprobe.sym"), re.MULTILINE))
LIBRARY = {"base", "wire", "dissect", "probe", "target", "plan", "core", "io"}
needs = {}  # of each module: the modules
strange = {layer: [] for layer in MAY_INCLUDE}
for archive in archives:
    layer = layer_of(archive)
    for member, symbol in symbols(archive, "--undefined-only"):
        other = owners.get(symbol)
        if not other or other == (layer, member):
            continue
        needs.setdefault((layer, member), set()).add(other)
        # What the library exports is there for everybody above it.
        if other[0] not in (layer, *MAY_INCLUDE[layer].split()) and (layer in LIBRARY or symbol not in exported):
            strange[layer].append(f"{member} needs {symbol} of {other[0]}")
check("every layer has an archive to look at", sorted(set(MAY_INCLUDE) - {layer_of(archive) for archive in archives}))
for layer, found in strange.items():
    check(f"{layer} needs symbols only of: {MAY_INCLUDE[layer] or 'nothing of ours'}", found)


def reaches(module, goal):
    """Whether `module` needs `goal`, by whatever way."""
    seen, rest = set(), [module]
    while rest:
        for other in needs.get(rest.pop(), ()):
            if other == goal:
                return True
            if other not in seen:
                seen.add(other)
                rest.append(other)
    return False


check("no module needs itself by way of others", ("/".join(module) for module in needs if reaches(module, module)))
# What differs by type is a fact of the run or of the config there, so that a new type changes no output.
check("outputs name no type of probes or plans", (
    f"{path}: {word}" for path in sources("src/out") for word in re.findall(r"RP_(?:PLAN|PROBE)_\w+", read(path))))
finish()
