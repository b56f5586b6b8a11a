/* SPDX-License-Identifier: MIT */
/*
 * The driver: the loop's step, in which packets go from the session to the raw sockets and back. It knows
 * no probe and no plan.
 *
 * Order is what it is for. Answers are read before transmit stamps are, and told after them: the stamp of a
 * probe is in its queue before the answer can be in the other, so no answer overtakes its stamp. And what
 * arrives is read after every full batch, so that sending can not outrun receiving.
 */
#include <rprobe/rprobe.h>

#include <errno.h>
#include <sys/epoll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/error.h"
#include "base/ns.h"
#include "core/session.h"
#include "io/config.h"
#include "io/loop.h"
#include "io/outlet.h"
#include "io/rawsock.h"
#include "io/route.h"
#include "target/addrset.h"

/* Batches a step sends or reads at most before the loop may look at signals again. */
#define ROUNDS 16

/* When the kernel has no memory for a packet. */
#define RETRY_AFTER NS_PER_MS

/* A socket that receives. */
struct inlet {
	struct loop_fd watch;
	int fd; /* -1: none */
	bool ready;
};

struct rp_session {
	struct rp_loop *loop;
	struct rp_sockets *sockets;
	struct rp_config config;
	struct session *engine;
	struct stamp_clock clock;
	struct resolve_route route;

	struct inlet icmp;
	struct inlet tcp;
	struct loop_fd outlet_watch;
	bool stamps_ready;
	unsigned notes; /* enum rp_session_note, or-ed */
	bool blocked;   /* the send buffer is full: EPOLLOUT will tell */
	bool stopping;  /* the caller wants the run to end */
	bool prompt;    /* the latest answers were there when sending ended */
	int64_t sent_at;
	int64_t now; /* of this step: after the latest reading */

	struct outlet outlet;
	struct rawsock_received received[RAWSOCK_BATCH];
};

/* ---- receiving -------------------------------------------------------------------------------- */

static int read_stamps(struct rp_session *session)
{
	int count = RAWSOCK_BATCH;

	for (unsigned i = 0; i < ROUNDS && count == RAWSOCK_BATCH; i++)
		count = outlet_read_stamps(&session->outlet, &session->clock);
	session->stamps_ready = false;
	return count < 0 ? count : 0;
}

/* One batch of answers, of so many at most. */
static int read_inlet(struct rp_session *session, struct inlet *inlet, unsigned most)
{
	int error = 0;
	int64_t now;
	int count = rawsock_receive(session->sockets, inlet->fd, &session->clock, session->received, most, &now);

	inlet->ready = count == RAWSOCK_BATCH;
	if (count <= 0)
		return count;
	session->prompt = session->received[0].stamp.ns <= session->sent_at;
	if (session->outlet.unstamped > 0)
		error = read_stamps(session);
	for (int i = 0; i < count; i++)
		session_input(session->engine, session->received[i].bytes, session->received[i].length,
			      session->received[i].stamp, now);
	return error;
}

/* Reads on for as long as batches are full; a smaller `most` reads one batch from each socket. */
static int read_all(struct rp_session *session, unsigned most)
{
	int error = 0;

	for (unsigned i = 0; error == 0 && i < ROUNDS && session->icmp.ready; i++)
		error = read_inlet(session, &session->icmp, most);
	for (unsigned i = 0; error == 0 && i < ROUNDS && session->tcp.ready; i++)
		error = read_inlet(session, &session->tcp, most);
	if (error == 0 && session->stamps_ready)
		error = read_stamps(session);
	return error;
}

/* How many answers sending can have brought at most. Asked for more than are there, the kernel looks for one in vain, which
 * makes a flood of one probe at a time slower by a thirtieth. The loop tells of anything that came besides. */
static unsigned answers_due(const struct rp_session *session)
{
	uint32_t waiting = session_waiting(session->engine);

	if (waiting == 0)
		return 1;
	return waiting < RAWSOCK_BATCH ? waiting : RAWSOCK_BATCH;
}

/* ---- the step --------------------------------------------------------------------------------- */

static void expect_answers(struct rp_session *session)
{
	session->icmp.ready = true;
	session->tcp.ready = session->tcp.fd >= 0;
}

static bool readable(const struct rp_session *session)
{
	return session->icmp.ready || session->tcp.ready || session->stamps_ready;
}

/* Sends a batch, or what is left of one. */
static void turn_out(struct rp_session *session)
{
	if (!outlet_left(&session->outlet)) {
		route_watch(&session->route, session->sockets, session->now);
		outlet_fill(&session->outlet, session->now);
	}
	if (!outlet_left(&session->outlet) || session->blocked)
		return;
	uint32_t unstamped = session->outlet.unstamped;
	unsigned sent = session->outlet.sent;
	if (outlet_send(&session->outlet, stamp_monotonic()) == -EAGAIN) {
		session->blocked = true;
		loop_modify(session->loop, session->sockets->send_fd, EPOLLOUT, &session->outlet_watch);
	}
	session->sent_at = stamp_monotonic();
	/* Where nothing left, nothing is to be looked for. */
	if (session->outlet.sent == sent)
		return;
	session->stamps_ready |= session->outlet.unstamped > unstamped;
	/* All that a full batch may have brought is read before the next one; and where answers come at once,
	 * waiting for them would only cost. */
	if (outlet_full(&session->outlet) || session->prompt)
		expect_answers(session);
}

