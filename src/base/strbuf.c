/* SPDX-License-Identifier: MIT */
#include "base/strbuf.h"

extern int base_strbuf_c_stub;
