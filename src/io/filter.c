/* SPDX-License-Identifier: MIT */
#include "io/filter.h"

extern int io_filter_c_stub;
