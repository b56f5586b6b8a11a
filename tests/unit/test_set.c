/* SPDX-License-Identifier: MIT */
/* Sets of targets: the forms of address text, and both directions of the index against a plain list. */
#include <errno.h>
#include <stdio.h>

#include "unit.h"

#include "base/rng.h"
#include "target/set.h"

static uint32_t at(const struct rp_targets *targets, uint32_t index)
{
	return rp_addr_ipv4_value(rp_targets_at(targets, index).address);
}

static int64_t find(const struct rp_targets *targets, uint32_t address)
{
	return rp_targets_find(targets, rp_addr_ipv4(address));
}

static struct rp_targets *new_targets(void)
{
	struct rp_targets *targets = NULL;

	assert_int_equal(rp_targets_new(&targets), 0);
	return targets;
}

static void add(struct rp_targets *targets, const char *text)
{
	struct rp_error error = {""};

	if (set_add_text(targets, text, &error) != 0)
		fail_msg("%s: %s", text, error.text);
}

/* `text` alone gives these addresses, in this order. */
static void check(const char *text, uint32_t count, const uint32_t *should)
{
	struct rp_targets *targets = new_targets();

	add(targets, text);
	assert_int_equal(rp_targets_count(targets), count);
	for (uint32_t i = 0; i < count; i++) {
		assert_int_equal(at(targets, i), should[i]);
		assert_int_equal(find(targets, should[i]), i);
	}
	rp_targets_free(targets);
}

#define CHECK(text, ...)                                                                                               \
	do {                                                                                                           \
		const uint32_t should[] = {__VA_ARGS__};                                                               \
		check(text, LENGTH_OF(should), should);                                                                \
	} while (0)

/* `text` alone gives `count` addresses in a row. */
static void check_row(const char *text, uint32_t first, uint32_t count)
{
	struct rp_targets *targets = new_targets();

	add(targets, text);
	assert_int_equal(rp_targets_count(targets), count);
	assert_int_equal(at(targets, 0), first);
	assert_int_equal(at(targets, count / 2), first + count / 2);
	assert_int_equal(at(targets, count - 1), first + count - 1);
	assert_int_equal(find(targets, first), 0);
	assert_int_equal(find(targets, first + count - 1), count - 1);
	assert_int_equal(find(targets, first - 1), -ENOENT);
	assert_int_equal(find(targets, first + count), -ENOENT);
	rp_targets_free(targets);
}

TEST(forms)
{
	CHECK("192.0.2.1", 0xc0000201);
	CHECK("0.0.0.0", 0);
	CHECK("255.255.255.255", 0xffffffff);
	CHECK("192.0.2.7/32", 0xc0000207);
	CHECK("192.0.2.7/31", 0xc0000206, 0xc0000207);
	CHECK("192.0.2.254-255", 0xc00002fe, 0xc00002ff);
	CHECK("192.0.2.1-3,200", 0xc0000201, 0xc0000202, 0xc0000203, 0xc00002c8);
	CHECK("192.0.2.200,1-3,2", 0xc0000201, 0xc0000202, 0xc0000203, 0xc00002c8);
	CHECK("10.0,2.1.9", 0x0a000109, 0x0a020109);
	CHECK("1-2.3.4-5.6", 0x01030406, 0x01030506, 0x02030406, 0x02030506);
	CHECK("192.0.2.255-192.0.3.1", 0xc00002ff, 0xc0000300, 0xc0000301);
	CHECK("192.0.2.1-192.0.2.1", 0xc0000201);
	check_row("192.0.2.0/24", 0xc0000200, 256);
	check_row("192.0.2.99/24", 0xc0000200, 256);
	check_row("192.0.2.*", 0xc0000200, 256);
	check_row("192.0.2.0-255", 0xc0000200, 256);
	check_row("192.0.2.1-255", 0xc0000201, 255);
	check_row("192.0.2.0-254", 0xc0000200, 255);
	check_row("192.0.2-3.*", 0xc0000200, 512);
	check_row("10.*.*.*", 0x0a000000, 1 << 24);
	check_row("10.0.0.0/8", 0x0a000000, 1 << 24);
	check_row("16-31.*.*.*", 0x10000000, 1 << 28);
	check_row("64.0.0.0/2", 0x40000000, 1 << 30);
	check_row("0.0.0.1-255.255.255.254", 1, 0xfffffffe);
}

