/* SPDX-License-Identifier: MIT */

extern int core_names_c_stub;
