# SPDX-License-Identifier: MIT
"""The completions in the real shells: each shell runs on a terminal, a line is typed up to TAB and sent off, and a
stand-in for the tool notes the arguments that it is given. It is called once for each line: completing never runs it.

Hosts, services and interfaces are our own, by a private mount table and network. Run by meson, or by hand:

RPROBE_BIN=build/test/src tests/lib/private.sh /usr/bin/python3 -m pytest tests/e2e/test_completions.py
"""
import fcntl
import os
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import termios
import time

import pytest

COMPLETIONS = os.path.join(os.path.dirname(os.path.abspath(os.environ["RPROBE_BIN"])), "completions")
TOOLS = ["rping", "rsyn"]
SHELLS = ["bash", "bash-completion", "zsh", "fish"]
BASH_COMPLETION = "/usr/share/bash-completion/bash_completion"

SERVICES = """\
# commented  9/tcp
ssh          22/tcp
domain       53/tcp   nameserver
domain       53/udp
http         80/tcp   www
https       443/tcp
tftp         69/udp
z$(id>pwned)  7/tcp
"""
HOSTS = "127.0.0.1 localhost\n192.0.2.1 alpha.example\n"
KNOWN_HOSTS = "known.example,192.0.2.7 ssh-ed25519 AAAA\n|1|c2FsdA==|aGFzaA== ssh-ed25519 AAAA\n"
ODD_INTERFACE = "w$(id>pwned)"

# Runs a command where these files and interfaces are the system's.
PRIVATE = """
mount --bind "$WORLD/services" /etc/services &&
mount --bind "$WORLD/hosts" /etc/hosts &&
mount -t sysfs sysfs /sys &&
ip link add vethone type veth peer name "$ODD_INTERFACE" &&
exec "$@"
"""

# What is typed, and the arguments that the tool then gets.
UNIQUE = [
    ("rsyn -p ss", ["-p", "ssh"]),
    ("rsyn -p ssh,dom", ["-p", "ssh,domain"]),
    ("rsyn -p 22,8000-8100,dom", ["-p", "22,8000-8100,domain"]),
    ("rsyn --ports dom", ["--ports", "domain"]),
    ("rsyn --ports=ssh,dom", ["--ports=ssh,domain"]),
    ("rsyn -p z", ["-p", "z$(id>pwned)"]),
    ("rsyn -p tf", ["-p", "tf"]),
    ("rsyn -p comm", ["-p", "comm"]),
    ("rsyn --format js", ["--format", "json"]),
    ("rping --format=js", ["--format=json"]),
    ("rping -W a", ["-W", "auto"]),
    ("rping -e r", ["-e", "random"]),
    ("rping -I veth", ["-I", "vethone"]),
    ("rsyn -e veth", ["-e", "vethone"]),
    ("rping --interface=veth", ["--interface=vethone"]),
    ("rping -I w", ["-I", ODD_INTERFACE]),
    ("rsyn -iL tar", ["-iL", "targets and.txt"]),
    ("rsyn --input-list tar", ["--input-list", "targets and.txt"]),
    ("rping alph", ["alpha.example"]),
    ("rping know", ["known.example"]),
    ("rping -c 1 alph", ["-c", "1", "alpha.example"]),
    ("rping -c1 -q alph", ["-c1", "-q", "alpha.example"]),
    ("rsyn -p ssh alpha.example know", ["-p", "ssh", "alpha.example", "known.example"]),
    ("rping -- alph", ["--", "alpha.example"]),
    ("rping --report-o", ["--report-outstanding"]),
    ("rsyn --op", ["--open"]),
    ("rsyn -Pn alph", ["-Pn", "alpha.example"]),
    ("rsyn --no-p", ["--no-ping"]),
    # behind a colon, and in the option's own word
    ("rsyn alpha.example:dom", ["alpha.example:domain"]),
    ("rsyn alpha.example:22,ssh,dom", ["alpha.example:22,ssh,domain"]),
    ("rsyn 192.0.2.1:80 alpha.example:dom", ["192.0.2.1:80", "alpha.example:domain"]),
    ("rsyn -p22,dom", ["-p22,domain"]),
    ("rsyn -pdom", ["-pdomain"]),
    ("rsyn -Tagg", ["-Taggressive"]),
    ("rsyn -T agg", ["-T", "aggressive"]),
    ("rping -T tso", ["-T", "tsonly"]),
    ("rping -Q af4", ["-Q", "af4"]),
    ("rsyn --tos le", ["--tos", "le"]),
    ("rping -Iveth", ["-Ivethone"]),
    ("rping --require dup", ["--require", "duplicates"]),
    ("rsyn --require sent,dup", ["--require", "sent,duplicates"]),
    # behind --: a command, its files, and what it completes itself
    ("rsyn alpha.example:80 -- onlyst", ["alpha.example:80", "--", "onlystarter"]),
    ("rsyn -p ssh alpha.example -- onlystarter tar", ["-p", "ssh", "alpha.example", "--", "onlystarter", "targets and.txt"]),
    ("rsyn alpha.example:80 -- rping --report-o", ["alpha.example:80", "--", "rping", "--report-outstanding"]),
    ("rsyn alpha.example:80 -- rping -c 1 alph", ["alpha.example:80", "--", "rping", "-c", "1", "alpha.example"]),
    ("rsyn alpha.example:80 -- rsyn -p dom", ["alpha.example:80", "--", "rsyn", "-p", "domain"]),
    # a number is wanted: nothing is offered, and surely no host and no file
    ("rping -c alph", ["-c", "alph"]),
    ("rping --count tar", ["--count", "tar"]),
    ("rping tar", ["tar"]),
]


