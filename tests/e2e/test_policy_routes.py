# SPDX-License-Identifier: MIT
"""Which way probes leave under policy rules, with every selector of `ip rule` that a raw socket can be selected by: the same
way as real ping's, and as a connection that the kernel itself opens. And what this host's own queue is told of them."""
import os
import re
import shutil
import socket

import pytest

import net

TARGET, PORT = "10.99.0.1", 22
FIRST, SECOND = "10.66.11.2", "10.66.12.2"


class Uplinks(net.Network):
    """a has two uplinks, w1 (default) and w2 (table 12). Both providers have the target, and each answers its own subnet only."""

    def __init__(self):
        super().__init__()
        self.a = self.namespace("a")
        self.providers = []
        for number in 11, 12:
            provider = self.namespace("b")
            self.link(self.a, f"10.66.{number}.2/24", provider, f"10.66.{number}.1/24", names=(f"w{number - 10}", "g"))
            provider.do(f"ip address add {TARGET}/32 dev lo")
            for device in "all", "g":
                provider.sysctl(f"net.ipv4.conf.{device}.rp_filter", 0)
            provider.nft(f"counter n {{ }}\nchain c {{ type filter hook prerouting priority 0; "
                         f"ip daddr {TARGET} icmp type echo-request counter name n; "
                         f"ip daddr {TARGET} tcp flags == syn counter name n; }}")
            provider.listen(PORT)
            self.providers.append(provider)
        for device in "all", "w1", "w2":
            self.a.sysctl(f"net.ipv4.conf.{device}.rp_filter", 0)
        self.a.do("ip route add default via 10.66.11.1")
        self.a.do("ip route add default via 10.66.12.1 table 12")

    def packets(self):
        """How many echo requests and SYNs came to each provider so far; not the RSTs of our own kernel, which has its own way."""
        return [int(re.search(r"packets (\d+)", provider.do("nft list counters").out)[1]) for provider in self.providers]

    def way(self, run):
        """By which uplink what run() does leaves (1, 2, or 0: none), and what it returns."""
        before = self.packets()
        result = run()
        first, second = (after - was for after, was in zip(self.packets(), before))
        assert first == 0 or second == 0, (first, second)
        return (1 if first else 2 if second else 0), result


@pytest.fixture(scope="module")
def uplinks():
    network = Uplinks()
    yield network
    network.close()


@pytest.fixture
def rule(uplinks):
    rules = []

    def add(selector, action="lookup 12"):
        uplinks.a.do(f"ip rule add {selector} {action}")
        rules.append(f"{selector} {action}")

    yield add
    for line in rules:
        uplinks.a.do(f"ip rule del {line}")


# What `ip rule` selects by; then what ping and rping are given, and what rsyn is and how a socket of the kernel's is told the
# same; None: the tool has no such option.
SELECTORS = [
    (f"from {SECOND}", [], [], {}),
    (f"from {SECOND}", ["-I", SECOND], ["-S", SECOND], {"bind": SECOND}),
    (f"from {SECOND}", ["-B"], None, None),
    (f"from {FIRST}", [], [], {}),
    ("to 10.99.0.0/16", [], [], {}),
    ("to 10.98.0.0/16", [], [], {}),
    ("fwmark 7", ["-m", "7"], None, None),
    ("fwmark 7", ["-m", "8"], None, None),
    ("tos 0x10", ["-Q", "0x10"], ["--tos", "16"], {"tos": 16}),
    ("tos 0x10", ["-Q", "0x08"], ["--tos", "8"], {"tos": 8}),
    ("tos 0x10", [], [], {}),
    ("oif w2", ["-I", "w2"], ["-e", "w2"], {"device": "w2"}),
    ("oif w2", ["-I", "w1"], ["-e", "w1"], {"device": "w1"}),
    ("oif w2", [], [], {}),
    ("uidrange 0-0", [], [], {}),
    ("not uidrange 0-0", [], [], {}),
    ("ipproto icmp", [], [], {}),
    ("ipproto tcp", [], [], {}),
    ("ipproto udp", [], [], {}),
    (f"ipproto tcp from {SECOND} tos 0x10", ["-I", SECOND, "-Q", "16"], ["-S", SECOND, "--tos", "16"], {"bind": SECOND, "tos": 16}),
    (f"ipproto icmp from {SECOND} tos 0x10", ["-I", SECOND, "-Q", "16"], ["-S", SECOND, "--tos", "16"], {"bind": SECOND, "tos": 16}),
]
IDS = [" ".join([selector, *ours]) for selector, ours, *_ in SELECTORS]


