/* SPDX-License-Identifier: MIT */
#include "base/choice.h"

extern int base_choice_c_stub;
