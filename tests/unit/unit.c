/* SPDX-License-Identifier: MIT */
/* The main program of every unit test. */
#include "unit.h"

static struct CMUnitTest tests[64];
static size_t count;

void unit_add(const char *name, CMUnitTestFunction test)
{
	if (count == LENGTH_OF(tests))
		abort();
	tests[count++] = (struct CMUnitTest){.name = name, .test_func = test};
}

int main(int argc, char **argv)
{
	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return _cmocka_run_group_tests("tests", tests, count, NULL, NULL);
}
