/* SPDX-License-Identifier: MIT */
#include "plan/plan.h"

extern int plan_ping_c_stub;
