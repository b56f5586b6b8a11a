# SPDX-License-Identifier: MIT
"""What differs between kinds of probes and plans stands in their tables: nothing but the registries, the config and the tools
asks which it is."""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../lib"))
from tap import check, finish, read, sources  # noqa: E402

MAY_ASK = {"src/probe/registry.c", "src/plan/registry.c", "src/io/config.c"}
TOOLS = ("src/app/", "src/rping/", "src/rsyn/")
NAME = re.compile(r"\bRP_PLAN_\w+|\bRP_PROBE_(?:ICMP|TCP)\w*")

check("kinds of probes and plans are not asked for by name",
      (f"{path}: {name}" for path in sources("src") if path not in MAY_ASK and not path.startswith(TOOLS)
       for name in NAME.findall(read(path))))
finish()
