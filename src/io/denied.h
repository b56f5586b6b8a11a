/* SPDX-License-Identifier: MIT */
/* Says why no raw socket could be opened, and what to do about it: setcap helps only where a file's capability
 * counts. */
#ifndef IO_DENIED_H
#define IO_DENIED_H

#include <rprobe/rprobe.h>

/* `result` is that of opening it, a negative errno value, and is returned. To be asked before privileges are
 * dropped. */
int denied_explain(int result, struct rp_error *error);

#endif
