/* SPDX-License-Identifier: MIT */
#include "base/ns.h"

extern int base_ns_c_stub;
