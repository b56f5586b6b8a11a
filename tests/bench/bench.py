# SPDX-License-Identifier: MIT
"""What the benchmarks share: the release build, a private network, the truth on the wire, busy loops, tables."""
import argparse
import contextlib
import datetime
import os
import platform
import shutil
import signal
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
PRIVATE = os.path.join(ROOT, "tests/lib/private.sh")
INSIDE = "BENCH_INSIDE"

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(ROOT, "tests/lib"))


def arguments(text):
    return argparse.ArgumentParser(description=text, formatter_class=argparse.RawDescriptionHelpFormatter)


def enter(*needs):
    """Builds a release in build/bench (or takes $RPROBE_BIN, a build tree's src); starts over in a private network.
    needs: commands without which there is no result."""
    if INSIDE in os.environ:
        os.chdir(tempfile.mkdtemp())
        for number in signal.SIGINT, signal.SIGTERM:  # everything that was started is ended
            signal.signal(number, lambda number, _: sys.exit(128 + number))
        return
    missing = [command for command in needs if not shutil.which(command)]
    if os.geteuid() != 0 or missing:
        sys.exit(f"{os.path.basename(sys.argv[0])} needs {', '.join(missing) or 'root'}")
    if "RPROBE_BIN" not in os.environ:
        tree = os.path.join(ROOT, "build/bench")
        if not os.path.exists(os.path.join(tree, "build.ninja")):
            subprocess.run(["meson", "setup", "--buildtype=release", "-Db_lto=true", "-Dprefer_static=true", tree, ROOT],
                           check=True, stdout=subprocess.DEVNULL)
        subprocess.run(["ninja", "-C", tree, "--quiet"], check=True, stdout=sys.stderr)
        os.environ["RPROBE_BIN"] = os.path.join(tree, "src")
    os.environ["RPROBE_BIN"] = os.path.abspath(os.environ["RPROBE_BIN"])
    os.environ[INSIDE] = "1"
    os.execv(PRIVATE, [PRIVATE, sys.executable, "-B", os.path.abspath(sys.argv[0]), *sys.argv[1:]])


def built(path):
    """A program of the build tree that holds $RPROBE_BIN."""
    return os.path.join(os.path.dirname(os.environ["RPROBE_BIN"]), path)


def installed(name):
    return name in ("rping", "rsyn") or shutil.which(name) is not None


def machine():
    """One line: date, commit, kernel, processors."""
    with open("/proc/cpuinfo") as file:
        model = next((line.split(":")[1].strip() for line in file if line.startswith("model name")), "?")
    try:
        kind = subprocess.run(["systemd-detect-virt", "--vm"], stdout=subprocess.PIPE, text=True).stdout.strip()
    except OSError:
        kind = "?"
    described = subprocess.run(["git", "-C", ROOT, "describe", "--always", "--dirty"], stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL, text=True)
    commit = described.stdout.strip() or "?"
    return f"{datetime.date.today()}, commit {commit}, Linux {platform.release()}, {os.cpu_count()} x {model}, virtualization: {kind}"


def percentile(values, share):
    """The smallest value that is not below that share of all (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * share // 100) - 1)] if ordered else float("nan")


def median(values):
    ordered = sorted(values)
    middle = len(ordered) // 2
    if not ordered:
        return float("nan")
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def ratio(ours, theirs):
    """The median of the ratios inside each round."""
    return median([one / other for one, other in zip(ours, theirs)])


def table(head, rows):
    """A Markdown table; numbers are shown with as many digits as they deserve."""
    def cell(value):
        if not isinstance(value, float):
            return str(value)
        return f"{value:.3f}" if abs(value) < 1 else f"{value:.1f}" if abs(value) < 1000 else f"{value:.0f}"

    print("| " + " | ".join(head) + " |")
    print("|" + "---|" * len(head))
    for row in rows:
        print("| " + " | ".join(cell(value) for value in row) + " |")
    print(flush=True)


def goal(name, text, value, limit):
    """One line of the verdict."""
    print(f"- {name}: {text}: {value:.3f} (goal: at most {limit}): {'met' if value <= limit else 'MISSED'}")


class Capture:
    """The truth on a device. read() ends it: (sent_ns, answered_ns or 0, ICMP sequence or None), in sending order."""

    def __init__(self, namespace, device):
        self.process = subprocess.Popen(namespace.argv([built("tests/bench/wirecap"), device]), text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        if self.process.stdout.readline() != "ready\n":
            raise RuntimeError("wirecap did not start")

    def read(self):
        out, _ = self.process.communicate("", timeout=60)
        if self.process.returncode != 0:
            raise RuntimeError("the capture is not whole")
        lines = [[int(word) for word in line.split()] for line in out.splitlines()]
        return [(line[0], line[1], line[2] if len(line) > 2 else None) for line in lines]


@contextlib.contextmanager
def busy(count):
    """So many loops that want all of a processor."""
    loops = [subprocess.Popen(["sh", "-c", "while :; do :; done"]) for _ in range(count)]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


def rotated(items, number):
    """The order of one round: each round begins with another contender."""
    number %= len(items)
    return items[number:] + items[:number]
