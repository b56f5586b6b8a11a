# SPDX-License-Identifier: MIT
"""rsyn ... -- COMMAND: the process that was started becomes the command, as if rsyn had never been there."""
import contextlib
import os
import pty
import re
import shutil
import signal
import subprocess
import time

import pytest

import net
from test_privileges import NOBODY, allow_sudo, real_root, status_words, tool_copy

OPEN, SHUT = "127.0.0.1:8080", "127.0.0.1:8081"
# What a program can see of how it was started.
INHERITED = ["NoNewPrivs", "Seccomp", "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "SigBlk", "SigIgn", "SigCgt",
             "SigPnd", "ShdPnd", "Uid", "Gid", "Groups", "PPid", "TracerPid"]
STATUS = ["cat", "/proc/self/status"]


@pytest.fixture
def rsyn():
    yield from tool_copy("rsyn")


@pytest.fixture(scope="module", autouse=True)
def server(lo):
    lo.listen(8080)


def inherited(text):
    found = status_words(text)
    return {name: found[name] for name in INHERITED}


def prober(process):
    """The child that probes, once it takes signals: its run has begun."""
    def child_that_probes():
        with contextlib.suppress(OSError), open(f"/proc/{process.pid}/task/{process.pid}/children") as file:
            for child in file.read().split():
                if any("signalfd" in os.readlink(f"/proc/{child}/fd/{fd}") for fd in os.listdir(f"/proc/{child}/fd")):
                    return int(child)
        assert process.poll() is None, process.communicate()
        return None

    return net.until(child_that_probes)


def gone(process_id):
    """It has ended; its new parent may yet have to take note."""
    def is_gone():
        try:
            with open(f"/proc/{process_id}/stat") as stat:
                return stat.read().rsplit(")", 1)[1].split()[0] == "Z"
        except OSError:
            return True

    return net.until(is_gone)


def as_the_shell(lo, prefix, rsyn, **more):
    """What the command inherits below rsyn, and what it would have inherited without."""
    below = lo.run(*prefix, rsyn, "-q", OPEN, "--", *STATUS, cwd="/", **more)
    alone = lo.run(*prefix, *STATUS, cwd="/", **more)
    assert (below.code, alone.code) == (0, 0), below.err + alone.err
    return inherited(below.out), inherited(alone.out)


@pytest.mark.parametrize("prefix", [[], ["setpriv", "--inh-caps=+net_raw", "--ambient-caps=+net_raw"],
                                    ["setpriv", "--bounding-set=-sys_admin"]], ids=["root", "ambient", "bounded"])
def test_root(lo, rsyn, prefix):
    below, alone = as_the_shell(lo, prefix, rsyn)
    assert below == alone


def test_signals_stay_as_they_were(lo, rsyn):
    def odd():
        for one in (signal.SIGHUP, signal.SIGCHLD, signal.SIGPIPE):
            signal.signal(one, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM, signal.SIGUSR2])

    below, alone = as_the_shell(lo, [], rsyn, preexec_fn=odd, restore_signals=False)
    assert below == alone
    assert int(alone["SigIgn"], 16) and int(alone["SigBlk"], 16)


@real_root
def test_user_with_file_capability(lo, rsyn):
    subprocess.run(["setcap", "cap_net_raw+p", rsyn], check=True)
    below, alone = as_the_shell(lo, NOBODY, rsyn)
    assert below == alone
    assert int(below["CapPrm"], 16) == 0


@real_root
@pytest.mark.parametrize("mode", [0o4755, 0o6755], ids=["user", "user and group"])
def test_set_user_id(lo, rsyn, mode):
    os.chmod(rsyn, mode)
    below, alone = as_the_shell(lo, NOBODY, rsyn)
    assert below == alone


@real_root
@pytest.mark.skipif(not shutil.which("sudo"), reason="no sudo")
def test_sudo_as_command(lo, rsyn):
    subprocess.run(["setcap", "cap_net_raw+p", rsyn], check=True)
    with allow_sudo():
        done = lo.run(*NOBODY, rsyn, "-q", OPEN, "--", "sudo", "-n", "id", "-u", cwd="/")
    assert (done.code, done.out) == (0, "0\n"), done.err


def test_same_process_and_descriptors(lo):
    with open("/dev/null") as ours:
        process = lo.start("rsyn", "-q", OPEN, "--", "sh", "-c", "echo $$; ls /proc/self/fd; exit 7", pass_fds=[ours.fileno()])
        own, *descriptors = process.communicate(timeout=60)[0].split()
        ours = ours.fileno()
    assert process.returncode == 7
    assert int(own) == process.pid
    assert len(descriptors) == 5 and str(ours) in descriptors  # 0 1 2, ours, and the folder that ls reads


def test_first_process_of_a_container(lo, rsyn):
    done = lo.run("unshare", "--pid", "--fork", "--mount-proc", rsyn, "-q", OPEN, "--", "sh", "-c", "echo $$")
    assert (done.code, done.out) == (0, "1\n"), done.err


@pytest.mark.parametrize("arguments, code, out", [
    ([SHUT], 1, ""),
    ([OPEN, "--nonsense"], 2, ""),
    (["--wait-open", "0.3", SHUT], 1, ""),
    (["--any", OPEN, SHUT], 0, "up\n"),
    (["--expect", "closed", SHUT], 0, "up\n"),
    (["-c", "2", "-i", "0.05", "--format", "json", OPEN], 0, "up\n"),
])
def test_only_when_reached(lo, arguments, code, out):
    done = lo.run("rsyn", "-q", *arguments, "--", "echo", "up")
    assert done.code == code, done.err
    assert done.out.splitlines(True)[-1:] == out.splitlines(True)


