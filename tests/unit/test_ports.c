/* SPDX-License-Identifier: MIT */
/* Port lists as nmap reads them; what nmap refuses is refused, with a sentence. */
#include <errno.h>

#include "unit.h"

#include <rprobe/rprobe.h>

static struct rp_ports *parse(const char *text)
{
	struct rp_ports *ports = NULL;
	struct rp_error error = {""};

	if (rp_ports_parse(&ports, text, &error) != 0)
		fail_msg("%s: %s", text, error.text);
	for (uint32_t i = 0; i < rp_ports_count(ports); i++) {
		assert_true(i == 0 || rp_ports_at(ports, i - 1) < rp_ports_at(ports, i));
		assert_int_equal(rp_ports_find(ports, rp_ports_at(ports, i)), i);
	}
	return ports;
}

static void check(const char *text, uint32_t count, const uint16_t *should)
{
	struct rp_ports *ports = parse(text);

	assert_int_equal(rp_ports_count(ports), count);
	for (uint32_t i = 0; i < count; i++)
		assert_int_equal(rp_ports_at(ports, i), should[i]);
	rp_ports_free(ports);
}

#define CHECK(text, ...)                                                                                               \
	do {                                                                                                           \
		const uint16_t should[] = {__VA_ARGS__};                                                               \
		check(text, LENGTH_OF(should), should);                                                                \
	} while (0)

/* `count` ports in a row from `first`. */
static void check_row(const char *text, uint16_t first, uint32_t count)
{
	struct rp_ports *ports = parse(text);

	assert_int_equal(rp_ports_count(ports), count);
	assert_int_equal(rp_ports_at(ports, 0), first);
	assert_int_equal(rp_ports_at(ports, count - 1), first + count - 1);
	rp_ports_free(ports);
}

TEST(numbers)
{
	struct rp_ports *some = parse("22,80-81");

	assert_int_equal(rp_ports_find(some, 0), -ENOENT);
	assert_int_equal(rp_ports_find(some, 79), -ENOENT);
	assert_int_equal(rp_ports_find(some, 82), -ENOENT);
	rp_ports_free(some);
	CHECK("22", 22);
	CHECK("0", 0);
	CHECK("65535", 65535);
	CHECK("22,", 22);
	CHECK("443,22,80", 22, 80, 443);
	CHECK("22,22,21-22", 21, 22);
	CHECK("22-25,80", 22, 23, 24, 25, 80);
	CHECK("0-2", 0, 1, 2);
	CHECK("7-7", 7);
	CHECK("00080", 80);
	CHECK("65535-", 65535);
	CHECK("-1", 1);
	CHECK("T:22,80", 22, 80);
	CHECK("22,T:80", 22, 80);
	check_row("-25", 1, 25);
	check_row("65530-", 65530, 6);
	check_row("-", 1, 65535);
	check_row("0-65535", 0, 65536);
	check_row("0,-", 0, 65536);
}

TEST(services)
{
	struct rp_ports *ports, *all;
	bool http = false;

	CHECK("ssh,http", 22, 80);
	CHECK("ssh", 22);
	CHECK("ss?", 22);
	CHECK("T:s*h", 22);
	CHECK("http-al?", 8080);
	CHECK("22,ssh", 22);

	ports = parse("http*");
	for (uint32_t i = 0; i < rp_ports_count(ports); i++) {
		assert_memory_equal(rp_service_name(rp_ports_at(ports, i)), "http", 4);
		http |= rp_ports_at(ports, i) == 80;
	}
	assert_true(http);
	assert_true(rp_ports_count(ports) >= 3);
	rp_ports_free(ports);

	ports = parse("[20-25]");
	assert_int_equal(rp_ports_at(ports, 0), 20);
	assert_int_equal(rp_ports_at(ports, rp_ports_count(ports) - 1), 25);
	for (uint32_t i = 0; i < rp_ports_count(ports); i++)
		assert_non_null(rp_service_name(rp_ports_at(ports, i)));
	rp_ports_free(ports);

	/* Every way to say "all that have a name". */
	ports = parse("*");
	all = parse("[-]");
	assert_int_equal(rp_ports_count(ports), rp_ports_count(all));
	rp_ports_free(all);
	all = parse("[1-],**");
	assert_int_equal(rp_ports_count(ports), rp_ports_count(all));
	rp_ports_free(all);
	rp_ports_free(ports);
}

