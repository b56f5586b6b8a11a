/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "rsyn/named.h"

struct scene {
	struct named_hosts hosts;
	struct rp_targets *targets;
	unsigned bad;
};

static void take_bad(void *user, const struct named *host, const char *why)
{
	struct scene *scene = user;

	assert_non_null(strstr(why, host->text));
	scene->bad++;
}

static void take_others(void *user, const struct rp_found *found)
{
	(void)user, (void)found;
	fail();
}

static void begin(struct scene *scene, const char *general, const char *without)
{
	struct rp_ports *ports = NULL;

	assert_int_equal(general != NULL ? rp_ports_parse(&ports, general, NULL) : rp_ports_join(&ports, NULL, 0), 0);
	*scene = (struct scene){.bad = 0};
	assert_int_equal(rp_targets_new(&scene->targets), 0);
	assert_int_equal(rp_targets_set_ports(scene->targets, ports), 0);
	rp_ports_free(ports);
	scene->hosts = (struct named_hosts){
		.targets = scene->targets,
		.reporter = {.bad = take_bad, .others = take_others, .user = scene},
		.general = rp_targets_current_ports(scene->targets),
		.without = without,
		.portless = general == NULL,
	};
}

static void add(struct scene *scene, const char *text)
{
	assert_int_equal(named_add(&scene->hosts, text, "list", 7), 0);
}

static void end(struct scene *scene)
{
	named_free(&scene->hosts);
	rp_targets_free(scene->targets);
}

static uint32_t ports_of(const struct rp_grid *grid, uint32_t target)
{
	return rp_ports_count(rp_grid_ports(grid, target));
}

/* The ports of an address, as "22,80". */
static const char *ports_at(const struct scene *scene, const char *text)
{
	static char list[256];
	size_t length = 0;
	struct rp_addr address;

	assert_int_equal(rp_addr_parse(text, &address), 0);
	int64_t target = rp_targets_find(scene->targets, address);
	assert_true(target >= 0);
	const struct rp_ports *ports = rp_grid_ports(rp_targets_asked(scene->targets), (uint32_t)target);
	list[0] = '\0';
	for (uint32_t i = 0; i < rp_ports_count(ports); i++)
		length += (size_t)snprintf(list + length, sizeof list - length, i > 0 ? ",%u" : "%u",
					   rp_ports_at(ports, i));
	return list;
}

/* In whatever form a host is named again, it has the ports of all its pairs, and no other's. */
TEST(all_ports_of_a_host)
{
	struct scene scene;

	begin(&scene, "7", NULL);
	add(&scene, "10.0.0.3:80");
	add(&scene, "10.0.0.2-4:8,9");
	add(&scene, "10.0.0.3:9,443");
	add(&scene, "10.0.0.4");
	add(&scene, "10.0.0.5:1");
	assert_int_equal(rp_targets_count(scene.targets), 4);
	assert_string_equal(ports_at(&scene, "10.0.0.2"), "8,9");
	assert_string_equal(ports_at(&scene, "10.0.0.3"), "8,9,80,443");
	assert_string_equal(ports_at(&scene, "10.0.0.4"), "7,8,9");
	assert_string_equal(ports_at(&scene, "10.0.0.5"), "1");
	assert_int_equal(rp_ports_count(rp_targets_all_ports(scene.targets)), 6);
	assert_int_equal(named_repeated(&scene.hosts), 3);
	end(&scene);
}

/* What is excluded has none, whoever names it; ports that are left out nobody has. */
TEST(excluded)
{
	struct rp_targets *excluded;
	struct scene scene;

	begin(&scene, NULL, "9-100");
	assert_int_equal(rp_targets_new(&excluded), 0);
	assert_int_equal(rp_targets_add(excluded, "10.0.0.2-3", NULL), 0);
	rp_targets_exclude(scene.targets, excluded);
	add(&scene, "10.0.0.1-3:8,9");
	add(&scene, "10.0.0.3:443");
	add(&scene, "10.0.0.4:80");
	assert_string_equal(ports_at(&scene, "10.0.0.1"), "8");
	assert_string_equal(ports_at(&scene, "10.0.0.2"), "");
	assert_string_equal(ports_at(&scene, "10.0.0.3"), "");
	assert_string_equal(ports_at(&scene, "10.0.0.4"), "");
	rp_targets_free(excluded);
	end(&scene);
}

/* As many as there are ports; 60,000 x 60,000 of anything would not end. */
TEST(many)
{
	struct scene scene;
	char text[32];
	uint64_t all = 0;

	begin(&scene, NULL, NULL);
	for (unsigned port = 1; port <= 60000; port++) {
		snprintf(text, sizeof text, "10.0.%u.%u:%u", port % 30000 / 256, port % 256, port);
		add(&scene, text);
		snprintf(text, sizeof text, "10.9.9.9:%u", port);
		add(&scene, text);
	}
	assert_int_equal(rp_ports_count(rp_targets_all_ports(scene.targets)), 60000);
	for (uint32_t i = 0; i < rp_targets_count(scene.targets); i++)
		all += ports_of(rp_targets_asked(scene.targets), i);
	assert_int_equal(all, 120000);
	end(&scene);
}

/* What is no target is told and has a row, without ports where nobody knows them, and is not probed. */
TEST(bad)
{
	static const char *const bad[] = {"10.0.0.1", ":80",       "10.0.0.1:", "10.0.0.1:70000",
					  "[::1]:22", "http://h/", "",          "10.0.0.300:80"};
	struct scene scene;

	begin(&scene, NULL, NULL);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		add(&scene, bad[i]);
	add(&scene, "10.0.0.1:22");
	assert_int_equal(named_look_up(&scene.hosts), 0);
	assert_int_equal(named_add_bad(&scene.hosts), 0);
	assert_int_equal(scene.bad, 8);
	assert_int_equal(rp_targets_count(scene.targets), 9);
	const struct rp_grid *asked = rp_targets_asked(scene.targets), *merged = rp_targets_merged(scene.targets);
	assert_int_equal(ports_of(rp_targets_probed(scene.targets), 0), 1);
	assert_int_equal(ports_of(merged, 0), 1);
	for (uint32_t row = 1; row < 9; row++) {
		assert_int_equal(ports_of(rp_targets_probed(scene.targets), row), 0);
		assert_int_equal(ports_of(asked, row), row == 8);
		assert_int_equal(ports_of(merged, row), row == 8);
		assert_int_equal(rp_targets_at(scene.targets, row).address.family, RP_FAMILY_NONE);
		assert_int_equal(rp_targets_at(scene.targets, row).bad, RP_REASON_BAD_TARGET);
	}
	assert_int_equal(scene.hosts.list[0]->line, 7);
	end(&scene);
}
