# SPDX-License-Identifier: MIT
"""tests/e2e/peer, the network in one process, run in a namespace; and flood, a load for it."""
import json
import os
import signal

import net

BIN = os.path.abspath(os.environ.get("PEER_BIN", os.path.join(net.BIN, "../tests/e2e")))
NETWORK = "10.64.0.0/10"
HOST = "198.18.0.1"


class Peer:
    """A running peer; stop() gives its report. Addresses of NETWORK are behind it."""

    def __init__(self, namespace, *rules, seed=1, device="tun0", **options):
        self.report = None
        self.device = device
        argv = [os.path.join(BIN, "peer"), "--device", device, "--network", NETWORK, "--seed", seed]
        for rule in rules:
            argv += ["--rule", rule]
        for name, value in options.items():
            argv += ["--" + name, value]
        self.process = namespace.start(*argv)
        line = self.process.stderr.readline()
        assert line == "ready\n", line + self.process.stderr.read()

    def stop(self, answered=False):
        """The report: every packet that was sent before this is in it, and answered, if so wanted also where that is late."""
        if self.report is None:
            self.process.send_signal(signal.SIGINT if answered else signal.SIGTERM)
            code, out, err = net.finish(self.process)
            assert code == 0, err
            self.report = json.loads(out)
        return self.report


def truth(*what, rules, seed=1):
    """What the rules say of addresses ("dead", "alive", "ping") or ports ("open", ...): text -> word."""
    argv = [os.path.join(BIN, "peer"), "--truth", "--seed", seed]
    for rule in rules:
        argv += ["--rule", rule]
    return dict(line.split() for line in net.must(*argv, *what).out.splitlines())


def flood(namespace, address, count, *port):
    """So many echo requests, or SYNs, to this address and those after it, at full speed."""
    return net.must(*namespace.argv([os.path.join(BIN, "flood"), address, count, *port]))