static int64_t next_step(const struct rp_session *session)
{
	int64_t deadline = session_deadline(session->engine);

	if (readable(session))
		return 0;
	if (outlet_left(&session->outlet)) {
		int64_t retry = stamp_monotonic() + RETRY_AFTER;

		return deadline > retry ? deadline : retry;
	}
	return deadline > 0 ? deadline : 0;
}

/* Reads, gives up, sends, for as long as that leaves something to read, or until the loop should look at signals again.
 * Given up is only what was overdue when the step began. Telling what was read may take long, where nobody reads our output:
 * answers that came meanwhile wait in the sockets. */
static int64_t session_step(void *user)
{
	struct rp_session *session = user;
	int64_t looked = stamp_monotonic();

	if (stamp_clock_update(&session->clock))
		session_set_wall_offset(session->engine, session->clock.offset);
	for (unsigned i = 0; i == 0 || (i < ROUNDS && readable(session)); i++) {
		int error;

		if (session->stopping)
			expect_answers(session);
		error = read_all(session, i == 0 || session->stopping ? RAWSOCK_BATCH : answers_due(session));
		session->now = stamp_monotonic();
		if (error < 0) {
			session_end(session->engine, session->now, RP_END_ERROR, -error);
			return error;
		}
		if (session->stopping)
			session_end(session->engine, session->now, RP_END_STOPPED, 0);
		else if (i == 0)
			session_expire(session->engine, looked);
		if (!session_done(session->engine))
			turn_out(session);
		if (session_done(session->engine)) {
			rp_loop_quit(session->loop);
			return INT64_MAX;
		}
	}
	return next_step(session);
}

static void inlet_ready(void *user, uint32_t events)
{
	struct inlet *inlet = user;

	(void)events;
	inlet->ready = true;
}

static void outlet_ready(void *user, uint32_t events)
{
	struct rp_session *session = user;

	if (events & EPOLLERR)
		session->stamps_ready = true;
	if (session->blocked && events & EPOLLOUT) {
		session->blocked = false;
		loop_modify(session->loop, session->sockets->send_fd, 0, &session->outlet_watch);
	}
}

/* ---- opening and closing ---------------------------------------------------------------------- */

/* The kernel fills in the source of ICMP packets as they leave, so that a long run survives a change of address.
 * TCP's checksum needs it beforehand. */
static int session_route(void *user, struct rp_addr destination, struct rp_addr *source)
{
	struct rp_session *session = user;

	if (session->route.fault < 0)
		return session->route.fault;
	switch (session->config.probe) {
	case RP_PROBE_ICMP_ECHO:
		if (session->config.ip_option != RP_IP_OPTION_NONE)
			return resolve_source(&session->route, destination, session->now, source);
		*source = (struct rp_addr){.family = RP_FAMILY_NONE};
		return 0;
	case RP_PROBE_TCP_SYN:
		return resolve_source(&session->route, destination, session->now, source);
	}
	return -EINVAL;
}

static uint32_t session_mtu(void *user, struct rp_addr destination)
{
	return (uint32_t)route_mtu(&((struct rp_session *)user)->route, destination);
}

/* What chance and the kernel decide. */
static int open_setup(struct rp_session *session, struct session_setup *setup, struct rp_error *error)
{
	const struct rp_config *config = &session->config;
	struct {
		struct cookie_key key;
		uint16_t identifier;
	} random;
	int result = 0;

	if (getrandom(&random, sizeof random, 0) != (ssize_t)sizeof random)
		return error_set(error, -EIO, "no random numbers");
	setup->key = random.key;
	setup->identifier = config->identifier < 0 ? random.identifier : (uint16_t)config->identifier;
	if (config->probe == RP_PROBE_TCP_SYN)
		result = rawsock_reserve_ports(session->sockets, config, setup->source_ports);
	if (result < 0)
		return error_set(error, result, "source port %u: %s", config->source_port, strerror(-result));
	setup->now = stamp_monotonic();
	setup->wall_offset = session->clock.offset;
	setup->route = session_route;
	setup->mtu = session_mtu;
	setup->find = addrset_find;
	setup->find_moved = addrset_find_moved;
	setup->user = session;
	return 0;
}

static int watch_inlet(struct rp_session *session, struct inlet *inlet, int fd)
{
	inlet->watch = (struct loop_fd){.ready = inlet_ready, .user = inlet};
	inlet->fd = fd;
	return fd < 0 ? 0 : loop_add(session->loop, fd, EPOLLIN, &inlet->watch);
}

