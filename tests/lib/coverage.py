# SPDX-License-Identifier: MIT
"""coverage.py JSON GOAL: gcovr's figures by file and folder; of the pure layers, the lines left and the total."""
import collections
import json
import os
import sys

PURE = ("base", "wire", "probe", "target", "plan", "core")


def ranges(numbers):
    """[1, 2, 3, 7] as 1-3, 7."""
    spans = []
    for number in numbers:
        if spans and number == spans[-1][1] + 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in spans)


def row(name, hit, lines):
    print(f"{name:<28} {hit:6} of {lines:6} lines  {100 * hit / max(lines, 1):6.2f} %")


def main(path, goal):
    with open(path, encoding="utf-8") as file:
        files = json.load(file)["files"]
    folders = collections.defaultdict(lambda: [0, 0])
    left = []
    for one in sorted(files, key=lambda one: one["file"]):
        counts = {}
        for line in one["lines"]:
            if not line.get("gcovr/noncode"):
                counts[line["line_number"]] = counts.get(line["line_number"], 0) + line["count"]
        hit = sum(count > 0 for count in counts.values())
        layer = one["file"].split("/")[1]
        folders[layer][0] += hit
        folders[layer][1] += len(counts)
        row(one["file"], hit, len(counts))
        if layer in PURE and hit < len(counts):
            left.append((one["file"], sorted(number for number, count in counts.items() if count == 0)))
    print()
    for layer, (hit, lines) in sorted(folders.items()):
        row(f"src/{layer}", hit, lines)
    print("\nLines of the pure layers that no test runs:")
    for name, numbers in left:
        print(f"{name}: {ranges(numbers)}")
        with open(name, encoding="utf-8") as file:
            text = file.read().splitlines()
        for number in numbers:
            print(f"    {number:4} {text[number - 1].strip()}")
    hit, lines = (sum(folders[layer][i] for layer in PURE) for i in (0, 1))
    print()
    row("pure layers", hit, lines)
    if 100 * hit < float(goal) * lines:
        sys.exit(f"below {goal} %")


os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
main(*sys.argv[1:])
