/* SPDX-License-Identifier: MIT */
/* A list by time of what is to happen, and the latest SYN of each connection, for the answers that are repeated. */
#include "listeners.h"

#include <stdlib.h>
#include <string.h>

#include "bytes.h"

#define CONNECTIONS 4096

/* A SYN on its way, and later what belongs to an answer to it. */
struct syn {
	struct journey journey;
	uint8_t original[LISTENERS_ROOM];
	uint8_t arrived[LISTENERS_ROOM];
};

struct happening {
	struct happening *next;
	int64_t at;
	bool reset;
	struct half_open_tuple tuple;
	uint32_t sequence;
	struct syn syn;
};

struct listeners {
	struct half_open *half_open;
	struct happening *first;
	struct {
		struct half_open_tuple tuple;
		struct syn syn;
	} connections[CONNECTIONS];
	size_t count;
	struct syn told; /* what the latest answer is about */
};

static void keep(struct syn *to, const struct journey *from)
{
	if (from->length > LISTENERS_ROOM)
		abort();
	to->journey = *from;
	to->journey.original = memcpy(to->original, from->original, from->length);
	to->journey.bytes = memcpy(to->arrived, from->bytes, from->length);
}

void listeners_free(struct listeners *listeners)
{
	if (listeners == NULL)
		return;
	for (struct happening *one = listeners->first, *next; one != NULL; one = next) {
		next = one->next;
		free(one);
	}
	half_open_free(listeners->half_open);
	free(listeners);
}

static struct happening *happen(struct listeners *listeners, const struct happening *what)
{
	struct happening *one = malloc(sizeof *one), **place = &listeners->first;

	if (one == NULL)
		abort();
	while (*place != NULL && (*place)->at <= what->at)
		place = &(*place)->next;
	*one = *what;
	one->next = *place;
	*place = one;
	return one;
}

void listeners_hear_syn(struct listeners **listeners, int64_t at, const struct journey *syn)
{
	const uint8_t *ip = syn->bytes, *tcp = bytes_inner(ip);
	struct happening what = {
		.at = at,
		.tuple = {get32(ip + 12), get32(ip + 16), get16(tcp), get16(tcp + 2)},
		.sequence = get32(tcp + 4),
	};

	if (*listeners == NULL) {
		*listeners = calloc(1, sizeof **listeners);
		if (*listeners == NULL || ((*listeners)->half_open = half_open_new(1)) == NULL)
			abort();
	}
	keep(&happen(*listeners, &what)->syn, syn);
}

bool listeners_want_reset(const uint8_t *segment)
{
	return segment[9] == 6 && (bytes_inner(segment)[13] & (ACK | RST)) == ACK;
}

void listeners_hear_reset(struct listeners *listeners, int64_t at, const uint8_t *segment)
{
	const uint8_t *ip = segment, *tcp = bytes_inner(ip);
	struct happening what = {
		.at = at,
		.reset = true,
		.tuple = {get32(ip + 16), get32(ip + 12), get16(tcp + 2), get16(tcp)},
		.sequence = get32(tcp + 8),
	};

	happen(listeners, &what);
}

int64_t listeners_due(const struct listeners *listeners)
{
	if (listeners == NULL)
		return HALF_OPEN_NEVER;
	int64_t repeated = half_open_due(listeners->half_open);
	return listeners->first != NULL && listeners->first->at <= repeated ? listeners->first->at : repeated;
}

static struct syn *syn_of(struct listeners *listeners, const struct half_open_tuple *tuple)
{
	size_t i = 0;

	while (i < listeners->count && (listeners->connections[i].tuple.client_port != tuple->client_port ||
					listeners->connections[i].tuple.server_port != tuple->server_port ||
					listeners->connections[i].tuple.server != tuple->server))
		i++;
	if (i == CONNECTIONS)
		abort();
	if (i == listeners->count)
		listeners->connections[listeners->count++].tuple = *tuple;
	return &listeners->connections[i].syn;
}

static bool repeat(struct listeners *listeners, struct listeners_answer *answer)
{
	answer->repeated = true;
	if (!half_open_repeat(listeners->half_open, answer->at, &answer->segment))
		return false; /* it was forgotten */
	answer->journey = syn_of(listeners, &answer->segment.tuple)->journey;
	return true;
}

bool listeners_next(struct listeners *listeners, struct listeners_answer *answer)
{
	struct happening *one = listeners->first;

	*answer = (struct listeners_answer){.at = listeners_due(listeners)};
	if (one == NULL || one->at > answer->at)
		return repeat(listeners, answer);
	listeners->first = one->next;
	/* What a RST in the wrong place gets is of no interest here. */
	bool answers =
		one->reset
			? half_open_reset(listeners->half_open, one->tuple, one->sequence, one->at, &answer->segment) &&
				  false
			: half_open_syn(listeners->half_open, one->tuple, one->sequence, one->at, &answer->segment);
	if (answers) {
		struct syn *kept = answer->segment.syn ? syn_of(listeners, &one->tuple) : &listeners->told;

		keep(kept, &one->syn.journey);
		answer->journey = kept->journey;
	}
	free(one);
	return answers;
}
