/* SPDX-License-Identifier: MIT */
#include "probe/probe.h"

extern int probe_registry_c_stub;
