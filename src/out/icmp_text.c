/* SPDX-License-Identifier: MIT */
#include "out/out.h"

extern int out_icmp_text_c_stub;
