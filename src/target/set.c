/* SPDX-License-Identifier: MIT */
/*
 * Keeps targets as entries in the order in which they were named, which indices count through. Those of addresses and
 * ranges are disjoint, and nodes of a treap by address: what is named twice belongs to its first entry, and a range
 * adds only what is new. Names without an address or that follow a target, and what cannot be probed, stand apart.
 */
#include "target/set.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "target/extra.h"
#include "target/grid.h"
#include "target/readdress.h"
#include "target/watch.h"

#define COUNT_MAX (UINT32_MAX - 1)
#define NONE      UINT32_MAX

#define OUT_OF_MEMORY "out of memory"

struct entry {
	uint32_t first, last; /* addresses */
	uint32_t index;       /* of `first` */
	uint32_t left, right; /* in the treap, NONE for no child */
	uint32_t leader;      /* the target that it follows; NONE: none */
	char *name;           /* owned; NULL for a range */
	char *canonical;      /* owned; may be NULL */
	bool unknown;         /* it has no address of its own */
	uint8_t bad;          /* enum rp_reason */
};

struct rp_targets {
	struct entry *entries;
	uint32_t entries_count, capacity;
	uint32_t added; /* ranges that brought something new: n of them have at most 2n - 1 entries */
	uint32_t root;
	uint32_t count;
	struct readdress moves, followers;
	uint64_t repeated;
	const struct rp_targets *excluded; /* borrowed; NULL: none are */
	struct grids *grids;               /* owned */
	struct extras extras;
	struct watch *watches;
};

int rp_targets_new(struct rp_targets **result)
{
	struct rp_targets *targets = calloc(1, sizeof *targets);

	if (targets == NULL)
		return -ENOMEM;
	targets->root = NONE;
	if (grids_new(&targets->grids) < 0) {
		free(targets);
		return -ENOMEM;
	}
	*result = targets;
	return 0;
}

void rp_targets_free(struct rp_targets *targets)
{
	if (targets == NULL)
		return;
	for (uint32_t i = 0; i < targets->entries_count; i++) {
		free(targets->entries[i].name);
		free(targets->entries[i].canonical);
	}
	free(targets->entries);
	readdress_fini(&targets->moves);
	readdress_fini(&targets->followers);
	grids_free(targets->grids);
	free(targets->extras.list);
	free(targets);
}

uint32_t rp_targets_count(const struct rp_targets *targets)
{
	return targets->count;
}

uint64_t rp_targets_repeated(const struct rp_targets *targets)
{
	return targets->repeated;
}

/* The last entry that begins at or before `index`. */
static struct entry *entry_of(const struct rp_targets *targets, uint32_t index)
{
	uint32_t low = 0, high = targets->entries_count;

	while (high - low > 1) {
		uint32_t middle = low + (high - low) / 2;

		if (targets->entries[middle].index <= index)
			low = middle;
		else
			high = middle;
	}
	return &targets->entries[low];
}

struct rp_addr set_address(const struct rp_targets *targets, uint32_t index)
{
	const struct entry *entry = entry_of(targets, index);
	struct rp_addr address = {0};

	if (!entry->unknown)
		address = rp_addr_ipv4(entry->first + (index - entry->index));
	readdress_apply(&targets->moves, index, &address);
	return address;
}

struct rp_target rp_targets_at(const struct rp_targets *targets, uint32_t index)
{
	const struct entry *entry = entry_of(targets, index);
	struct extra extra = extra_at(&targets->extras, index);

	return (struct rp_target){
		.name = entry->name,
		.canonical = entry->canonical,
		.address = set_address(targets, index),
		.follows = entry->leader != NONE,
		.leader = entry->leader,
		.bad = (enum rp_reason)entry->bad,
		.removed = extra.removed,
		.user = extra.user,
	};
}

int64_t set_find_moved(const struct rp_targets *targets, struct rp_addr address, uint32_t *cursor)
{
	return readdress_find(&targets->moves, address, cursor);
}