def takes_protocol():
    """Since Linux 6.4 a raw socket with a header of its own says what it is routed as."""
    release = tuple(int(part) for part in re.match(r"(\d+)\.(\d+)", os.uname().release).groups())
    return release >= (6, 4)


@pytest.mark.parametrize("selector, options", [line[:2] for line in SELECTORS], ids=IDS)
def test_echo_leaves_as_pings_does(uplinks, rule, iputils, selector, options):
    if "ipproto" in selector and not takes_protocol():
        pytest.skip("the kernel routes raw packets without their protocol before Linux 6.4")
    rule(selector)
    way, ping = uplinks.way(lambda: uplinks.a.run("ping", "-c", 1, "-W", 1, *options, TARGET))
    ours, rping = uplinks.way(lambda: uplinks.a.run("rping", "-c", 1, "-W", 1, *options, TARGET))
    assert way in (1, 2) and ours == way
    assert rping.code == ping.code and re.search(r"\d received", rping.out)[0] == re.search(r"\d received", ping.out)[0]


@pytest.mark.parametrize("selector", ["uidrange 0-0", "not uidrange 0-0"])
def test_below_sudo_probes_are_roots(uplinks, rule, selector):
    """The process is sudo's caller, but its socket is root's, as that of ping is there."""
    if open("/proc/self/uid_map").read().split()[-1] == "1":
        pytest.skip("one user alone in this namespace")
    rule(selector)
    way, _ = uplinks.way(lambda: uplinks.a.run("ping", "-c", 1, "-W", 1, TARGET))
    path = net.tool("rping")
    variables = ["SUDO_UID=65534", "SUDO_GID=65534", f"SUDO_COMMAND={path} -c 1"]
    ours, done = uplinks.way(lambda: uplinks.a.run("env", *variables, path, "-c", 1, "-W", 1, TARGET))
    assert ours == way and done.code == 0, done.out + done.err


def connect(namespace, bind=None, tos=None, device=None):
    with namespace.inside(), socket.socket() as one:
        one.settimeout(1)
        if device:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, device.encode())
        if tos:
            one.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, tos)
        if bind:
            one.bind((bind, 0))
        try:
            return one.connect_ex((TARGET, PORT))
        except TimeoutError:
            return -1


@pytest.mark.parametrize("selector, options, kernel", [(line[0], *line[2:]) for line in SELECTORS if line[2] is not None],
                         ids=[one for one, line in zip(IDS, SELECTORS) if line[2] is not None])
def test_a_syn_leaves_as_the_kernels_does(uplinks, rule, selector, options, kernel):
    if "ipproto" in selector and not takes_protocol():
        pytest.skip("the kernel routes raw packets without their protocol before Linux 6.4")
    rule(selector)
    way, error = uplinks.way(lambda: connect(uplinks.a, **kernel))
    ours, rsyn = uplinks.way(lambda: uplinks.a.run("rsyn", "-n", "-p", PORT, "--max-retries", 1, *options, TARGET))
    assert way in (1, 2) and ours == way
    assert (f"{PORT}/tcp open" in rsyn.out) == (error == 0), rsyn.out + rsyn.err


def test_nmap_leaves_likewise(uplinks, rule):
    rule(f"from {SECOND}")
    way, nmap = uplinks.way(lambda: uplinks.a.run("nmap", "-n", "-Pn", "-sS", "-p", PORT, "-S", SECOND, "-e", "w2", TARGET))
    ours, rsyn = uplinks.way(lambda: uplinks.a.run("rsyn", "-n", "-p", PORT, "-S", SECOND, TARGET))
    assert way == ours == 2 and f"{PORT}/tcp open" in nmap.out and f"{PORT}/tcp open" in rsyn.out


