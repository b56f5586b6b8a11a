# SPDX-License-Identifier: MIT
"""meson install puts everything where distributions expect it, and a program builds against what it installed.

usage: install.py BUILD-TREE NAME-OF-RPING
"""
import glob
import json
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../lib"))
from tap import check, finish, read, sources  # noqa: E402

RPING = sys.argv[2]
EXPECTED = f"""
bin/{RPING} bin/rsyn
include/rprobe/rprobe.h include/rprobe/config.h include/rprobe/event.h include/rprobe/packet.h include/rprobe/probe.h include/rprobe/stats.h
**/librprobe.so **/librprobe.so.1 **/librprobe.a **/pkgconfig/rprobe.pc
share/man/man1/{RPING}.1 share/man/man1/rsyn.1 share/man/man3/rprobe.3
share/bash-completion/completions/{RPING} share/bash-completion/completions/rsyn
share/zsh/site-functions/_{RPING} share/zsh/site-functions/_rsyn
share/rprobe/events-2.schema.json
share/fish/vendor_completions.d/{RPING}.fish share/fish/vendor_completions.d/rsyn.fish
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


def not_noted(path):
    """The libraries that a file loads, of those named in the sources, and that its ELF note does not name."""
    with open(path, "rb") as file:
        binary = file.read()
    notes = subprocess.run(["objcopy", "-O", "binary", "--only-section=.note.dlopen", path, "/dev/stdout"],
                           stdout=subprocess.PIPE).stdout
    texts = [json.loads(text) for text in re.findall(rb"\[\{[^\0]*", notes)]
    noted = {name for text in texts for entry in text for name in entry["soname"]}
    named = {name for source in sources("src") for name in re.findall(r'"(lib\w+\.so\.\d+)"', read(source))}
    loaded = {name for name in named if name.encode() + b"\0" in binary}
    return sorted(loaded ^ noted)


def old_names(folder, prefix):
    """What still says rping, where it has another name: installed text, and what the tools say."""
    texts = {path: open(path, encoding="utf-8").read() for path in glob.glob(folder + prefix + "/share/**", recursive=True)
             if os.path.isfile(path) and not path.endswith(".schema.json")}  # the value of "tool" is the same in every build
    for tool in RPING, "rsyn":
        for arguments in ["--help"], ["-V"], [], ["-sn", "127.0.0.1"]:
            ran = subprocess.run([f"{folder}{prefix}/bin/{tool}", *arguments], text=True, stdout=subprocess.PIPE,
                                 stderr=subprocess.STDOUT)
            texts[" ".join([tool, *arguments])] = ran.stdout
    for source, text in texts.items():
        yield from (f"{source}: {line}" for line in text.splitlines() if re.search(r"(?<![-\w])rping(?![-\w])", line))


with tempfile.TemporaryDirectory() as folder:
    subprocess.run(["meson", "install", "-C", sys.argv[1], "--no-rebuild", "--quiet", "--destdir", folder], check=True,
                   stdout=subprocess.DEVNULL)
    library = os.path.dirname((glob.glob(folder + "/**/librprobe.so", recursive=True) or [folder + "/none/none"])[0])
    bins = glob.glob(folder + "/**/bin/rsyn", recursive=True)
    prefix = os.path.dirname(os.path.dirname(bins[0]))[len(folder):] if bins else "/usr/local"
    for name in EXPECTED:
        check(f"{name} is installed", [] if glob.glob(folder + prefix + "/" + name, recursive=True) else [prefix])
    if RPING != "rping":
        check("nothing says rping where it has another name", old_names(folder, prefix))
    if os.path.exists(os.path.join(library, "pkgconfig")):
        # libxml2 is loaded at run time, and not needed to build or link a program.
        required = set(pkg_config(library, "--print-requires", "--print-requires-private"))
        check("rprobe.pc requires only what is linked", required - {"libcap-ng", "libsodium"})
        for path in [library + "/librprobe.so", *bins]:
            check(f"{os.path.basename(path)} has notes of what it loads", not_noted(path))
        check("a program builds against the shared library", complaints(folder, prefix, library, False))
        check("a program builds against the static library", complaints(folder, prefix, library, True))
finish()