int64_t rp_targets_follower(const struct rp_targets *targets, uint32_t index, uint32_t *cursor)
{
	int64_t found = -ENOENT;

	if (targets->followers.count > 0)
		do
			found = readdress_find(&targets->followers, set_address(targets, index), cursor);
		while (found >= 0 && entry_of(targets, (uint32_t)found)->leader != index);
	return found;
}

/* ---- changes ---------------------------------------------------------------------------------- */

struct watch **set_watches(struct rp_targets *targets)
{
	return &targets->watches;
}

int rp_targets_move(struct rp_targets *targets, uint32_t index, struct rp_addr address)
{
	if (address.family != RP_FAMILY_IPV4 || index >= targets->count)
		return -EINVAL;
	struct rp_addr before = set_address(targets, index);
	int result = readdress_add(&targets->moves, index, address);
	if (result == 0)
		watch_moved(targets->watches, index, before);
	return result;
}

static int take_extra(struct rp_targets *targets, uint32_t index, struct extra **extra)
{
	if (index >= targets->count)
		return -EINVAL;
	*extra = extra_of(&targets->extras, index);
	return *extra != NULL ? 0 : -ENOMEM;
}

int rp_targets_set_user(struct rp_targets *targets, uint32_t index, void *user)
{
	struct extra *extra;
	int result = take_extra(targets, index, &extra);

	if (result == 0)
		extra->user = user;
	return result;
}

int rp_targets_remove(struct rp_targets *targets, uint32_t index)
{
	struct extra *extra;
	int result = watch_is_fixed(targets->watches) ? -EBUSY : take_extra(targets, index, &extra);

	if (result < 0)
		return result;
	extra->removed = true;
	watch_changed(targets->watches);
	return 0;
}

/* Those of so many targets that were removed are back. */
static void restore(struct rp_targets *targets, uint32_t index, uint32_t count)
{
	for (; count > 0 && index < targets->extras.count; index++, count--)
		targets->extras.list[index].removed = false;
	watch_changed(targets->watches);
}

void rp_targets_exclude(struct rp_targets *targets, const struct rp_targets *excluded)
{
	targets->excluded = excluded;
}

/* ---- the treap -------------------------------------------------------------------------------- */

/* Heap order by a bijective hash of the address: balanced for every order of arrival, and reproducible. */
static uint32_t priority(uint32_t x)
{
	x = (x ^ x >> 16) * 0x85ebca6b;
	x = (x ^ x >> 13) * 0xc2b2ae35;
	return x ^ x >> 16;
}

/* Apart from the treap. */
static struct entry *entry_append(struct rp_targets *targets, uint32_t first, uint32_t last)
{
	struct entry *entry = &targets->entries[targets->entries_count++];

	*entry = (struct entry){.first = first, .last = last, .index = targets->count, .leader = NONE};
	targets->count += last - first + 1;
	watch_changed(targets->watches);
	return entry;
}

static struct entry *entry_insert(struct rp_targets *targets, uint32_t first, uint32_t last)
{
	struct entry *p = targets->entries;
	uint32_t new = (uint32_t)(entry_append(targets, first, last) - p);
	uint32_t *link = &targets->root, *left = &p[new].left, *right = &p[new].right;
	uint32_t node;

	while (*link != NONE && priority(p[*link].first) > priority(first))
		link = first < p[*link].first ? &p[*link].left : &p[*link].right;
	node = *link;
	*link = new;
	/* What hung there is split into what lies before and behind. */
	while (node != NONE) {
		if (p[node].first < first) {
			*left = node;
			left = &p[node].right;
			node = *left;
		} else {
			*right = node;
			right = &p[node].left;
			node = *right;
		}
	}
	*left = *right = NONE;
	return &p[new];
}

/* The entries next to `address`: the last that starts at or before it, the first that starts behind it. */
static void neighbours(const struct rp_targets *targets, uint32_t address, const struct entry **before,
			   const struct entry **behind)
{
	uint32_t node = targets->root;

	*before = *behind = NULL;
	while (node != NONE) {
		const struct entry *entry = &targets->entries[node];

		if (entry->first <= address) {
			*before = entry;
			node = entry->right;
		} else {
			*behind = entry;
			node = entry->left;
		}
	}
}

