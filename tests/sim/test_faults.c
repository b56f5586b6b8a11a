/* SPDX-License-Identifier: MIT */
/*
 * Every error that sending and reading can meet, at the first, a middle and the last probe, once and for a while, in
 * every kind of run. A run ends by itself, and what is only a matter of room or of an interrupted call changes nothing
 * of its result.
 */
#include "run.h"

#include <errno.h>

#include "base/errno_name.h"

#define HOST    "10.0.0.1"
#define ANSWERS 6

struct job {
	const char *name;
	enum rp_probe_type probe;
	const char *ports;
	uint64_t sends; /* of a run without faults */
	void (*set)(struct rp_config *config);
};

static void one(struct rp_config *config)
{
	config->timeout = SECOND;
}

static void several(struct rp_config *config)
{
	config->count = ANSWERS;
}

static void flood(struct rp_config *config)
{
	config->count = ANSWERS;
	config->interval = 0;
}

static void preload(struct rp_config *config)
{
	config->count = ANSWERS;
	config->preload = ANSWERS;
	config->timeout = SECOND;
}

static void by_replies(struct rp_config *config)
{
	config->count = ANSWERS;
	config->count_replies = true;
	config->deadline = 30 * SECOND;
}

static void until_up(struct rp_config *config)
{
	config->count = 0;
	config->until_answered = 3;
	config->deadline = 30 * SECOND;
}

static void syn_series(struct rp_config *config)
{
	config->plan = RP_PLAN_SERIES;
	config->count = ANSWERS;
}

static void scan(struct rp_config *config)
{
	config->max_rate = 0;
}

static void wait_open(struct rp_config *config)
{
	config->sought = RP_STATE_OPEN;
	config->wait_interval = SECOND;
	config->deadline = 30 * SECOND;
}

static const struct job jobs[] = {
	{"-c 1 -W 1", RP_PROBE_ICMP_ECHO, NULL, 1, one},
	{"-c 6", RP_PROBE_ICMP_ECHO, NULL, ANSWERS, several},
	{"-f -c 6", RP_PROBE_ICMP_ECHO, NULL, ANSWERS, flood},
	{"-l 6 -c 6 -W 1", RP_PROBE_ICMP_ECHO, NULL, ANSWERS, preload},
	{"-c 6 -w 30", RP_PROBE_ICMP_ECHO, NULL, ANSWERS, by_replies},
	{"--until-up 3 -w 30", RP_PROBE_ICMP_ECHO, NULL, 3, until_up},
	{"rsyn -c 6", RP_PROBE_TCP_SYN, "22", ANSWERS, syn_series},
	{"rsyn -p 20-25", RP_PROBE_TCP_SYN, "20-25", 6, scan},
	{"rsyn --wait-open", RP_PROBE_TCP_SYN, "22", 1, wait_open},
};

static void begin(struct run *run, const struct job *job)
{
	run_init(run, 1, job->probe, HOST, job->ports);
	run_rule(run, HOST, HOST, 0, 65535, HOST_OPEN);
	run_rule(run, HOST, HOST, 0, 65535, HOST_ALIVE);
	if (job->probe == RP_PROBE_ICMP_ECHO)
		run->rules[0] = run->rules[1];
	run->net.delay = 10 * MS;
	job->set(&run->config);
}

/* How long a run without faults takes. */
static double plain_seconds(const struct job *job)
{
	struct run run;

	begin(&run, job);
	run_go(&run);
	if (run.total.sent != job->sends || run.total.received != job->sends)
		run_fail(&run, "%s: %llu of %llu", job->name, (unsigned long long)run.total.received,
			 (unsigned long long)run.total.sent);
	double seconds = run_seconds(&run);
	run_fini(&run);
	return seconds;
}

static bool is_refusal(int error)
{
	return error != ENOBUFS && error != ENOMEM && error != EAGAIN && error != EINTR;
}

