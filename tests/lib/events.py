# SPDX-License-Identifier: MIT
"""Every JSON line that a test reads passes here: against the published schema, and against what no schema can say of a stream.

jsonschema takes a millisecond for a line, and some runs have 100,000. The schema asks only for types, for words that it lists and
for bounds, so lines that are alike in these are validated once (shape())."""
import bisect
import functools
import json
import os

import jsonschema

PATH = os.path.join(os.path.dirname(__file__), "../../src/out/events-2.schema.json")
PARTS = ("received", "lost", "late", "in_flight")


@functools.lru_cache(maxsize=None)
def schema():
    """The schema; its $defs has each event under its name."""
    with open(PATH, encoding="utf-8") as file:
        return json.load(file)


def names():
    """Every event there is."""
    return [one["$ref"].rsplit("/", 1)[1] for one in schema()["oneOf"]]


def walk(node):
    """Every object in the schema."""
    if isinstance(node, dict):
        yield node
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from walk(child)


@functools.lru_cache(maxsize=None)
def words():
    """Every value that the schema asks for literally."""
    return {str(word) for node in walk(schema()) for word in [*node.get("enum", ()), *([node["const"]] if "const" in node else ())]}


@functools.lru_cache(maxsize=None)
def bounds():
    return sorted({node[name] for node in walk(schema()) for name in ("minimum", "maximum") if isinstance(node.get(name), int)} | {1})


@functools.lru_cache(maxsize=None)
def validator(event):
    """Of one event: quicker, and with a clearer complaint, than of all of them, and the same (test_json_schema.py)."""
    return jsonschema.Draft202012Validator({"$ref": f"#/$defs/{event}", "$defs": schema()["$defs"]})


def shape(value):
    """Equal for values between which the schema sees no difference."""
    if isinstance(value, dict):
        return tuple((name, shape(one)) for name, one in value.items())
    if isinstance(value, list):
        return ("list", *map(shape, value))
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return value if value in words() else ("text", value == "")
    return type(value), bisect.bisect_left(bounds(), value), bisect.bisect_right(bounds(), value)


_valid = set()


def validate(line):
    event = line.get("event")
    assert event in names(), line
    alike = shape(line)
    if alike in _valid:
        return
    wrong = [f"{'/'.join(map(str, error.path))} {error.message}" for error in validator(event).iter_errors(line)]
    assert not wrong, (wrong, line)
    _valid.add(alike)


def check_numbers(line):
    """What the numbers of one line say of each other."""
    if "in_flight" in line:
        assert line["sent"] == sum(line[name] for name in PARTS), line
        decided = line["sent"] - line["in_flight"]
        loss = 100 * line["lost"] / decided if decided else 100
        assert abs(line["loss_percent"] - loss) < 1e-9, line
    if "rtt_ns" in line:
        assert (line["rtt_ns"] is None) == (line["rtt_ms"] is None) == ("clock" not in line), line
        assert line["rtt_ns"] is None or abs(line["rtt_ms"] * 1e6 - line["rtt_ns"]) < 1, line
    if line["event"] == "host" and line["complete"]:
        assert line["unknown"] == 0 and line.get("in_flight", 0) == 0, line


def check_whose(line, start):
    """TCP names ports, a series numbers its probes, a scan its tries."""
    probe = {"$ref": "#/$defs/probe_of"} in schema()["$defs"][line["event"]]["allOf"]
    if not probe or line["event"] in ("suspect", "omitted"):
        return
    tcp, scan = start["probe"] == "tcp-syn", start["plan"] == "scan"
    assert ("port" in line, "seq" in line, "try" in line) == (tcp, not scan, scan), line


def check(lines, whole=True, ordered=True):
    """The lines of one run, or the first so many of it (not whole). `ordered`: they come from a real clock."""
    ended = {}
    for line in lines:
        validate(line)
        check_numbers(line)
        who = line.get("host"), line.get("address")
        assert who not in ended, f"{line} follows {ended[who]}"
        if line["event"] == "host":
            ended[who] = line
    events = [line["event"] for line in lines]
    assert events[:1] == ["start"] and events.count("start") == 1, lines[:1]
    assert "run" not in events[:-1], lines[-1]
    assert not whole or events[-1] == "run", lines[-1]
    assert "verdict" not in events or (events.count("verdict") == 1 and events[events.index("verdict") + 1:] == ["run"]), lines[-3:]
    for line in lines:
        check_whose(line, lines[0])
    if not ordered:
        return
    for before, line in zip(lines, lines[1:]):
        assert before["time_ns"] <= line["time_ns"], (before, line)
    if whole:
        assert 0 <= lines[-1]["duration_ns"] <= lines[-1]["time_ns"] - lines[0]["time_ns"], (lines[0], lines[-1])


def read(text, whole=True, ordered=True):
    """The lines of a run, checked. Text that is no stream of ours is no concern of this module."""
    lines = [json.loads(line) for line in text.splitlines()]
    if lines:
        check(lines, whole, ordered)
    return lines
