/* SPDX-License-Identifier: MIT */
/*
 * The driver's rules. Answers are read before transmit stamps and reported after them: the stamp of a probe is in its
 * queue before the answer can be in the other, so no answer overtakes its stamp. What arrives is read after every full
 * batch, so that sending cannot outrun receiving.
 */
#include "core/driver.h"

#include <errno.h>

#include "base/ns.h"

/* Batches that a step sends or reads at most before its caller may look at other work, such as signals. */
#define ROUNDS 16

/* Likewise, where answers are slow to look up or to report: no more is read in a step that has taken so long. */
#define STEP_MOST (20 * NS_PER_MS)

/* After this the kernel is asked again when it had no room for a packet or could not be read. */
#define RETRY_AFTER NS_PER_MS

/* A packet for which there is no room is tried for as long as its answer would be waited for, within these limits.
 * While there is still no room after that, each packet behind it is tried half as long as the one before it. */
#define ROOM_LEAST NS_PER_S
#define ROOM_MOST  (10 * NS_PER_S)

/* Reading that has failed for so long ends the run. */
#define FAILING_MOST NS_PER_S

void driver_init(struct driver *driver, struct session *session, const struct path_type *type, struct path *path,
		 int64_t (*clock)(void *user), void *user)
{
	*driver = (struct driver){
		.session = session,
		.type = type,
		.path = path,
		.clock = clock,
		.user = user,
		.refused_at = INT64_MAX,
		.retry = INT64_MAX,
		.failed_at = INT64_MAX,
	};
}

static bool readable(const struct driver *driver)
{
	return driver->type->readable(driver->path);
}

static bool is_over(const struct driver *driver)
{
	return driver->closed || session_done(driver->session);
}

/* ---- receiving -------------------------------------------------------------------------------- */

static int read_stamps(struct driver *driver)
{
	int count = PATH_BATCH;

	for (unsigned i = 0; i < ROUNDS && count == PATH_BATCH; i++) {
		count = driver->type->stamps(driver->path, driver->departed, PATH_BATCH);
		for (int n = 0; n < count; n++)
			session_tx_stamp(driver->session, driver->departed[n].slot, driver->departed[n].stamp);
	}
	return count < 0 ? count : 0;
}

/* One batch of answers, of so many at most; how many came. */
static int read_batch(struct driver *driver, unsigned most)
{
	int count = driver->type->read(driver->path, driver->arrived, most, &driver->now);
	int error = count < 0 ? count : read_stamps(driver);

	if (count > 0)
		driver->prompt = driver->arrived[0].stamp.ns <= driver->sent_at;
	for (int i = 0; i < count; i++)
		session_input(driver->session, driver->arrived[i].bytes, driver->arrived[i].length,
			      driver->arrived[i].stamp, driver->now);
	return error < 0 ? error : count;
}

/* Reads on while more is there, once at least. Whatever refuses to be read is tried again, until that has gone on
 * for too long. */
static int read_all(struct driver *driver, unsigned most, int64_t until)
{
	int count = 0;

	for (unsigned i = 0;
	     i < 2 * ROUNDS && count >= 0 && readable(driver) && !driver->closed && (i == 0 || driver->now < until);
	     i++)
		count = read_batch(driver, most);
	driver->now = driver->clock(driver->user);
	if (count >= 0)
		driver->failed_at = INT64_MAX;
	else if (driver->failed_at == INT64_MAX)
		driver->failed_at = driver->now;
	return driver->failed_at <= driver->now - FAILING_MOST ? count : 0;
}

/* How many answers sending can have brought at most. When it is asked for more than there are, the kernel looks for
 * one in vain, which makes a flood of one probe at a time slower by a thirtieth. Anything else that came wakes the
 * caller. */
static unsigned answers_due(const struct driver *driver)
{
	uint32_t waiting = session_waiting(driver->session);

	if (waiting == 0)
		return 1;
	return waiting < PATH_BATCH ? waiting : PATH_BATCH;
}

/* ---- sending ---------------------------------------------------------------------------------- */

static void fill(struct driver *driver)
{
	unsigned room = driver->type->room(driver->path, driver->now, &driver->frames);

	driver->count = driver->sent = 0;
	while (driver->count < room && !driver->closed &&
	       session_next(driver->session, driver->now, &driver->frames[driver->count]) == 1)
		driver->count++;
}

static bool no_room(int error)
{
	return error == -EAGAIN || error == -ENOBUFS || error == -ENOMEM || error == -EINTR;
}