def test_the_source_that_the_route_chose_selects_too(uplinks, rule):
    """As with a connection: the route by the first uplink names the second's address, which a rule sends by the second."""
    uplinks.a.do(f"ip route replace default via 10.66.11.1 src {SECOND}")
    rule(f"from {SECOND}")
    try:
        way, error = uplinks.way(lambda: connect(uplinks.a))
        ours, rsyn = uplinks.way(lambda: uplinks.a.run("rsyn", "-n", "-p", PORT, TARGET))
    finally:
        uplinks.a.do("ip route replace default via 10.66.11.1")
    assert (way, error) == (2, 0) and ours == 2 and f"{PORT}/tcp open" in rsyn.out


@pytest.mark.skipif(open("/proc/self/uid_map").read().split()[-1] == "1", reason="needs a real root")
def test_the_user_of_a_set_user_id_start_selects(uplinks, rule, tmp_path):
    """As with ping: the socket is the user's, though root's privilege opened it."""
    rule("uidrange 1234-1234")
    for parent in tmp_path.parents[:-1]:
        parent.chmod(parent.stat().st_mode | 0o011)
    ways = []
    for name in "ping", "rping":
        copy = shutil.copy(net.tool(name) if name == "rping" else shutil.which(name), tmp_path)
        os.chmod(copy, 0o4755)
        user = ["setpriv", "--reuid", "1234", "--regid", "1234", "--clear-groups"]
        ways.append(uplinks.way(lambda copy=copy: uplinks.a.run(*user, copy, "-c", 1, "-W", 1, TARGET)))
    assert [way for way, _ in ways] == [2, 2] and all("1 received" in done.out for _, done in ways), ways


def injected(uplinks, tmp_path, call, error, when, argv):
    """What a run does while a call fails; it must have failed."""
    done = uplinks.way(lambda: uplinks.a.run("strace", "-o", tmp_path / "calls", "-e", f"trace={call}", "-e",
                                             f"inject={call}:error={error}:when={when}", net.tool(argv[0]), *argv[1:]))
    assert "(INJECTED)" in (tmp_path / "calls").read_text()
    return done


@pytest.mark.parametrize("call, error", [("socket", "EAFNOSUPPORT"), ("sendto", "EPERM"), ("sendto", "EOPNOTSUPP"), ("sendto", "ECONNREFUSED")])
@pytest.mark.parametrize("options", [[], ["-e", "w2"], ["-S", SECOND]])
def test_where_rtnetlink_is_refused(uplinks, rule, tmp_path, options, call, error):
    """As in a sandbox: the source is found by connecting a socket. With more than one target, too: it is opened in time."""
    rule(f"from {SECOND}")
    argv = ["rsyn", "-n", "-p", PORT, *options, TARGET]
    uplinks.a.run("strace", "-o", tmp_path / "calls", "-e", "trace=socket", net.tool("rsyn"), *argv[1:])
    calls = (tmp_path / "calls").read_text().splitlines()
    when = next(i for i, line in enumerate(calls, 1) if "NETLINK_ROUTE" in line) if call == "socket" else 1
    for targets in [TARGET], [TARGET, "10.66.12.1"]:
        way, done = injected(uplinks, tmp_path, call, error, when, [*argv[:-1], *targets])
        assert way == (2 if options else 1) and f"{PORT}/tcp open" in done.out


@pytest.mark.parametrize("when", [1, 2, 3])
def test_an_answer_that_could_not_be_read_is_no_answer_to_the_next_question(uplinks, tmp_path, when):
    """Each of two targets behind its own uplink, with that uplink's source."""
    with uplinks.a.capture("w1") as first, uplinks.a.capture("w2") as second:
        uplinks.a.run("strace", "-o", tmp_path / "calls", "-e", "trace=recvfrom", "-e", f"inject=recvfrom:error=ENOBUFS:when={when}",
                      net.tool("rsyn"), "-n", "-p", PORT, "10.66.11.1", "10.66.12.1")
    assert "(INJECTED)" in (tmp_path / "calls").read_text()
    assert {packet.src for packet in first if packet.dst == "10.66.11.1"} <= {FIRST}
    assert {packet.src for packet in second if packet.dst == "10.66.12.1"} <= {SECOND}
    assert len(first) + len(second) > 0


