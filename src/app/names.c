/* SPDX-License-Identifier: MIT */
/*
 * Looks names up: one in this process where there is nothing else to probe, all others in the resolver's child, before
 * the run and during it.
 */
#include "app/names.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/ascii.h"
#include "base/ns.h"
#include "app/die.h"
#include "app/signals.h"
#include "app/time.h"

/* ---- the system's resolver -------------------------------------------------------------------- */

/* In the middle of getaddrinfo(), so nothing but system calls. (Not by SIGALRM: that clock may be running already,
 * set by who started this program.) */
static void time_is_up(int number, siginfo_t *info, void *context)
{
	const struct names_guard *guard = info->si_value.sival_ptr;

	(void)number, (void)context;
	if (guard->sentence[0] != '\0' && write(STDERR_FILENO, guard->sentence, strlen(guard->sentence)) < 0)
		_exit(EXIT_USAGE);
	_exit(guard->status);
}

void names_guard(struct names_guard *guard, struct app *app, const char *name, int64_t limit, int status)
{
	int64_t deadline = app->config.deadline;
	const struct sigaction action = {.sa_sigaction = time_is_up, .sa_flags = SA_SIGINFO};
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN, .sigev_value.sival_ptr = guard};
	struct strbuf text;

	*guard = (struct names_guard){.app = app, .status = status, .began = time_now(CLOCK_MONOTONIC)};
	if (deadline != RP_TIME_NONE && deadline < limit)
		limit = deadline;
	if (limit == INT64_MAX)
		return;
	strbuf_init(&text);
	strbuf_addf(&text, "%s: ", app->about->name);
	strbuf_add_escaped(&text, name != NULL ? name : "");
	strbuf_add(&text, ": no address was found for it before the deadline\n");
	if (name != NULL)
		snprintf(guard->sentence, sizeof guard->sentence, "%s", text.failed ? "" : text.text);
	strbuf_fini(&text);
	if (sigaction(SIGRTMIN, &action, NULL) < 0 || timer_create(CLOCK_MONOTONIC, &event, &guard->timer) < 0)
		return;
	guard->armed = true;
	struct itimerspec spec = {
		.it_value = {.tv_sec = (time_t)(limit / NS_PER_S), .tv_nsec = (long)(limit % NS_PER_S)}};
	timer_settime(guard->timer, 0, &spec, NULL);
}

int64_t names_unguard(struct names_guard *guard)
{
	int64_t *deadline = &guard->app->config.deadline;
	int64_t passed = time_now(CLOCK_MONOTONIC) - guard->began;

	if (guard->armed) {
		timer_delete(guard->timer);
		signal(SIGRTMIN, SIG_DFL);
	}
	if (*deadline != RP_TIME_NONE)
		*deadline = *deadline > passed ? *deadline - passed : 1;
	return passed;
}

/* ---- what a name leads to --------------------------------------------------------------------- */

/* A line is to be readable. */
#define OTHERS_MOST 8

void names_report_others(const struct app *app, const struct rp_found *found)
{
	char address[RP_ADDR_TEXT_SIZE];
	struct strbuf text;

	strbuf_init(&text);
	for (unsigned i = 1; i < found->count && i <= OTHERS_MOST; i++)
		strbuf_addf(&text, "%s%s", i > 1 ? ", " : "", rp_addr_format(found->addresses[i], address));
	if (found->count - 1 > OTHERS_MOST)
		strbuf_addf(&text, " and %u more", found->count - 1 - OTHERS_MOST);
	warn(app->about->name, "other addresses of %s (not probed): %s", found->name, text.failed ? "" : text.text);
	strbuf_fini(&text);
}

/* ---- beside the probes ------------------------------------------------------------------------ */

int names_open(struct app *app, struct rp_error *error)
{
	int result = 0;

	if (app->names != NULL)
		return 0;
	if (app->loop == NULL)
		result = rp_loop_new(&app->loop);
	return result < 0 ? result : rp_resolver_open(&app->names, app->loop, error);
}

/* What was found for one of several. */
struct answer {
	size_t *left; /* of all */
	struct rp_found found;
	struct rp_addr *addresses; /* owned */
	char *text;                /* owned: the canonical name, or what is wrong */
	bool answered;
};

static bool take_answer(void *user, const struct rp_found *found)
{
	struct answer *answer = user;
	struct strbuf text;

	answer->found = *found;
	answer->answered = true;
	(*answer->left)--;
	strbuf_init(&text);
	if (found->count == 0 && strstr(found->why, found->name) == NULL)
		strbuf_addf(&text, "%s: ", found->name);
	strbuf_add(&text, found->count > 0 ? found->canonical : found->why);
	answer->text = text.failed ? NULL : strdup(text.text);
	strbuf_fini(&text);
	answer->addresses = calloc(found->count + 1, sizeof *answer->addresses);
	if (answer->addresses != NULL && found->count > 0)
		memcpy(answer->addresses, found->addresses, found->count * sizeof *found->addresses);
	return false;
}

static void give_answer(struct answer *answer, const char *name, size_t index, bool interrupted,
			void (*found)(void *user, size_t index, const struct rp_found *found), void *user)
{
	struct strbuf text;

	strbuf_init(&text);
	if (!answer->answered) {
		strbuf_addf(&text, "%s: no address was found for it before the %s", name,
			    interrupted ? "interrupt" : "deadline");
		answer->found = (struct rp_found){.error = -ETIMEDOUT};
		answer->text = text.failed ? NULL : strdup(text.text);
	}
	strbuf_fini(&text);
	if (answer->text == NULL || (answer->answered && answer->addresses == NULL))
		answer->found = (struct rp_found){.error = -ENOMEM};
	answer->found.name = name;
	answer->found.addresses = answer->addresses;
	answer->found.canonical = answer->found.count > 0 ? answer->text : name;
	answer->found.why = answer->text != NULL ? answer->text : strerror(ENOMEM);
	found(user, index, &answer->found);
	free(answer->text);
	free(answer->addresses);
}