TEST(scattered)
{
	struct rp_targets *targets = new_targets();

	add(targets, "10.*.*.1");
	assert_int_equal(rp_targets_count(targets), 65536);
	assert_int_equal(at(targets, 65535), 0x0affff01);
	assert_int_equal(find(targets, 0x0a123401), 0x1234);
	assert_int_equal(find(targets, 0x0a123402), -ENOENT);
	rp_targets_free(targets);
}

TEST(not_of_the_form)
{
	static const char *const texts[] = {"",          "localhost",  "127.1",      "0",
					    "0x7f.1",    "2130706433", "1.2.3.4.5",  "example.net",
					    "10.0.0.1a", "::1",        "192.0.2.1 ", " 192.0.2.1",
					    "a-b.c",     "10.77.522",  "1.2.3.4:80", "192.0.2.1\n"};
	struct rp_targets *targets = new_targets();

	for (size_t i = 0; i < LENGTH_OF(texts); i++) {
		struct rp_error error = {"untouched"};

		assert_int_equal(set_add_text(targets, texts[i], &error), 1);
		assert_string_equal(error.text, "untouched");
	}
	assert_int_equal(rp_targets_count(targets), 0);
	rp_targets_free(targets);
}

TEST(refused)
{
	static const struct {
		const char *text, *words;
	} cases[] = {
		{"300.1.2.3", "0 to 255"},
		{"1.2.3.256", "0 to 255"},
		{"1.2.3.-", "0 to 255"},
		{"1.2.3.1-", "0 to 255"},
		{"1.2.3.-5", "0 to 255"},
		{"1.2.3.1-256", "0 to 255"},
		{"1.2.3.99999999999999999999", "0 to 255"},
		{"1.2.3.1,", "0 to 255"},
		{"1.2.3.,1", "0 to 255"},
		{"1.2..3", "0 to 255"},
		{"...", "0 to 255"},
		{"-", "0 to 255"},
		{"1.2.3.*5", "4 numbers"},
		{"1.2.3.1-2-3", "4 numbers"},
		{"1.2.3-4", "4 numbers"},
		{"1.*", "4 numbers"},
		{"1.2.3.4.5-6", "4 numbers"},
		{"192.0.2.50-20", "backwards; did you mean 20-50?"},
		{"1.2.3.01", "leading zeros"},
		{"010.0.0.1", "leading zeros"},
		{"192.0.2.0/33", "0 to 32"},
		{"192.0.2.0/", "0 to 32"},
		{"192.0.2.0/-1", "0 to 32"},
		{"192.0.2.0/24/24", "0 to 32"},
		{"192.0.2.0/255.255.255.0", "0 to 32"},
		{"192.0.2/24", "192.0.2.0/24"},
		{"192.0.2.*/24", "192.0.2.0/24"},
		{"192.0.2.300/24", "192.0.2.0/24"},
		{"/24", "192.0.2.0/24"},
		{"1.1.1.1,1.1.1.1,1.1.1.1/24", "192.0.2.0/24"},
		{"192.0.2.9-192.0.2.1", "did you mean 192.0.2.1-192.0.2.9?"},
		{"192.0.2.9-192.0.2.256", "192.0.2.1-192.0.2.50"},
		{"192.0.2.9.1-192.0.2", "192.0.2.1-192.0.2.50"},
		{"0.0.0.0/0", "too many"},
		{"*.*.*.*", "too many"},
		{"0.0.0.0-255.255.255.255", "too many"},
		{"*.*.*.1", "in parts"},
	};
	struct rp_targets *targets = new_targets();

	for (size_t i = 0; i < LENGTH_OF(cases); i++) {
		struct rp_error error = {""};

		assert_int_equal(set_add_text(targets, cases[i].text, &error), -EINVAL);
		if (!strstr(error.text, cases[i].words))
			fail_msg("%s: %s", cases[i].text, error.text);
		assert_int_equal(set_add_text(targets, cases[i].text, NULL), -EINVAL);
		assert_int_equal(rp_targets_count(targets), 0);
	}
	rp_targets_free(targets);
}

