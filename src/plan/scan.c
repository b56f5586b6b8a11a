/* SPDX-License-Identifier: MIT */
#include "plan/plan.h"

extern int plan_scan_c_stub;
