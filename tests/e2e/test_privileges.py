# SPDX-License-Identifier: MIT
"""A running tool holds CAP_NET_RAW and nothing else, however it got it, opens the files of who started it, and makes no system call but
those of a run."""
import contextlib
import glob
import os
import re
import shutil
import signal
import subprocess

import pytest

import net

NET_RAW = 1 << 13
NOBODY = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]
COMMANDS = {
    "rping": ["-i", "0.1", "-c", "2000", "127.0.0.1"],
    "rsyn": ["-i", "0.1", "-c", "2000", "-p", "22", "127.0.0.1"],
}
real_root = pytest.mark.skipif(open("/proc/self/uid_map").read().split()[-1] == "1", reason="needs a real root")


def tool_copy(name):
    """A copy of a tool where everybody may run it, on a file system that knows capabilities."""
    folder = f"/run/bin-{os.getpid()}"
    os.mkdir(folder, 0o755)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", folder], check=True)
    path = os.path.join(folder, name)
    shutil.copy(net.tool(name), path)
    os.chmod(path, 0o755)
    yield path
    subprocess.run(["umount", "-l", folder], check=True)
    os.rmdir(folder)


@pytest.fixture(params=list(COMMANDS))
def binary(request):
    yield from tool_copy(request.param)


@contextlib.contextmanager
def allow_sudo():
    """Everybody may do everything, until the block ends."""
    rules = f"/run/sudoers-{os.getpid()}"
    with open(os.open(rules, os.O_CREAT | os.O_WRONLY, 0o440), "w") as file:
        file.write("root ALL=(ALL) NOPASSWD: ALL\nnobody ALL=(ALL) NOPASSWD: ALL\n")
    subprocess.run(["mount", "--bind", rules, "/etc/sudoers"], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "/etc/sudoers"], check=True)
        os.unlink(rules)


def status_words(text):
    """/proc/PID/status as a dictionary."""
    return dict(re.findall(r"^(\w+):[ \t]*(.*?)[ \t]*$", text, re.MULTILINE))


def filtered(path):
    """Whether this build has the system-call filter, as it says itself."""
    return "system-call filter: yes" in net.run(path, "-V").out


def running(path, process):
    """The process that runs this file, once its run has begun: the filter, where there is one, closes last."""
    last = ("Seccomp", "2") if filtered(path) else ("NoNewPrivs", "1")
    def it_runs():
        for link in glob.glob("/proc/[0-9]*/exe"):
            with contextlib.suppress(OSError):  # it has just ended
                if os.readlink(link) == path:
                    status = status_words(open(os.path.dirname(link) + "/status").read())
                    if status.get(last[0]) == last[1]:
                        return int(link.split("/")[2]), status
        assert process.poll() is None, process.communicate()[0]
        return None

    return net.until(it_runs)


def status_of(prefix, path):
    command = [*prefix, path, *COMMANDS[os.path.basename(path)]]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                               text=True, env=net.ENVIRONMENT, cwd="/")
    try:
        number, status = running(path, process)
        os.kill(number, signal.SIGINT)  # the tool itself: sudo hands on no signal of its own session
        return status
    finally:
        try:
            process.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()


def assert_net_raw_alone(status):
    sets = {name: int(status[name], 16) for name in ("CapEff", "CapPrm", "CapInh", "CapAmb")}
    assert sets == {"CapEff": NET_RAW, "CapPrm": NET_RAW, "CapInh": 0, "CapAmb": 0}
    assert status["NoNewPrivs"] == "1"
    assert status["Seccomp"] in ("2", "0")  # running() waited for it where it is to be had


# How it is started: what the file is given, the words before its name, and whose the process is then.
NOBODY_IS = ["65534"] * 4
STARTS = {
    "root": ([], [], ["0"] * 4),
    "root, CAP_NET_RAW only": ([], ["setpriv", "--bounding-set=-all,+net_raw", "--inh-caps=-all"], ["0"] * 4),
    "sudo": ([], [*NOBODY, "sudo", "-n"], NOBODY_IS),
    "below sudo": ([], [*NOBODY, "sudo", "-n", "env"], ["0"] * 4),
    "+p": (["setcap", "cap_net_raw+p"], NOBODY, NOBODY_IS),
    "+ep": (["setcap", "cap_net_raw+ep"], NOBODY, NOBODY_IS),
    "+p, set-group-ID": (["chmod", "2755", "setcap", "cap_net_raw+p"], NOBODY, NOBODY_IS),
    "set-user-ID": (["chmod", "4755"], NOBODY, NOBODY_IS),
    "set-user-ID and set-group-ID": (["chmod", "6755"], NOBODY, NOBODY_IS),
    "set-user-ID, CAP_NET_RAW only": (["chmod", "4755"], ["setpriv", "--bounding-set=-all,+net_raw", *NOBODY[1:]], NOBODY_IS),
    "set-user-ID, SUDO_UID set": (["chmod", "4755"], [*NOBODY, "env", "SUDO_UID=1", "SUDO_GID=1", "SUDO_COMMAND=PATH"], NOBODY_IS),
    "ambient": ([], [*NOBODY, "--inh-caps=+net_raw", "--ambient-caps=+net_raw"], NOBODY_IS),
}


