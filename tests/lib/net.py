# SPDX-License-Identifier: MIT
"""Private networks: namespaces joined by veth pairs, listeners in them, captures, and the tools run in them.

Needs to run below private.sh: there everything vanishes with the process, and every name is free.
"""
import contextlib
import ctypes
import fcntl
import itertools
import os
import re
import select
import socket
import struct
import subprocess
import termios
import threading
import time

import events

BIN = os.path.abspath(os.environ.get("RPROBE_BIN", os.path.join(os.path.dirname(__file__), "../../build/release/src")))
SANITIZER = re.compile(r"ERROR: \w+Sanitizer|runtime error:")
CLONE_NEWNET = 0x40000000
ETH_P_ALL, ETH_P_IP, PACKET_OUTGOING = 3, 0x0800, 4
ETH_P_EXPERIMENT = 0x88b5  # IEEE 802: local, experimental
SO_TIMESTAMPNS = getattr(socket, "SO_TIMESTAMPNS", 35)
SO_TIMESTAMPING = getattr(socket, "SO_TIMESTAMPING", 37)
SOF_TIMESTAMPING_RX_SOFTWARE, SOF_TIMESTAMPING_SOFTWARE = 8, 16
_numbers = itertools.count(1)
_libc = ctypes.CDLL(None, use_errno=True)

# A sanitizer's report must not look like an answer (exit 1), and the leak checker cannot work below strace, after
# capabilities have changed, or without ptrace; the unit tests check leaks.
ENVIRONMENT = dict(os.environ, LC_ALL="C", TZ="UTC",
                   ASAN_OPTIONS="detect_leaks=0:exitcode=99", UBSAN_OPTIONS="halt_on_error=1:exitcode=99")


def tool(name):
    return os.path.join(BIN, name)


def sanitized():
    with open(tool("rping"), "rb") as binary:
        return b"__asan_init" in binary.read()


class Slow(AssertionError):
    """Too slow. A busy machine is so by chance, what waits for the wrong thing each time: conftest.py runs the test again,
    twice at most. Only bounds that a busy machine alone can cross may raise it, and only in the direction in which it errs."""


def below(value, most):
    """An upper bound for a time, in whatever unit: far above the right behaviour, below the wrong one."""
    if not value < most:
        raise Slow(f"{value} is not below {most}")


def until(condition, seconds=60):
    """Waits for an event, not for a time; what the condition said."""
    end = time.monotonic() + seconds
    while not (answer := condition()):
        assert time.monotonic() < end, "it never came"
        time.sleep(0.01)
    return answer


def read_until(process, pattern, stream="stdout"):
    """What a running command prints up to the first line with the pattern."""
    text = ""
    killer = threading.Timer(60, process.kill)
    killer.start()
    for line in iter(getattr(process, stream).readline, ""):
        text += line
        if re.search(pattern, line):
            killer.cancel()
            return text
    killer.cancel()
    raise AssertionError(f"{pattern} never came: {text}")


def finish(process, number=None, timeout=60):
    """(code, out, err) of a started command, with the rest of its output; a signal first, if one is given."""
    if number is not None:
        process.send_signal(number)
    killer = threading.Timer(timeout, process.kill)
    killer.start()
    out = process.stdout.read() if process.stdout else ""
    err = process.stderr.read()
    code = process.wait()
    killer.cancel()
    assert not SANITIZER.search(err), err
    return code, out, err


