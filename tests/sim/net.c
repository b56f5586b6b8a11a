/* SPDX-License-Identifier: MIT */
/* The simulated network: a heap of packets under way, and what each station on the path does to them. */
#include "net.h"

#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "forge.h"
#include "listeners.h"

#define MILLION 1000000
#define SENDERS 64 /* of ICMP errors, by address, that are limited apart */

/* One direction of the path. */
struct weather {
	bool bad;
	int64_t until;
};

/* The RSTs that a host sent in a second. */
struct resets {
	int64_t second, count;
};

struct net {
	struct net_settings settings;
	const struct net_rule *rules;
	size_t rule_count;
	struct rng rng;
	struct net_delivery **heap;
	size_t count, room;
	uint64_t order;
	struct weather out_there, out_back;
	int64_t resolved; /* when the neighbour's address is known */
	int64_t error_from[SENDERS];
	struct resets resets[SENDERS][2]; /* of even and of odd seconds: jitter mixes neighbours */
	int64_t syns[SENDERS];            /* that a host heard */
	int64_t began;                    /* the first packet */
	int64_t link_free;                /* when the link has sent what waits */
	int64_t heard;
	uint16_t taken_port;
	struct listeners *listeners;
	bool repeating;
	uint64_t dropped;
	int64_t phase; /* of the hosts' seconds */
	uint8_t there[BYTES_ROOM], out[BYTES_ROOM], back[BYTES_ROOM];
};

struct net *net_new(uint64_t seed, const struct net_settings *settings, const struct net_rule *rules, size_t count)
{
	struct net *net = calloc(1, sizeof *net);

	if (net == NULL)
		abort();
	net->settings = *settings;
	net->rules = rules;
	net->rule_count = count;
	net->resolved = net->began = net->link_free = INT64_MIN;
	rng_init(&net->rng, seed);
	net->phase = (int64_t)(seed * UINT64_C(381966011) % SECOND); /* the golden section spreads them */
	return net;
}

void net_free(struct net *net)
{
	if (net == NULL)
		return;
	for (size_t i = 0; i < net->count; i++)
		free(net->heap[i]);
	free(net->heap);
	listeners_free(net->listeners);
	free(net);
}

/* ---- the heap --------------------------------------------------------------------------------- */

static bool before(const struct net_delivery *a, const struct net_delivery *b)
{
	if (a->at != b->at)
		return a->at < b->at;
	return a->stamp != b->stamp ? a->stamp : a->order < b->order;
}

static struct net_delivery *push(struct net *net, int64_t at, uint64_t probe, const uint8_t *bytes, size_t length)
{
	struct net_delivery *delivery = malloc(sizeof *delivery + length);
	size_t i = net->count++;

	if (net->count > net->room) {
		net->room = net->room ? net->room * 2 : 256;
		net->heap = realloc(net->heap, net->room * sizeof(void *));
	}
	if (delivery == NULL || net->heap == NULL)
		abort();
	*delivery = (struct net_delivery){
		.at = at, .order = net->order++, .probe = probe, .stamp = bytes == NULL, .length = length};
	if (length > 0)
		memcpy(delivery->bytes, bytes, length);
	for (; i > 0 && before(delivery, net->heap[(i - 1) / 2]); i = (i - 1) / 2)
		net->heap[i] = net->heap[(i - 1) / 2];
	net->heap[i] = delivery;
	return delivery;
}

void net_stamp(struct net *net, int64_t at, uint64_t probe)
{
	push(net, at, probe, NULL, 0);
}

static int64_t first_delivery(const struct net *net)
{
	return net->count > 0 ? net->heap[0]->at : INT64_MAX;
}

int64_t net_first(const struct net *net)
{
	int64_t delivery = first_delivery(net), host = listeners_due(net->listeners);

	return delivery < host ? delivery : host;
}

static struct net_delivery *pop(struct net *net)
{
	struct net_delivery *first = net->heap[0], *last = net->heap[--net->count];
	size_t i = 0;

	for (;;) {
		size_t child = 2 * i + 1;

		if (child >= net->count)
			break;
		child += child + 1 < net->count && before(net->heap[child + 1], net->heap[child]);
		if (!before(net->heap[child], last))
			break;
		net->heap[i] = net->heap[child];
		i = child;
	}
	net->heap[i] = last;
	return first;
}

/* ---- chance ----------------------------------------------------------------------------------- */

static bool chance(struct net *net, int64_t of_a_million)
{
	return of_a_million > 0 && rng_below(&net->rng, MILLION) < (uint64_t)of_a_million;
}

static int64_t up_to(struct net *net, int64_t most)
{
	return most > 0 ? (int64_t)rng_below(&net->rng, (uint64_t)most + 1) : 0;
}

