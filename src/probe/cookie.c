/* SPDX-License-Identifier: MIT */
#include "probe/cookie.h"

extern int probe_cookie_c_stub;
