/* SPDX-License-Identifier: MIT */
/* Which ports of which targets, and their numbers: against a plain table of all pairs. */
#include "unit.h"

#include <errno.h>
#include <stdio.h>

#include "base/rng.h"
#include "target/set.h"

static void name(struct rp_targets *targets, const char *text, const char *ports)
{
	struct rp_ports *list = NULL;

	if (ports != NULL)
		assert_int_equal(rp_ports_parse(&list, ports, NULL), 0);
	assert_int_equal(rp_targets_set_ports(targets, list), 0);
	rp_ports_free(list);
	assert_int_equal(set_add_text(targets, text, NULL), 0);
}

static struct rp_targets *new_targets(void)
{
	struct rp_targets *targets;

	assert_int_equal(rp_targets_new(&targets), 0);
	return targets;
}

/* As ICMP has them: of port 0. */
TEST(without_ports_each_target_has_a_number)
{
	struct rp_targets *targets = new_targets();
	const struct rp_grid *grid = rp_targets_probed(targets);

	name(targets, "10.0.0.0/8", NULL);
	assert_int_equal(rp_grid_count(grid), 1 << 24);
	assert_int_equal(rp_grid_number(grid, 77, 0), 77);
	assert_int_equal(rp_grid_pair(grid, 77).target, 77);
	assert_int_equal(rp_grid_number(grid, 1 << 24, 0), -ENOENT);
	assert_int_equal(rp_ports_count(rp_grid_ports(grid, 7)), 1);
	assert_null(rp_targets_all_ports(targets));
	rp_targets_free(targets);
}

/* Port 0 is a port like any other to who asks for it (rsyn -p 0). */
TEST(port_0_can_be_asked_for)
{
	struct rp_targets *targets = new_targets();

	name(targets, "10.0.0.1", "0");
	name(targets, "10.0.0.2", "0");
	assert_non_null(rp_targets_current_ports(targets));
	assert_int_equal(rp_ports_count(rp_targets_all_ports(targets)), 1);
	assert_int_equal(rp_grid_count(rp_targets_probed(targets)), 2);
	assert_int_equal(rp_grid_number(rp_targets_probed(targets), 1, 0), 1);
	rp_targets_free(targets);
}

/* Random ranges with random ports: the pairs are those of a table, and both ways of the numbers agree. */
TEST(against_a_table)
{
	enum { HOSTS = 64, PORTS = 16 };
	struct rng rng;

	rng_init(&rng, 5);
	for (int round = 0; round < 200; round++) {
		struct rp_targets *targets = new_targets(), *excluded = new_targets();
		const struct rp_grid *grid = rp_targets_probed(targets);
		bool asked[HOSTS][PORTS] = {{false}};
		uint64_t pairs = 0, number = 0;

		name(excluded, "0.0.0.7-9", NULL);
		rp_targets_exclude(targets, excluded);
		for (uint64_t i = 0; i <= rng_below(&rng, 12); i++) {
			unsigned first = (unsigned)rng_below(&rng, HOSTS), size = (unsigned)rng_below(&rng, 9);
			unsigned low = (unsigned)rng_below(&rng, PORTS), high = low + (unsigned)rng_below(&rng, 3);
			unsigned last = first + size < HOSTS ? first + size : HOSTS - 1;
			char text[40], ports[16];

			high = high < PORTS ? high : PORTS - 1;
			snprintf(text, sizeof text, "0.0.0.%u-%u", first, last);
			snprintf(ports, sizeof ports, "%u-%u", low, high);
			name(targets, text, ports);
			for (unsigned host = first; host <= last; host++)
				for (unsigned port = low; port <= high && (host < 7 || host > 9); port++)
					asked[host][port] = true;
			/* Also in between it is right. */
			assert_true(rp_ports_count(rp_grid_ports(grid, 0)) <= PORTS);
		}
		for (uint32_t target = 0; target < rp_targets_count(targets); target++) {
			uint32_t host = rp_addr_ipv4_value(rp_targets_at(targets, target).address);

			for (uint16_t port = 0; port < PORTS; port++) {
				int64_t found = rp_grid_number(grid, target, port);

				assert_int_equal(found, asked[host][port] ? (int64_t)number : -ENOENT);
				if (found < 0)
					continue;
				assert_int_equal(rp_grid_pair(grid, number).target, target);
				assert_int_equal(rp_grid_pair(grid, number).port, port);
				number++;
			}
		}
		for (unsigned host = 0; host < HOSTS; host++)
			for (unsigned port = 0; port < PORTS; port++)
				pairs += asked[host][port];
		assert_int_equal(number, pairs);
		assert_int_equal(rp_grid_count(grid), pairs);
		rp_targets_free(targets);
		rp_targets_free(excluded);
	}
}

/* One probe serves all names of an address; each shows what it was asked for. */
TEST(names_of_one_address)
{
	static const char *const names[] = {"a", "b", "c"};
	static const char *const ports[] = {"80", "80", "443,8080"};
	struct rp_targets *targets = new_targets();
	uint32_t cursor = 0;

	name(targets, "10.0.0.9", "7");
	for (unsigned i = 0; i < 3; i++) {
		struct rp_ports *list;

		assert_int_equal(rp_ports_parse(&list, ports[i], NULL), 0);
		assert_int_equal(rp_targets_set_ports(targets, list), 0);
		assert_int_equal(rp_targets_add_name(targets, rp_addr_ipv4(1), names[i], names[i]), 0);
		rp_ports_free(list);
	}
	assert_int_equal(rp_targets_add_bad(targets, "bad", RP_REASON_NO_ADDRESS), 0);
	assert_int_equal(rp_ports_count(rp_grid_ports(rp_targets_probed(targets), 1)), 3);
	assert_int_equal(rp_ports_count(rp_grid_ports(rp_targets_asked(targets), 1)), 1);
	for (uint32_t target = 2; target < 4; target++) {
		assert_int_equal(rp_targets_follower(targets, 1, &cursor), target);
		assert_int_equal(rp_targets_at(targets, target).leader, 1);
		assert_int_equal(rp_ports_count(rp_grid_ports(rp_targets_probed(targets), target)), 0);
		assert_int_equal(rp_ports_count(rp_grid_ports(rp_targets_merged(targets), target)), 0);
		assert_int_equal(rp_ports_count(rp_grid_ports(rp_targets_asked(targets), target)), target - 1);
	}
	assert_int_equal(rp_targets_follower(targets, 1, &cursor), -ENOENT);
	assert_int_equal(rp_ports_count(rp_grid_ports(rp_targets_probed(targets), 4)), 0);
	assert_int_equal(rp_ports_count(rp_grid_ports(rp_targets_merged(targets), 4)), 2);
	assert_int_equal(rp_grid_count(rp_targets_probed(targets)), 1 + 3);
	assert_int_equal(rp_grid_count(rp_targets_merged(targets)), 1 + 3 + 2);
	assert_int_equal(rp_grid_count(rp_targets_asked(targets)), 1 + 1 + 1 + 2 + 2);
	rp_targets_free(targets);
}
