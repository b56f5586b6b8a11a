/* SPDX-License-Identifier: MIT */
/*
 * Hides how packets share a batch (each is copied, since the session builds all in one place), which of them must
 * go alone, and which probe a stamp's id means.
 */
#include "io/outlet.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

/* No path is known to carry less (net.ipv4.route.min_pmtu). */
#define PATH_MTU_MIN 552

void outlet_init(struct outlet *outlet, struct rp_sockets *sockets, struct session *engine, struct resolve_route *route,
		 enum rp_path_mtu path_mtu)
{
	outlet->sockets = sockets;
	outlet->engine = engine;
	outlet->route = route;
	outlet->path_mtu = path_mtu;
}

bool outlet_left(const struct outlet *outlet)
{
	return outlet->sent < outlet->count;
}

bool outlet_full(const struct outlet *outlet)
{
	return outlet->sent == RAWSOCK_BATCH;
}

/* ---- the batch -------------------------------------------------------------------------------- */

/* Whether the packet goes in fragments. */
static bool prepare_cut(struct outlet *outlet, const struct rawsock_outgoing *packet)
{
	uint16_t identification;

	if (packet->length <= PATH_MTU_MIN || outlet->path_mtu == RP_PATH_MTU_DO ||
	    outlet->path_mtu == RP_PATH_MTU_PROBE)
		return false;
	size_t mtu = route_mtu(outlet->route, packet->destination);
	if (mtu == 0 || packet->length <= mtu ||
	    getrandom(&identification, sizeof identification, 0) != (ssize_t)sizeof identification)
		return false;
	fragments_begin(&outlet->fragments, packet, mtu, identification ? identification : 1);
	return true;
}

void outlet_fill(struct outlet *outlet, int64_t now)
{
	struct outgoing packet;
	bool full = false;

	outlet->count = outlet->sent = 0;
	outlet->cut = false;
	outlet->arena_used = 0;
	while (!full && outlet->count < RAWSOCK_BATCH && session_next(outlet->engine, now, &packet) == 1) {
		struct rawsock_outgoing *out = &outlet->batch[outlet->count];

		*out = (struct rawsock_outgoing){.destination = packet.destination,
						 .bytes = packet.bytes,
						 .length = packet.length,
						 .timed = packet.timed};
		outlet->slots[outlet->count++] = packet.slot;
		outlet->cut = prepare_cut(outlet, out);
		full = outlet->cut || packet.length > OUTLET_ARENA - outlet->arena_used;
		if (full)
			break;
		out->bytes = memcpy(outlet->arena + outlet->arena_used, packet.bytes, packet.length);
		outlet->arena_used += packet.length;
	}
}

/* The kernel has taken the next packet of the batch, or refused it. */
static void settle(struct outlet *outlet, int64_t now, int error)
{
	unsigned index = outlet->sent++;
	const struct rawsock_outgoing *packet = &outlet->batch[index];
	uint32_t slot = outlet->slots[index];

	if (error == 0 && packet->timed) {
		outlet->owners[packet->id % OUTLET_IDS] =
			(struct stamp_owner){.id = packet->id, .slot_plus_one = slot + 1};
		outlet->unstamped++;
	}
	session_show(outlet->engine, packet->bytes, packet->length);
	session_sent(outlet->engine, slot, now, error);
}

/* What can go in one call: a row of whole packets, or one in fragments. */
static int send_some(struct outlet *outlet)
{
	struct rawsock_outgoing *first = outlet->batch + outlet->sent;
	unsigned count = outlet->count - outlet->sent;

	if (outlet->route->fault < 0)
		return outlet->route->fault;

	if (outlet->cut && count == 1)
		return fragments_send(&outlet->fragments, outlet->sockets, &first->id);
	return rawsock_send(outlet->sockets, first, count - outlet->cut);
}

int outlet_send(struct outlet *outlet, int64_t now)
{
	while (outlet_left(outlet) && !session_done(outlet->engine)) {
		int sent = send_some(outlet);

		if (sent == -EAGAIN || sent == -ENOBUFS || sent == -ENOMEM)
			return sent;
		if (sent < 0)
			settle(outlet, now, -sent);
		for (int i = 0; i < sent && !session_done(outlet->engine); i++)
			settle(outlet, now, 0);
	}
	return 0;
}

/* ---- stamps ----------------------------------------------------------------------------------- */

static void give_stamp(struct outlet *outlet, const struct rawsock_tx_stamp *stamp)
{
	struct stamp_owner *owner = &outlet->owners[stamp->id % OUTLET_IDS];

	if (owner->id != stamp->id || owner->slot_plus_one == 0)
		return;
	session_tx_stamp(outlet->engine, owner->slot_plus_one - 1, stamp->stamp);
	if (!owner->stamped && outlet->unstamped > 0)
		outlet->unstamped--;
	owner->stamped = true;
}

int outlet_read_stamps(struct outlet *outlet, const struct stamp_clock *clock)
{
	int count = rawsock_tx_stamps(outlet->sockets, clock, outlet->stamps, RAWSOCK_BATCH);

	for (int i = 0; i < count; i++)
		give_stamp(outlet, &outlet->stamps[i]);
	return count;
}
