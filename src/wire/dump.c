/* SPDX-License-Identifier: MIT */
#include "wire/dump.h"

extern int wire_dump_c_stub;
