/* SPDX-License-Identifier: MIT */
/*
 * The engine: a pure state machine between a plan, a probe type and the wire. It is handed the time and
 * received bytes, and hands back packets to send and events. It owns no descriptor, no clock, no output.
 *
 * core/driver calls it:
 *     for each transmit stamp: session_tx_stamp();  for each received packet: session_input()
 *     session_expire()
 *     while session_next() == 1: send the frame, then session_sent()
 *     wait until session_deadline() or until something arrives.
 */
#ifndef CORE_SESSION_H
#define CORE_SESSION_H

#include <rprobe/rprobe.h>

#include "core/path.h"
#include "probe/mac.h"

struct plan_type;
struct probe_type;
struct session;

/* What the driver provides: everything that the kernel or chance decides. */
struct session_setup {
	const struct probe_type *probe; /* NULL: what the config names; likewise */
	const struct plan_type *plan;
	struct mac_key key;  /* random */
	uint16_t identifier; /* ICMP */
	uint16_t port_base;  /* TCP: the first reserved source port */
	uint16_t port_count; /* and how many there are in a row */
	bool header_made;      /* IP headers are those of rp_packet.header_made */
	int64_t now;         /* monotonic */
	int64_t wall_offset; /* wall clock - monotonic clock */
	/* The source address of packets to a destination: 0, or a negative errno value (-ENETUNREACH). */
	int (*route)(void *user, struct rp_addr destination, struct rp_addr *source);
	/* Sets what the config leaves to the kernel, as it would send packets of its own there; may be NULL. */
	void (*metrics)(void *user, struct rp_addr destination, uint8_t *time_to_live, bool *dont_fragment);
	/* The largest packet that the path to a destination carries whole, 0 when that is not known; may be NULL. */
	uint32_t (*mtu)(void *user, struct rp_addr destination);
	/* Whether packets to a destination stand in a queue of this host, and not for want of a neighbour; may be
	 * NULL: no. */
	bool (*queued)(void *user, struct rp_addr destination);
	void *user;
};

int session_new(struct session **session, const struct rp_config *config, const struct session_setup *setup,
		const struct rp_listener *listener);
void session_free(struct session *session);

/* The largest packet that session_next() makes. */
size_t session_packet_size(const struct session *session);

/* 1: the next packet was built into the frame, and session_sent() must follow. 0: nothing is due. */
int session_next(struct session *session, int64_t now, struct frame *frame);

/* The kernel took the packet (error 0) or refused it (a positive errno value); `now` is the time just before it was
 * asked. While the kernel has no room the driver waits and sends again, and may give input and expire meanwhile. */
void session_sent(struct session *session, const struct frame *frame, int64_t now, int error);

/* The kernel has no room for packets that were built, for that reason (a positive errno value): they are sent later.
 * If the run ends before, they are reported as not sent. 0: no longer. */
void session_refused(struct session *session, int error);

/* A transmit stamp of that slot: the kernel's, the interface's (clock USER, `hardware` set) or both. Stamps are
 * given before the answers that came after them. */
void session_tx_stamp(struct session *session, uint32_t slot, struct rp_stamp tx);

/* A received packet, its stamp, and the time now. */
void session_input(struct session *session, const uint8_t *bytes, size_t length, struct rp_stamp rx, int64_t now);

/* Gives up what was due by then, and ends the run when the plan was over by then. Everything that arrived up to `by`
 * has been given; `now` is the time at which it is reported. */
void session_expire(struct session *session, int64_t by, int64_t now);

/* When session_next() or session_expire() has something to do (the past: at once); INT64_MAX: only after
 * input. */
int64_t session_deadline(const struct session *session);

/* The same of session_expire() only. */
int64_t session_expiry(const struct session *session);

/* Ends the run: RP_EVENT_DONE is reported at once. */
void session_end(struct session *session, int64_t now, enum rp_end end, int error);
bool session_done(const struct session *session);

/* Probes that wait for an answer. */
uint32_t session_waiting(const struct session *session);

/* The wall clock was stepped: the new offset from the monotonic clock. */
void session_set_wall_offset(struct session *session, int64_t offset);

/* `now` as an event would show it; none that follows shows an earlier time. */
struct rp_stamp session_time(struct session *session, int64_t now);

/* Targets were added or removed: the next session_expire() looks at them. Where they are fixed the plan has no use
 * for that. */
void session_targets_changed(struct session *session);
bool session_targets_fixed(const struct session *session);

/* A target has another address from now on. What was sent to `before` is still awaited from there. */
void session_moved(struct session *session, int64_t now, uint32_t target, struct rp_addr before);

void session_stats(const struct session *session, uint32_t target, struct rp_stats *stats);
size_t session_histogram(const struct session *session, uint32_t target, struct rp_bucket *buckets, size_t room);
void session_port_stats(const struct session *session, uint32_t target, uint16_t port, struct rp_stats *stats);

#endif
