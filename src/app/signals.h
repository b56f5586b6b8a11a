/* SPDX-License-Identifier: MIT */
/* What signals do to a run, and how a process ends by one. */
#ifndef APP_SIGNALS_H
#define APP_SIGNALS_H

#include <stdbool.h>

struct app;

/* From now on the run's loop takes the signals that end a run or ask for its counters; once. 0, or a negative errno
 * value. */
int signals_catch(struct app *app);

/* Whether that is what happens at this signal, as SIG_IGN. */
bool signals_are(int signal, void (*wanted)(int));

/* Ends the process by that signal, whatever was to happen at it. */
_Noreturn void signals_end_by(int number);

#endif
