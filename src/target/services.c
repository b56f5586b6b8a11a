/* SPDX-License-Identifier: MIT */
#include "target/services.h"

extern int target_services_c_stub;