@contextlib.contextmanager
def stamping():
    """The kernel stamps what arrives; it begins some time after the first socket wants that. To a packet from before
    SO_TIMESTAMPNS gives the time at which it is read, SO_TIMESTAMPING none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPING, SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE)
        one.bind(("127.0.0.1", 0))

        def is_stamped():
            one.sendto(b"", one.getsockname())
            return one.recvmsg(1, 128)[1]

        until(is_stamped)
        yield


def kernel_stamps():
    """Returns when the kernel stamps what arrives."""
    with stamping():
        pass


def waiting_in(pipe):
    """How many bytes nobody has read from a pipe yet."""
    return struct.unpack("i", fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)))[0]


def is_full(pipe):
    """Whether a pipe that is written to fills no more. How much it holds depends on the sizes of the writes."""
    before = waiting_in(pipe)
    time.sleep(0.2)
    return 0 < before == waiting_in(pipe)


def run(*argv, timeout=120, **more):
    """Runs a command to its end; .code, .out, .err. A sanitizer's report in it is a failure."""
    if "input" not in more:
        more["stdin"] = subprocess.DEVNULL
    done = subprocess.run([str(a) for a in argv], timeout=timeout, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENVIRONMENT, **more)
    assert not SANITIZER.search(done.stderr), done.stderr
    done.code, done.out, done.err = done.returncode, done.stdout, done.stderr
    if done.out.startswith('{"v":') and done.out.count("\n") == done.out.count('{"v":'):
        json_lines(done.out)
    return done


def must(*argv, **more):
    done = run(*argv, **more)
    assert done.code == 0, f"{argv}: {done.err}{done.out}"
    return done


def json_lines(text, whole=True):
    """The lines of a run as JSON (not whole: its first so many), each as the schema says and all in order."""
    return events.read(text, whole)


class Namespace:
    """A network namespace. run() and start() take a tool's name or any other command."""

    def __init__(self, hint="n"):
        self.name = f"{hint}-{os.getpid()}-{next(_numbers)}"
        self.sockets = []
        self.processes = []
        must("ip", "netns", "add", self.name)
        self.do("ip link set lo up")
        # Every refusal is told: by default a host sends one ICMP error a second.
        self.sysctl("net.ipv4.icmp_ratemask", 0)

    def argv(self, argv):
        first = tool(argv[0]) if argv[0] in ("rping", "rsyn") else argv[0]
        return ["nsenter", f"--net=/run/netns/{self.name}", first, *[str(a) for a in argv[1:]]]

    def run(self, *argv, **more):
        return run(*self.argv(argv), **more)

    def do(self, line):
        return must(*self.argv(line.split()))

    def start(self, *argv, **more):
        """Starts a command; it is killed when the namespace closes."""
        more.setdefault("stdout", subprocess.PIPE)
        more.setdefault("stderr", subprocess.PIPE)
        more.setdefault("stdin", subprocess.DEVNULL)
        process = subprocess.Popen(self.argv(argv), text=True, env=ENVIRONMENT, **more)
        self.processes.append(process)
        return process

    @contextlib.contextmanager
    def inside(self):
        """This thread is in the namespace; sockets made there stay there."""
        home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        there = os.open(f"/run/netns/{self.name}", os.O_RDONLY)
        try:
            assert _libc.setns(there, CLONE_NEWNET) == 0, os.strerror(ctypes.get_errno())
            yield
        finally:
            _libc.setns(home, CLONE_NEWNET)
            os.close(there)
            os.close(home)

    def listen(self, *ports):
        """The kernel accepts connections on these TCP ports of every address."""
        with self.inside():
            for port in ports:
                self.sockets.append(socket.create_server(("0.0.0.0", port), backlog=64))
        return self.sockets[-1]

    def sysctl(self, name, value):
        with self.inside(), open("/proc/sys/" + name.replace(".", "/"), "w") as file:
            file.write(str(value))

    def nft(self, rules):
        """Replaces the rules by one inet table's worth of chains."""
        must(*self.argv(["nft", "flush", "ruleset"]))
        if rules:
            must(*self.argv(["nft", "table inet t { " + rules + "\n}"]))

    def sent(self, device="lo"):
        """How many packets left through a device so far."""
        with self.inside(), open("/proc/thread-self/net/dev") as table:
            for line in table:
                if line.strip().startswith(device + ":"):
                    return int(line.split(":")[1].split()[9])
        raise LookupError(device)

    @contextlib.contextmanager
    def capture(self, device):
        """Captures IPv4 packets; the list that it gives is filled (by scapy, .time is the kernel's) when the block ends."""
        from scapy.all import IP

        packets = []
        with self.inside():
            tap = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ETH_P_ALL))
        with tap:
            tap.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
            tap.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
            tap.bind((device, ETH_P_ALL))
            kernel_stamps()
            yield packets
            while select.select([tap], [], [], 0.1)[0]:
                try:
                    data, ((_, _, stamp),), _, address = tap.recvmsg(65535, 64)
                except OSError:  # once, where the device is gone
                    continue
                # Loopback shows each packet twice: leaving and arriving.
                if address[1] == ETH_P_IP and not (device == "lo" and address[2] == PACKET_OUTGOING):
                    packets.append(IP(data))
                    seconds, ns = struct.unpack("ll", stamp)
                    packets[-1].time = seconds + ns / 1e9

    def close(self):
        for process in self.processes:
            if process.poll() is None:
                process.kill()
            process.communicate()
        for one in self.sockets:
            one.close()
        run("ip", "netns", "del", self.name)


