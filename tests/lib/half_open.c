/* SPDX-License-Identifier: MIT */
/*
 * A hash of the connections, and a list for each number of repetitions: all in one list wait equally long, so its first
 * is due first. A connection that finds no room is not remembered, as with SYN cookies.
 */
#include "half_open.h"

#include <stdlib.h>
#include <string.h>

#define CAPACITY (UINT32_C(1) << 16)
#define NONE     UINT32_MAX
#define SECOND   INT64_C(1000000000)

/* tcp_synack_retries: SYN-ACKs after 1, 3, 7, 15 and 31 s, and the end after 63. */
#define REPETITIONS 5

/* tcp_invalid_ratelimit: one answer to what is out of place in each half second. */
#define RATE_LIMIT (SECOND / 2)

/* What the SYN-ACK offers, without scaling. */
#define WINDOW 64240

struct connection {
	struct half_open_tuple tuple;
	uint32_t received; /* the client's number */
	uint32_t sent;     /* the server's */
	int64_t due;       /* the next repetition */
	int64_t limited;   /* no answer to what is out of place before this */
	uint32_t hash_next, older, newer;
	uint8_t repetitions;
};

struct list {
	uint32_t first, last;
};

struct half_open {
	struct connection connections[CAPACITY];
	uint32_t buckets[CAPACITY];
	uint32_t free[CAPACITY];
	struct list lists[REPETITIONS + 1];
	uint32_t count;
	uint64_t random;
};

struct half_open *half_open_new(uint64_t seed)
{
	struct half_open *table = malloc(sizeof *table);

	if (!table)
		return NULL;
	memset(table->buckets, 0xff, sizeof table->buckets);
	memset(table->lists, 0xff, sizeof table->lists);
	for (uint32_t i = 0; i < CAPACITY; i++)
		table->free[i] = CAPACITY - 1 - i;
	table->count = 0;
	table->random = seed;
	return table;
}

void half_open_free(struct half_open *table)
{
	free(table);
}

static uint64_t mix(uint64_t x)
{
	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

static uint32_t *bucket_of(struct half_open *table, const struct half_open_tuple *tuple)
{
	uint64_t hash = mix((uint64_t)tuple->client << 32 | tuple->server);

	return &table->buckets[mix(hash + ((uint64_t)tuple->client_port << 16 | tuple->server_port)) % CAPACITY];
}

static bool same(const struct half_open_tuple *a, const struct half_open_tuple *b)
{
	return a->client == b->client && a->server == b->server && a->client_port == b->client_port &&
	       a->server_port == b->server_port;
}

static struct connection *find(struct half_open *table, const struct half_open_tuple *tuple)
{
	uint32_t at = *bucket_of(table, tuple);

	while (at != NONE && !same(&table->connections[at].tuple, tuple))
		at = table->connections[at].hash_next;
	return at == NONE ? NULL : &table->connections[at];
}

/* ---- the lists of those that wait --------------------------------------------------------------- */

static void enlist(struct half_open *table, struct connection *connection, int64_t now)
{
	struct list *list = &table->lists[connection->repetitions];
	uint32_t index = (uint32_t)(connection - table->connections);

	connection->due = now + (SECOND << connection->repetitions);
	connection->newer = NONE;
	connection->older = list->last;
	if (list->last != NONE)
		table->connections[list->last].newer = index;
	else
		list->first = index;
	list->last = index;
}

static void delist(struct half_open *table, const struct connection *connection)
{
	struct list *list = &table->lists[connection->repetitions];

	if (connection->older != NONE)
		table->connections[connection->older].newer = connection->newer;
	else
		list->first = connection->newer;
	if (connection->newer != NONE)
		table->connections[connection->newer].older = connection->older;
	else
		list->last = connection->older;
}

static const struct connection *first_due(const struct half_open *table)
{
	const struct connection *first = NULL;

	for (unsigned i = 0; i <= REPETITIONS; i++) {
		uint32_t at = table->lists[i].first;

		if (at != NONE && (!first || table->connections[at].due < first->due))
			first = &table->connections[at];
	}
	return first;
}

/* ---- the table ------------------------------------------------------------------------------------ */

static void add(struct half_open *table, const struct connection *connection, int64_t now)
{
	uint32_t *bucket = bucket_of(table, &connection->tuple);
	uint32_t index;

	if (table->count == CAPACITY)
		return;
	index = table->free[CAPACITY - 1 - table->count++];
	table->connections[index] = *connection;
	table->connections[index].hash_next = *bucket;
	*bucket = index;
	enlist(table, &table->connections[index], now);
}

static void drop(struct half_open *table, struct connection *connection)
{
	uint32_t index = (uint32_t)(connection - table->connections);
	uint32_t *link = bucket_of(table, &connection->tuple);

	while (*link != index)
		link = &table->connections[*link].hash_next;
	*link = connection->hash_next;
	delist(table, connection);
	table->free[CAPACITY - table->count--] = index;
}

static bool is_limited(struct connection *connection, int64_t now)
{
	if (now < connection->limited)
		return true;
	connection->limited = now + RATE_LIMIT;
	return false;
}

static bool put_syn_ack(const struct connection *connection, struct half_open_segment *answer)
{
	*answer =
		(struct half_open_segment){connection->tuple, connection->sent, connection->received + 1, .syn = true};
	return true;
}

static bool put_challenge(struct connection *connection, int64_t now, struct half_open_segment *answer)
{
	*answer = (struct half_open_segment){connection->tuple, connection->sent + 1, connection->received + 1, false,
					     false};
	return !is_limited(connection, now);
}

bool half_open_syn(struct half_open *table, struct half_open_tuple tuple, uint32_t sequence, int64_t now,
		   struct half_open_segment *answer)
{
	struct connection *known = find(table, &tuple);
	uint32_t above = known ? sequence - known->received : 0;

	if (!known) {
		struct connection fresh = {.tuple = tuple, .received = sequence, .limited = INT64_MIN};

		fresh.sent = (uint32_t)mix(++table->random);
		add(table, &fresh, now);
		return put_syn_ack(&fresh, answer);
	}
	if (above == 0) { /* the same again: the answer again, and its repetition later */
		if (is_limited(known, now))
			return false;
		delist(table, known);
		enlist(table, known, now);
		return put_syn_ack(known, answer);
	}
	if (above > WINDOW)
		return put_challenge(known, now, answer);
	drop(table, known);
	*answer = (struct half_open_segment){tuple, 0, sequence + 1, .reset = true};
	return true;
}

bool half_open_reset(struct half_open *table, struct half_open_tuple tuple, uint32_t sequence, int64_t now,
		     struct half_open_segment *answer)
{
	struct connection *known = find(table, &tuple);
	uint32_t above = known ? sequence - (known->received + 1) : UINT32_MAX;

	if (!known || above > WINDOW)
		return false;
	if (above > 0)
		return put_challenge(known, now, answer);
	drop(table, known);
	return false;
}

int64_t half_open_due(const struct half_open *table)
{
	const struct connection *first = first_due(table);

	return first ? first->due : HALF_OPEN_NEVER;
}

bool half_open_repeat(struct half_open *table, int64_t now, struct half_open_segment *answer)
{
	for (const struct connection *due; (due = first_due(table)) && due->due <= now;) {
		struct connection *connection = &table->connections[due - table->connections];

		if (connection->repetitions == REPETITIONS) {
			drop(table, connection);
			continue;
		}
		delist(table, connection);
		connection->repetitions++;
		enlist(table, connection, now);
		return put_syn_ack(connection, answer);
	}
	return false;
}

uint32_t half_open_count(const struct half_open *table)
{
	return table->count;
}
