/* SPDX-License-Identifier: MIT */
/* Targets, one text a line: indices count through, and each address has one. */
#include "fuzz.h"

#include <errno.h>

#include "target/set.h"

#define EACH  2000 /* up to so many addresses all are looked up, of more a sample */
#define PAIRS 200  /* likewise, all against all */
#define COST  4096 /* ranges that one line may make */

/* An upper bound of the ranges that a text by octets makes: the values asked for before the last octet that is
 * not a bare "*". More than COST would be right, too, only slow. */
static bool costly(const char *text)
{
	unsigned long cost = 1, before_last = 1;

	for (const char *byte = text; *byte != '\0';) {
		size_t length = strcspn(byte, ".");
		unsigned long values = 1;

		for (size_t i = 0; i < length; i++)
			values += byte[i] == ',' ? 1 : byte[i] == '-' || byte[i] == '*' ? 256 : 0;
		if (length != 1 || *byte != '*')
			before_last = cost * values;
		cost = cost * values < COST * 256UL ? cost * values : COST * 256UL;
		byte += length + (byte[length] == '.');
	}
	return strchr(text, '/') == NULL && before_last > COST;
}

static void check_index(const struct rp_targets *targets, uint32_t index)
{
	struct rp_target target = rp_targets_at(targets, index);

	check(target.address.family == RP_FAMILY_IPV4);
	check(rp_targets_find(targets, target.address) == index);
	check(target.canonical == NULL);
	if (target.name != NULL) {
		struct rp_addr named;

		check(rp_addr_parse(target.name, &named) == 0 && rp_addr_equal(named, target.address));
	}
}

static void check_all(const struct rp_targets *targets, uint32_t seed)
{
	uint32_t count = rp_targets_count(targets);
	uint32_t step = count > EACH ? count / EACH : 1;

	for (uint32_t i = 0; i < count && count - i > step; i += step)
		check_index(targets, i);
	if (count > 0)
		check_index(targets, count - 1);
	/* Addresses at and around what is there, and anywhere. */
	for (uint32_t i = 0; i < 32; i++) {
		uint32_t value = seed + i * UINT32_C(0x08000001);

		if (count > 0 && i % 2 == 0)
			value = rp_addr_ipv4_value(rp_targets_at(targets, (seed ^ i) % count).address) + i - 16;
		int64_t index = rp_targets_find(targets, rp_addr_ipv4(value));
		check(index == -ENOENT || (index >= 0 && index < count));
		if (index >= 0)
			check(rp_addr_ipv4_value(rp_targets_at(targets, (uint32_t)index).address) == value);
		for (uint32_t k = 0; k < count && count <= PAIRS; k++) {
			if (rp_addr_ipv4_value(rp_targets_at(targets, k).address) == value) {
				check(index == k); /* by brute force */
				break;
			}
			check(k + 1 < count || index == -ENOENT);
		}
	}
}

/* The plainest forms by other means: 1.2.3.4/24, 1.2.3.4-9 and 1.2.3.4. */
static void check_added(const struct rp_targets *targets, const char *text, uint32_t before, uint64_t repeated)
{
	unsigned a, b, c, d, last = 0, bits = 32;
	int network = 0, range = 0, plain = 0;

	sscanf(text, "%u.%u.%u.%u%n/%u%n", &a, &b, &c, &d, &plain, &bits, &network);
	sscanf(text, "%*u.%*u.%*u.%*u-%u%n", &last, &range);
	size_t length = strlen(text);
	if (length != (size_t)plain && length != (size_t)network && length != (size_t)range)
		return;
	check(a <= 255 && b <= 255 && c <= 255 && d <= 255 && bits <= 32 && last <= 255);
	uint32_t first = a << 24 | b << 16 | c << 8 | d;
	uint32_t count = length == (size_t)range ? last - d + 1 : UINT32_C(1) << (32 - bits) % 32;
	if (length == (size_t)network && bits < 32)
		first &= ~(count - 1);
	if (length == (size_t)network && bits == 0)
		return; /* the whole Internet does not fit */
	check(rp_targets_count(targets) - before + repeated == count);
	check(rp_targets_find(targets, rp_addr_ipv4(first)) >= 0);
	check(rp_targets_find(targets, rp_addr_ipv4(first + count - 1)) >= 0);
	if (repeated > 0)
		return;
	check(rp_addr_ipv4_value(rp_targets_at(targets, before).address) == first);
	check(rp_addr_ipv4_value(rp_targets_at(targets, before + count - 1).address) == first + count - 1);
}

static void add(struct rp_targets *targets, const char *text)
{
	uint32_t before = rp_targets_count(targets);
	uint64_t repeated = rp_targets_repeated(targets);
	struct rp_error error = {""};
	int result = set_add_text(targets, text, &error);
	uint32_t after = rp_targets_count(targets);

	check(result == 0 || result == 1 || result == -EINVAL);
	repeated = rp_targets_repeated(targets) - repeated;
	check(result == 0 ? after > before || repeated > 0 : after == before && repeated == 0);
	check(rp_targets_find(targets, (struct rp_addr){0}) == -ENOENT);
	if (result == -EINVAL)
		fuzz_check_sentence(error.text);
	if (result == 0)
		check_added(targets, text, before, repeated);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	char *text = fuzz_text(bytes, length), *rest = text, *line;
	struct rp_targets *targets;
	uint32_t seed = (uint32_t)length;

	check(rp_targets_new(&targets) == 0);
	for (const char *c = text; *c != '\0'; c++)
		seed = seed * 31 + (unsigned char)*c;
	for (int lines = 0; lines < 16 && (line = strsep(&rest, "\n")) != NULL; lines++) {
		if (!costly(line))
			add(targets, line);
	}
	check_all(targets, seed);
	rp_targets_free(targets);
	free(text);
	return 0;
}
