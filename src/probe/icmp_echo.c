/* SPDX-License-Identifier: MIT */
#include "probe/probe.h"

extern int probe_icmp_echo_c_stub;