static int join_loop(struct rp_session *session)
{
	bool tcp = session->config.probe == RP_PROBE_TCP_SYN;
	int error = watch_inlet(session, &session->icmp, session->sockets->icmp_fd);

	if (error == 0)
		error = watch_inlet(session, &session->tcp, tcp ? session->sockets->tcp_fd : -1);
	session->outlet_watch = (struct loop_fd){.ready = outlet_ready, .user = session};
	if (error == 0)
		error = loop_add(session->loop, session->sockets->send_fd, 0, &session->outlet_watch);
	if (error == 0)
		loop_set_step(session->loop, session_step, session);
	return error;
}

/* Opens the route once more, bound to the source that the kernel has chosen. */
static int open_sticky_route(struct rp_session *session, struct rp_error *error)
{
	unsigned notes;

	session->config.source = rp_session_source(session, 0);
	resolve_route_fini(&session->route);
	return route_open(&session->route, session->sockets, &session->config, &notes, error);
}

static int open_engine(struct rp_session *session, const struct rp_listener *listener, struct rp_error *error)
{
	const struct rp_config *config = &session->config;
	struct session_setup setup = {.source_ports = {0}};

	if (config->probe == RP_PROBE_TCP_SYN && session->sockets->tcp_fd < 0)
		return error_set(error, -EINVAL, "the sockets were opened without TCP");
	int result = route_open(&session->route, session->sockets, config, &session->notes, error);
	if (result == 0 && config->sticky_source)
		result = open_sticky_route(session, error);
	if (result < 0)
		return result;
	result = open_setup(session, &setup, error);
	if (result < 0)
		return result;
	result = rawsock_attach_filter(session->sockets, config->probe, setup.identifier, setup.source_ports);
	if (result < 0)
		return error_set(error, result, "packet filter: %s", strerror(-result));
	result = session_new(&session->engine, config, &setup, listener);
	if (result == -E2BIG)
		return error_set(
			error, result,
			"%u hosts with %s%u ports each are more than one run holds: give it hosts or ports in parts",
			rp_targets_count(config->targets), config->ports_of != NULL ? "up to " : "",
			rp_ports_count(config->ports));
	if (result < 0)
		return error_set(error, result, "session: %s", strerror(-result));
	outlet_init(&session->outlet, session->sockets, session->engine, &session->route, config->path_mtu);
	result = join_loop(session);
	return result < 0 ? error_set(error, result, "event loop: %s", strerror(-result)) : 0;
}

int rp_session_open(struct rp_session **result, struct rp_loop *loop, struct rp_sockets *sockets,
		    const struct rp_config *config, const struct rp_listener *listener, struct rp_error *error)
{
	struct rp_session *session;
	int code = config_check(config, error);

	if (code < 0)
		return code;
	session = calloc(1, sizeof *session);
	if (!session)
		return error_set(error, -ENOMEM, "out of memory");
	session->loop = loop;
	session->sockets = sockets;
	session->config = *config;
	session->route.query.fd = session->icmp.fd = session->tcp.fd = -1;
	stamp_clock_init(&session->clock);
	code = open_engine(session, listener, error);
	if (code < 0)
		rp_session_close(session);
	else
		*result = session;
	return code;
}

void rp_session_close(struct rp_session *session)
{
	if (!session)
		return;
	loop_remove(session->loop, session->sockets->send_fd);
	loop_remove(session->loop, session->icmp.fd);
	loop_remove(session->loop, session->tcp.fd);
	loop_set_step(session->loop, NULL, NULL);
	session_free(session->engine);
	resolve_route_fini(&session->route);
	free(session);
}

/* The step does it, since answers that are here already must be told before the end. */
void rp_session_stop(struct rp_session *session)
{
	session->stopping = true;
}

void rp_session_stats(const struct rp_session *session, uint32_t target, struct rp_stats *stats)
{
	session_stats(session->engine, target, stats);
}

void rp_session_port_stats(const struct rp_session *session, uint32_t target, uint16_t port, struct rp_stats *stats)
{
	session_port_stats(session->engine, target, port, stats);
}

void rp_session_moved(struct rp_session *session, uint32_t target, struct rp_addr before)
{
	session_moved(session->engine, stamp_monotonic(), target, before);
}

struct rp_stamp rp_session_time(const struct rp_session *session)
{
	return session_time(session->engine, stamp_monotonic());
}

unsigned rp_session_notes(const struct rp_session *session)
{
	return session->notes;
}

struct rp_addr rp_session_source(const struct rp_session *session, uint32_t target)
{
	/* What the route remembers is no part of the session's state that the caller sees. */
	struct resolve_route *route = (struct resolve_route *)&session->route;
	struct rp_addr source = session->config.source;

	if (source.family == RP_FAMILY_NONE &&
	    resolve_source(route, rp_targets_at(session->config.targets, target).address, stamp_monotonic(), &source) <
		    0)
		source.family = RP_FAMILY_NONE;
	return source;
}