/* How long the next frame is tried. */
static int64_t room_patience(const struct driver *driver)
{
	int64_t patience = driver->frames[driver->sent].patience;

	patience = patience < ROOM_LEAST ? ROOM_LEAST : patience < ROOM_MOST ? patience : ROOM_MOST;
	return driver->starved < 63 ? patience >> driver->starved : 0;
}

/* There was no room for the next frame: whether it is worth another try. */
static bool worth_waiting(struct driver *driver, int64_t now, int error)
{
	if (driver->refused_at == INT64_MAX)
		driver->refused_at = now;
	session_refused(driver->session, error == -EAGAIN || error == -EINTR ? 0 : -error);
	driver->retry = error == -EAGAIN ? INT64_MAX : now + RETRY_AFTER;
	return error == -EAGAIN || now - driver->refused_at < room_patience(driver);
}

/* Sends what is in the batch, as far as there is room. */
static void send_batch(struct driver *driver)
{
	while (driver->sent < driver->count && !is_over(driver)) {
		int64_t now = driver->clock(driver->user);
		int taken =
			driver->type->send(driver->path, driver->frames + driver->sent, driver->count - driver->sent);
		int error = taken < 0 ? taken : 0;

		if (no_room(error) && worth_waiting(driver, now, error))
			return;
		driver->refused_at = driver->retry = INT64_MAX;
		driver->starved = no_room(error) ? driver->starved + 1 : 0;
		for (int i = error < 0 ? 1 : taken; i > 0 && !is_over(driver); i--)
			session_sent(driver->session, &driver->frames[driver->sent++], now, -error);
	}
}

/* Sends a batch, or what is left of one. */
static void turn_out(struct driver *driver)
{
	unsigned before;

	if (driver->sent == driver->count)
		fill(driver);
	before = driver->sent;
	if (driver->sent == driver->count || (driver->retry != INT64_MAX && driver->now < driver->retry))
		return;
	send_batch(driver);
	driver->sent_at = driver->clock(driver->user);
	/* All that a full batch may have brought is read before the next one; and where answers come at once,
	 * waiting for them would only cost. */
	if (driver->sent > before && (driver->sent == PATH_BATCH || driver->prompt))
		driver->type->look(driver->path);
}

/* ---- the step --------------------------------------------------------------------------------- */

/* Gives up what was overdue when the step began, but nothing that an answer not read yet may be about. */
static void expire(struct driver *driver, int64_t began)
{
	int64_t seen = driver->type->seen(driver->path);

	session_expire(driver->session, seen < began ? seen : began, driver->now);
}

static int64_t next_step(const struct driver *driver)
{
	int64_t next = session_deadline(driver->session);

	if (driver->failed_at != INT64_MAX)
		return driver->now + RETRY_AFTER;
	if (readable(driver))
		return 0;
	if (driver->sent < driver->count) {
		/* What is due to be sent has to wait for the frames before it. */
		next = session_expiry(driver->session);
		next = driver->retry < next ? driver->retry : next;
	}
	return next > 0 ? next : 0;
}

void driver_fail(struct driver *driver, int error)
{
	driver->now = driver->clock(driver->user);
	if (!session_done(driver->session))
		session_end(driver->session, driver->now, RP_END_ERROR, -error);
}

/* Reads, gives up, sends, for as long as that leaves something to read. Reporting what was read may take long, where
 * nobody reads our output: answers that came meanwhile wait in the path. */
int64_t driver_step(struct driver *driver)
{
	struct session *session = driver->session;
	int64_t began = driver->clock(driver->user), until = began + STEP_MOST;

	driver->now = began;
	for (unsigned i = 0;
	     i == 0 || (i < ROUNDS && readable(driver) && driver->failed_at == INT64_MAX && driver->now < until); i++) {
		if (driver->stopping || (i == 0 && session_expiry(session) <= began))
			driver->type->look(driver->path);
		int error = read_all(driver, i == 0 || driver->stopping ? PATH_BATCH : answers_due(driver), until);
		if (error < 0) {
			driver_fail(driver, error);
			return error;
		}
		if (driver->stopping)
			session_end(session, driver->now, RP_END_STOPPED, 0);
		else if (i == 0)
			expire(driver, began);
		if (!is_over(driver))
			turn_out(driver);
		if (is_over(driver))
			return INT64_MAX;
	}
	return next_step(driver);
}
