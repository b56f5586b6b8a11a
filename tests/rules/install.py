# SPDX-License-Identifier: MIT
"""meson install puts everything where distributions expect it, and a program builds against what it installed.

usage: install.py BUILD-TREE
"""
import glob
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../lib"))
from tap import check, finish  # noqa: E402

EXPECTED = """
bin/rping bin/rsyn
include/rprobe/rprobe.h include/rprobe/config.h include/rprobe/event.h include/rprobe/packet.h include/rprobe/stats.h
**/librprobe.so **/librprobe.so.0 **/librprobe.a **/pkgconfig/rprobe.pc
share/man/man1/rping.1 share/man/man1/rsyn.1 share/man/man3/rprobe.3
share/bash-completion/completions/rping share/bash-completion/completions/rsyn
share/zsh/site-functions/_rping share/zsh/site-functions/_rsyn
share/rprobe/events-1.schema.json
share/fish/vendor_completions.d/rping.fish share/fish/vendor_completions.d/rsyn.fish
""".split()
PROGRAM = """#include <stdio.h>
#include <rprobe/rprobe.h>
int main(void) { return puts(rp_version()) < 0; }
"""


def pkg_config(library, *flags):
    environment = dict(os.environ, PKG_CONFIG_PATH=os.path.join(library, "pkgconfig"))
    return subprocess.run(["pkg-config", *flags, "rprobe"], env=environment, check=True, text=True,
                          stdout=subprocess.PIPE).stdout.split()


def complaints(folder, prefix, library, static):
    """Builds PROGRAM against the installed library and runs it."""
    program = os.path.join(folder, "program")
    flags = [flag.replace(prefix, folder + prefix) for flag in
             pkg_config(library, "--cflags", "--libs", *(["--static"] if static else []))]
    if static:
        flags = [os.path.join(library, "librprobe.a") if flag == "-lrprobe" else flag for flag in flags]
    built = subprocess.run(["cc", "-x", "c", "-", "-x", "none", "-o", program, *flags], input=PROGRAM, text=True,
                           stderr=subprocess.PIPE)
    if built.returncode:
        yield from built.stderr.splitlines()
        return
    ran = subprocess.run([program], env=dict(os.environ, LD_LIBRARY_PATH=library), text=True, stdout=subprocess.PIPE)
    version = pkg_config(library, "--modversion")
    if ran.returncode or ran.stdout.split() != version:
        yield f"it printed {ran.stdout.split()}, pkg-config says {version}"


with tempfile.TemporaryDirectory() as folder:
    subprocess.run(["meson", "install", "-C", sys.argv[1], "--no-rebuild", "--quiet", "--destdir", folder], check=True,
                   stdout=subprocess.DEVNULL)
    library = os.path.dirname((glob.glob(folder + "/**/librprobe.so", recursive=True) or [folder + "/none/none"])[0])
    bins = glob.glob(folder + "/**/bin/rping", recursive=True)
    prefix = os.path.dirname(os.path.dirname(bins[0]))[len(folder):] if bins else "/usr/local"
    for name in EXPECTED:
        check(f"{name} is installed", [] if glob.glob(folder + prefix + "/" + name, recursive=True) else [prefix])
    if os.path.exists(os.path.join(library, "pkgconfig")):
        # What is loaded at run time, libxml2 and c-ares, is not needed to build or link a program.
        required = set(pkg_config(library, "--print-requires", "--print-requires-private"))
        check("rprobe.pc requires only what is linked", required - {"libcap-ng", "libsodium"})
        check("a program builds against the shared library", complaints(folder, prefix, library, False))
        check("a program builds against the static library", complaints(folder, prefix, library, True))
finish()
