# SPDX-License-Identifier: MIT
"""Each public header compiles alone, as C99 and as C++, with every compiler that is here, without a warning."""
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../lib"))
from tap import ROOT, check, finish, skip, sources  # noqa: E402

COMPILERS = {
    "gcc": ["-x", "c", "-std=c99"],
    "clang": ["-x", "c", "-std=c99"],
    "g++": ["-x", "c++", "-std=c++11"],
    "clang++": ["-x", "c++", "-std=c++11"],
}


def complaints(compiler, flags, header):
    program = f"#include <{header}>\n#include <{header}>\n"
    ran = subprocess.run([compiler, *flags, "-pedantic", "-Wall", "-Wextra", "-Werror", "-fsyntax-only",
                          "-I", os.path.join(ROOT, "include"), "-"], input=program, text=True, stderr=subprocess.PIPE)
    if ran.returncode:
        yield from ran.stderr.splitlines()


for path in sources("include", endings=(".h",)):
    header = os.path.relpath(path, "include")
    for compiler, flags in COMPILERS.items():
        name = f"{header} alone, {compiler} {flags[-1]}"
        if shutil.which(compiler):
            check(name, complaints(compiler, flags, header))
        else:
            skip(name, f"no {compiler}")
finish()