def world_command(argv):
    return ["unshare", "-nm", "sh", "-c", PRIVATE, "sh", *argv]


@pytest.fixture(scope="session")
def world(tmp_path_factory):
    """A directory with a home, stand-ins for the tools, and the completions as they are installed."""
    path = tmp_path_factory.mktemp("world")
    (path / "services").write_text(SERVICES)
    (path / "hosts").write_text(HOSTS)
    (path / "home/.ssh").mkdir(parents=True)
    (path / "home/.ssh/known_hosts").write_text(KNOWN_HOSTS)
    (path / "home/targets and.txt").write_text("")
    (path / "bin").mkdir()
    for tool in TOOLS:
        stand_in = path / "bin" / tool
        stand_in.write_text('#!/bin/sh\nprintf "%s\\n" "$@" >>"$WORLD/calls.new"\necho . >>"$WORLD/calls.new"\n'
                            'cp "$WORLD/calls.new" "$WORLD/calls.tmp"; mv "$WORLD/calls.tmp" "$WORLD/calls"\n')
        stand_in.chmod(0o755)
    (path / "bin/onlystarter").write_text("#!/bin/sh\n")
    (path / "bin/onlystarter").chmod(0o755)
    for folder, form in [("bash-completion/completions", "{}"), ("zsh/site-functions", "_{}"),
                         ("fish/vendor_completions.d", "{}.fish")]:
        (path / "share" / folder).mkdir(parents=True)
        for tool in TOOLS:
            name = form.format(tool)
            shutil.copy(os.path.join(COMPLETIONS, name), path / "share" / folder / name)
    share = path / "share"
    (path / "home/bashrc").write_text(f"PS1='READY> '\nfor tool in {' '.join(TOOLS)}; do\n"
                                      f". {share}/bash-completion/completions/$tool\ndone\n")
    (path / "home/bashrc-completion").write_text(f"PS1='READY> '\n. {BASH_COMPLETION}\n")
    (path / "home/.zshrc").write_text(f"PS1='READY> '\nfpath=({share}/zsh/site-functions $fpath)\n"
                                      "LISTMAX=0\nautoload -Uz compinit && compinit -u\n")
    (path / "home/.config/fish").mkdir(parents=True)
    (path / "home/.config/fish/config.fish").write_text("function fish_prompt; echo -n 'READY> '; end\n"
                                                        "set -g fish_greeting\n")
    return path


