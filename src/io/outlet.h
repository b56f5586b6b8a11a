/* SPDX-License-Identifier: MIT */
/*
 * The way out: packets leave the session in batches, and the kernel's transmit stamps find back to the
 * probes they are about.
 */
#ifndef IO_OUTLET_H
#define IO_OUTLET_H

#include "core/session.h"
#include "io/fragments.h"
#include "io/rawsock.h"
#include "io/route.h"

/* Probes whose transmit stamps may be outstanding. More than the error queue and a device's queue hold. */
#define OUTLET_IDS 4096

/* Room for a batch of usual packets. One that does not fit is sent from where the session built it, at once. */
#define OUTLET_ARENA (RAWSOCK_BATCH * 256)

struct stamp_owner {
	uint32_t id;
	uint32_t slot_plus_one; /* 0: nobody waits for that stamp */
	bool stamped;           /* the interface's stamp may follow the kernel's */
};

struct outlet {
	struct rp_sockets *sockets;
	struct session *engine;
	struct resolve_route *route;
	enum rp_path_mtu path_mtu;
	uint32_t unstamped; /* sent, and no stamp seen yet */

	struct rawsock_outgoing batch[RAWSOCK_BATCH];
	uint32_t slots[RAWSOCK_BATCH];
	unsigned count;
	unsigned sent; /* of these, sent or refused */
	bool cut;      /* the last of the batch goes in fragments */
	struct fragments fragments;
	size_t arena_used;
	uint8_t arena[OUTLET_ARENA];
	struct rawsock_tx_stamp stamps[RAWSOCK_BATCH];
	struct stamp_owner owners[OUTLET_IDS];
};

/* Everything is borrowed; the rest of `outlet` is zero. */
void outlet_init(struct outlet *outlet, struct rp_sockets *sockets, struct session *engine, struct resolve_route *route,
		 enum rp_path_mtu path_mtu);

/* Some of the batch is still to be sent. */
bool outlet_left(const struct outlet *outlet);

/* A full batch has been sent. */
bool outlet_full(const struct outlet *outlet);

/* Takes the next batch from the session; the one before must be sent. */
void outlet_fill(struct outlet *outlet, int64_t now);

/* Sends what is in the batch. -EAGAIN, -ENOBUFS or -ENOMEM: the kernel has no room, what is left stays for later. */
int outlet_send(struct outlet *outlet, int64_t now);

/* Reads one batch of stamps and gives them to the session; returns as rawsock_tx_stamps(). */
int outlet_read_stamps(struct outlet *outlet, const struct stamp_clock *clock);

#endif
