/* SPDX-License-Identifier: MIT */
#include "out/out.h"

extern int out_json_c_stub;
