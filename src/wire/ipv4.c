/* SPDX-License-Identifier: MIT */
#include "wire/ipv4.h"

extern int wire_ipv4_c_stub;