def give(file, words):
    """setcap and chmod, with their one argument each, and then the file's name."""
    for command, argument in zip(words[::2], words[1::2]):
        net.must(command, argument, file)


@real_root
@pytest.mark.parametrize("how", STARTS)
def test_what_is_left(binary, how):
    """The same in each way of starting, and where root may change the bounding set, that too."""
    gives, prefix, user = STARTS[how]
    if "sudo" in prefix and not shutil.which("sudo"):
        pytest.skip("no sudo")
    give(binary, gives)
    with allow_sudo() if "sudo" in prefix else contextlib.nullcontext():
        status = status_of([word.replace("PATH", binary) for word in prefix], binary)
    print(how, {name: status[name] for name in ("Uid", "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs", "Seccomp")})
    assert_net_raw_alone(status)
    assert (status["Uid"].split(), status["Gid"].split()) == (user, user)
    if how in ("root", "sudo", "below sudo", "set-user-ID"):
        assert int(status["CapBnd"], 16) & ~NET_RAW == 0
    if how == "sudo":
        assert status["Groups"] == ""


@real_root
@pytest.mark.parametrize("user", [[], NOBODY[1:]], ids=["root", "nobody"])
def test_a_container_without_the_capability(binary, user):
    """The file starts, and says what is missing."""
    give(binary, ["setcap", "cap_net_raw+p"])
    done = net.run("setpriv", "--bounding-set=-net_raw", "--inh-caps=-all", *user, binary, *COMMANDS[os.path.basename(binary)], cwd="/")
    assert "--cap-add NET_RAW" in refused(done, binary)


# ---- whose files are opened ----

@pytest.fixture
def home(binary):
    """A folder of nobody's, and a list that is readable for its owner only."""
    folder = os.path.dirname(binary) + "/home"
    os.mkdir(folder, 0o755)
    with open(os.open(folder + "/list", os.O_CREAT | os.O_WRONLY, 0o600), "w") as file:
        file.write("127.0.0.1\n")
    for path in folder, folder + "/list":
        os.chown(path, 65534, 65534)
    return folder


def scan(prefix, path, *arguments):
    return net.run(*prefix, path, "-p", "9", "-c", "1", *arguments, cwd="/")


only_rsyn = pytest.mark.parametrize("binary", ["rsyn"], indirect=True)


@real_root
@only_rsyn
@pytest.mark.parametrize("how", ["sudo", "set-user-ID", "+p"])
def test_files_are_those_of_the_user(binary, home, how):
    gives, prefix, _ = STARTS[how]
    give(binary, gives)
    with allow_sudo():
        done = scan(prefix, binary, "-iL", home + "/list", "-oJ", home + "/out")
        assert done.code in (0, 1) and done.err == "", done.err
        found = os.stat(home + "/out")
        assert (found.st_uid, found.st_gid) == (65534, 65534) and found.st_size > 0
        for words in (["-oJ", "/etc/passwd"], ["-oJ", home + "/../of-root"], ["-iL", "/etc/shadow", "127.0.0.1"]):
            done = scan(prefix, binary, *words, *["127.0.0.1"] * ("-oJ" in words))
            assert done.code == 2 and "Permission denied" in done.err
            assert ("opened as the user who called it; let the shell open it" in done.err) == (how == "sudo")


@real_root
@only_rsyn
def test_a_shell_of_sudo_is_roots(binary, home):
    """It has the variables of sudo, too; but what it starts is root's, as before."""
    os.mkdir(home + "/kept", 0o700)
    with allow_sudo():
        done = net.run(*NOBODY, "sudo", "-n", "sh", "-c", f"{binary} -p 9 -c 1 -oJ {home}/kept/out 127.0.0.1", cwd="/")
    assert done.code in (0, 1) and done.err == "", done.err
    assert os.stat(home + "/kept/out").st_uid == 0


@real_root
@only_rsyn
@pytest.mark.parametrize("uid", ["0", "-1", "65534x", "4294967295", ""])
def test_a_nonsense_user_of_sudo_is_none(binary, home, uid):
    variables = ["env", f"SUDO_UID={uid}", "SUDO_GID=65534", f"SUDO_COMMAND={binary} -p 9"]
    assert scan(variables, binary, "-oJ", home + "/../of-root", "127.0.0.1").code in (0, 1)
    assert os.stat(home + "/../of-root").st_uid == 0


