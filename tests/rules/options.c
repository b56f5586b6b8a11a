/* SPDX-License-Identifier: MIT */
/* Lists the option tables, a line for each spelling: "rping -c", "rping --count", "rsyn -iL". */
#include <stdio.h>

#include "rping/opts.h"
#include "rsyn/opts.h"

int main(void)
{
	static const struct opt_tool *const tools[] = {&rping_tool, &rsyn_tool};

	for (size_t i = 0; i < sizeof(tools) / sizeof(tools[0]); i++) {
		for (const struct opt *opt = opt_first(tools[i]); opt; opt = opt_next(tools[i], opt)) {
			printf("%s --%s\n", tools[i]->name, opt->name);
			if (opt->letter)
				printf("%s -%c\n", tools[i]->name, opt->letter);
			if (opt->alias)
				printf("%s -%s\n", tools[i]->name, opt->alias);
		}
	}
	return 0;
}
