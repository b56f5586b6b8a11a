/* SPDX-License-Identifier: MIT */
/* The table is sorted, has one name a port, and names the ports that everybody knows (IANA's registry). */
#include "unit.h"

#include <rprobe/rprobe.h>

#include "target/services.h"

TEST(sorted)
{
	assert_true(services_count > 100);
	for (size_t i = 0; i < services_count; i++) {
		assert_true(services[i].port > 0);
		assert_true(i == 0 || services[i - 1].port < services[i].port);
		assert_true(strlen(services[i].name) > 0);
		assert_int_equal(strspn(services[i].name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
							  "0123456789._+-"),
				 strlen(services[i].name));
	}
}

TEST(known)
{
	assert_string_equal(rp_service_name(22), "ssh");
	assert_string_equal(rp_service_name(25), "smtp");
	assert_string_equal(rp_service_name(53), "domain");
	assert_string_equal(rp_service_name(80), "http");
	assert_string_equal(rp_service_name(443), "https");
	assert_string_equal(rp_service_name(8080), "http-alt");
	assert_null(rp_service_name(0));
	assert_null(rp_service_name(65535));
}

/* The search finds every entry and nothing between them. */
TEST(search)
{
	size_t at = 0;

	for (unsigned port = 0; port <= 65535; port++) {
		if (at < services_count && services[at].port == port)
			assert_ptr_equal(rp_service_name((uint16_t)port), services[at++].name);
		else
			assert_null(rp_service_name((uint16_t)port));
	}
	assert_int_equal(at, services_count);
}
