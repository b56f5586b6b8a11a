/* SPDX-License-Identifier: MIT */
/*
 * Numbers the pairs of target and port. Every naming requests ports of targets in a row; where requests overlap, the
 * targets have the ports of all of them. A grid is made of spans, targets in a row with the same ports, when it is
 * looked up: the cost goes with what is named, not with targets times ports.
 */
#include "target/grid.h"

#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"

#include "target/ports.h"

#define GRIDS 3

struct request {
	uint32_t first, last; /* targets */
	unsigned which;       /* grids */
	const struct rp_ports *ports;
};

/* From `first` to before the next span. */
struct span {
	uint32_t first;
	const struct rp_ports *ports;
	uint64_t number; /* of the first pair */
};

struct rp_grid {
	struct grids *grids;
	struct span *list; /* owned; the last one has no ports, and ends the numbers */
	size_t count, room;
	uint32_t latest; /* the span that was found last: most targets are looked up in turn */
	unsigned which;  /* of GRID_ASKED and the like */
};

struct grids {
	void *lists;                    /* tsearch(): every list of ports, once; owned */
	struct rp_ports *zero; /* port 0, where there are no ports; not the list of whoever asks for port 0; owned */
	const struct rp_ports *current; /* of what is requested now */
	size_t kept;                    /* how many these are */
	const struct rp_ports **set;    /* those of them that were set; owned */
	size_t set_count, set_room;
	struct rp_ports *all; /* in any of these; NULL: there are none; owned */
	struct request *requests; /* owned */
	size_t count, room;
	struct rp_grid list[GRIDS];
	bool stale;  /* there are new requests */
	bool failed; /* memory was out */
};

static const struct rp_ports no_ports;

/* ---- lists of ports --------------------------------------------------------------------------- */

static int by_ports(const void *a, const void *b)
{
	const struct rp_ports *one = a, *other = b;

	if (one->count != other->count)
		return one->count < other->count ? -1 : 1;
	return memcmp(one->list, other->list, one->count * sizeof one->list[0]);
}

/* All ports of these lists; of lists that are alike one is kept. NULL: out of memory. */
static const struct rp_ports *join(struct grids *grids, const struct rp_ports *const *lists, size_t count)
{
	struct rp_ports *all, *const *kept = NULL;
	size_t same = 1;

	while (same < count && lists[same] == lists[0])
		same++;
	if (same == count && lists[0] == grids->zero)
		return grids->zero;
	if (same == count)
		kept = tfind(lists[0], &grids->lists, by_ports);
	if (kept != NULL)
		return *kept;
	if (rp_ports_join(&all, lists, count) < 0)
		return NULL;
	kept = tsearch(all, &grids->lists, by_ports);
	if (kept == NULL || *kept != all)
		rp_ports_free(all);
	else
		grids->kept++;
	return kept != NULL ? *kept : NULL;
}

int grids_set_ports(struct grids *grids, const struct rp_ports *ports)
{
	const struct rp_ports **grown = array_grow(grids->set, grids->set_count, &grids->set_room, sizeof(*grown));
	size_t before = grids->kept;

	if (grown == NULL)
		return -ENOMEM;
	grids->set = grown;
	const struct rp_ports *kept = ports != NULL ? join(grids, &ports, 1) : grids->zero;
	if (kept == NULL)
		return -ENOMEM;
	if (grids->kept > before) {
		grids->set[grids->set_count++] = kept;
		grids->stale = true;
	}
	grids->current = kept;
	return 0;
}

const struct rp_ports *grids_ports(const struct grids *grids)
{
	return grids->current != grids->zero ? grids->current : NULL;
}

const struct rp_ports *grids_all_ports(struct grids *grids)
{
	grids_build(grids);
	return grids->all;
}

/* ---- beginning and end ------------------------------------------------------------------------ */

int grids_new(struct grids **result)
{
	struct grids *grids = calloc(1, sizeof *grids);
	struct rp_ports *zero = calloc(1, sizeof *zero + sizeof zero->list[0]);

	if (grids == NULL || zero == NULL) {
		free(grids);
		free(zero);
		return -ENOMEM;
	}
	zero->count = 1;
	grids->current = grids->zero = zero;
	for (unsigned i = 0; i < GRIDS; i++)
		grids->list[i] = (struct rp_grid){.grids = grids, .which = 1U << i};
	*result = grids;
	return 0;
}

void grids_free(struct grids *grids)
{
	tdestroy(grids->lists, free);
	free(grids->zero);
	rp_ports_free(grids->all);
	free(grids->set);
	for (unsigned i = 0; i < GRIDS; i++)
		free(grids->list[i].list);
	free(grids->requests);
	free(grids);
}

const struct rp_grid *grids_get(const struct grids *grids, unsigned which)
{
	return &grids->list[which >> 1];
}

/* ---- requests ----------------------------------------------------------------------------------- */

void grids_request(struct grids *grids, uint32_t first, uint32_t count, unsigned which)
{
	struct request *last = grids->count > 0 ? &grids->requests[grids->count - 1] : NULL;
	struct request *grown;

	if (count == 0)
		return;
	grids->stale = true;
	if (last != NULL && last->last + 1 == first && last->which == which && last->ports == grids->current) {
		last->last += count;
		return;
	}
	grown = array_grow(grids->requests, grids->count, &grids->room, sizeof *grown);
	if (grown == NULL) {
		grids->failed = true;
		return;
	}
	grids->requests = grown;
	grids->requests[grids->count++] = (struct request){first, first + count - 1, which, grids->current};
}

