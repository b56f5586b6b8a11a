# SPDX-License-Identifier: MIT
"""The layers below the purity line call nothing that does I/O, reads a clock or keeps state.

usage: pure.py ARCHIVE...
"""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../lib"))
from tap import check, finish, symbols  # noqa: E402

ALLOWED = re.compile(r"""
    (__)?(mem\w+|str\w+)          # memory and strings, and their fortified forms
  | malloc|calloc|realloc|reallocarray|free
  | (__)?v?snprintf(_chk)?
  | qsort|bsearch|tsearch|tfind|tdestroy|sqrt
  | crypto_shorthash\w*
  | bcmp                        # what clang makes of memcmp() where only equality counts
  | __assert_fail|__stack_chk_fail|_GLOBAL_OFFSET_TABLE_
  | __(asan|ubsan|lsan|tsan|sanitizer)_\w+
  | __gcov_\w+
""", re.VERBOSE)
# These look like string functions, and keep state or read what is not handed to them.
REFUSED = re.compile(r"(strtok|strerror\w*|strsignal|strftime\w*|strcoll\w*|memfd_create)$")


archives = sys.argv[1:]
ours = {name for archive in archives for _, name in symbols(archive, "--defined-only")}
check("there are symbols to look at", [] if ours else ["none"])
for archive in archives:
    check(f"{os.path.basename(archive)} is pure",
          (f"{member} needs {name}" for member, name in symbols(archive, "--undefined-only")
           if name not in ours and (REFUSED.match(name) or not ALLOWED.fullmatch(name))))
finish()
