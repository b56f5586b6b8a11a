/* SPDX-License-Identifier: MIT */
#include "out/out.h"

extern int out_registry_c_stub;