@pytest.mark.parametrize("source", ["10.66.99.9", "224.0.0.1", "10.66.12.255"])
@pytest.mark.parametrize("argv", [["rping", "-c", 1, "-W", "0.1", "-I"], ["rsyn", "-n", "-p", PORT, "--max-retries", 1, "-S"]], ids=["rping", "rsyn"])
def test_a_source_that_is_no_address_of_this_host(uplinks, source, argv):
    """Where the kernel lets a socket have it: a group, a broadcast address, with ip_nonlocal_bind any other."""
    uplinks.a.sysctl("net.ipv4.ip_nonlocal_bind", 1)
    try:
        with uplinks.a.capture("w1") as packets:
            done = uplinks.a.run(*argv, source, TARGET)
    finally:
        uplinks.a.sysctl("net.ipv4.ip_nonlocal_bind", 0)
    probes = [packet for packet in packets if packet.dst == TARGET and (packet.proto == 1 or packet["TCP"].flags == "S")]
    assert {packet.src for packet in probes} <= {source}
    assert done.code == 1 or argv[0] == "rsyn" and source != "10.66.99.9", done.err


@pytest.mark.parametrize("refused", ["1", "1..2"])
def test_what_older_kernels_do_not_take(uplinks, rule, tmp_path, refused):
    """Before Linux 6.13 they count the stamps themselves, before 6.4 a raw packet has no protocol; the rest is the same."""
    rule(f"from {SECOND}")
    for tool, *options in ["rping", "-c", 3, "-i", "0.01", "-I", SECOND, "--json"], ["rsyn", "-n", "-p", PORT, "-S", SECOND, "--json"]:
        way, done = uplinks.way(lambda: uplinks.a.run(
            "strace", "-o", tmp_path / "calls", "-e", f"inject=sendmsg:error=EINVAL:when={refused}", net.tool(tool), *options, TARGET))
        assert (tmp_path / "calls").read_text().count("(INJECTED)") == len(refused.split("..")) and way == 2
        replies = [line for line in net.json_lines(done.out) if line["event"] == "reply"]
        assert len(replies) == (3 if tool == "rping" else 1) and {line["clock"] for line in replies} == {"kernel"}, done.out


def test_the_question_is_about_what_the_kernel_will_do(uplinks, rule, tmp_path):
    """Before Linux 6.4 a raw packet has no protocol that a rule could select, so the source is not that of the rule's route."""
    rule("ipproto tcp")
    way, done = injected(uplinks, tmp_path, "sendmsg", "EINVAL", "1..2", ["rsyn", "-n", "-p", PORT, TARGET])
    assert way == 1 and f"{PORT}/tcp open" in done.out


@pytest.mark.parametrize("name", ["w2", "second"])
def test_whose_address_the_source_is(uplinks, name):
    """An address may have a label, and an interface another name: its index says whose it is."""
    lines = [f"ip address del {SECOND}/24 dev w2", f"ip address add {SECOND}/24 dev w2 label w2:1",
             "ip link property add dev w2 altname second"]
    undo = ["ip link property del dev w2 altname second", f"ip address del {SECOND}/24 dev w2",
            f"ip address add {SECOND}/24 dev w2", "ip route replace default via 10.66.12.1 table 12"]
    warning = "source address might be selected on device other than"
    try:
        for line in lines:
            uplinks.a.do(line)
        own = uplinks.a.run("rping", "-c", 1, "-W", 1, "-I", name, "10.66.12.1")
        uplinks.a.do(f"ip route add 10.66.12.77 dev w2 src {FIRST}")
        other = uplinks.a.run("rping", "-c", 1, "-W", "0.1", "-I", name, "10.66.12.77")
    finally:
        uplinks.a.run("ip", "route", "del", "10.66.12.77", "dev", "w2")
        for line in undo:
            uplinks.a.do(line)
    assert own.code == 0 and own.err == "", own
    assert warning in other.err


def test_options_of_the_header_know_the_source_of_the_route(uplinks, rule, iputils):
    """-R writes our own address into the header first, which is that of the way the packet takes."""
    if not takes_protocol():
        pytest.skip("the kernel routes raw packets without their protocol before Linux 6.4")
    rule("ipproto icmp")
    way, ping = uplinks.way(lambda: uplinks.a.run("ping", "-n", "-R", "-c", 1, "-W", 1, TARGET))
    ours, rping = uplinks.way(lambda: uplinks.a.run("rping", "-n", "-R", "-c", 1, "-W", 1, TARGET))
    routes = [re.findall(r"^(?:RR:)?\s+(10\.\S+)", done.out, re.M) for done in (ping, rping)]
    assert way == ours == 2 and routes[0] == routes[1] and routes[0][0] == SECOND


