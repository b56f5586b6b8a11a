/* SPDX-License-Identifier: MIT */
/* A session that the kernel carries: sockets, route, clock and loop, joined to the pure session and driver of core/. */
#include <rprobe/rprobe.h>

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/error.h"
#include "base/ns.h"
#include "base/unconst.h"
#include "core/driver.h"
#include "io/config.h"
#include "io/loop.h"
#include "io/paths.h"
#include "io/ports.h"
#include "io/rawsock.h"
#include "io/route.h"
#include "target/set.h"
#include "target/watch.h"

struct rp_session {
	struct rp_loop *loop;
	struct loop_member member;
	struct rp_timer *step; /* when the driver is to step */
	struct rp_sockets *sockets;
	struct rp_config config;
	struct rp_listener listener;
	struct session *engine;
	struct timestamp_clock clock;
	struct source route;

	unsigned notes; /* enum rp_session_note, or-ed */
	bool busy;      /* the listener may be called: closing has to wait */
	bool closed;
	const struct path_type *type;
	struct path *path;
	struct driver driver;
	struct watch watch;
};

static int64_t session_clock(void *user)
{
	(void)user;
	return timestamp_monotonic();
}

static void session_event(void *user, const struct rp_event *event)
{
	const struct rp_session *session = user;

	if (!session->closed)
		session->listener.event(session->listener.user, event);
}

/* What calls the listener lies between these two. */
static void session_begin(struct rp_session *session)
{
	session->busy = true;
}

static void session_finish(struct rp_session *session)
{
	session->busy = false;
	if (session->closed)
		rp_session_close(session);
}

/* The timer's callback. */
static void session_step(void *user, int64_t now)
{
	struct rp_session *session = user;
	int64_t next;

	(void)now;
	session_begin(session);
	if (timestamp_clock_update(&session->clock))
		session_set_wall_offset(session->engine, session->clock.offset);
	next = driver_step(&session->driver);
	session->member.done = session_done(session->engine);
	if (next < 0)
		session->member.error = (int)next;
	rp_timer_set(session->step, session->member.done ? INT64_MAX : next);
	session_finish(session);
}

/* The loop can no longer wait. */
static void session_failed(void *user, int error)
{
	struct rp_session *session = user;

	session_begin(session);
	driver_fail(&session->driver, error);
	session_finish(session);
}

/* ---- opening and closing ---------------------------------------------------------------------- */

/* The kernel fills in the source of ICMP packets as they leave, so that a long run survives a change of address.
 * TCP's checksum needs it beforehand. */
static int session_route(void *user, struct rp_addr destination, struct rp_addr *source)
{
	struct rp_session *session = user;

	if (session->route.fault < 0)
		return session->route.fault;
	if (probe_type_of(session->config.probe)->needs_source || session->config.ip_option != RP_IP_OPTION_NONE)
		return source_find(&session->route, destination, session->driver.now, source);
	*source = (struct rp_addr){.family = RP_FAMILY_NONE};
	return 0;
}

static void session_metrics(void *user, struct rp_addr destination, uint8_t *time_to_live, bool *dont_fragment)
{
	struct rp_session *session = user;

	route_metrics(&session->route, destination, session->driver.now, time_to_live, dont_fragment);
}

static uint32_t session_mtu(void *user, struct rp_addr destination)
{
	return (uint32_t)route_mtu(&((struct rp_session *)user)->route, destination, UINT16_MAX);
}

static bool session_queued(void *user, struct rp_addr destination)
{
	struct rp_session *session = user;

	return route_is_queued(&session->route, session->sockets, destination);
}

/* What chance and the kernel decide. */
static int open_setup(struct rp_session *session, struct session_setup *setup, struct rp_error *error)
{
	const struct rp_config *config = &session->config;
	struct {
		struct mac_key key;
		uint16_t identifier;
	} random;
	const struct probe_type *type = probe_type_of(config->probe);
	int result = 0;

	if (getrandom(&random, sizeof random, 0) != (ssize_t)sizeof random)
		return error_set(error, -EIO, "no random numbers");
	setup->key = random.key;
	setup->identifier = config->identifier < 0 ? random.identifier : (uint16_t)config->identifier;
	if (session->sockets->datagram)
		setup->identifier = (uint16_t)session->sockets->identifier;
	setup->header_made = session->type->makes_headers;
	if (type->ports)
		result = ports_reserve(session->sockets, config, &setup->port_base, &setup->port_count);
	if (result < 0)
		return config->source_port == 0
			       ? error_set(error, result, "no source port can be reserved: %s", strerror(-result))
			       : error_set(error, result, "source port %u: %s", config->source_port, strerror(-result));
	if (type->ports && ports_are_few(config, setup->port_count))
		session->notes |= RP_NOTE_FEW_PORTS;
	setup->now = timestamp_monotonic();
	setup->wall_offset = session->clock.offset;
	setup->route = session_route;
	setup->metrics = session_metrics;
	setup->mtu = session_mtu;
	setup->queued = session_queued;
	setup->user = session;
	return 0;
}

static int join_loop(struct rp_session *session)
{
	int error = rp_loop_timer(session->loop, &session->step, session_step, session);

	if (error == 0)
		error = session->type->open(&session->path, &(struct path_setup){
								    .loop = session->loop,
								    .step = session->step,
								    .sockets = session->sockets,
								    .route = &session->route,
								    .clock = &session->clock,
								    .config = &session->config,
								    .frame_size = session_packet_size(session->engine),
							    });
	if (error < 0)
		return error;
	driver_init(&session->driver, session->engine, session->type, session->path, session_clock, session);
	session->member = (struct loop_member){.failed = session_failed, .user = session};
	loop_join(session->loop, &session->member);
	rp_timer_set(session->step, 0);
	return 0;
}