int64_t rp_targets_find(const struct rp_targets *targets, struct rp_addr address)
{
	uint32_t value = rp_addr_ipv4_value(address);
	const struct entry *entry, *behind;

	neighbours(targets, value, &entry, &behind);
	if (address.family != RP_FAMILY_IPV4 || entry == NULL || value > entry->last)
		return -ENOENT;
	return (int64_t)entry->index + (value - entry->first);
}

/* ---- adding ----------------------------------------------------------------------------------- */

int set_reserve(struct rp_targets *targets, uint32_t more, uint64_t addresses, struct rp_error *error)
{
	uint64_t need = 2 * ((uint64_t)targets->added + more);
	uint64_t capacity = targets->capacity ? targets->capacity : 16;
	void *grown;

	if (watch_is_fixed(targets->watches))
		return error_set(error, -EBUSY, "a scan is under way: its targets cannot be changed");
	if (targets->count + addresses > COUNT_MAX)
		return error_set(error, -EINVAL, "too many targets: %u are the most", COUNT_MAX);
	while (capacity < need)
		capacity *= 2;
	if (capacity == targets->capacity)
		return 0;
	grown = capacity <= UINT32_MAX ? realloc(targets->entries, (size_t)capacity * sizeof *targets->entries) : NULL;
	if (!grown)
		return error_set(error, -ENOMEM, OUT_OF_MEMORY);
	targets->entries = grown;
	targets->capacity = (uint32_t)capacity;
	return 0;
}

/* Targets in a row, whose addresses begin with `address`, are asked for the present ports, unless excluded. */
static void ask(struct rp_targets *targets, uint32_t index, uint32_t address, uint32_t count)
{
	while (targets->excluded != NULL && count > 0) {
		const struct entry *before, *behind;
		uint32_t part = count;

		neighbours(targets->excluded, address, &before, &behind);
		bool excluded = before != NULL && before->last >= address;
		if (excluded && before->last - address < count)
			part = before->last - address + 1;
		else if (!excluded && behind != NULL && behind->first - address < count)
			part = behind->first - address;
		if (!excluded)
			grids_request(targets->grids, index, part, GRID_ALL);
		index += part;
		address += part;
		count -= part;
	}
	grids_request(targets->grids, index, count, GRID_ALL);
}

struct entry *set_add_span(struct rp_targets *targets, uint32_t first, uint32_t last)
{
	uint64_t at = first; /* 64 bits, to stand behind 255.255.255.255 */
	struct entry *new = NULL;

	while (at <= last) {
		const struct entry *before, *behind;
		uint32_t end = last, index = targets->count;
		bool fresh = true;

		neighbours(targets, (uint32_t)at, &before, &behind);
		if (before && before->last >= at) {
			end = before->last < last ? before->last : last;
			index = before->index + ((uint32_t)at - before->first);
			targets->repeated += end - at + 1;
			restore(targets, index, end - (uint32_t)at + 1);
			fresh = false;
		} else {
			if (behind && behind->first <= end)
				end = behind->first - 1;
			new = entry_insert(targets, (uint32_t)at, end);
		}
		if (fresh || targets->watches == NULL) /* pairs keep their numbers while they are probed */
			ask(targets, index, (uint32_t)at, end - (uint32_t)at + 1);
		at = (uint64_t)end + 1;
	}
	targets->added += new != NULL;
	return new;
}

int set_add_range(struct rp_targets *targets, uint32_t first, uint32_t last, struct rp_error *error)
{
	int rc = set_reserve(targets, 1, (uint64_t)last - first + 1, error);

	if (rc == 0)
		set_add_span(targets, first, last);
	return rc;
}

/* Room for one entry more, and its texts. */
static int prepare(struct rp_targets *targets, struct entry *texts, const char *name, const char *canonical,
		   struct rp_error *error)
{
	int rc = set_reserve(targets, 1, 1, error);

