/* SPDX-License-Identifier: MIT */
#include "target/addrset.h"

extern int target_addrset_c_stub;
