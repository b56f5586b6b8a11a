/* SPDX-License-Identifier: MIT */
#include "base/rng.h"

extern int base_rng_c_stub;