/* Side by side they may have been too many for the descriptors of a process; one after the other they are not. */
static bool is_to_be_repeated(const struct answer *answer)
{
	return answer->answered && (answer->found.error == -EMFILE || answer->found.error == -ENFILE);
}

int names_look_up(void *user, const char *const *names, size_t count,
		  void (*found)(void *user, size_t index, const struct rp_found *found), void *found_user)
{
	struct app *app = user;
	int64_t began = time_now(CLOCK_MONOTONIC), *deadline = &app->config.deadline;
	int64_t until = *deadline != RP_TIME_NONE && *deadline < INT64_MAX - began ? began + *deadline : INT64_MAX;
	struct answer *list = calloc(count, sizeof *list);
	size_t left = count;
	int error = list != NULL ? names_open(app, NULL) : -ENOMEM;

	if (error == 0)
		error = signals_catch(app);
	for (size_t i = 0; i < count && error == 0; i++) {
		list[i].left = &left;
		error = rp_resolver_find(app->names, names[i], 0, 0, take_answer, &list[i]);
	}
	while (error == 0 && left > 0 && !app->interrupted && time_now(CLOCK_MONOTONIC) < until)
		error = rp_loop_dispatch(app->loop, until);
	/* Of what is not known now nothing is reported any more. */
	if (left > 0) {
		rp_resolver_close(app->names);
		app->names = NULL;
	}
	for (size_t i = 0; i < count && error == 0; i++)
		if (is_to_be_repeated(&list[i])) {
			error = rp_resolver_look_up(&names[i], 1, found, found_user);
			free(list[i].text);
			free(list[i].addresses);
		} else {
			give_answer(&list[i], names[i], i, app->interrupted, found, found_user);
		}
	free(list);
	if (*deadline != RP_TIME_NONE) {
		int64_t passed = time_now(CLOCK_MONOTONIC) - began;
		*deadline = *deadline > passed ? *deadline - passed : 1;
	}
	return error;
}

static const char *name_of(void *user, struct rp_addr address)
{
	return rp_resolver_of(user, address);
}

void names_show(struct app *app)
{
	app->results.name_of = name_of;
	app->results.name_user = app->names;
}

/* ---- following names -------------------------------------------------------------------------- */

struct followed {
	struct app *app;
	uint32_t target;
	bool lost; /* the last time it led nowhere, and that was reported */
};

/* No name may turn probes for one host into probes for many. */
static bool is_one_host(struct rp_addr address)
{
	uint32_t value = rp_addr_ipv4_value(address);

	return value != 0 && value >> 28 < 0xe;
}

/* A name may have another source than those that are asked, its server may be down, or it may lead to what is
 * excluded. */
static void report_lost(struct followed *followed, const struct rp_found *found, const char *why)
{
	struct rp_addr now = rp_targets_at(followed->app->targets, followed->target).address;
	char address[RP_ADDR_TEXT_SIZE];

	if (!followed->lost)
		warn(followed->app->about->name, "--resolve-every: %s: %s; probes still go to %s", found->name, why,
		     rp_addr_format(now, address));
	followed->lost = true;
}

static bool is_excluded(const struct app *app, struct rp_addr address)
{
	return app->excluded != NULL && rp_targets_find(app->excluded, address) >= 0;
}

/* As long as the present address is among those of the name, there is no reason to leave it. */
static bool follow(void *user, const struct rp_found *found)
{
	struct followed *followed = user;
	struct app *app = followed->app;
	struct rp_addr now = rp_targets_at(app->targets, followed->target).address;
	bool good = found->count > 0 && !is_excluded(app, found->addresses[0]);

	for (unsigned i = 0; i < found->count; i++)
		if (rp_addr_equal(found->addresses[i], now)) {
			followed->lost = false;
			return true;
		}
	if (!good)
		report_lost(followed, found, found->count > 0 ? "its address is excluded" : found->why);
	else
		followed->lost = false;
	if (app->session == NULL || !good || !is_one_host(found->addresses[0]))
		return true;
	rp_targets_move(app->targets, followed->target, found->addresses[0]);
	return true;
}

void names_follow(struct app *app, int64_t every)
{
	uint32_t count = rp_targets_count(app->targets);
	struct rp_error error = {""};

	if (names_open(app, &error) < 0)
		die(app->about->name, "--resolve-every: %s", error.text);
	app->followed = calloc(count, sizeof *app->followed);
	if (app->followed == NULL)
		die(app->about->name, "out of memory");
	for (uint32_t i = 0; i < count; i++) {
		struct rp_target target = rp_targets_at(app->targets, i);

		if (target.canonical == NULL || target.follows || target.bad != RP_REASON_NONE)
			continue;
		if (!ascii_only(target.name))
			die(app->about->name,
			    "--resolve-every: give the name in the form that name servers know (xn--)");
		app->followed[i] = (struct followed){.app = app, .target = i};
		if (rp_resolver_find(app->names, target.name, every, every, follow, &app->followed[i]) < 0)
			die(app->about->name, "out of memory");
	}
}