def carries(a, device_a, b, device_b):
    """Waits until the link brings over what a sends: a kernel loses it silently before it has noticed that the link is up."""
    frame = b"\xff" * 6 + bytes(6) + ETH_P_EXPERIMENT.to_bytes(2, "big") + bytes(46)
    with contextlib.ExitStack() as stack:
        ends = []
        for namespace, device in ((a, device_a), (b, device_b)):
            with namespace.inside():
                ends.append(stack.enter_context(socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)))
            ends[-1].bind((device, ETH_P_EXPERIMENT))

        def arrives():
            with contextlib.suppress(OSError):
                ends[0].send(frame)
            return select.select([ends[1]], [], [], 0.01)[0]

        until(arrives)


class Network:
    """Namespaces and the links between them; close() undoes it all."""

    def __init__(self):
        self.namespaces = []

    def namespace(self, hint="n"):
        self.namespaces.append(Namespace(hint))
        return self.namespaces[-1]

    def link(self, a, address_a, b, address_b, names=None):
        """Joins two namespaces by a veth pair with these addresses (with prefix length, or None); its two device names."""
        number = next(_numbers)
        names = names or (f"v{number}a", f"v{number}b")
        must("ip", "link", "add", names[0], "netns", a.name, "type", "veth", "peer", names[1], "netns", b.name)
        for namespace, name, address in ((a, names[0], address_a), (b, names[1], address_b)):
            if address:
                namespace.do(f"ip address add {address} dev {name}")
            namespace.do(f"ip link set {name} up")
            # A neighbour that is not there is given up after 0.3 s instead of 3 s.
            namespace.do(f"ip ntable change name arp_cache dev {name} retrans 300 mcast_probes 1")
        carries(a, names[0], b, names[1])
        carries(b, names[1], a, names[0])
        return names

    def close(self):
        for namespace in self.namespaces:
            namespace.close()


class Pair(Network):
    """a (10.9.1.1) -- b (10.9.1.2)."""

    def __init__(self):
        super().__init__()
        self.a, self.b = self.namespace("a"), self.namespace("b")
        self.device_a, self.device_b = self.link(self.a, "10.9.1.1/24", self.b, "10.9.1.2/24")
        self.address_a, self.address_b = "10.9.1.1", "10.9.1.2"


class Routed(Network):
    """a (10.9.1.1) -- (10.9.1.254) r (10.9.2.254) -- b (10.9.2.2)."""

    def __init__(self):
        super().__init__()
        self.a, self.r, self.b = self.namespace("a"), self.namespace("r"), self.namespace("b")
        self.device_a, self.device_ra = self.link(self.a, "10.9.1.1/24", self.r, "10.9.1.254/24")
        self.device_rb, self.device_b = self.link(self.r, "10.9.2.254/24", self.b, "10.9.2.2/24")
        self.a.do("ip route add default via 10.9.1.254")
        self.b.do("ip route add default via 10.9.2.254")
        self.r.sysctl("net.ipv4.ip_forward", 1)
        self.address_a, self.address_r, self.address_b = "10.9.1.1", "10.9.1.254", "10.9.2.2"
