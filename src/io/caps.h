/* SPDX-License-Identifier: MIT */
/* Sets the capability sets of this process; the public rp_privileges_*() are implemented here. */
#ifndef IO_CAPS_H
#define IO_CAPS_H

#include <stdbool.h>

/* CAP_NET_RAW, permitted and effective, is all that stays; or nothing does. -EPERM: it is not permitted. */
int caps_keep_net_raw(bool keep);

#endif