/* How often something of which there may be more than one a probe happens this time. */
static int64_t times(struct net *net, int64_t of_a_million)
{
	return of_a_million / MILLION + chance(net, of_a_million % MILLION);
}

static int64_t one_way(struct net *net)
{
	const struct net_settings *settings = &net->settings;
	int64_t late = chance(net, settings->reorder) ? up_to(net, settings->reorder_by) : 0;

	return settings->delay + up_to(net, settings->jitter) + late;
}

static bool dark(const struct net *net, int64_t departed)
{
	const struct net_settings *settings = &net->settings;

	if (settings->dark_every == 0)
		return false;
	int64_t at = (departed - net->resolved) % settings->dark_every;
	return at >= settings->dark_from && at < settings->dark_from + settings->dark_for;
}

static bool lost(struct net *net, int64_t at, int64_t loss, struct weather *weather)
{
	const struct net_settings *settings = &net->settings;

	while (settings->burst_for > 0 && at >= weather->until) {
		weather->bad = weather->until > 0 && !weather->bad;
		weather->until = weather->until > 0 ? weather->until : at;
		weather->until += 1 + up_to(net, 2 * (weather->bad ? settings->burst_for : settings->burst_every));
	}
	return weather->bad || chance(net, loss);
}

/* Noise on the line; whether it changed the packet. */
static bool damage(struct net *net, uint8_t *bytes, size_t length)
{
	bool repaired = chance(net, net->settings.corrupt_repaired);
	int64_t flips = repaired ? 1 : chance(net, net->settings.corrupt) ? 1 + up_to(net, 2) : 0;

	for (int64_t i = 0; i < flips; i++) {
		uint64_t bit = rng_below(&net->rng, length * 8);
		bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	if (repaired)
		bytes_repair(bytes, length);
	return flips > 0;
}

/* ---- the way back ----------------------------------------------------------------------------- */

/* Of a connection that it knows nothing of: a RST, also to an ACK (RFC 9293 section 3.10.7.1). */
static void our_kernel_hears(struct net *net, int64_t at, const uint8_t *bytes)
{
	if (net->listeners != NULL && !net->settings.resets && listeners_want_reset(bytes) &&
	    !lost(net, at, net->settings.loss_there, &net->out_there))
		listeners_hear_reset(net->listeners, at + one_way(net), bytes);
}

static void arrive(struct net *net, const struct journey *journey, int64_t at, const uint8_t *bytes, size_t length,
		   bool altered)
{
	struct net_delivery *delivery;

	if (!bytes_header_sound(bytes, length))
		return; /* the kernel drops it before any socket sees it */
	our_kernel_hears(net, at, bytes);
	delivery = push(net, at, journey->probe, bytes, length);
	delivery->altered = altered || journey->altered;
	delivery->answer = bytes_answers(bytes, length, journey->original, journey->length);
	delivery->difference = UINT32_MAX;
	if (delivery->answer == ANSWER_REPLY && bytes[9] == 1)
		delivery->difference = bytes_difference(bytes, journey->original, journey->length);
}

/* net->out holds the answer. */
static void answer(struct net *net, const struct journey *journey, int64_t at, size_t length)
{
	int64_t copies = 1 + chance(net, net->settings.duplicate);

	for (int64_t i = 0; i < copies; i++) {
		size_t left = length;
		bool altered;

		if (lost(net, at, net->settings.loss_back, &net->out_back)) {
			net->dropped += !net->repeating;
			continue;
		}
		memcpy(net->back, net->out, length);
		altered = damage(net, net->back, length);
		if (chance(net, net->settings.truncate)) {
			left = 20 + (size_t)rng_below(&net->rng, length - 20);
			altered = true;
		}
		arrive(net, journey, at + one_way(net), net->back, left, altered);
	}
}

uint32_t net_router(int64_t hop)
{
	return 0xc0000200 + (uint32_t)hop; /* 192.0.2.0/24 */
}

static void answer_error(struct net *net, const struct journey *journey, int64_t at, uint32_t from, unsigned type,
			 unsigned code, uint32_t rest)
{
	int64_t *next = &net->error_from[from % SENDERS];
	size_t quote = net->settings.whole_quotes && journey->length < 548 ? journey->length : 28;

	if (net->settings.icmp_rate > 0) {
		if (at < *next)
			return;
		*next = at + SECOND / net->settings.icmp_rate;
	}
	answer(net, journey, at, bytes_error(journey->bytes, from, type, code, rest, quote, net->out));
}

/* ---- the host --------------------------------------------------------------------------------- */

struct net_rule net_rule_of(const struct net *net, uint32_t address, uint16_t port)
{
	if (net->settings.silent_every > 0 && port % net->settings.silent_every == 0)
		return (struct net_rule){.host = HOST_SILENT};
	for (size_t i = 0; i < net->rule_count; i++) {
		const struct net_rule *rule = &net->rules[i];

		if (rule->first <= address && address <= rule->last && rule->port_first <= port &&
		    port <= rule->port_last)
			return *rule;
	}
	return (struct net_rule){.host = HOST_SILENT};
}

static void answer_segment(struct net *net, const struct journey *journey, int64_t at, unsigned flags, uint32_t more)
{
	uint32_t number = get32(bytes_inner(journey->bytes) + 4);
	uint32_t own = flags & SYN ? (uint32_t)rng_next(&net->rng) : 0;

	answer(net, journey, at, bytes_segment(journey->bytes, flags, own, flags & ACK ? number + more : 0, net->out));
}

/* As BSD counts them: so many in a second, then none in what is left of it. */
static void answer_reset(struct net *net, const struct journey *journey, int64_t at, uint32_t more)
{
	uint32_t host = get32(journey->bytes + 16) % SENDERS;
	int64_t second = (at + net->phase) / SECOND;
	struct resets *resets = &net->resets[host][second % 2];

	if (resets->second != second)
		*resets = (struct resets){.second = second};
	if (net->settings.rst_rate == 0 || resets->count++ < net->settings.rst_rate)
		answer_segment(net, journey, at, RST | ACK, more);
}

static void host_hears_syn(struct net *net, const struct journey *journey, int64_t at, enum net_host host)
{
	switch (host) {
	case HOST_OPEN_REPEATS:
		for (int64_t i = 0; i < 2; i++)
			answer_segment(net, journey, at + (1 + 2 * i) * SECOND, SYN | ACK, 1);
		answer_segment(net, journey, at, SYN | ACK, 1);
		break;
	case HOST_LISTENS:
		listeners_hear_syn(&net->listeners, at, journey);
		break;
	case HOST_OPEN:
		answer_segment(net, journey, at, SYN | ACK, 1);
		break;
	case HOST_RESET_FIRST:
		answer_segment(net, journey, at, RST | ACK, 1);
		answer_segment(net, journey, at + MS, SYN | ACK, 1);
		break;
	case HOST_SPLIT:
		answer_segment(net, journey, at, SYN, 0);
		break;
	case HOST_CHALLENGE:
		if (net->taken_port == 0)
			net->taken_port = get16(bytes_inner(journey->bytes));
		if (net->taken_port == get16(bytes_inner(journey->bytes)))
			answer_segment(net, journey, at, ACK, (uint32_t)rng_next(&net->rng) | 0x10000);
		else
			answer_segment(net, journey, at, SYN | ACK, 1);
		break;
	case HOST_CLOSED_SHORT:
		answer_reset(net, journey, at, 0);
		break;
	case HOST_ALIVE:
	case HOST_CLOSED:
		answer_reset(net, journey, at, 1);
		break;
	case HOST_SILENT:
	case HOST_REJECT:
	case HOST_REJECT_ROUTER:
		break;
	}
}

static bool is_dead(const struct net *net, int64_t at)
{
	return net->settings.dies > 0 && at >= net->began + net->settings.dies;
}

/* Whether the host has banned us; then its answer is on its way. */
static bool is_banned(struct net *net, const struct journey *journey, int64_t at, uint32_t address)
{
	const uint8_t *inner = bytes_inner(journey->bytes);
	bool syn = journey->bytes[9] == 6 && (inner[13] & (SYN | ACK | RST | FIN)) == SYN;

	if (net->settings.ban_after == 0 || (net->syns[address % SENDERS] += syn) <= net->settings.ban_after)
		return false;
	if (net->settings.ban_by == 1 && syn)
		answer_segment(net, journey, at, RST | ACK, 1);
	else if (net->settings.ban_by == 2)
		answer_error(net, journey, at, address, 3, 3, 0);
	return true;
}

static void host_hears(struct net *net, const struct journey *journey, int64_t at)
{
	const uint8_t *packet = journey->bytes, *inner = bytes_inner(packet);
	uint32_t address = get32(packet + 16);

	if (!bytes_inner_sound(packet, journey->length) || get16(packet + 2) != journey->length ||
	    packet[0] != 0x45)
		return;
	if ((net->settings.every > 1 && ++net->heard % net->settings.every != 0) || is_dead(net, at))
		return;

	if (is_banned(net, journey, at, address))
		return;
	struct net_rule rule = net_rule_of(net, address, packet[9] == 6 ? get16(inner + 2) : 0);
	if (rule.host == HOST_REJECT)
		answer_error(net, journey, at, address, rule.type, rule.code, 0);
	else if (rule.host == HOST_REJECT_ROUTER)
		answer_error(net, journey, at, net_router(net->settings.hops), rule.type, rule.code, 0);
	else if (packet[9] == 6 && (inner[13] & (SYN | ACK | RST | FIN)) == SYN)
		host_hears_syn(net, journey, at, rule.host);
	else if (packet[9] == 1 && inner[0] == 8 && inner[1] == 0 && rule.host != HOST_SILENT)
		answer(net, journey, at, bytes_echo_reply(packet, journey->length, net->out));
}

static void host_answers(struct net *net, const struct listeners_answer *what)
{
	const struct half_open_segment *segment = &what->segment;
	unsigned flags = ACK | (segment->syn ? SYN : 0U) | (segment->reset ? RST : 0U);

	net->repeating = what->repeated;
	answer(net, &what->journey, what->at,
	       bytes_segment(what->journey.bytes, flags, segment->sequence, segment->acknowledgment, net->out));
	net->repeating = false;
}

struct net_delivery *net_take(struct net *net)
{
	struct listeners_answer what;

	if (first_delivery(net) <= listeners_due(net->listeners))
		return pop(net);
	if (listeners_next(net->listeners, &what) && !is_dead(net, what.at))
		host_answers(net, &what);
	return NULL;
}

uint64_t net_dropped(const struct net *net)
{
	return net->dropped;
}

/* ---- the way there ---------------------------------------------------------------------------- */

/* When the link has sent the packet; INT64_MAX: its queue was full. */
static int64_t pass_link(struct net *net, int64_t at)
{
	const struct net_settings *settings = &net->settings;

	if (settings->link_rate == 0)
		return at;
	if (net->link_free < at)
		net->link_free = at;
	if ((net->link_free - at) / (SECOND / settings->link_rate) >= settings->link_queue)
		return INT64_MAX;
	net->link_free += SECOND / settings->link_rate;
	return net->link_free;
}

/* The packet passes the routers, or one of them says why not. */
static void travel(struct net *net, struct journey journey, int64_t departed)
{
	const struct net_settings *settings = &net->settings;
	int64_t passed = pass_link(net, departed), arrived = passed != INT64_MAX ? passed + one_way(net) : passed;
	int64_t dies = journey.bytes[8], narrow = settings->hops / 2;

	if (passed == INT64_MAX || dark(net, departed) || lost(net, departed, settings->loss_there, &net->out_there)) {
		net->dropped++;
		return;
	}
	memcpy(net->there, journey.bytes, journey.length);
	journey.altered = damage(net, net->there, journey.length);
	journey.bytes = net->there;
	if (!bytes_header_sound(net->there, journey.length))
		return;
	if (settings->mtu > 0 && (int64_t)journey.length > settings->mtu && journey.original[6] & 0x40 && dies > narrow)
		answer_error(net, &journey, arrived, net_router(narrow), 3, 4, (uint32_t)settings->mtu);
	else if (dies <= settings->hops)
		answer_error(net, &journey, arrived, net_router(dies), 11, 0, 0);
	else
		host_hears(net, &journey, arrived);
}

static void stray(struct net *net, const uint8_t *probe, int64_t at)
{
	size_t length = forge_stray(&net->rng, probe, net->out);
	struct net_delivery *delivery = push(net, at, 0, net->out, length);

	delivery->forged = delivery->foreign = true;
}

int64_t net_send(struct net *net, int64_t now, uint64_t probe, const uint8_t *bytes, size_t length)
{
	const struct net_settings *settings = &net->settings;
	struct journey journey = {.probe = probe, .original = bytes, .length = length, .bytes = bytes};
	int64_t departed = now;

	if (net->resolved == INT64_MIN)
		net->resolved = now + settings->neighbour, net->began = now;
	if (departed < net->resolved)
		departed = net->resolved;
	departed += net->settings.queued;
	for (int64_t copies = 1 + chance(net, settings->duplicate); copies > 0; copies--)
		travel(net, journey, departed);
	for (int64_t forged = times(net, settings->forge); forged > 0; forged--) {
		unsigned kind = settings->forge_kind > 0 ? (unsigned)settings->forge_kind
							 : 1 + (unsigned)rng_below(&net->rng, forge_kinds(bytes[9]));
		size_t made = forge_make(&net->rng, kind, bytes, length, net->out);
		push(net, departed + up_to(net, 2 * settings->delay), probe, net->out, made)->forged = true;
	}
	for (int64_t strays = times(net, settings->foreign); strays > 0; strays--)
		stray(net, bytes, departed + up_to(net, 2 * settings->delay));
	return departed;
}
