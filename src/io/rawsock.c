/* SPDX-License-Identifier: MIT */
#include "io/rawsock.h"

extern int io_rawsock_c_stub;
