/* SPDX-License-Identifier: MIT */
/*
 * What every unit test begins with: cmocka with all that it wants before it, and TEST(name) { ... }, which is all it
 * takes for a test to be run, in the order of the file. `test_num 'all*'` runs those whose names fit.
 */
#ifndef TESTS_UNIT_UNIT_H
#define TESTS_UNIT_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MS     INT64_C(1000000)
#define SECOND INT64_C(1000000000)

#define LENGTH_OF(array) (sizeof(array) / sizeof((array)[0]))

#define TEST(name)                                                                                                     \
	static void test_##name(void **state);                                                                         \
	__attribute__((constructor(1000 + __LINE__))) static void add_##name(void)                                     \
	{                                                                                                              \
		unit_add(#name, test_##name);                                                                          \
	}                                                                                                              \
	static void test_##name(__attribute__((unused)) void **state)

void unit_add(const char *name, CMUnitTestFunction test);

#endif
