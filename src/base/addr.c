/* SPDX-License-Identifier: MIT */

extern int base_addr_c_stub;
