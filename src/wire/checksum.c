/* SPDX-License-Identifier: MIT */
#include "wire/checksum.h"

extern int wire_checksum_c_stub;