/* Each refusal holds the words that help. */
TEST(refused)
{
	static const struct {
		const char *text, *words;
	} cases[] = {
		{"80-22", "port range 80-22 is backwards; did you mean 22-80?"},
		{"22,80-22", "backwards"},
		{"70000", "ports are 0 to 65535"},
		{"65536", "ports are 0 to 65535"},
		{"1-65536", "ports are 0 to 65535"},
		{"4294967318", "ports are 0 to 65535"}, /* 2^32 + 22 */
		{"99999999999999999999999999", "ports are 0 to 65535"},
		{"", "port is missing"},
		{",", "port is missing"},
		{",22", "port is missing"},
		{"22,,80", "port is missing"},
		{"T:", "port is missing"},
		{"T:,22", "port is missing"},
		{"22;80", "';'"},
		{"22 80", "blanks"},
		{"22\n", "blanks"},
		{"\x1b[2J", "control"},
		{"22\xc3\xa9", "ASCII"},
		{"22-25-30", "22-25-30"},
		{"--", "'--'"},
		{"ssh-http", "'ssh-http': a range goes by numbers; did you mean 22-80?"},
		{"http-ssh", "did you mean 22-80?"},
		{"http-alt-http", "did you mean 80-8080?"},
		{"ssh-nosuch", "no TCP service is named 'ssh-nosuch'; write ports as 22,80 or 22-25"},
		{"nosuch", "'nosuch'"},
		{"SSH", "'SSH'"},
		{"sshx*", "'sshx*'"},
		{"22a", "'22a'"},
		{"s[a-s]h", "'s[a-s]h'"},
		{"[20-25", "[20-25]"},
		{"[]", "[20-25]"},
		{"[ssh]", "[20-25]"},
		{"[25-20]", "did you mean 20-25?"},
		{"[0-0]", "[0-0]"},
		{"U:53", "only TCP"},
		{"T:22,U:53", "only TCP"},
		{"S:22", "only TCP"},
		{"T:T:22", "T:22"},
		{":22", ":22"},
		{"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijkl", "too long"},
	};

	for (size_t i = 0; i < LENGTH_OF(cases); i++) {
		struct rp_ports *ports = NULL;
		struct rp_error error = {""};

		assert_int_equal(rp_ports_parse(&ports, cases[i].text, &error), -EINVAL);
		assert_null(ports);
		if (!strstr(error.text, cases[i].words))
			fail_msg("%s: %s", cases[i].text, error.text);
		for (const char *c = error.text; *c; c++)
			assert_in_range(*c, ' ', '~');
		assert_int_equal(rp_ports_parse(&ports, cases[i].text, NULL), -EINVAL);
	}
}

TEST(free_nothing)
{
	rp_ports_free(NULL);
}

static struct rp_ports *top(uint32_t count)
{
	struct rp_ports *ports = NULL;

	assert_int_equal(rp_ports_top(&ports, count, NULL), 0);
	assert_int_equal(rp_ports_count(ports), count);
	return ports;
}

static bool contains(const struct rp_ports *ports, uint16_t port)
{
	for (uint32_t i = 0; i < rp_ports_count(ports); i++)
		if (rp_ports_at(ports, i) == port)
			return true;
	return false;
}

