# SPDX-License-Identifier: MIT
"""Runs meson suites in several build trees and counts every single test case.

usage: suites.py TREE[:SUITE,...]... -- SUITE...

A tree with suites of its own runs only these.

The suite "fuzzing" has builds of its own, and runs once. A skipped case is a failure under CI unless tests/skips.txt
has its reason.

A test program that prints TAP counts line by line, one that runs pytest counts by pytest's closing line, any other
counts as one. A program that fails without a failed case (a crash, a sanitizer's report) is one more failure.
A name that a suite leaves in the root of the sources or of the build, as an output that went astray, is a failure, too.
Ends with "N passed, N failed[, N skipped]" alone on the last line.
"""
import json
import os
import re
import subprocess
import sys
import time

TAP_LINE = re.compile(r"^(not )?ok\b(?:.*?#\s*(SKIP|TODO))?", re.MULTILINE | re.IGNORECASE)
TAP_SKIP = re.compile(r"^ok\b.*?#\s*SKIP\s*(.*)$", re.MULTILINE | re.IGNORECASE)
PYTEST_SKIP = re.compile(r"^SKIPPED \[(\d+)\] (.*)$", re.MULTILINE)
PYTEST_END = re.compile(r"^=*\s*((?:\d+ \w+(?:, )?)+) in [\d.]+s.*$", re.MULTILINE)


def count(test):
    """(passed, failed, skipped) of one entry of meson's testlog.json."""
    text = test.get("stdout", "")
    passed = failed = skipped = 0
    pytest = PYTEST_END.findall(text)
    if pytest:
        for number, word in re.findall(r"(\d+) (\w+)", pytest[-1]):
            passed += int(number) * (word in ("passed", "xfailed"))
            failed += int(number) * (word in ("failed", "error", "errors", "xpassed"))
            skipped += int(number) * (word == "skipped")
    else:
        for bad, directive in TAP_LINE.findall(text):
            if directive:
                skipped += 1
            elif bad:
                failed += 1
            else:
                passed += 1
    good = test["result"] in ("OK", "EXPECTEDFAIL")
    if test["result"] == "SKIP":
        skipped = max(skipped, 1)
    elif not good and not failed:
        failed += 1
    elif good and not passed + failed + skipped:
        passed = 1
    return passed, failed, skipped


def allowed_skips():
    """The reasons of tests/skips.txt, as regular expressions."""
    path = os.path.join(os.path.dirname(__file__), "../skips.txt")
    lines = [line.strip() for line in open(path)]
    return [re.compile(line) for line in lines if line and not line.startswith("#")]


def unexplained_skips(test, allowed):
    """The skips of one test program that no line of tests/skips.txt allows: how many, with their reasons."""
    text = test.get("stdout", "")
    reasons = [(int(number), reason) for number, reason in PYTEST_SKIP.findall(text)]
    reasons += [(1, reason) for reason in TAP_SKIP.findall(text)]
    if not reasons and count(test)[2]:
        reasons = [(count(test)[2], f"{test['name']} gives no reason")]
    return [(number, reason) for number, reason in reasons if not any(one.search(reason) for one in allowed)]


def lying_about(trees):
    """What is in the roots of the sources and of the builds, where tests leave nothing."""
    roots = [os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."), *(tree.partition(":")[0] for tree in trees)]
    return {os.path.normpath(os.path.join(root, name)) for root in roots for name in os.listdir(root)}


def run_suite(tree, suite):
    """The entries of testlog.json after running one suite."""
    log = os.path.join(tree, "meson-logs", "testlog.json")
    if os.path.exists(log):
        os.remove(log)
    # End-to-end tests mostly wait for time to pass, so more of them run at once than there are cores.
    processes = (os.cpu_count() or 1) * (2 if suite == "e2e" else 1)
    command = ["meson", "test", "-C", tree, "--no-rebuild", "--suite", suite, "--quiet",
               "--num-processes", str(processes), "--timeout-multiplier", os.environ.get("TIMEOUTS", "1")]
    ran = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if not os.path.exists(log):
        if "No suitable tests" not in ran.stdout and "No tests defined" not in ran.stdout:
            print(ran.stdout)
        return []
    with open(log) as lines:
        return [json.loads(line) for line in lines if line.strip()]


def main():
    split = sys.argv.index("--")
    trees, suites = sys.argv[1:split], sys.argv[split + 1:]
    strict = os.environ.get("CI", "") not in ("", "0", "false")
    allowed = allowed_skips()
    total = [0, 0, 0]
    before = lying_about(trees)
    for suite in suites:
        for tree, _, only in (tree.partition(":") for tree in (trees[:1] if suite == "fuzzing" else trees)):
            if only and suite not in only.split(","):
                continue
            start = time.monotonic()
            tests = run_suite(tree, suite)
            here = [0, 0, 0]
            for test in tests:
                numbers = count(test)
                here = [a + b for a, b in zip(here, numbers)]
                for number, reason in unexplained_skips(test, allowed):
                    print(f"---- {os.path.basename(tree)}: {test['name']}: {number} skipped: {reason}")
                    here[1] += number * strict
                if numbers[1]:
                    print(f"---- {os.path.basename(tree)}: {test['name']}: {test['result']}")
                    print(test.get("stdout", "")[-12000:])
                    print(test.get("stderr", "")[-4000:])
            note = ""
            if not tests:
                note = "  (no tests)"
                here[1] += strict
            elif here[2] and not here[0] + here[1]:
                note = "  (the whole suite was skipped)"
                here[1] += strict
            print(f"{os.path.basename(tree):9} {suite:7} {here[0]:5} passed {here[1]:3} failed {here[2]:3} skipped "
                  f"{time.monotonic() - start:6.1f} s{note}", flush=True)
            total = [a + b for a, b in zip(total, here)]
    for path in sorted(lying_about(trees) - before):
        print(f"---- left behind by a test: {path}")
        total[1] += 1
    # An asked-for suite without a single test is a mistake in its name.
    failed = total[1] + (not any(total))
    print(f"{total[0]} passed, {failed} failed" + (f", {total[2]} skipped" if total[2] else ""))
    sys.exit(1 if failed else 0)


main()
