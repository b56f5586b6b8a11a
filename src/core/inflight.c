/* SPDX-License-Identifier: MIT */
#include "core/inflight.h"

extern int core_inflight_c_stub;
