/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "base/choice.h"

static const struct choice colours[] = {{"red", 0}, {"green", 7}, {"verdant", 7}, {NULL, 0}};
static const struct choice empty[] = {{NULL, 0}};

TEST(value)
{
	assert_int_equal(choice_value(colours, "red"), 0);
	assert_int_equal(choice_value(colours, "verdant"), 7);
	assert_int_equal(choice_value(colours, "Red"), -1);
	assert_int_equal(choice_value(colours, "re"), -1);
	assert_int_equal(choice_value(colours, "redd"), -1);
	assert_int_equal(choice_value(colours, ""), -1);
	assert_int_equal(choice_value(empty, "red"), -1);
}

TEST(name)
{
	assert_string_equal(choice_name(colours, 0), "red");
	assert_string_equal(choice_name(colours, 7), "green");
	assert_null(choice_name(colours, 1));
	assert_null(choice_name(colours, -1));
	assert_null(choice_name(empty, 0));
}