def test_help_runs_nothing(lo):
    done = lo.run("rsyn", "--help", "--", "echo", "never")
    assert done.code == 0 and "never" not in done.out.splitlines()[-1] and done.out.lower().startswith("usage")
    assert lo.run("rsyn", "-q", OPEN, "--").code == 0


@pytest.mark.parametrize("command", ["/no/such/program", "no-such-program", "/etc/passwd", "/etc", "/etc/passwd/x", ""])
def test_status_of_a_command_that_cannot_run(lo, command):
    """As env(1) has it: 127 not found, 126 not executable."""
    below = lo.run("rsyn", "-q", OPEN, "--", command, "word")
    alone = lo.run("env", command, "word")
    assert below.code == alone.code and alone.code in (126, 127), below.err
    assert below.out == "" and below.err.splitlines() == [below.err.strip()], below.err
    assert f"'{command}'" in below.err and alone.err.strip().rsplit(": ", 1)[1] in below.err


# All that glibc's loader takes out of the environment of a privileged program (sysdeps/generic/unsecvars.h), and others.
FILTERED = {"GCONV_PATH": "/a", "GETCONF_DIR": "/a", "GLIBC_TUNABLES": "glibc.malloc.check=3", "HOSTALIASES": "/a",
            "LD_AUDIT": "", "LD_DEBUG": "", "LD_LIBRARY_PATH": "/a:/b", "LD_PRELOAD": "", "LOCALDOMAIN": "a", "LOCPATH": "/a",
            "MALLOC_TRACE": "/a", "NIS_PATH": "/a", "NLSPATH": "/a", "RESOLV_HOST_CONF": "/a", "RES_OPTIONS": "debug",
            "TMPDIR": "/a", "TZDIR": "/a", "MALLOC_CHECK_": "3", "EMPTY": "", "TWICE": "x" * 70000}


def environments(lo, prefix, rsyn, words, command):
    """What the command finds in its environment below rsyn, and what it would have found without; in order."""
    below = lo.run(*prefix, "env", *words, rsyn, "-q", OPEN, "--", *command, cwd="/")
    alone = lo.run(*prefix, "env", *words, *command, cwd="/")
    assert (below.code, alone.code) == (0, 0), below.err + alone.err
    return below.out.split("\0"), alone.out.split("\0")


@real_root
@pytest.mark.parametrize("how", ["root", "file capability", "set-user-ID"])
@pytest.mark.parametrize("words", [[f"{name}={value}" for name, value in FILTERED.items()], ["-i", "TMPDIR=/a"], ["-i"]],
                         ids=["all", "one", "none"])
def test_environment(lo, rsyn, how, words):
    if how == "file capability":
        subprocess.run(["setcap", "cap_net_raw+p", rsyn], check=True)
    elif how == "set-user-ID":
        os.chmod(rsyn, 0o4755)
    below, alone = environments(lo, NOBODY if how != "root" else [], rsyn, words, ["/bin/cat", "/proc/self/environ"])
    assert below == alone
    assert set(word for word in words if word != "-i") <= set(alone)


@pytest.mark.parametrize("number, code", [(signal.SIGINT, 1), (signal.SIGTERM, -signal.SIGTERM), (signal.SIGHUP, -signal.SIGHUP)])
def test_signals_end_the_run(lo, number, code):
    process = lo.start("rsyn", "--wait-open", "200", SHUT, "--", "echo", "never")
    child = prober(process)
    got, out, err = net.finish(process, number)
    assert got == code, out + err
    assert "never" not in out and "8081/tcp" in out, out + err  # the table is complete
    assert gone(child)


def test_neither_outlives_the_other(lo):
    process = lo.start("rsyn", "-q", "--wait-open", "200", SHUT, "--", "echo", "never")
    child = prober(process)
    process.kill()
    assert gone(child)
    process = lo.start("rsyn", "-q", "--wait-open", "200", SHUT, "--", "echo", "never")
    os.kill(prober(process), signal.SIGKILL)
    assert process.wait(timeout=60) == -signal.SIGKILL
    assert process.stdout.read() == ""


def test_keys_of_a_terminal_count_once(lo):
    """Ctrl-\\ asks for the counters, Ctrl-C ends: the terminal tells both processes."""
    child, terminal = pty.fork()
    if child == 0:
        argv = lo.argv(["rsyn", "-c", "100", "-i", "0.1", OPEN, "--", "echo", "never"])
        os.execvpe(argv[0], argv, net.ENVIRONMENT)
    seen = ""
    with contextlib.suppress(OSError):  # that is how a terminal's end is read
        for wanted, key in (("syn_seq=2 ", b"\x1c"), ("syn_seq=4 ", b"\x03"), ("nothing", b"")):
            while wanted not in seen:
                text = os.read(terminal, 4096).decode()
                if not text:
                    break
                seen += text
            os.write(terminal, key)
    _, status = os.waitpid(child, 0)
    os.close(terminal)
    assert os.waitstatus_to_exitcode(status) == 0 or "statistics" in seen
    assert len(re.findall(r"\d+/\d+ packets", seen)) == 1, seen
    assert "never" not in seen.split("statistics")[0], seen
