/* SPDX-License-Identifier: MIT */
#include "core/pacer.h"

extern int core_pacer_c_stub;