/* UINT32_MAX - 1 is the most: one more is refused in every way of adding. */
TEST(full)
{
	struct rp_targets *targets = new_targets();
	struct rp_error error;

	add(targets, "0.0.0.0-255.255.255.253");
	assert_int_equal(rp_targets_count(targets), UINT32_MAX - 1);
	assert_int_equal(set_add_text(targets, "192.0.2.1", &error), -EINVAL);
	assert_non_null(strstr(error.text, "too many"));
	assert_int_equal(set_add_text(targets, "192.0.2.1/32", NULL), -EINVAL);
	assert_int_equal(set_add_text(targets, "192.0.2.1,2", NULL), -EINVAL);
	error.text[0] = '\0';
	assert_int_equal(set_add_address(targets, rp_addr_ipv4(1), "x", &error), -EINVAL);
	assert_non_null(strstr(error.text, "too many"));
	assert_int_equal(rp_targets_count(targets), UINT32_MAX - 1);
	assert_int_equal(find(targets, 0xfffffffd), 0xfffffffd);
	assert_int_equal(find(targets, 0xfffffffe), -ENOENT);
	rp_targets_free(targets);
}

TEST(names)
{
	struct rp_targets *targets = new_targets();
	char name[] = "www.example.net", canonical[] = "host.example.net";

	assert_int_equal(rp_targets_add_name(targets, rp_addr_ipv4(5), name, canonical), 0);
	assert_int_equal(set_add_address(targets, rp_addr_ipv4(6), "2.1", NULL), 0);
	name[0] = canonical[0] = '!'; /* texts are copied */
	add(targets, "192.0.2.1");
	add(targets, "192.0.2.2-3");
	assert_string_equal(rp_targets_at(targets, 0).name, "www.example.net");
	assert_string_equal(rp_targets_at(targets, 0).canonical, "host.example.net");
	assert_string_equal(rp_targets_at(targets, 1).name, "2.1");
	assert_null(rp_targets_at(targets, 1).canonical);
	assert_string_equal(rp_targets_at(targets, 2).name, "192.0.2.1");
	assert_null(rp_targets_at(targets, 2).canonical);
	assert_null(rp_targets_at(targets, 3).name);
	assert_null(rp_targets_at(targets, 4).name);
	assert_int_equal(rp_targets_find(targets, (struct rp_addr){0}), -ENOENT);
	rp_targets_free(targets);
	rp_targets_free(NULL);
}

TEST(empty)
{
	struct rp_targets *targets = new_targets();

	assert_int_equal(rp_targets_count(targets), 0);
	assert_int_equal(find(targets, 0), -ENOENT);
	assert_int_equal(find(targets, UINT32_MAX), -ENOENT);
	rp_targets_free(targets);
}

