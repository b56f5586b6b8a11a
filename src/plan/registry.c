/* SPDX-License-Identifier: MIT */
#include "plan/plan.h"

extern int plan_registry_c_stub;
