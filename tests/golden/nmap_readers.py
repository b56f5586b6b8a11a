# SPDX-License-Identifier: MIT
"""nmap's readers take every XML file here: xmllint with nmap's DTD, ndiff between any two, python-libnmap. 77: none is installed."""
import glob
import itertools
import os
import shutil
import subprocess
import sys

DTD = "/usr/share/nmap/nmap.dtd"
HERE = os.path.dirname(os.path.abspath(__file__))
FILES = sorted(glob.glob(os.path.join(HERE, "*.xml")))
tried, wrong = 0, []


def code(*argv):
    return subprocess.run(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode


assert FILES
if shutil.which("xmllint") and os.path.exists(DTD):
    tried += 1
    for file in FILES:
        valid = 'scanner="nmap"' in open(file, encoding="utf-8").read()
        if (code("xmllint", "--noout", "--nonet", "--dtdvalid", DTD, file) == 0) != valid:
            wrong.append(f"xmllint {file}")
if shutil.which("ndiff"):
    tried += 1
    for pair in itertools.product(FILES, FILES):
        if code("ndiff", *pair) not in (0, 1):  # 1: they differ, 2: it failed
            wrong.append("ndiff " + " ".join(pair))
try:
    from libnmap.parser import NmapParser
    tried += 1
    for file in FILES:
        NmapParser.parse(open(file, encoding="utf-8").read())
except ImportError:
    pass
print("\n".join(wrong))
sys.exit(1 if wrong else 0 if tried else 77)
