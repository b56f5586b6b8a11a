/* SPDX-License-Identifier: MIT */
#include "base/num.h"

extern int base_num_c_stub;
