# SPDX-License-Identifier: MIT
"""A running tool holds CAP_NET_RAW and nothing else, however it got it."""
import glob
import os
import re
import shutil
import subprocess
import time

import pytest

import net

NET_RAW = 1 << 13
NOBODY = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]
COMMANDS = {
    "rping": ["-i", "0.2", "-c", "20", "127.0.0.1"],
    "rsyn": ["-i", "0.2", "-c", "20", "-p", "22", "127.0.0.1"],
}
real_root = pytest.mark.skipif(open("/proc/self/uid_map").read().split()[-1] == "1", reason="needs a real root")


@pytest.fixture(params=list(COMMANDS))
def binary(request):
    """A copy of a tool where everybody may run it, on a file system that knows capabilities."""
    folder = f"/run/bin-{os.getpid()}"
    os.mkdir(folder, 0o755)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", folder], check=True)
    path = os.path.join(folder, request.param)
    shutil.copy(net.tool(request.param), path)
    os.chmod(path, 0o755)
    yield path
    subprocess.run(["umount", "-l", folder], check=True)
    os.rmdir(folder)


def running(path):
    """The process that runs this file, once it has dropped its privileges."""
    for _ in range(100):
        for link in glob.glob("/proc/[0-9]*/exe"):
            try:
                if os.readlink(link) == path:
                    status = dict(line.split(":\t", 1) for line in open(os.path.dirname(link) + "/status")
                                  if ":\t" in line)
                    if status["NoNewPrivs"].strip() == "1":
                        return {name: value.strip() for name, value in status.items()}
            except OSError:
                pass  # it has just ended
        time.sleep(0.05)
    raise AssertionError("it does not run, or never set no_new_privs")


def status_of(prefix, path):
    command = [*prefix, path, *COMMANDS[os.path.basename(path)]]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                               text=True, env=net.ENVIRONMENT, cwd="/")
    try:
        time.sleep(0.3)
        if process.poll() is not None:
            raise AssertionError(process.communicate()[0])
        return running(path)
    finally:
        subprocess.run(["kill", "-INT", str(process.pid)], check=False)
        try:
            process.communicate(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()


def assert_net_raw_alone(status):
    sets = {name: int(status[name], 16) for name in ("CapEff", "CapPrm", "CapInh", "CapAmb")}
    assert sets == {"CapEff": NET_RAW, "CapPrm": NET_RAW, "CapInh": 0, "CapAmb": 0}
    assert status["NoNewPrivs"] == "1"


def test_as_root(binary):
    status = status_of([], binary)
    assert_net_raw_alone(status)
    # The bounding set too, since root may change it.
    assert int(status["CapBnd"], 16) & ~NET_RAW == 0


@real_root
def test_with_file_capability(binary):
    subprocess.run(["setcap", "cap_net_raw+ep", binary], check=True)
    status = status_of(NOBODY, binary)
    assert_net_raw_alone(status)
    assert status["Uid"].split() == ["65534"] * 4


@real_root
@pytest.mark.parametrize("mode", [0o4755, 0o6755], ids=["user", "user and group"])
def test_set_user_id(binary, mode):
    """It returns to the invoking user, and group, in all four identities."""
    os.chmod(binary, mode)
    status = status_of(NOBODY, binary)
    assert_net_raw_alone(status)
    assert status["Uid"].split() == ["65534"] * 4
    assert status["Gid"].split() == ["65534"] * 4


@real_root
@pytest.mark.skipif(not shutil.which("sudo"), reason="no sudo")
def test_sudo(binary):
    rules = f"/run/sudoers-{os.getpid()}"
    with open(os.open(rules, os.O_CREAT | os.O_WRONLY, 0o440), "w") as file:
        file.write("root ALL=(ALL) NOPASSWD: ALL\nnobody ALL=(ALL) NOPASSWD: ALL\n")
    subprocess.run(["mount", "--bind", rules, "/etc/sudoers"], check=True)
    try:
        assert_net_raw_alone(status_of([*NOBODY, "sudo", "-n"], binary))
    finally:
        subprocess.run(["umount", "/etc/sudoers"], check=True)
        os.unlink(rules)


def without_capability(path, *arguments):
    """Runs it with no capability at all: as nobody, or where there is only one user, with an empty bounding set."""
    return net.run("setpriv", "--bounding-set=-all", "--inh-caps=-all", path, *arguments, cwd="/")


def test_no_capability(binary):
    done = without_capability(binary, *COMMANDS[os.path.basename(binary)])
    assert done.code == 2
    assert done.out == ""
    assert len(done.err.splitlines()) == 1
    assert done.err.startswith(os.path.basename(binary) + ": ")
    assert f"sudo setcap cap_net_raw+ep {binary}" in done.err


@pytest.mark.parametrize("option", ["--help", "--version", "-h", "-V"])
def test_help_needs_no_capability(binary, option):
    done = without_capability(binary, option)
    assert done.code == 0, done.err
    assert done.err == ""
    assert re.search(r"usage" if "h" in option else r"\d+\.\d+", done.out, re.IGNORECASE)


def test_usage_errors_need_no_capability(binary):
    done = without_capability(binary, "-c", "nonsense", "127.0.0.1")
    assert done.code == 2
    assert "nonsense" in done.err