def test_a_source_route_still_leads(uplinks, rule):
    """By the first hop's route, and answered."""
    rule("to 10.66.12.0/24 ipproto icmp", "lookup 13")
    uplinks.a.do("ip route add 10.66.12.1 via 10.66.11.1 table 13")
    try:
        with uplinks.a.capture("w1") as packets:
            uplinks.a.run("rping", "-c", 1, "-W", "0.1", "--via", "10.66.12.1", TARGET)
    finally:
        uplinks.a.do("ip route flush table 13")
    sent = [packet for packet in packets if packet.src in (FIRST, SECOND)]
    assert [packet.dst for packet in sent] == (["10.66.12.1"] if takes_protocol() else [])


def test_a_rule_that_comes_while_a_run_goes_on(uplinks, rule):
    with uplinks.a.capture("w2") as packets:
        process = uplinks.a.start("rping", "-i", "0.05", "-Q", "16", TARGET)
        net.read_until(process, "icmp_seq=2 ")
        rule("tos 0x10")
        net.read_until(process, "icmp_seq=40 ")
        code, _, _ = net.finish(process, 2)
    assert code == 0 and {packet.tos for packet in packets if packet.dst == TARGET} == {16}
    assert {packet.src for packet in packets if packet.dst == TARGET} == {SECOND}


def test_an_address_that_changes_while_a_run_goes_on(uplinks):
    """Whoever names no source goes on with the next one, as ping does."""
    process = uplinks.a.start("rping", "-i", "0.05", TARGET)
    net.read_until(process, "icmp_seq=2 ")
    uplinks.a.do("ip address add 10.66.11.7/24 dev w1")
    uplinks.a.do("ip route replace default via 10.66.11.1 src 10.66.11.7")
    try:
        with uplinks.a.capture("w1") as packets:
            uplinks.a.do(f"ip address del {FIRST}/24 dev w1")
            uplinks.a.run("ip", "address", "add", "10.66.11.7/24", "dev", "w1")
            uplinks.a.run("ip", "route", "replace", "default", "via", "10.66.11.1")
            net.read_until(process, "icmp_seq=60 ")
            code, _, _ = net.finish(process, 2)
    finally:
        uplinks.a.do("ip address flush dev w1")
        uplinks.a.do(f"ip address add {FIRST}/24 dev w1")
        uplinks.a.do("ip route replace default via 10.66.11.1")
    assert code == 0 and "10.66.11.7" in {packet.src for packet in packets if packet.dst == TARGET}


@pytest.mark.parametrize("tos", [0, 0x02, 0x04, 0x08, 0x10, 0x18, 0x1c, 0x28, 0xb8, 0xff])
def test_the_priority_in_this_hosts_queue(uplinks, iputils, tos):
    """What queues (and VLAN tags, and firewalls) go by; 6, 2 and 4 for the types of service of RFC 1349."""
    classes = "\n".join(f"meta priority 0:{n} counter name p{n};" for n in range(8))
    counters = "\n".join(f"counter p{n} {{ }}" for n in range(8))

    def priority(*argv):
        uplinks.a.nft(f"{counters}\nchain d {{ {classes} }}\n"
                      f"chain c {{ type filter hook postrouting priority 0; ip daddr {TARGET} tcp flags == rst return; "
                      f"ip daddr {TARGET} jump d; }}")
        uplinks.a.run(*argv)
        text = uplinks.a.do("nft list counters").out
        return [int(n) for n, packets in re.findall(r"counter p(\d) \{\s*packets (\d+)", text) if packets != "0"]

    try:
        theirs = priority("ping", "-c", 1, "-W", 1, "-Q", tos, TARGET)
        assert len(theirs) == 1
        assert priority("rping", "-c", 1, "-W", 1, "-Q", tos, TARGET) == theirs
        assert priority("rsyn", "-n", "-p", PORT, "--tos", tos, TARGET) == theirs
    finally:
        uplinks.a.nft("")
