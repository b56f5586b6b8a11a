/* SPDX-License-Identifier: MIT */

extern int wire_packet_c_stub;
