/* SPDX-License-Identifier: MIT */
/* The plans. */
#include "plan/plan.h"

const struct plan_type *plan_type_of(enum rp_plan_type type)
{
	switch (type) {
	case RP_PLAN_SERIES:
		return &plan_series;
	case RP_PLAN_SCAN:
		return &plan_scan;
	}
	return NULL;
}
