/* SPDX-License-Identifier: MIT */
#include "core/session.h"

extern int core_session_c_stub;
