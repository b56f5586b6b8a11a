/* SPDX-License-Identifier: MIT */
/*
 * What an ordinary user may not do with a tool that an administrator gave him, by a file capability or the set-user-ID
 * bit: iputils' limits, for both tools. The real user counts, who is 0 below sudo. Root in a user namespace counts as
 * root: the raw sockets that he can open reach no network but those of his own namespaces.
 */
#ifndef APP_LIMITS_H
#define APP_LIMITS_H

#include "app/app.h"

/* Ends the process when the config, whose targets are known, is beyond a limit. A mark is left out with a warning,
 * as in iputils. */
void limits_apply(struct app *app);

#endif
