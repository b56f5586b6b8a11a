/* SPDX-License-Identifier: MIT */
#include "wire/icmp.h"

extern int wire_icmp_c_stub;