@real_root
@only_rsyn
def test_root_in_a_folder_of_another(binary, home):
    for words, way in (["-oJ", home + "/out"], "> FILE"), (["-iL", home + "/list"], "< FILE"):
        done = scan([], binary, *words, *["127.0.0.1"] * (way == "> FILE"))
        assert done.code == 2 and done.err == (
            f"rsyn: {'-iL ' * (words[0] == '-iL')}{words[1]}: Permission denied: root keeps only CAP_NET_RAW here, which opens no "
            f"files of other users; let the shell open it, with - in its place and {way}\n")
    done = net.run("sh", "-c", f"{binary} -p 9 -c 1 -iL - -oJ - < {home}/list > {home}/out", cwd="/")
    assert done.code in (0, 1) and os.path.getsize(home + "/out") > 0


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-"])
def test_no_descriptor_for_a_closed_one(binary, closed):
    """A socket must not take its place."""
    done = net.run("unshare", "-m", "sh", "-c", f"mount -t tmpfs none /dev && exec {binary} -p 9 -c 1 127.0.0.1 {closed}", cwd="/")
    assert (done.code, done.out) == (2, "")
    assert ("/dev/null cannot take its place: No such file" in done.err) == (closed != "2>&-")


# What iputils does not allow ordinary users, in both tools; and as much of it as they may.
FREE = ["-c", "2", "-i", "0.002"]
FLOODS = {
    "rping": [["-f"], ["-i", "0.0019"], ["-i", "0"], ["-l", "4"], ["-i", "0.9", "-b"], ["-A", "-i", "0.001"]],
    "rsyn": [["-i", "0.0019"], ["-i", "0.003", "127.0.0.2"], ["-g", "1023"]],
}


def refused_as(text):
    return re.search(r"cannot flood|minimal interval|cannot set preload|below 1024 are root's", text)


def limited(prefix, path, folder="/"):
    """Whether each of these is refused; and a mark is left out with a warning."""
    tool = os.path.basename(path)
    port = [] if tool == "rping" else ["-p", "22"]
    verdicts = []
    for flood in FLOODS[tool]:
        done = net.run(*prefix, path, *port, "-c", "2", *flood, "127.0.0.1", cwd=folder)
        assert (done.code == 2) == bool(refused_as(done.err)), (flood, done.err)
        verdicts.append(done.code == 2)
    done = net.run(*prefix, path, *port, *FREE, "127.0.0.1", cwd=folder)
    assert done.code in (0, 1) and done.err == "", done.err
    if tool == "rping":
        marked = net.run(*prefix, path, *FREE, "-m", "7", "127.0.0.1", cwd=folder)
        assert marked.code == 0
        verdicts.append(marked.err == "rping: failed to set mark: 7: Operation not permitted\n")
    else:
        done = net.run(*prefix, path, "--min-rate", "501", "-p", "22", "127.0.0.1", cwd=folder)
        verdicts.append(done.code == 2 and "cannot flood" in done.err)
    assert len(set(verdicts)) == 1, verdicts
    return verdicts[0]


@real_root
def test_limits_of_ordinary_users(binary):
    """The real user counts: a file capability and a set-user-ID start lift no limit, sudo does."""
    subprocess.run(["setcap", "cap_net_raw+ep", binary], check=True)
    assert limited(NOBODY, binary)
    subprocess.run(["setcap", "-r", binary], check=True)
    os.chmod(binary, 0o4755)
    assert limited(NOBODY, binary)
    os.chmod(binary, 0o755)
    assert not limited([], binary)
    if shutil.which("sudo"):
        with allow_sudo():
            assert not limited([*NOBODY, "sudo", "-n"], binary)


@real_root
def test_root_of_a_user_namespace_is_root_there(binary):
    inside = [*NOBODY, "unshare", "--user", "--map-root-user", "--net"]
    if net.run(*inside, "true", cwd="/").code:
        pytest.skip("no user namespaces here")
    assert not limited([*inside, "sh", "-c", 'ip link set lo up; exec "$0" "$@"'], binary)


@real_root
@pytest.mark.parametrize("binary", ["rsyn"], indirect=True)
def test_the_systems_own_bound_of_ports(binary, lo):
    """Where everybody may bind to port 53, everybody may probe from it."""
    subprocess.run(["setcap", "cap_net_raw+ep", binary], check=True)
    lo.sysctl("net.ipv4.ip_unprivileged_port_start", 53)
    try:
        for port, code in ((53, 1), (52, 2)):
            done = lo.run(*NOBODY, binary, "-g", port, "-p", "22", "127.0.0.1", cwd="/")
            assert done.code == code, done.err
    finally:
        lo.sysctl("net.ipv4.ip_unprivileged_port_start", 1024)