/* With every fault at every probe: how many runs. */
static unsigned try_faults(const struct job *job, bool sending, const int *errors, size_t error_count)
{
	static const uint64_t counts[] = {1, 3, 300};
	double plain = plain_seconds(job);
	unsigned runs = 0;

	for (size_t e = 0; e < error_count; e++) {
		for (uint64_t from = 1; from <= job->sends + 1; from++) {
			for (size_t c = 0; c < LENGTH_OF(counts); c++, runs++) {
				struct run run;
				struct fault fault = {from, counts[c], errors[e]};
				bool refused = sending && is_refusal(errors[e]);

				if (refused && c == 2)
					continue;
				begin(&run, job);
				*(sending ? &run.send_fault : &run.read_fault) = fault;
				run_go(&run);
				if (!refused && run.total.received < job->sends)
					run_fail(&run, "%s, %s %llu times from %llu on: %llu of %llu, %llu unsent",
						 job->name, errno_name(errors[e]), (unsigned long long)fault.count,
						 (unsigned long long)from, (unsigned long long)run.total.received,
						 (unsigned long long)run.total.sent,
						 (unsigned long long)run.total.unsent);
				if (run.total.lost > 0 || run.total.late > 0)
					run_fail(&run, "%s: a refusal became a loss", job->name);
				/* A refused probe of a wait is followed by another an interval later; a scan is
				 * slowed down. */
				double most = plain + (refused ? 4 * (double)counts[c] : (double)counts[c] * 0.0011);
				if (run_seconds(&run) > most)
					run_fail(&run, "%s, %s %llu times from %llu on: %f s instead of %f", job->name,
						 errno_name(errors[e]), (unsigned long long)fault.count,
						 (unsigned long long)from, run_seconds(&run), plain);
				run_fini(&run);
			}
		}
	}
	return runs;
}

TEST(sending_fails)
{
	static const int errors[] = {ENOBUFS, ENOMEM, EAGAIN, EINTR, EPERM, ENETUNREACH, EINVAL, EACCES, ENODEV};
	unsigned runs = 0;

	for (size_t i = 0; i < LENGTH_OF(jobs); i++)
		runs += try_faults(&jobs[i], true, errors, LENGTH_OF(errors));
	run_note("%u runs", runs);
}

TEST(reading_fails)
{
	static const int errors[] = {ENOBUFS, ENOMEM, EINTR, EPERM, ENETUNREACH, ENETDOWN};
	unsigned runs = 0;

	for (size_t i = 0; i < LENGTH_OF(jobs); i++)
		runs += try_faults(&jobs[i], false, errors, LENGTH_OF(errors));
	run_note("%u runs", runs);
}

/* A queue that never has room: the first probe is given up after 10 s at most, each one after it in half the time,
 * and all are reported as not sent. */
TEST(never_any_room)
{
	for (size_t i = 0; i < LENGTH_OF(jobs); i++) {
		for (int error = 0; error < 2; error++) {
			struct run run;

			begin(&run, &jobs[i]);
			run.send_fault = (struct fault){1, UINT64_MAX, error == 0 ? ENOBUFS : ENOMEM};
			run.config.deadline = 60 * SECOND;
			run_go(&run);
			assert_int_equal(run.total.sent, 0);
			if (jobs[i].set == several || jobs[i].set == flood || jobs[i].set == preload ||
			    jobs[i].set == syn_series) {
				assert_int_equal(run.total.unsent, ANSWERS);
				assert_true(run_seconds(&run) < 20.01 + ANSWERS);
			}
			assert_true(run_seconds(&run) <= 60.01);
			if (jobs[i].sends == 1 && run.config.timeout == SECOND)
				assert_true(run_seconds(&run) < 1.01);
			run_fini(&run);
		}
	}
}

/* A run that ends while there is no room: the probes that wait for it are reported as not sent. */
TEST(no_room_until_the_end)
{
	for (size_t i = 0; i < LENGTH_OF(jobs); i++) {
		struct run run;

		begin(&run, &jobs[i]);
		run.send_fault = (struct fault){1, UINT64_MAX, ENOBUFS};
		run.config.deadline = SECOND / 2;
		run_go(&run);
		assert_int_equal(run.end, RP_END_DEADLINE);
		assert_int_equal(run.total.sent, 0);
		assert_int_equal(run.total.unsent, jobs[i].set == preload || jobs[i].set == scan ? ANSWERS : 1);
		run_fini(&run);
	}
}

/* A socket that can be read no more ends the run with the error. */
TEST(never_readable)
{
	for (size_t i = 0; i < LENGTH_OF(jobs); i++) {
		struct run run;

		begin(&run, &jobs[i]);
		run.read_fault = (struct fault){1, UINT64_MAX, EPERM};
		run_go(&run);
		assert_int_equal(run.end, RP_END_ERROR);
		assert_int_equal(run.total.lost + run.total.late, 0);
		assert_true(run_seconds(&run) < 3);
		run_fini(&run);
	}
}

/* The process was stopped (SIGSTOP, a debugger, a frozen cgroup): the answers came meanwhile, in time. */
TEST(stopped_for_a_while)
{
	for (size_t i = 0; i < LENGTH_OF(jobs); i++) {
		struct run run;

		begin(&run, &jobs[i]);
		if (run.config.timeout == RP_TIME_NONE && run.config.plan == RP_PLAN_SERIES)
			run.config.timeout = 100 * MS;
		run.driver.wake = 5 * SECOND;
		run.driver.interrupted = 900000;
		run_go(&run);
		assert_int_equal(run.total.lost + run.total.late, 0);
		assert_true(run.total.received > 0);
		run_fini(&run);
	}
}
