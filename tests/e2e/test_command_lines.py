# SPDX-License-Identifier: MIT
"""Command lines of both tools: what means the same has the same name in both."""
import net

HERE = "127.0.0.1"
BASE = {"rping": ["-c", "1", HERE], "rsyn": ["-p", "9", "--expect", "closed", HERE]}
BOTH = ["rping", "rsyn"]


def both(lo, *words, code=0):
    for tool in BOTH:
        done = lo.run(tool, *words, *BASE[tool])
        assert done.code == code, done.err
        yield done


def test_source_and_interface(lo):
    """An address that is not that of the route: loopback has a whole network of them."""
    for words in (["--source", "127.0.0.2"], ["--interface", "lo", "--source=127.0.0.2"], ["--interface", "127.0.0.2"]):
        with lo.capture("lo") as packets:
            list(both(lo, *words))
        sent = [packet for packet in packets if packet.dst == HERE and packet.src != HERE]
        assert {packet.src for packet in sent} == {"127.0.0.2"} and {packet.proto for packet in sent} == {1, 6}, words
    for words in (["--source", "lo"], ["--source", "0.0.0.0"], ["--source", "224.0.0.1"]):
        for done in both(lo, *words, code=2):
            assert "--source" in done.err and f"'{words[1]}'" in done.err


def test_formats(lo, tmp_path):
    for spelling in (["--json"], ["-j"], ["--format", "json"], ["-oJ", "-"], ["--output-json", "-"]):
        for done in both(lo, *spelling):
            assert net.json_lines(done.out)[-1]["event"] == "run"
    for spelling in (["--csv"], ["--format=csv"], ["-oC", "-"], ["--output-csv", "-"]):
        for done in both(lo, *spelling):
            assert {line.count(",") for line in done.out.splitlines()} == {done.out.splitlines()[0].count(",")}
    for tool, done in zip(BOTH, both(lo, "-oJ", tmp_path / "json", "-oC", tmp_path / "csv", "-oN", tmp_path / "text", "-q")):
        text = (tmp_path / "text").read_text()
        assert net.json_lines((tmp_path / "json").read_text())[0]["tool"] == tool
        assert (tmp_path / "csv").read_text().count(HERE) >= 1
        assert "icmp_seq=1 " in text if tool == "rping" else "9/tcp" in text
        assert "icmp_seq=1 " not in done.out and "9/tcp" not in done.out


def test_family(lo):
    list(both(lo, "-4"))
    for words in (["-6"], ["--ipv6"]):
        for done in both(lo, *words, code=2):
            assert "-6: only IPv4 is spoken" in done.err
    for done in both(lo, "-46", code=2):
        assert "-4" in done.err and "-6" in done.err


def test_class_of_service(lo):
    for word, value in (("ef", 184), ("AF21", 72), ("0x10", 16), ("7", 7)):
        with lo.capture("lo") as packets:
            list(both(lo, "--tos", word))
        assert {packet.tos for packet in packets if packet.proto in (1, 6)} >= {value}
    for word in ("256", "-1", "nonsense"):
        for done in both(lo, "--tos", word, code=2):
            assert "--tos" in done.err and f"'{word}'" in done.err
