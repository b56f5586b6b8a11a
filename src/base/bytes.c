/* SPDX-License-Identifier: MIT */
#include "base/bytes.h"

extern int base_bytes_c_stub;
