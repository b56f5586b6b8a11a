#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""unfiltered.py COMMAND...: runs it as on a kernel that knows no system-call filters.

For what watches a program from within its process, as valgrind does: a filter would close on the watcher, too.
"""
import ctypes
import errno
import os
import struct
import sys

PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS, FILTER = 22, 38, 2
LOAD, EQUAL, RETURN = 0x20, 0x15, 0x06  # BPF_LD|W|ABS, BPF_JMP|JEQ|K, BPF_RET|K
REFUSE, ALLOW = 0x00050000 | errno.EINVAL, 0x7fff0000
NUMBER, ARGUMENT = 0, 16 + (0 if sys.byteorder == "little" else 4)  # in struct seccomp_data
PRCTL = {"x86_64": 157, "i686": 172, "s390x": 172, "ppc64le": 171, "armv7l": 172}.get(os.uname().machine, 167)

code = b"".join(struct.pack("=HBBI", *step) for step in (
    (LOAD, 0, 0, NUMBER), (EQUAL, 0, 3, PRCTL),
    (LOAD, 0, 0, ARGUMENT), (EQUAL, 0, 1, PR_SET_SECCOMP), (RETURN, 0, 0, REFUSE),
    (RETURN, 0, 0, ALLOW)))
buffer = ctypes.create_string_buffer(code)
program = ctypes.create_string_buffer(struct.pack("@HP", len(code) // 8, ctypes.addressof(buffer)))
libc = ctypes.CDLL(None, use_errno=True)
zero = ctypes.c_ulong(0)
# Root needs no no_new_privs for it, and so file capabilities still count.
if libc.prctl(PR_SET_SECCOMP, FILTER, program, zero, zero) != 0:
    libc.prctl(PR_SET_NO_NEW_PRIVS, ctypes.c_ulong(1), zero, zero, zero)
    if libc.prctl(PR_SET_SECCOMP, FILTER, program, zero, zero) != 0:
        sys.exit("unfiltered.py: " + os.strerror(ctypes.get_errno()))
os.execvp(sys.argv[1], sys.argv[1:])
