# SPDX-License-Identifier: MIT
"""The version of a release, and that of the library's interface, are written in several files: they are the same in all."""
import glob
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../lib"))
from tap import ROOT, check, finish, read  # noqa: E402

RELEASE = {
    "meson.build": r"^  version: '([^']+)'",
    "CHANGELOG.md": r"^## \[(\d[^]]*)\] - \d{4}-\d\d-\d\d$",  # the newest one
    "packaging/rprobe.spec": r"^Version: +(\S+)$",
    "packaging/rprobe.spec ": r"^%changelog\n\*.* - ([^-]+)-\d+$",
    "packaging/APKBUILD": r"^pkgver=(\S+)$",
    "packaging/debian/changelog": r"\Arprobe \(([^-]+)-\d+\)",
}
INTERFACE = {
    "src/meson.build": r"soversion: '(\d+)'",
    "src/rprobe.sym": r"^RPROBE_(\d+) {$",
    "packaging/rprobe.spec": r"/librprobe\.so\.(\d+)\*$",
    "packaging/debian/control": r"^Package: librprobe(\d+)$",
    "packaging/debian/librprobe*.symbols": r"^librprobe\.so\.(\d+) ",
    "packaging/debian/librprobe*.symbols ": r"\(symver\)RPROBE_(\d+) ",
    "docs/packaging.md": r"^The soname is `librprobe\.so\.(\d+)`",
}


def different(places):
    """The places where another version is than in the first one, or none."""
    found = {}
    for place, pattern in places.items():
        paths = glob.glob(place.strip(), root_dir=ROOT)
        match = re.search(pattern, read(paths[0]), re.MULTILINE) if len(paths) == 1 else None
        found[place] = match and match[1]
    first = next(iter(found.values()))
    return [f"{place}: {version}, not {first}" for place, version in found.items() if version != first or not version]


check("the version of the release", different(RELEASE))
check("the version of the interface", different(INTERFACE))
check("the date of the manuals is one", [] if re.search(r"^manual_date = '20\d\d-\d\d-\d\d'$", read("man/meson.build"), re.MULTILINE) else ["man/meson.build"])
finish()
