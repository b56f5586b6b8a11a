/* SPDX-License-Identifier: MIT */
/*
 * Reads the forms in which people write addresses: one, a network, a span, and octets with ranges, lists and *. What is
 * of such a form and cannot be is refused with a sentence that says what to write instead.
 */
#include <errno.h>
#include <string.h>

#include "base/error.h"
#include "target/set.h"

#define RUNS_MAX   (1U << 20) /* what one text may cost; 10.*.*.1 is 2^16 */
#define FORM_CHARS "0123456789.,/*-"

/* The values asked for in one octet. */
struct octet {
	bool member[256];
};

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
	return set_add_range(targets, first, first | host_bits, error);
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
	return set_add_range(targets, rp_addr_ipv4_value(from), rp_addr_ipv4_value(to), error);
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
			set_add_span(targets, base | first << shift, base | last << shift | ((1U << shift) - 1));
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
	if (entries > RUNS_MAX)
		return error_set(error, -EINVAL, "'%.64s' scatters over more than %u ranges; give it in parts", text,
				 RUNS_MAX);
	rc = set_reserve(targets, (uint32_t)entries, addresses, error);
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

int set_add_text(struct rp_targets *targets, const char *text, struct rp_error *error)
{
	int dots = count_char(text, '.');
	bool plain = strpbrk(text, "/,-*") == NULL;
	struct rp_addr address;

	if (text[strspn(text, FORM_CHARS)] != '\0' || (plain && dots != 3))
		return 1;
	if (plain && rp_addr_parse(text, &address) == 0)
		return set_add_address(targets, address, text, error);
	if (strchr(text, '/'))
		return add_network(targets, text, error);
	if (dots == 6 && count_char(text, '-') == 1)
		return add_span(targets, text, error);
	return add_octets(targets, text, error);
}
