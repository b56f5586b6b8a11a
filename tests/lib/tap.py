# SPDX-License-Identifier: MIT
"""Rule tests in TAP: check(name, complaints) is ok when there are none; finish() prints the plan and ends."""
import os
import subprocess
import sys

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
_results = []


def check(name, complaints):
    complaints = list(complaints)
    _results.append(not complaints)
    print(f"{'not ok' if complaints else 'ok'} {len(_results)} - {name}")
    for complaint in complaints:
        print(f"# {complaint}")


def skip(name, why):
    _results.append(True)
    print(f"ok {len(_results)} - {name} # SKIP {why}")


def finish():
    print(f"1..{len(_results)}")
    sys.exit(0 if _results and all(_results) else 1)


def sources(*folders, endings=(".c", ".h")):
    """Paths, relative to the root, of the files below the folders with these endings."""
    for folder in folders:
        for path, names, files in os.walk(os.path.join(ROOT, folder)):
            names[:] = sorted(n for n in names if not n.startswith((".", "build", "__pycache__")))
            for file in sorted(files):
                if file.endswith(endings):
                    yield os.path.relpath(os.path.join(path, file), ROOT)


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read()


def symbols(archive, *flags):
    """(name of the member, symbol) for each line of nm."""
    out = subprocess.run(["nm", "--print-file-name", *flags, archive], check=True, text=True,
                         stdout=subprocess.PIPE).stdout
    for line in out.splitlines():
        place, rest = line.rsplit(":", 1)
        yield os.path.basename(place.split(":")[-1]), rest.split()[-1]
