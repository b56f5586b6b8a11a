/* SPDX-License-Identifier: MIT */
/* From rsyn's options to the outputs of the run. */
#ifndef RSYN_OUTPUTS_H
#define RSYN_OUTPUTS_H

#include "rsyn/opts.h"
#include "app/app.h"

/* Adds the outputs that go to files or, by name, to stdout, and sets what the outputs are to know. The
 * format for app_run(): what goes to stdout besides, or NULL. Ends the process on a mistake. */
const char *rsyn_add_outputs(struct app *app, const struct rsyn_options *options);

#endif
