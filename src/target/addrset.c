/* SPDX-License-Identifier: MIT */
/*
 * Targets are disjoint runs of addresses in the order given, which indices count through, and these runs are nodes
 * of a treap by address. An address given twice belongs to its first run: what is given later adds only the runs
 * that nobody has yet.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "target/addrset.h"

#define COUNT_MAX  (UINT32_MAX - 1)
#define RUNS_MAX   (1U << 20) /* what one text may cost; 10.*.*.1 is 2^16 */
#define FORM_CHARS "0123456789.,/*-"
#define NONE       UINT32_MAX

#define TOO_MANY      "too many targets: %u are the most"
#define OUT_OF_MEMORY "out of memory"

struct run {
	uint32_t first, last; /* addresses */
	uint32_t index;       /* of `first` */
	uint32_t left, right; /* in the treap, NONE for no child */
	char *name;           /* owned; NULL for a range */
	char *canonical;      /* owned; may be NULL */
};

struct rp_targets {
	struct run *runs;
	uint32_t runs_count, capacity;
	uint32_t added; /* ranges that brought something new: n of them have at most 2n - 1 runs */
	uint32_t root;
	uint32_t count;
	struct moves moves;
	uint64_t repeated;
};

/* The values asked for in one octet. */
struct octet {
	bool member[256];
};

int rp_targets_new(struct rp_targets **targets)
{
	*targets = calloc(1, sizeof(**targets));
	if (!*targets)
		return -ENOMEM;
	(*targets)->root = NONE;
	return 0;
}

