/* SPDX-License-Identifier: MIT */
/* Waiting for names: they are looked up again and again while the other pairs are probed. */
#ifndef RSYN_AWAIT_H
#define RSYN_AWAIT_H

#include "rsyn/named.h"
#include "app/app.h"

struct awaited; /* a name that is looked up */

struct await {
	struct awaited *list; /* NULL: nothing is awaited */
};

/* Makes targets of all names. They are looked up from now on; one that is not found at once is reported, and its probes
 * wait for it. -ELIBACC and the like: names can be looked up before the run only, and nothing was done. */
int await_names(struct await *await, struct app *app, struct named_hosts *hosts);
void await_free(struct await *await);

#endif