/* Every port there is, looked for in rows, in lists with gaps and in the smallest and largest sets. */
TEST(find)
{
	static const char *const sets[] = {"1",          "65535", "-", "0-65535", "20-25", "7,9,11-13,80,65535",
					   "1-3,60000-", "F"};

	for (size_t s = 0; s < LENGTH_OF(sets); s++) {
		struct rp_ports *ports = *sets[s] == 'F' ? top(100) : parse(sets[s]);
		uint32_t next = 0;

		for (uint32_t port = 0; port <= UINT16_MAX; port++) {
			bool is_next = next < rp_ports_count(ports) && rp_ports_at(ports, next) == port;

			assert_int_equal(rp_ports_find(ports, (uint16_t)port), is_next ? (int64_t)next : -ENOENT);
			next += is_next;
		}
		assert_int_equal(next, rp_ports_count(ports));
		rp_ports_free(ports);
	}
}

/* The ten that the manual names; each port of a shorter list is in every longer one; then the services. */
TEST(top)
{
	static const uint16_t ten[] = {21, 22, 25, 53, 80, 443, 445, 3306, 3389, 8080};
	struct rp_error error = {""};
	struct rp_ports *shorter = top(1), *longer;
	unsigned services = 0;
	uint32_t count;

	assert_int_equal(rp_ports_at(shorter, 0), 80);
	for (count = 2; rp_ports_top(&longer, count, &error) == 0; count++) {
		assert_int_equal(rp_ports_count(longer), count);
		for (uint32_t i = 0; i < count - 1; i++)
			assert_true(contains(longer, rp_ports_at(shorter, i)));
		for (uint32_t i = 0; count == 10 && i < 10; i++)
			assert_int_equal(rp_ports_at(longer, i), ten[i]);
		rp_ports_free(shorter);
		shorter = longer;
	}
	assert_true(count > 250);
	assert_non_null(strstr(error.text, "-p -"));
	for (unsigned port = 0; port <= 65535; port++)
		if (rp_service_name((uint16_t)port)) {
			assert_true(contains(shorter, (uint16_t)port));
			services++;
		}
	assert_true(services > 150);
	rp_ports_free(shorter);
	assert_int_equal(rp_ports_top(&longer, 0, NULL), -EINVAL);
}

TEST(exclude)
{
	struct rp_ports *ports = parse("20-30,80");
	struct rp_error error = {""};

	assert_int_equal(rp_ports_exclude(ports, "ssh,24-28,9999", NULL), 0);
	assert_int_equal(rp_ports_count(ports), 6);
	assert_int_equal(rp_ports_at(ports, 2), 23);
	assert_int_equal(rp_ports_at(ports, 3), 29);
	assert_int_equal(rp_ports_at(ports, 5), 80);
	assert_int_equal(rp_ports_exclude(ports, "70000", &error), -EINVAL);
	assert_non_null(strstr(error.text, "70000"));
	assert_int_equal(rp_ports_count(ports), 6);
	assert_int_equal(rp_ports_exclude(ports, "-", NULL), 0);
	assert_int_equal(rp_ports_count(ports), 0);
	rp_ports_free(ports);
}

TEST(join)
{
	struct rp_ports *some[] = {parse("80,0,65535"), parse("1-2,80")}, *all, *none;

	assert_int_equal(rp_ports_join(&all, (const struct rp_ports *const[]){some[0], some[1]}, 2), 0);
	assert_int_equal(rp_ports_count(all), 5);
	assert_int_equal(rp_ports_at(all, 0), 0);
	assert_int_equal(rp_ports_at(all, 2), 2);
	assert_int_equal(rp_ports_at(all, 4), 65535);
	assert_int_equal(rp_ports_join(&none, NULL, 0), 0);
	assert_int_equal(rp_ports_count(none), 0);
	assert_int_equal(rp_ports_find(none, 0), -ENOENT);
	rp_ports_free(none);
	rp_ports_free(all);
	rp_ports_free(some[0]);
	rp_ports_free(some[1]);
}