void rp_targets_free(struct rp_targets *targets)
{
	if (!targets)
		return;
	for (uint32_t i = 0; i < targets->runs_count; i++) {
		free(targets->runs[i].name);
		free(targets->runs[i].canonical);
	}
	free(targets->runs);
	moves_fini(&targets->moves);
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

struct rp_target rp_targets_at(const struct rp_targets *targets, uint32_t index)
{
	uint32_t low = 0, high = targets->runs_count;
	const struct run *run;

	/* The last run that starts at or before `index`. */
	while (high - low > 1) {
		uint32_t middle = low + (high - low) / 2;

		if (targets->runs[middle].index <= index)
			low = middle;
		else
			high = middle;
	}
	run = &targets->runs[low];
	struct rp_target target = {
		.address = rp_addr_ipv4(run->first + (index - run->index)),
		.name = run->name,
		.canonical = run->canonical,
	};
	moves_apply(&targets->moves, index, &target.address);
	return target;
}

int64_t addrset_find_moved(const struct rp_targets *targets, struct rp_addr address, uint32_t nth)
{
	return moves_find(&targets->moves, address, nth);
}

struct moves *addrset_moves(struct rp_targets *targets)
{
	return &targets->moves;
}

/* ---- the treap -------------------------------------------------------------------------------- */

/* Heap order by a bijective hash of the address: balanced for every order of arrival, and reproducible. */
static uint32_t priority(uint32_t x)
{
	x = (x ^ x >> 16) * 0x85ebca6b;
	x = (x ^ x >> 13) * 0xc2b2ae35;
	return x ^ x >> 16;
}

static struct run *run_insert(struct rp_targets *targets, uint32_t first, uint32_t last)
{
	struct run *p = targets->runs;
	uint32_t new = targets->runs_count++;
	uint32_t *link = &targets->root, *left = &p[new].left, *right = &p[new].right;
	uint32_t node;

	p[new] = (struct run){.first = first, .last = last, .index = targets->count};
	targets->count += last - first + 1;
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

/* The runs next to `address`: the last that starts at or before it, the first that starts behind it. */
static void run_neighbours(const struct rp_targets *targets, uint32_t address, const struct run **before,
			   const struct run **behind)
{
	uint32_t node = targets->root;

	*before = *behind = NULL;
	while (node != NONE) {
		const struct run *run = &targets->runs[node];

		if (run->first <= address) {
			*before = run;
			node = run->right;
		} else {
			*behind = run;
			node = run->left;
		}
	}
}

int64_t addrset_find(const struct rp_targets *targets, struct rp_addr address)
{
	uint32_t value = rp_addr_ipv4_value(address);
	const struct run *run, *behind;

	if (address.family != RP_FAMILY_IPV4)
		return -ENOENT;
	run_neighbours(targets, value, &run, &behind);
	if (!run || value > run->last)
		return -ENOENT;
	return (int64_t)run->index + (value - run->first);
}

/* ---- adding ----------------------------------------------------------------------------------- */

/* Room for `more` ranges, however they are cut, so that add_run() cannot fail half way. */
static int reserve(struct rp_targets *targets, uint32_t more, struct rp_error *error)
{
	uint64_t need = 2 * ((uint64_t)targets->added + more);
	uint64_t capacity = targets->capacity ? targets->capacity : 16;
	void *grown;

	while (capacity < need)
		capacity *= 2;
	if (capacity == targets->capacity)
		return 0;
	grown = capacity <= UINT32_MAX ? realloc(targets->runs, capacity * sizeof(*targets->runs)) : NULL;
	if (!grown)
		return error_set(error, -ENOMEM, OUT_OF_MEMORY);
	targets->runs = grown;
	targets->capacity = (uint32_t)capacity;
	return 0;
}

/* The last run that was new; NULL when nothing was. */
static struct run *add_run(struct rp_targets *targets, uint32_t first, uint32_t last)
{
	uint64_t at = first; /* 64 bits, to stand behind 255.255.255.255 */
	struct run *new = NULL;

	while (at <= last) {
		const struct run *before, *behind;
		uint32_t end = last;

		run_neighbours(targets, (uint32_t)at, &before, &behind);
		if (before && before->last >= at) {
			end = before->last < last ? before->last : last;
			targets->repeated += end - at + 1;
		} else {
			if (behind && behind->first <= end)
				end = behind->first - 1;
			new = run_insert(targets, (uint32_t)at, end);
		}
		at = (uint64_t)end + 1;
	}
	targets->added += new != NULL;
	return new;
}

int addrset_add_address(struct rp_targets *targets, struct rp_addr address, const char *name, const char *canonical,
			struct rp_error *error)
{
	uint32_t value = rp_addr_ipv4_value(address);
	char *name_copy = NULL, *canonical_copy = NULL;
	struct run *run;
	int rc;

	if (address.family != RP_FAMILY_IPV4)
		return error_set(error, -EINVAL, "'%.64s': no IPv4 address", name);
	if (targets->count >= COUNT_MAX)
		return error_set(error, -EINVAL, TOO_MANY, COUNT_MAX);
	rc = reserve(targets, 1, error);
	if (rc < 0)
		return rc;
	name_copy = strdup(name);
	canonical_copy = canonical ? strdup(canonical) : NULL;
	if (!name_copy || (canonical && !canonical_copy)) {
		free(name_copy);
		free(canonical_copy);
		return error_set(error, -ENOMEM, OUT_OF_MEMORY);
	}
	run = add_run(targets, value, value);
	if (!run) {
		free(name_copy);
		free(canonical_copy);
		return 0;
	}
	run->name = name_copy;
	run->canonical = canonical_copy;
	return 0;
}

static int add_range(struct rp_targets *targets, uint32_t first, uint32_t last, struct rp_error *error)
{
	int rc;

	if ((uint64_t)targets->count + last - first + 1 > COUNT_MAX)
		return error_set(error, -EINVAL, TOO_MANY, COUNT_MAX);
	rc = reserve(targets, 1, error);
	if (rc == 0)
		add_run(targets, first, last);
	return rc;
}

/* ---- the forms -------------------------------------------------------------------------------- */

/* A number up to `max` at `*text`, of digits alone; -1 when there is none or it is more. */
static int read_number(const char **text, int max)
{
	int value = 0, digits = 0;

	for (; **text >= '0' && **text <= '9'; ++*text, digits++) {
		value = value * 10 + (**text - '0');
		if (value > max)
			return -1;
	}
	return digits ? value : -1;
}

/* 192.0.2.0/24: every address of the network, whatever the host bits say. */
static int add_network(struct rp_targets *targets, const char *text, struct rp_error *error)
{
	const char *slash = strchr(text, '/');
	const char *mask = slash + 1;
	size_t length = (size_t)(slash - text);
	char base[16];
	struct rp_addr address;
	uint32_t host_bits, first;
	int bits;

	if (length >= sizeof(base))
		return error_set(error, -EINVAL, "'%.64s': a mask goes with one address, as in 192.0.2.0/24", text);
	memcpy(base, text, length);
	base[length] = '\0';
	if (rp_addr_parse(base, &address) < 0)
		return error_set(error, -EINVAL, "'%.64s': a mask goes with one address, as in 192.0.2.0/24", text);
	bits = read_number(&mask, 32);
	if (bits < 0 || *mask != '\0')
		return error_set(error, -EINVAL, "'%.64s': the mask is a number from 0 to 32", text);
	host_bits = (uint32_t)(UINT64_C(0xffffffff) >> bits);
	first = rp_addr_ipv4_value(address) & ~host_bits;
	return add_range(targets, first, first | host_bits, error);
}

/* 192.0.2.1-192.0.2.50 */
static int add_span(struct rp_targets *targets, const char *text, struct rp_error *error)
{
	const char *dash = strchr(text, '-');
	size_t length = (size_t)(dash - text);
	struct rp_addr from, to;
	char left[16] = "";

	if (length < sizeof(left))
		memcpy(left, text, length);
	if (rp_addr_parse(left, &from) < 0 || rp_addr_parse(dash + 1, &to) < 0)
		return error_set(error, -EINVAL, "'%.64s': write a range of addresses as 192.0.2.1-192.0.2.50", text);
	if (rp_addr_ipv4_value(from) > rp_addr_ipv4_value(to))
		return error_set(error, -EINVAL, "address range %.64s is backwards; did you mean %.32s-%s?", text,
				 dash + 1, left);
	return add_range(targets, rp_addr_ipv4_value(from), rp_addr_ipv4_value(to), error);
}

/* 7, 7-9 or *, within one octet. */
static int read_octet_range(const char **at, int *first, int *last, const char *text, struct rp_error *error)
{
	*first = 0;
	*last = 255;
	if (**at == '*') {
		++*at;
		return 0;
	}
	if ((*at)[0] == '0' && (*at)[1] >= '0' && (*at)[1] <= '9')
		return error_set(error, -EINVAL, "'%.64s': leave out leading zeros, they may mean octal", text);
	*first = *last = read_number(at, 255);
	if (*first >= 0 && **at == '-') {
		++*at;
		*last = read_number(at, 255);
	}
	if (*first < 0 || *last < 0)
		return error_set(error, -EINVAL, "'%.64s': an octet is 0 to 255, a range 1-50, a list 1,5 or *", text);
	if (*first > *last)
		return error_set(error, -EINVAL, "'%.64s': range %d-%d is backwards; did you mean %d-%d?", text, *first,
				 *last, *last, *first);
	return 0;
}

static int read_octet(const char **at, struct octet *octet, const char *text, struct rp_error *error)
{
	bool more = true;

	*octet = (struct octet){0};
	while (more) {
		int first, last, rc = read_octet_range(at, &first, &last, text, error);

		if (rc < 0)
			return rc;
		memset(octet->member + first, true, (size_t)(last - first + 1));
		more = **at == ',';
		*at += more;
	}
	return 0;
}

/* The run of members that starts at or behind `from`; false when there is none. */
static bool next_run(const struct octet *octet, unsigned from, unsigned *first, unsigned *last)
{
	while (from < 256 && !octet->member[from])
		from++;
	if (from == 256)
		return false;
	*first = from;
	while (from < 256 && octet->member[from])
		from++;
	*last = from - 1;
	return true;
}

/* Every combination of the octets from `level` to `depth`; those behind `depth` are all *. */
static void add_runs(struct rp_targets *targets, const struct octet octets[4], int level, int depth, uint32_t base)
{
	int shift = 24 - 8 * level;
	unsigned first, last;

	for (unsigned from = 0; next_run(&octets[level], from, &first, &last); from = last + 1) {
		if (level == depth || level == 3)
			add_run(targets, base | first << shift, base | last << shift | ((1U << shift) - 1));
		else
			for (unsigned value = first; value <= last; value++)
				add_runs(targets, octets, level + 1, depth, base | value << shift);
	}
}

static void measure(const struct octet *octet, uint64_t *members, uint64_t *runs)
{
	unsigned first, last;

	*members = *runs = 0;
	for (unsigned from = 0; next_run(octet, from, &first, &last); from = last + 1) {
		*members += last - first + 1;
		++*runs;
	}
}

/* 192.0.2.1-50,200 and the like, in any octet. */
static int add_octets(struct rp_targets *targets, const char *text, struct rp_error *error)
{
	struct octet octets[4];
	const char *at = text;
	uint64_t addresses = 1, entries = 1;
	int depth = 0, rc;

	for (int i = 0; i < 4; i++) {
		uint64_t members, runs;

		rc = read_octet(&at, &octets[i], text, error);
		if (rc < 0)
			return rc;
		if (*at++ != (i < 3 ? '.' : '\0'))
			return error_set(error, -EINVAL,
					 "'%.64s': an IPv4 address has 4 numbers with dots between; between targets "
					 "stand blanks",
					 text);
		measure(&octets[i], &members, &runs);
		if (members < 256) {
			depth = i;
			entries = addresses * runs;
		}
		addresses *= members;
	}
	if (targets->count + addresses > COUNT_MAX)
		return error_set(error, -EINVAL, TOO_MANY, COUNT_MAX);
	if (entries > RUNS_MAX)
		return error_set(error, -EINVAL, "'%.64s' scatters over more than %u ranges; give it in parts", text,
				 RUNS_MAX);
	rc = reserve(targets, (uint32_t)entries, error);
	if (rc == 0)
		add_runs(targets, octets, 0, depth, 0);
	return rc;
}

static int count_char(const char *text, char c)
{
	int count = 0;

	for (; *text; text++)
		count += *text == c;
	return count;
}

int addrset_add_text(struct rp_targets *targets, const char *text, struct rp_error *error)
{
	int dots = count_char(text, '.');
	bool plain = strpbrk(text, "/,-*") == NULL;
	struct rp_addr address;

	if (text[strspn(text, FORM_CHARS)] != '\0' || (plain && dots != 3))
		return 1;
	if (plain && rp_addr_parse(text, &address) == 0)
		return addrset_add_address(targets, address, text, NULL, error);
	if (strchr(text, '/'))
		return add_network(targets, text, error);
	if (dots == 6 && count_char(text, '-') == 1)
		return add_span(targets, text, error);
	return add_octets(targets, text, error);
}
