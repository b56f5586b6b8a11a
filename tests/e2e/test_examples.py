# SPDX-License-Identifier: MIT
"""Every example of the manuals and of --help is run as it stands there."""
import os
import re
import subprocess

import pytest

import net

ROOT = os.path.join(os.path.dirname(__file__), "../..")


def blocks(manual):
    """What stands between .EX and .EE in the section EXAMPLES."""
    with open(os.path.join(ROOT, "man", manual), encoding="utf-8") as file:
        section = re.search(r"^\.SH EXAMPLES?\n(.*?)(?=^\.SH |\Z)", file.read(), re.MULTILINE | re.DOTALL)[1]
    for block in re.findall(r"^\.EX\n(.*?)^\.EE$", section, re.MULTILINE | re.DOTALL):
        yield block.replace("\\-", "-").replace("\\&", "").replace("\\e", "\\").replace("\\(aq", "'")


def in_help():
    """The indented lines of --help that begin with the tool's name; a remark may follow after blanks."""
    for tool in ("rping", "rsyn"):
        path = net.tool(tool)
        text = subprocess.run([path, "--help"], text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
        for line in re.findall(rf"^\s+({tool} .*)$", text, re.MULTILINE):
            yield re.split(r"\s{3,}", line)[0]


def succeeds(lo, command):
    done = lo.run("sh", "-c", command, timeout=60, cwd="/run")
    assert done.code == 0 or (done.code == 1 and "rsyn" in command), done.err
    assert done.err == ""
    assert done.out


@pytest.fixture(scope="module", autouse=True)
def servers(lo):
    """What the examples wait for."""
    lo.listen(80, 443, 5432)


@pytest.fixture(autouse=True)
def path(monkeypatch):
    monkeypatch.setitem(net.ENVIRONMENT, "PATH", os.path.abspath(net.BIN) + ":" + os.environ["PATH"])


@pytest.mark.parametrize("command", [*blocks("rping.1.in"), *blocks("rsyn.1.in")])
def test_manual(lo, command):
    succeeds(lo, command)


@pytest.mark.parametrize("command", list(in_help()))
def test_help(lo, command):
    if "HOST" in command or "PORTS" in command:
        pytest.skip("a form, not an example")
    succeeds(lo, command)


def test_there_are_examples_in_the_help():
    assert len(list(in_help())) >= 4


@pytest.mark.parametrize("program", list(blocks("rprobe.3.in")), ids=["rprobe.3"])
def test_library(lo, tmp_path, program):
    if net.sanitized():
        pytest.skip("it would need the sanitizer's library")
    binary = os.path.join(tmp_path, "example")
    built = subprocess.run(["cc", "-Wall", "-Wextra", "-Werror", "-x", "c", "-", "-x", "none", "-o", binary,
                            "-I", os.path.join(ROOT, "include"), "-L", net.BIN, "-lrprobe",
                            "-Wl,-rpath," + os.path.abspath(net.BIN)], input=program, text=True, stderr=subprocess.PIPE)
    assert built.returncode == 0, built.stderr
    waiting, stopping = os.pipe()  # its input, besides
    code, out, err = net.finish(lo.start(binary, stdin=waiting))
    assert code == 0, err
    assert re.fullmatch(r"1: \d+ ns\n2: \d+ ns\n3: \d+ ns\n", out), out
    os.close(stopping)  # the end of its input ends the run
    code, out, err = net.finish(lo.start(binary, stdin=waiting))
    assert code == 0, err
    assert out.count("\n") < 3
    os.close(waiting)
