/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "rsyn/pairs.h"

struct scene {
	struct pairs pairs;
	struct rp_targets *targets;
};

static void begin(struct scene *scene, const char *general, const char *without)
{
	struct rp_ports *ports = NULL;

	if (general != NULL)
		assert_int_equal(rp_ports_parse(&ports, general, NULL), 0);
	pairs_init(&scene->pairs, ports, without);
	assert_int_equal(rp_targets_new(&scene->targets), 0);
}

static void add(struct scene *scene, const char *text)
{
	assert_int_equal(pairs_add(&scene->pairs, text, NULL), 0);
}

static void assign(struct scene *scene)
{
	assert_int_equal(pairs_resolve(&scene->pairs, 0, scene->pairs.host_count, scene->targets, NULL), 0);
	assert_int_equal(pairs_assign(&scene->pairs, scene->targets), 0);
}

static void end(struct scene *scene)
{
	pairs_free(&scene->pairs);
	rp_targets_free(scene->targets);
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
	const struct rp_ports *ports = scene->pairs.ports_of != NULL ? scene->pairs.ports_of[target] : scene->pairs.all;
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
	assign(&scene);
	assert_int_equal(rp_targets_count(scene.targets), 4);
	assert_string_equal(ports_at(&scene, "10.0.0.2"), "8,9");
	assert_string_equal(ports_at(&scene, "10.0.0.3"), "8,9,80,443");
	assert_string_equal(ports_at(&scene, "10.0.0.4"), "7,8,9");
	assert_string_equal(ports_at(&scene, "10.0.0.5"), "1");
	assert_int_equal(rp_ports_count(scene.pairs.all), 6);
	assert_int_equal(pairs_repeated(&scene.pairs, scene.targets), 3);
	end(&scene);
}

/* What is excluded has none, whoever names it; ports that are left out nobody has. */
TEST(excluded)
{
	const char *const excluded[] = {"10.0.0.2-3"};
	struct scene scene;

	begin(&scene, NULL, "9-100");
	add(&scene, "10.0.0.1-3:8,9");
	add(&scene, "10.0.0.3:443");
	add(&scene, "10.0.0.4:80");
	assert_int_equal(pairs_exclude(&scene.pairs, excluded, 1, NULL), 0);
	assign(&scene);
	assert_string_equal(ports_at(&scene, "10.0.0.1"), "8");
	assert_string_equal(ports_at(&scene, "10.0.0.2"), "");
	assert_string_equal(ports_at(&scene, "10.0.0.3"), "");
	assert_string_equal(ports_at(&scene, "10.0.0.4"), "");
	end(&scene);
}

/* Where all have the same, however it is written, nothing is kept of each. */
TEST(all_alike)
{
	struct scene scene;

	begin(&scene, NULL, NULL);
	add(&scene, "10.0.0.1:443");
	add(&scene, "10.0.0.2:443");
	add(&scene, "10.0.0.0/24:443");
	assign(&scene);
	assert_null(scene.pairs.ports_of);
	assert_int_equal(rp_ports_count(scene.pairs.all), 1);
	assert_int_equal(rp_targets_count(scene.targets), 256);
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
	assign(&scene);
	assert_int_equal(rp_ports_count(scene.pairs.all), 60000);
	for (uint32_t i = 0; i < rp_targets_count(scene.targets); i++)
		all += rp_ports_count(scene.pairs.ports_of[i]);
	assert_int_equal(all, 120000);
	end(&scene);
}

TEST(refused)
{
	static const char *const bad[] = {"10.0.0.1", ":80",       "10.0.0.1:", "10.0.0.1:70000",
					  "[::1]:22", "http://h/", ""};
	struct scene scene;
	struct rp_error error = {""};

	begin(&scene, NULL, NULL);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		assert_int_equal(pairs_add(&scene.pairs, bad[i], &error), -EINVAL);
		assert_non_null(strstr(error.text, bad[i]));
	}
	assert_int_equal(scene.pairs.count, 0);
	end(&scene);
}
