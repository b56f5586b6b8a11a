# SPDX-License-Identifier: MIT
"""What the kernel would write into a header and cut into fragments, where we write it: by sysctl, by the metrics of the route and
by the MTU, packet by packet as real ping's, and as a connection's."""
import contextlib
import socket

import pytest

import net

B = "10.9.1.2"
IP_MTU_DISCOVER, IP_PMTUDISC_DONT, IP_PMTUDISC_WANT = 10, 0, 1


@contextlib.contextmanager
def settings(pair, sysctls=(), metrics="", mtu=None):
    """Of a's kernel, of the route to b, and of the link."""
    before = {}
    with pair.a.inside():
        for name, value in sysctls:
            path = "/proc/sys/net/ipv4/" + name
            before[path] = open(path).read()
            with open(path, "w") as file:
                file.write(str(value))
    ends = [(pair.a, pair.device_a), (pair.b, pair.device_b)]
    try:
        for namespace, device in ends if mtu else ():
            namespace.do(f"ip link set {device} mtu {mtu}")
        if metrics:
            pair.a.do(f"ip route add {B}/32 dev {pair.device_a} {metrics}")
        yield
    finally:
        if metrics:
            pair.a.do(f"ip route del {B}/32 dev {pair.device_a}")
        for namespace, device in ends if mtu else ():
            namespace.do(f"ip link set {device} mtu 1500")
        with pair.a.inside():
            for path, value in before.items():
                with open(path, "w") as file:
                    file.write(value)


def sent(pair, run):
    """What run() sends to b: each packet's TTL, flags, place in the datagram, length; and what it returns."""
    with pair.a.capture(pair.device_a) as packets:
        done = run()
    return [(one.ttl, str(one.flags), one.frag, one.len) for one in packets
            if one.dst == B and (one.proto != 6 or one["TCP"].flags == "S")], done


WORLDS = {
    "as usual": {},
    "default ttl": {"sysctls": [("ip_default_ttl", 33)]},
    "hoplimit": {"metrics": "hoplimit 7"},
    "default ttl, hoplimit": {"sysctls": [("ip_default_ttl", 33)], "metrics": "hoplimit 7"},
    "no path MTU discovery": {"sysctls": [("ip_no_pmtu_disc", 1)]},
    "strict path MTU discovery": {"sysctls": [("ip_no_pmtu_disc", 3)]},
    "locked mtu": {"metrics": "mtu lock 600"},
    "locked, narrow mtu": {"metrics": "mtu lock 296"},
    "mtu of the route": {"metrics": "mtu 600"},
    "narrow mtu of the route": {"metrics": "mtu 296"},
    "narrow link": {"mtu": 296},
    "narrow link, no discovery": {"mtu": 296, "sysctls": [("ip_no_pmtu_disc", 1)]},
    "the narrowest that the default size does not fit": {"mtu": 83},
    "the narrowest that IPv4 allows": {"mtu": 68},
}
OPTIONS = [[], ["-s", "268"], ["-s", "269"], ["-s", "524"], ["-s", "525"], ["-s", "3000"], ["-M", "dont"], ["-M", "dont", "-s", "400"],
           ["-M", "want", "-s", "400"], ["-t", "9"], ["-t", "9", "-s", "900"]]
# In fragments but the first, the kernel fills the room of the option with no-operations, which RFC 791 does not want.
WHOLE = [["-R"], ["-R", "-s", "16"]]


@pytest.mark.parametrize("world", WORLDS)
def test_echo_leaves_as_pings_does(pair, iputils, world):
    wrong, compared = [], 0
    with settings(pair, **WORLDS[world]):
        for options in OPTIONS if "narrowest" in world else OPTIONS + WHOLE:
            theirs, ping = sent(pair, lambda: pair.a.run("ping", "-n", "-c", 1, "-W", 1, *options, B))
            ours, rping = sent(pair, lambda: pair.a.run("rping", "-n", "-c", 1, "-W", 1, *options, B))
            if "No buffer space" in ping.err:  # its buffer does not hold so many fragments
                continue
            compared += 1
            if not theirs or ping.code != 0 or ours != theirs or rping.code != 0:
                wrong.append((options, theirs, ours, rping.err))
    assert wrong == [] and compared >= 9


@pytest.mark.parametrize("world", ["narrow link", "narrow mtu of the route", "locked, narrow mtu"])
def test_what_may_not_be_cut_is_not_sent(pair, iputils, world):
    """The payload that fits is named."""
    with settings(pair, **WORLDS[world]):
        theirs, ping = sent(pair, lambda: pair.a.run("ping", "-c", 1, "-W", 1, "-s", 400, "-M", "do", B))
        ours, rping = sent(pair, lambda: pair.a.run("rping", "-c", 1, "-W", 1, "-s", 400, "-M", "do", B))
    assert ours == theirs == [] and rping.code == ping.code
    # ping 20240905 says what sendmsg says, which has no MTU.
    told = "mtu=296" if iputils == "20221126" else "essage too long"
    assert told in ping.err + ping.out and "mtu=296 (a payload of 268 fits)" in rping.err


@pytest.mark.parametrize("world, packets", [("narrow link", []), ("narrow mtu of the route", [(64, "DF", 0, 428)]),
                                            ("locked, narrow mtu", [(64, "DF", 0, 428)])])
def test_a_probe_of_the_path_heeds_the_link_only(pair, world, packets):
    """As IP_PMTUDISC_PROBE in ip(7); this version of ping has no such hint."""
    with settings(pair, **WORLDS[world]):
        ours, rping = sent(pair, lambda: pair.a.run("rping", "-c", 1, "-W", 1, "-s", 400, "-M", "probe", B))
    assert ours == packets and ("mtu=296 (a payload of 268 fits)" in rping.err) == (packets == [])


@pytest.mark.parametrize("options, discovery", [([], None), (["--df", "yes"], IP_PMTUDISC_WANT), (["--df", "no"], IP_PMTUDISC_DONT)])
@pytest.mark.parametrize("world", WORLDS)
def test_a_syn_leaves_as_the_kernels_does(pair, world, options, discovery):
    """Its length is ours."""
    def connect():
        with pair.a.inside(), socket.socket() as one:
            if discovery is not None:
                one.setsockopt(socket.IPPROTO_IP, IP_MTU_DISCOVER, discovery)
            one.connect_ex((B, 9))

    with settings(pair, **WORLDS[world]):
        theirs, _ = sent(pair, connect)
        ours, done = sent(pair, lambda: pair.a.run("rsyn", "-n", "-p", 9, *options, B))
    assert [one[:3] for one in ours] == [one[:3] for one in theirs] and "9/tcp closed" in done.out


def test_a_mtu_that_shrinks_while_a_run_goes_on(pair):
    """It is known within a second."""
    with settings(pair, mtu=600):
        process = pair.a.start("rping", "-i", "0.1", "-s", 400, B)
        try:
            net.read_until(process, "icmp_seq=2 ")
            for namespace, device in ((pair.a, pair.device_a), (pair.b, pair.device_b)):
                namespace.do(f"ip link set {device} mtu 296")
            net.read_until(process, "icmp_seq=30 ")
        finally:
            code, out, err = net.finish(process, 2)
    assert code == 0 and len([line for line in err.splitlines() if "not sent" in line]) <= 2, err