/* Given twice is a target once, at its first place and under its first name. */
TEST(overlap)
{
	struct rp_targets *targets = new_targets();

	add(targets, "0.0.0.10");           /* 0 */
	add(targets, "0.0.0.5-12");         /* 1 to 5 are 5 to 9, 6 and 7 are 11 and 12 */
	add(targets, "0.0.0.10");           /* nothing new */
	add(targets, "0.0.0.0/28");         /* 8 to 12 are 0 to 4, 13 to 15 are 13 to 15 */
	add(targets, "255.255.255.254/31"); /* 16, 17 */
	add(targets, "255.255.255.255");
	assert_int_equal(rp_targets_count(targets), 18);
	assert_int_equal(rp_targets_repeated(targets), 1 + 1 + 8 + 1);
	assert_int_equal(at(targets, 6), 11);
	assert_int_equal(at(targets, 13), 13);
	assert_string_equal(rp_targets_at(targets, 0).name, "0.0.0.10");
	assert_null(rp_targets_at(targets, 17).name);
	assert_int_equal(find(targets, 10), 0);
	assert_int_equal(find(targets, 5), 1);
	assert_int_equal(find(targets, 11), 6);
	assert_int_equal(find(targets, 12), 7);
	assert_int_equal(find(targets, 0), 8);
	assert_int_equal(find(targets, 4), 12);
	assert_int_equal(find(targets, 13), 13);
	assert_int_equal(find(targets, 16), -ENOENT);
	assert_int_equal(find(targets, UINT32_MAX), 17);
	/* A name is a target in any case, and follows. */
	assert_int_equal(rp_targets_add_name(targets, rp_addr_ipv4(11), "eleven", "eleven.example"), 0);
	assert_int_equal(rp_targets_count(targets), 19);
	assert_null(rp_targets_at(targets, 6).name);
	assert_false(rp_targets_at(targets, 6).follows);
	assert_true(rp_targets_at(targets, 18).follows);
	assert_int_equal(rp_targets_at(targets, 18).leader, 6);
	assert_int_equal(find(targets, 11), 6);
	rp_targets_free(targets);
}

/* Random ranges in a space of 4096 addresses, against a list that is searched from its start. */
TEST(against_list)
{
	enum { SPACE = 4096 };
	int64_t index[SPACE];
	struct rp_targets *targets = new_targets();
	struct rng rng;
	uint32_t count = 0;
	uint64_t repeated = 0;

	rng_init(&rng, 4);
	for (int i = 0; i < SPACE; i++)
		index[i] = -ENOENT;
	for (int round = 0; round < 400; round++) {
		uint32_t first = (uint32_t)rng_below(&rng, SPACE);
		uint32_t size = (uint32_t)rng_below(&rng, round % 8 ? 4 : 200) + 1;
		uint32_t last = first + size > SPACE ? SPACE - 1 : first + size - 1;
		char text[40];

		snprintf(text, sizeof(text), "0.0.%u.%u-0.0.%u.%u", first >> 8, first & 255, last >> 8, last & 255);
		add(targets, text);
		for (uint32_t address = first; address <= last; address++) {
			if (index[address] >= 0) {
				repeated++;
				continue;
			}
			assert_int_equal(at(targets, count), address);
			index[address] = count++;
		}
		for (uint32_t address = 0; address < SPACE; address += 1 + round % 7)
			assert_int_equal(find(targets, address), index[address]);
	}
	assert_int_equal(rp_targets_count(targets), count);
	assert_int_equal(rp_targets_repeated(targets), repeated);
	rp_targets_free(targets);
}

/* 100000 addresses, ascending and scattered: neither order may cost more than a search each. */
TEST(many)
{
	enum { MANY = 100000 };

	for (int scattered = 0; scattered < 2; scattered++) {
		struct rp_targets *targets = new_targets();
		/* An odd factor is a permutation of the 32-bit numbers. */
		uint32_t factor = scattered ? 2654435761U : 1;

		for (uint32_t i = 0; i < MANY; i++)
			assert_int_equal(set_add_address(targets, rp_addr_ipv4(i * factor), "n", NULL), 0);
		for (uint32_t i = 0; i < MANY; i++) {
			assert_int_equal(find(targets, i * factor), i);
			assert_int_equal(at(targets, i), i * factor);
		}
		assert_int_equal(find(targets, MANY * factor), -ENOENT);
		rp_targets_free(targets);
	}
}