	if (rc < 0)
		return rc;
	*texts = (struct entry){.name = name ? strdup(name) : NULL, .canonical = canonical ? strdup(canonical) : NULL};
	if ((!name || texts->name) && (!canonical || texts->canonical))
		return 0;
	free(texts->name);
	free(texts->canonical);
	return error_set(error, -ENOMEM, OUT_OF_MEMORY);
}

static void take_texts(struct entry *entry, const struct entry *texts)
{
	entry->name = texts->name;
	entry->canonical = texts->canonical;
}

int set_add_address(struct rp_targets *targets, struct rp_addr address, const char *text, struct rp_error *error)
{
	uint32_t value = rp_addr_ipv4_value(address);
	struct entry texts;
	int rc = prepare(targets, &texts, text, NULL, error);

	if (rc < 0)
		return rc;
	struct entry *new = set_add_span(targets, value, value);
	if (new != NULL)
		take_texts(new, &texts);
	else
		free(texts.name);
	return 0;
}

/* Apart from the treap. */
static struct entry *add_apart(struct rp_targets *targets, struct rp_addr address, const struct entry *texts)
{
	uint32_t value = rp_addr_ipv4_value(address);
	struct entry *entry = entry_append(targets, value, value);

	entry->unknown = address.family == RP_FAMILY_NONE;
	take_texts(entry, texts);
	targets->added++;
	return entry;
}

int rp_targets_add_name(struct rp_targets *targets, struct rp_addr address, const char *name, const char *canonical)
{
	uint32_t value = rp_addr_ipv4_value(address);
	int64_t leader = rp_targets_find(targets, address);
	struct entry texts;
	int rc = address.family <= RP_FAMILY_IPV4 ? prepare(targets, &texts, name, canonical, NULL) : -EINVAL;

	if (rc < 0)
		return rc;
	if (leader < 0 && address.family != RP_FAMILY_NONE) {
		take_texts(set_add_span(targets, value, value), &texts);
		return 0;
	}
	struct entry *entry = add_apart(targets, address, &texts);
	bool excluded = targets->excluded != NULL && rp_targets_find(targets->excluded, address) >= 0;

	if (!excluded)
		grids_request(targets->grids, entry->index, 1, leader < 0 ? GRID_ALL : GRID_ASKED);
	if (leader < 0)
		return 0;
	entry->leader = (uint32_t)leader;
	targets->repeated++;
	if (!excluded && targets->watches == NULL)
		grids_request(targets->grids, entry->leader, 1, GRID_PROBED | GRID_MERGED);
	return readdress_add(&targets->followers, entry->index, address);
}

int rp_targets_add_bad(struct rp_targets *targets, const char *name, enum rp_reason reason)
{
	struct entry texts;
	int rc = prepare(targets, &texts, name, name, NULL);

	if (rc < 0)
		return rc;
	struct entry *entry = add_apart(targets, (struct rp_addr){.family = RP_FAMILY_NONE}, &texts);
	entry->bad = (uint8_t)reason;
	grids_request(targets->grids, entry->index, 1, GRID_ASKED | GRID_MERGED);
	return 0;
}

/* ---- ports ------------------------------------------------------------------------------------ */

int rp_targets_set_ports(struct rp_targets *targets, const struct rp_ports *ports)
{
	return grids_set_ports(targets->grids, ports);
}

const struct rp_ports *rp_targets_current_ports(const struct rp_targets *targets)
{
	return grids_ports(targets->grids);
}

const struct rp_ports *rp_targets_all_ports(const struct rp_targets *targets)
{
	return grids_all_ports(targets->grids);
}

const struct rp_grid *rp_targets_asked(const struct rp_targets *targets)
{
	return grids_get(targets->grids, GRID_ASKED);
}

const struct rp_grid *rp_targets_probed(const struct rp_targets *targets)
{
	return grids_get(targets->grids, GRID_PROBED);
}

const struct rp_grid *rp_targets_merged(const struct rp_targets *targets)
{
	return grids_get(targets->grids, GRID_MERGED);
}

int set_ready(const struct rp_targets *targets)
{
	return grids_build(targets->grids);
}
