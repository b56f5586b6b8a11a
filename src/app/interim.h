/* SPDX-License-Identifier: MIT */
/*
 * Reports the counters so far: on stderr when SIGQUIT or SIGUSR1 asks, in every mode of both tools, and every so often
 * (--stats-every). Of a series each JSON output gets them, too, when they are due. A signal that asks must never end a
 * run.
 */
#ifndef APP_INTERIM_H
#define APP_INTERIM_H

struct app;

/* From now on the two signals report that nothing was sent, until the loop takes them. To be called before anything
 * that may wait for long. */
void interim_prepare(void);

/* Reports that nothing was sent: a handler. */
void interim_report_none(int signal);

/* One of them came: reports the run's counters. */
void interim_report(struct app *app);

/* --stats-every is served from now on. 0, or a negative errno value. */
int interim_begin(struct app *app);

#endif