static void targets_changed(void *user)
{
	struct rp_session *session = user;

	session_targets_changed(session->engine);
	rp_timer_set(session->step, 0);
}

/* The listener may be the one who moves it. */
static void target_moved(void *user, uint32_t target, struct rp_addr before)
{
	struct rp_session *session = user;
	bool outer = !session->busy;

	session_begin(session);
	session_moved(session->engine, timestamp_monotonic(), target, before);
	rp_timer_set(session->step, 0);
	if (outer)
		session_finish(session);
}

/* Opens the route once more, bound to the source that the kernel has chosen. */
static int open_sticky_route(struct rp_session *session, struct rp_error *error)
{
	unsigned notes;

	session->config.source = rp_session_source(session, 0);
	source_fini(&session->route);
	return route_open(&session->route, session->sockets, &session->config, &notes, error);
}

static int open_engine(struct rp_session *session, struct rp_error *error)
{
	const struct rp_config *config = &session->config;
	const struct probe_type *type = probe_type_of(config->probe);
	struct session_setup setup = {.probe = type};
	const char *cannot = session->type->cannot ? session->type->cannot(config) : NULL;

	if (cannot)
		return error_set(error, -EOPNOTSUPP, "%s: %s", cannot, session->sockets->denied.text);
	if (type->protocol == RP_PROTOCOL_TCP && session->sockets->tcp_fd < 0)
		return error_set(error, -EINVAL, "the sockets were opened without TCP");
	int result = route_open(&session->route, session->sockets, config, &session->notes, error);
	if (result == 0 && config->sticky_source)
		result = open_sticky_route(session, error);
	if (result < 0)
		return result;
	result = open_setup(session, &setup, error);
	if (result < 0)
		return result;
	result = rawsock_attach_filter(session->sockets, &(struct expected){
								 .protocol = type->protocol,
								 .ports = type->ports,
								 .identifier = setup.identifier,
								 .port_base = setup.port_base,
								 .port_count = setup.port_count,
							 });
	if (result < 0)
		return error_set(error, result, "packet filter: %s", strerror(-result));
	result = session_new(&session->engine, config, &setup, &(struct rp_listener){session_event, session});
	if (result == -E2BIG)
		return error_set(
			error, result,
			"%u hosts with %" PRIu64 " ports are more than one run holds: give it hosts or ports in parts",
			rp_targets_count(config->targets), rp_grid_count(rp_targets_probed(config->targets)));
	if (result < 0)
		return error_set(error, result, "session: %s", strerror(-result));
	result = join_loop(session);
	if (result < 0)
		return error_set(error, result, "event loop: %s", strerror(-result));
	session->watch =
		(struct watch){targets_changed, target_moved, session, session_targets_fixed(session->engine), NULL};
	watch_add(set_watches(session->config.targets), &session->watch);
	return 0;
}

int rp_session_open(struct rp_session **result, struct rp_loop *loop, struct rp_sockets *sockets,
		    const struct rp_config *config, const struct rp_listener *listener, struct rp_error *error)
{
	struct rp_session *session;
	int code;

	if (sockets->in_use)
		return error_set(error, -EBUSY, "another session uses these sockets");
	session = calloc(1, sizeof *session);
	if (!session)
		return error_set(error, -ENOMEM, "out of memory");
	code = config_take(&session->config, config, error);
	if (code < 0) {
		free(session);
		return code;
	}
	sockets->in_use = true;
	session->loop = loop;
	session->sockets = sockets;
	session->type = sockets->datagram ? &path_dgram : &path_raw;
	session->listener = *listener;
	session->route.query.fd = -1;
	timestamp_clock_init(&session->clock);
	code = open_engine(session, error);
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
	session->closed = session->driver.closed = true;
	if (session->busy)
		return;
	watch_remove(set_watches(session->config.targets), &session->watch);
	loop_leave(session->loop, &session->member);
	session->type->close(session->path);
	rp_timer_close(session->step);
	session_free(session->engine);
	source_fini(&session->route);
	rawsock_leave(session->sockets);
	free(session);
}

/* The step does it, since answers that are here already must be reported before the end. */
void rp_session_stop(struct rp_session *session)
{
	session->driver.stopping = true;
	rp_timer_set(session->step, 0);
}

void rp_session_stats(const struct rp_session *session, uint32_t target, struct rp_stats *stats)
{
	session_stats(session->engine, target, stats);
}

void rp_session_port_stats(const struct rp_session *session, uint32_t target, uint16_t port, struct rp_stats *stats)
{
	session_port_stats(session->engine, target, port, stats);
}

size_t rp_session_histogram(const struct rp_session *session, uint32_t target, struct rp_bucket *buckets, size_t room)
{
	return session_histogram(session->engine, target, buckets, room);
}

struct rp_stamp rp_session_time(struct rp_session *session)
{
	return session_time(session->engine, timestamp_monotonic());
}

const char *rp_session_path(const struct rp_session *session)
{
	return session->type->name;
}

unsigned rp_session_notes(const struct rp_session *session)
{
	return session->notes | session->sockets->notes;
}

struct rp_addr rp_session_source(const struct rp_session *session, uint32_t target)
{
	/* What the route remembers is no part of the session's state that the caller sees. */
	struct source *route = unconst(&session->route);
	struct rp_addr source = session->config.source;

	if (source.family == RP_FAMILY_NONE &&
	    source_find(route, rp_targets_at(session->config.targets, target).address, timestamp_monotonic(), &source) <
		    0)
		source.family = RP_FAMILY_NONE;
	return source;
}
