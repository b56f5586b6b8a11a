# SPDX-License-Identifier: MIT
"""What every source file keeps: the licence in its first line, a readable size, no path of somebody's machine; that
every test is run; and that nothing strange lies in the tree, as the output of a test with an odd file name."""
import os
import re
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../lib"))
from tap import ROOT, check, finish, read, skip, sources  # noqa: E402

TAG = "SPDX-License-Identifier: MIT"
LINES = 500
COLUMNS = 120
CODE = (".c", ".h", ".py", ".sh", ".build", "meson_options.txt", ".sym")
ALL = CODE + (".md", ".1", ".3", ".in", ".man", "quickstart", "run-tests")
FOLDERS = ("include", "src", "tests", "completions", "man", "docs", "packaging")
TOP = ("meson.build", "meson_options.txt", "quickstart", "run-tests", "packaging/try-deb", "packaging/try-rpm", "packaging/try-apk", "packaging/try-image",
       "tests/everywhere")


def tagged(path):
    lines = read(path).splitlines()
    first = lines[1] if lines and lines[0].startswith("#!") else lines[0] if lines else TAG
    return TAG in first


def explained(path):
    """A longer file says why in its first comment, with the word "long"."""
    text = read(path)
    comment = re.search(r'/\*(?!.{0,3}SPDX).*?\*/|""".*?"""|(?:^#.*\n)+', text, re.DOTALL | re.MULTILINE)
    return bool(comment and re.search(r"\blong\b", comment[0]))


code = [*TOP, *sources(*FOLDERS, endings=CODE)]
check("the licence is in the first line", (path for path in code if not tagged(path)))
check(f"no file above {LINES} lines without a reason",
      (f"{path}: {read(path).count(chr(10))} lines" for path in code
       if read(path).count("\n") > LINES and not explained(path)))
check(f"no line of C is wider than {COLUMNS} columns", (
    f"{path}:{number}: {len(line.expandtabs(8))} columns" for path in sources(*FOLDERS, endings=(".c", ".h"))
    for number, line in enumerate(read(path).splitlines(), 1) if len(line.expandtabs(8)) > COLUMNS))
# Code that is included as text has no layer, no header and no format of its own.
check("no .inc but the table that services.py makes", (path for path in sources("src", "include", "tests", "completions", endings=(".inc",)) if path != "src/target/services.inc"))
# Python looks beside the program first, and its own library would get the wrong module.
check("no program is named as a module of Python's", (
    path for path in sources("tests", "src", "completions", "packaging", endings=(".py",))
    if os.path.basename(path)[:-3] in sys.stdlib_module_names))
# A test that no build file names would never run.
written = [path for path in sources("tests", endings=(".py", ".c")) if os.path.basename(path).startswith("test_")]
check("every test is run", (
    path for path in written
    if f"'{os.path.basename(path)[5:].rsplit('.', 1)[0]}'" not in read(os.path.join(os.path.dirname(path), "meson.build"))))
# A comment that names a file which was renamed since leads nowhere.
known = {os.path.basename(path) for path in sources(*FOLDERS, endings=ALL)} | {"errno.h"}
check("comments name files that exist", (
    f"{path}:{number}: {name}" for path in sources("src", "include", "completions", endings=(".c", ".h"))
    for number, line in enumerate(read(path).splitlines(), 1) if not line.lstrip().startswith("#include")
    for name in re.findall(r"\b[a-z0-9_]+\.[ch]\b", line) if name not in known))
# Spelled so that this file does not hold what it looks for.
foreign = re.compile(r"/wor[k]/|/roo[t]/|/hom[e]/|[\"' (=]/tm[p]/")
check("no path of a machine", (
    f"{path}:{number}: {line.strip()}" for path in [*TOP, *(p for p in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md")),
                                                    *sources(*FOLDERS, endings=ALL)]
    for number, line in enumerate(read(path).splitlines(), 1) if foreign.search(line)))

ROOT_NAMES = set("""
.ci .clang-format .clang-tidy .editorconfig .gitignore CHANGELOG.md CONTRIBUTING.md LICENSE README.md SECURITY.md completions docs
include man meson.build meson_options.txt packaging quickstart run-tests src tests
""".split())
# Tracked files and new ones that are not ignored, as a test's stray output is.
listed = shutil.which("git") and subprocess.run(["git", "-c", f"safe.directory={ROOT}", "-C", ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                        text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
if os.path.exists(os.path.join(ROOT, ".git")) and listed and listed.returncode == 0:
    paths = listed.stdout.split("\0")[:-1]
    check("nothing else lies in the root", sorted({path.split("/")[0] for path in paths} - ROOT_NAMES))
    check("file names are plain", (repr(path) for path in paths if not re.fullmatch(r"[A-Za-z0-9._/+-]+", path)))
else:
    skip("nothing else lies in the root", "not a git tree")
    skip("file names are plain", "not a git tree")
finish()
