/* SPDX-License-Identifier: MIT */
/*
 * Reports the counters so far: on stderr when SIGQUIT or SIGUSR1 asks, in every mode of both tools, and every so often
 * (--stats-every). Of a series each JSON output gets them, too, when they are due. A signal that asks must never end a run.
 */
#ifndef APP_INTERIM_H
#define APP_INTERIM_H

struct app;

/* From now on the two signals report that nothing was sent; until interim_begin(). */
void interim_prepare(void);

/* From now on they report the run's counters, and --stats-every is served. 0, or a negative errno value. */
int interim_begin(struct app *app);

#endif
