/* SPDX-License-Identifier: MIT */
#include "probe/probe.h"

extern int probe_tcp_syn_c_stub;
