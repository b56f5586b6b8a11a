/* SPDX-License-Identifier: MIT */
#include "wire/tcp.h"

extern int wire_tcp_c_stub;