/* ---- spans ------------------------------------------------------------------------------------ */

static bool push(struct rp_grid *grid, uint32_t first, const struct rp_ports *ports, uint64_t number)
{
	struct span *grown = array_grow(grid->list, grid->count, &grid->room, sizeof *grown);

	if (grown == NULL)
		return false;
	grid->list = grown;
	grid->list[grid->count++] = (struct span){first, ports, number};
	return true;
}

/* Behind all others. */
static bool add_span(struct rp_grid *grid, uint32_t first, uint32_t end, const struct rp_ports *ports)
{
	struct span *last = &grid->list[grid->count - 1];
	uint64_t number = last->number;

	if (ports == NULL)
		return false;
	if (last->first == first) {
		bool same = grid->count > 1 && last[-1].ports == ports;

		grid->count -= same;
		last->ports = ports;
	} else if (!push(grid, first, ports, number)) {
		return false;
	}
	return push(grid, end, &no_ports, number + (uint64_t)(end - first) * ports->count);
}

/* The requests are in the order of their first targets. `active` and `lists` have room for all of them. */
static bool fill(struct rp_grid *grid, struct request *active, const struct rp_ports **lists)
{
	const struct request *next = grid->grids->requests, *behind = next + grid->grids->count;
	size_t many = 0, left;
	uint32_t target = 0;

	grid->count = 0;
	if (!push(grid, 0, &no_ports, 0))
		return false;
	while (next < behind || many > 0) {
		if (many == 0)
			target = next->first;
		for (; next < behind && next->first == target; next++)
			if (next->which & grid->which)
				active[many++] = *next;
		uint32_t end = next < behind ? next->first : UINT32_MAX;
		for (size_t i = 0; i < many; i++) {
			end = active[i].last < end ? active[i].last + 1 : end;
			lists[i] = active[i].ports;
		}
		if (many > 0 && !add_span(grid, target, end, join(grid->grids, lists, many)))
			return false;
		target = end;
		left = 0;
		for (size_t i = 0; i < many; i++)
			if (active[i].last >= target)
				active[left++] = active[i];
		many = left;
	}
	return true;
}

static int by_first(const void *a, const void *b)
{
	const struct request *one = a, *other = b;

	return one->first < other->first ? -1 : one->first > other->first;
}

int grids_build(struct grids *grids)
{
	if (grids->stale && !grids->failed) {
		struct request *active = malloc((grids->count + 1) * sizeof *active);
		const struct rp_ports **lists = malloc((grids->count + 1) * sizeof(*lists));

		if (grids->count > 0)
			qsort(grids->requests, grids->count, sizeof *grids->requests, by_first);
		rp_ports_free(grids->all);
		grids->all = NULL;
		grids->failed = active == NULL || lists == NULL ||
				(grids->set_count > 0 && rp_ports_join(&grids->all, grids->set, grids->set_count) < 0);
		for (unsigned i = 0; i < GRIDS && !grids->failed; i++)
			grids->failed = !fill(&grids->list[i], active, lists);
		free(active);
		free(lists);
		grids->stale = false;
	}
	return grids->failed ? -ENOMEM : 0;
}

/* ---- looking up ------------------------------------------------------------------------------- */

/* The grid, with all requests in it; looked up, it is made in a target set that does not change. */
static struct rp_grid *built(const struct rp_grid *grid)
{
	if (grid->grids->stale)
		grids_build(grid->grids);
	return &grid->grids->list[grid->which >> 1];
}

static const struct span *span_of(const struct rp_grid *made, uint32_t target)
{
	static const struct span empty = {.ports = &no_ports};
	struct rp_grid *grid = built(made);
	uint32_t low = grid->latest, high = (uint32_t)grid->count;

	if (low + 1 < high && grid->list[low].first <= target && target < grid->list[low + 1].first)
		return &grid->list[low];
	if (high == 0)
		return &empty;
	low = 0;
	while (high - low > 1) {
		uint32_t middle = low + (high - low) / 2;

		if (grid->list[middle].first <= target)
			low = middle;
		else
			high = middle;
	}
	grid->latest = low;
	return &grid->list[low];
}

const struct rp_ports *rp_grid_ports(const struct rp_grid *grid, uint32_t target)
{
	return span_of(grid, target)->ports;
}

uint64_t rp_grid_count(const struct rp_grid *grid)
{
	const struct rp_grid *made = built(grid);

	return made->count > 0 ? made->list[made->count - 1].number : 0;
}

int64_t rp_grid_number(const struct rp_grid *grid, uint32_t target, uint16_t port)
{
	const struct span *span = span_of(grid, target);
	int64_t index = rp_ports_find(span->ports, port);

	return index < 0 ? index
			 : (int64_t)(span->number + (uint64_t)(target - span->first) * span->ports->count) + index;
}

struct rp_pair rp_grid_pair(const struct rp_grid *grid, uint64_t number)
{
	const struct rp_grid *made = built(grid);
	uint32_t low = 0, high = (uint32_t)made->count;

	while (high - low > 1) {
		uint32_t middle = low + (high - low) / 2;

		if (made->list[middle].number <= number)
			low = middle;
		else
			high = middle;
	}
	const struct span *span = &made->list[low];
	number -= span->number;
	return (struct rp_pair){
		.target = span->first + (uint32_t)(number / span->ports->count),
		.port = rp_ports_at(span->ports, (uint32_t)(number % span->ports->count)),
	};
}