def without_capability(path, *arguments):
    """Runs it with no capability at all: as nobody, or where there is only one user, with an empty bounding set."""
    return net.run("setpriv", "--bounding-set=-all", "--inh-caps=-all", path, *arguments, cwd="/")


def refused(done, binary):
    assert (done.code, done.out, len(done.err.splitlines())) == (2, "", 1), done.err
    assert done.err.startswith(os.path.basename(binary) + ": no permission to open a raw socket")
    return done.err


def test_no_capability_may_be_had(binary):
    """Setting the file's would not help where the bounding set lacks it."""
    err = refused(without_capability(binary, *COMMANDS[os.path.basename(binary)]), binary)
    assert "--cap-add NET_RAW" in err and "setcap" not in err


@real_root
@pytest.mark.parametrize("capable", [False, True], ids=["plain", "capable"])
@pytest.mark.parametrize("how, advice", [([], "sudo setcap cap_net_raw+p PATH"), (["setpriv", "--no-new-privs"], "no_new_privs is set, and "),
                                         (["nosuid"], "nosuid")], ids=["", "no-new-privs", "nosuid"])
def test_advice_without_permission(binary, how, advice, capable):
    """What is advised has effect: setcap where it would count, else what keeps it from counting."""
    if how == ["nosuid"]:
        net.must("mount", "-o", "remount,nosuid", os.path.dirname(binary))
        how = []
        advice = advice if capable else "sudo setcap cap_net_raw+p PATH"
    if capable:
        net.must("setcap", "cap_net_raw+ep", binary)
    done = net.run(*NOBODY, *how, binary, "-c", "1", *COMMANDS[os.path.basename(binary)][4:], cwd="/")
    if capable and "setcap" in advice:
        assert done.code in (0, 1), done.err  # nothing is in the way
        return
    err = refused(done, binary)
    assert advice.replace("PATH", binary) in err
    assert "setcap" not in err or "setcap" in advice
    assert "no-new-privs" not in " ".join(how) or ("does not count" if capable else "would not count") in err


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


# What touches the kernel in ways of its own: the terminal and local time, fragments, routes, stamps, files, XML's library.
LINES = [
    "rping -c 3 -i 0.1 --timestamps=iso -R -v 127.0.0.1",
    "rping -c 2 -i 0.1 -s 40000 --decode -A 127.0.0.1",
    "rping -f -q -c 3000 --breakdown --percentiles 127.0.0.1",
    "rping --json -c 2 -i 0.1 --require loss<1% localhost",
    "rsyn -p 1-3000 -v --stats-every 0.1 --max-rate 8000 127.0.0.1",
    "rsyn -p - -q 127.0.0.1",
    "rsyn -p 80 -oA FOLDER/all -oC FOLDER/csv 127.0.0.0/26",
    "rsyn -q --wait-open 0.6 -x 127.0.0.1:9",
    "rsyn -c 20 -i 0.02 -p 9 127.0.0.1",
]


@pytest.mark.parametrize("line", LINES)
def test_nothing_that_is_needed_is_refused(lo, tmp_path, line):
    """ENOSYS is the filter's word, and nobody else's on a kernel of today; a program killed ends by SIGSYS."""
    tool, *arguments = line.replace("FOLDER", str(tmp_path)).split()
    if not filtered(net.tool(tool)):
        pytest.skip("built without the filter")
    done = lo.run("strace", "-f", "-e", "raw=sendmmsg,recvmmsg", "-o", tmp_path / "calls", net.tool(tool), *arguments)
    assert done.code in (0, 1), done.err
    before, _, after = (tmp_path / "calls").read_text().partition("prctl(PR_SET_SECCOMP")
    assert before and len(after.splitlines()) > 5, before
    assert not re.findall(r".*ENOSYS.*|.*SIGSYS.*", after)


def test_kernel_without_filters(lo, binary):
    """It goes on without, as it does where the build had no libseccomp."""
    unfiltered = os.path.join(os.path.dirname(__file__), "../lib/unfiltered.py")
    command = ["/usr/bin/python3", unfiltered, binary, "-i", "0.01", "-c", "20", *COMMANDS[os.path.basename(binary)][4:]]
    done = lo.run(*command)
    assert done.code in (0, 1) and done.err == "" and "20 packets transmitted" in done.out
    assert "every call stays allowed" in lo.run(*command, "-v").err
    assert "\nsystem-call filter: no" in lo.run(*command, "-V").out