def environment(world):
    home = str(world / "home")
    return {"PATH": f"{world}/bin:/usr/bin:/bin:/usr/sbin:/sbin", "HOME": home, "ZDOTDIR": home, "TERM": "xterm",
            "LC_ALL": "C.UTF-8", "XDG_DATA_DIRS": f"{world}/share:/usr/share", "WORLD": str(world),
            "ODD_INTERFACE": ODD_INTERFACE}


def run(world, *argv):
    done = subprocess.run(world_command(argv), env=environment(world), cwd=world / "home", text=True, timeout=30,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    return done.stdout.splitlines()


class Terminal:
    """A shell on a terminal so large that no list needs a second page."""

    ARGV = {
        "bash": ["bash", "--noprofile", "--rcfile", "bashrc", "-i"],
        "bash-completion": ["bash", "--noprofile", "--rcfile", "bashrc-completion", "-i"],
        "zsh": ["zsh", "-d", "-i"],
        "fish": ["fish", "-i"],
    }

    def __init__(self, world, shell):
        self.world = world
        argv = world_command(self.ARGV[shell])
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(world / "home")
            os.execvpe(argv[0], argv, environment(world))
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 400, 200, 0, 0))
        self.screen = ""
        self.wait(lambda: "READY> " in self.screen)

    def wait(self, done, seconds=60):
        end = time.monotonic() + seconds
        while not done():
            assert time.monotonic() < end, f"on the screen: {self.screen[-2000:]!r}"
            if select.select([self.fd], [], [], 0.02)[0]:
                self.screen += os.read(self.fd, 65536).decode(errors="replace")

    def settle(self):
        """Reads until nothing has come for a while."""
        while select.select([self.fd], [], [], 0.5)[0]:
            self.screen += os.read(self.fd, 65536).decode(errors="replace")

    def words(self):
        """The screen without colours and movements."""
        return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", " ", self.screen)

    def type(self, text):
        os.write(self.fd, text.encode())

    def arguments_after_tab(self, line):
        """What the tool is given when `line` TAB RETURN is typed."""
        for name in ["calls", "calls.new"]:
            (self.world / name).unlink(missing_ok=True)
        self.screen = ""
        self.type(line + "\t\r")
        self.wait((self.world / "calls").exists)
        words = (self.world / "calls").read_text().splitlines()
        assert words.pop() == "." and "." not in words, f"called more than once: {words}"
        return words

    def close(self):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.fd)


@pytest.fixture(scope="session", params=SHELLS)
def terminal(request, world):
    shell = request.param
    if not shutil.which(shell.split("-")[0]) or (shell == "bash-completion" and not os.path.exists(BASH_COMPLETION)):
        pytest.skip(f"{shell} is not installed")
    if subprocess.run(world_command(["true"]), env=environment(world), capture_output=True, check=False).returncode:
        pytest.skip("no private mount table may be made here")
    it = Terminal(world, shell)
    yield it
    it.close()


@pytest.mark.parametrize("line,expected", UNIQUE, ids=[line for line, _ in UNIQUE])
def test_tab_completes(terminal, line, expected):
    pwned = terminal.world / "home/pwned"
    pwned.unlink(missing_ok=True)
    assert terminal.arguments_after_tab(line) == expected
    assert not pwned.exists()


def spellings(tool):
    """Every way to write an option, as the help lists them."""
    optgen = os.path.join(COMPLETIONS, "optgen")
    text = subprocess.run([optgen, tool, "help"], stdout=subprocess.PIPE, text=True, check=True).stdout
    lines = re.findall(r"^ {2,6}(-.*?)(?:  |$)", text, re.M)
    found = {word for line in lines for word in re.findall(r"(?:^|(?<=, ))--?[\w-]+", line)}
    assert {"-c", "--count", "--json", "-h", "--help", "-V", "--version"} <= found
    return found


def from_bash(world, tool, *words):
    script = (f'. "$WORLD/share/bash-completion/completions/{tool}"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); '
              f'_{tool}; printf "%s\\n" "${{COMPREPLY[@]}}"')
    return run(world, "bash", "--norc", "-c", script, "bash", tool, *words)


