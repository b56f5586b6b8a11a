/* SPDX-License-Identifier: MIT */
/* Timeouts by RFC 6298's arithmetic, tries by the arithmetic of chance. */
#include "unit.h"

#include "plan/scan/rto.h"

#define MS INT64_C(1000000)

static const struct rp_config config = {
	.max_retries = 15,
	.initial_rtt_timeout = 1000 * MS,
	.min_rtt_timeout = 100 * MS,
	.max_rtt_timeout = 10000 * MS,
};

TEST(round_trips_of_others_before_the_first)
{
	struct rto one, group;

	rto_init(&one);
	rto_init(&group);
	assert_int_equal(rto_timeout(&one, &group, 1, &config), 1000 * MS);
	rto_sample(&group, 100 * MS, false, &config); /* 100 + 4 x 50, doubled */
	assert_int_equal(rto_timeout(&one, &group, 1, &config), 600 * MS);
	rto_sample(&one, 10 * MS, false, &config); /* 10 + 4 x 5: below the least */
	assert_int_equal(rto_timeout(&one, &group, 1, &config), 100 * MS);
	rto_init(&one);
	rto_sample(&group, 5000 * MS, false, &config); /* no reason to wait longer than at first */
	assert_int_equal(rto_timeout(&one, &group, 1, &config), 1000 * MS);
}

TEST(one_slow_port_slows_nobody)
{
	struct rto timing, group;

	rto_init(&timing);
	rto_init(&group);
	rto_sample(&timing, 1 * MS, false, &config);
	rto_sample(&timing, 1500 * MS, true, &config);
	assert_int_equal(rto_timeout(&timing, &group, 1, &config), 100 * MS);
	rto_sample(&timing, 250 * MS, true, &config); /* srtt 1 + 249/8, rttvar 0.5 + (249 - 0.5)/4 */
	assert_int_equal(rto_timeout(&timing, &group, 1, &config), (32125 + 4 * 62625) * MS / 1000);
}

/* Where nothing else answered neither the timeouts nor the tries grow by it, but the patience does. */
TEST(nor_when_it_is_the_first)
{
	struct rto timing, group;

	rto_init(&timing);
	rto_init(&group);
	assert_int_equal(rto_patience(&timing), 0);
	rto_sample(&timing, 3500 * MS, true, &config);
	rto_answer(&timing, 1, true);
	assert_int_equal(rto_timeout(&timing, &group, 1, &config), 1000 * MS);
	assert_int_equal(rto_tries(&timing, &config), 3);
	assert_int_equal(rto_patience(&timing), 4375 * MS);
	for (unsigned i = 0; i < 4;
	     i++) /* with it the four that are few, and one that counts: 0.1 of 2 tries, 0.05^5 = 3e-7 */
		rto_answer(&timing, 1, true);
	assert_int_equal(rto_tries(&timing, &config), 5);
}

TEST(later_tries_wait_longer)
{
	struct rto timing, group;

	rto_init(&timing);
	rto_init(&group);
	rto_sample(&timing, 1 * MS, false, &config);
	assert_int_equal(rto_timeout(&timing, &group, 4, &config), 100 * MS);
	assert_int_equal(rto_timeout(&timing, &group, 5, &config), 125 * MS);
	assert_int_equal(rto_timeout(&timing, &group, 6, &config), 156250000);
	assert_int_equal(rto_timeout(&timing, &group, 60, &config), 10000 * MS);
}

TEST(tries_leave_one_chance_in_a_million)
{
	struct rto timing;

	rto_init(&timing);
	assert_int_equal(rto_tries(&timing, &config), 3); /* a silent target */
	for (unsigned i = 0; i < 1000; i++)
		rto_answer(&timing, 1, false);
	assert_int_equal(rto_tries(&timing, &config), 3); /* none was lost */
	rto_init(&timing);
	for (unsigned i = 0; i < 640; i++)
		rto_answer(&timing, i < 360 ? 2 : 1, false); /* 36 % lost: 0.36^13 = 1.7e-6, 0.36^14 = 6e-7 */
	assert_int_equal(rto_tries(&timing, &config), 14);
	for (unsigned i = 0; i < 1000; i++)
		rto_answer(&timing, 3, false); /* more than half: what is allowed */
	assert_int_equal(rto_tries(&timing, &config), 16);
	assert_int_equal(rto_tries(&timing, &(struct rp_config){.max_retries = 0}), 1);
}

/* 100 ports of 3000 lie behind a path that loses 36 %: of these 36 lost a try, 13 of them another, 5 a third, 2 a
 * fourth and one a fifth. 0.0187 of all tries, but of those after a loss 21 of 57: 0.0187 x 0.357^9 = 1.7e-6, x
 * 0.357^10 = 6e-7. */
TEST(loss_of_a_few_is_not_that_of_all)
{
	static const unsigned losers[] = {0, 23, 8, 3, 1, 1}; /* how many lost so many tries */
	struct rto timing;

	rto_init(&timing);
	for (unsigned i = 0; i < 2964; i++)
		rto_answer(&timing, 1, false);
	for (unsigned lost = 1; lost < sizeof losers / sizeof losers[0]; lost++)
		for (unsigned i = 0; i < losers[lost]; i++)
			rto_answer(&timing, 1 + lost, false);
	assert_int_equal(rto_tries(&timing, &config), 11);
}
