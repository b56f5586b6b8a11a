/* SPDX-License-Identifier: MIT */
#include "io/resolve.h"

extern int io_resolve_c_stub;