def from_fish(world, line):
    return [answer.split("\t")[0] for answer in run(world, "fish", "-c", f"complete -C'{line}'")]


@pytest.mark.parametrize("tool", TOOLS)
def test_every_option_is_offered_by_bash(world, tool):
    assert sorted(from_bash(world, tool, "-")) == sorted(spellings(tool))


@pytest.mark.parametrize("tool", TOOLS)
def test_every_option_is_offered_by_fish(world, tool):
    assert set(from_fish(world, f"{tool} -")) == spellings(tool)


@pytest.mark.parametrize("terminal", ["zsh"], indirect=True)
@pytest.mark.parametrize("tool", TOOLS)
def test_every_option_is_offered_by_zsh(terminal, tool):
    """Its list is on the screen."""
    terminal.settle()
    terminal.screen = ""
    terminal.type(f"{tool} -\t")
    wanted = spellings(tool)
    terminal.wait(lambda: wanted <= set(re.findall(r"(?<![\w-])--?[A-Za-z0-9][\w-]*", terminal.words())))
    terminal.type("\x15")


def test_services_are_those_of_tcp(world):
    tcp = ["domain", "http", "https", "ssh"]
    assert sorted(name for name in from_bash(world, "rsyn", "-p", "") if name[0] != "z") == tcp
    assert sorted(name for name in from_fish(world, "rsyn -p ") if name[0] != "z") == tcp
    assert sorted(from_bash(world, "rsyn", "-p", "22,ht")) == ["22,http", "22,https"]
    assert sorted(from_fish(world, "rsyn -p 22,ht")) == ["22,http", "22,https"]
    assert sorted(from_bash(world, "rsyn", "alpha.example", ":", "ht")) == ["http", "https"]
    assert sorted(from_bash(world, "rsyn", "alpha.example:22,ht")) == ["alpha.example:22,http", "alpha.example:22,https"]
    assert sorted(from_bash(world, "rsyn", "-p22,ht")) == ["-p22,http", "-p22,https"]
    assert sorted(from_fish(world, "rsyn alpha.example:ht")) == ["alpha.example:http", "alpha.example:https"]
    assert sorted(from_fish(world, "rsyn -p22,ht")) == ["-p22,http", "-p22,https"]
    assert sorted(from_fish(world, "rsyn --ports=22,ht")) == ["--ports=22,http", "--ports=22,https"]
    assert sorted(from_bash(world, "rsyn", "--ports", "=", "ht")) == ["http", "https"]
    assert sorted(from_bash(world, "rsyn", "--format", "=")) == ["csv", "greppable", "json", "text", "xml"]


def test_measures_and_kinds(world):
    assert sorted(from_bash(world, "rping", "--require", "lo")) == ["loss", "lost"] == sorted(from_fish(world, "rping --require lo"))
    kinds = ["tsandaddr", "tsonly", "tsprespec"]
    assert sorted(from_bash(world, "rping", "-T", "")) == kinds == sorted(from_fish(world, "rping -T "))
    assert {"aggressive", "insane"} <= set(from_bash(world, "rsyn", "-T", "")) & set(from_fish(world, "rsyn -T "))


@pytest.mark.parametrize("terminal", ["zsh"], indirect=True)
@pytest.mark.parametrize("line, wanted", [
    ("rping -T ", {"tsandaddr", "tsonly", "tsprespec"}), ("rsyn -T ", {"paranoid", "aggressive"}), ("rping --require lo", {"loss", "lost"}),
    ("rsyn alpha.example:ht", {"http", "https"}), ("rsyn -p22,ht", {"http", "https"}),
])
def test_lists_of_zsh(terminal, line, wanted):
    terminal.settle()
    terminal.screen = ""
    terminal.type(f"{line}\t\t")
    terminal.wait(lambda: wanted <= set(re.findall(r"\w+", terminal.words())))
    terminal.type("\x15")


def test_interfaces(world):
    assert sorted(from_fish(world, "rping -I ")) == sorted(["lo", "vethone", ODD_INTERFACE])
    assert len(from_bash(world, "rping", "-I", "")) == 3
