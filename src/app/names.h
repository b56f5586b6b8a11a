/* SPDX-License-Identifier: MIT */
/* Names, so that nothing waits for them longer than it must. */
#ifndef APP_NAMES_H
#define APP_NAMES_H

#include <time.h>

#include "base/ns.h"
#include "app/app.h"

/* How long a run's beginning waits for names that are only nice to have, or that may still come later. */
#define NAMES_HEAD_START (100 * NS_PER_MS)

/* The system's resolver is about to be asked, which blocks: the process ends with this exit status and a sentence (none
 * where `name` is NULL) unless names_unguard() comes within `limit` (ns; INT64_MAX: none but the run's deadline). */
struct names_guard {
	struct app *app;
	timer_t timer;
	bool armed;
	int status;
	char sentence[512];
	int64_t began; /* monotonic */
};

void names_guard(struct names_guard *guard, struct app *app, const char *name, int64_t limit, int status);

/* How long it took. The deadline is the whole run's: what lookups take is not left for the probes. */
int64_t names_unguard(struct names_guard *guard);

/* As rp_resolver_look_up(), but signals and the deadline of the run end the wait: what is not known then is reported
 * so, and the run that follows ends at once, with its outputs. `user` is the struct app. */
int names_look_up(void *user, const char *const *names, size_t count,
		  void (*found)(void *user, size_t index, const struct rp_found *found), void *found_user);

/* Addresses of a name beyond the first, which alone is probed: a line on stderr. */
void names_report_others(const struct app *app, const struct rp_found *found);

/* Makes the tool's resolver, once. 0, or a negative errno value with the reason in `error`. */
int names_open(struct app *app, struct rp_error *error);

/* Lines call hosts by their names from now on. */
void names_show(struct app *app);

/* The names of all targets that were given by name are looked up again every so often; when one leads elsewhere, the
 * probes go there. Ends the process when that is impossible. */
void names_follow(struct app *app, int64_t every);

#endif
