/* SPDX-License-Identifier: MIT */
/* The table is part of the program, because a small system may have no /etc/services. It is services.inc,
 * or what services.py makes of the file that the build was given (-Dservices=/etc/services). */
#include <rprobe/rprobe.h>

#include "target/services.h"

const struct service services[] = {
#include "services_table.inc"
};

const size_t services_count = sizeof(services) / sizeof(services[0]);

const char *rp_service_name(uint16_t port)
{
	size_t low = 0, high = services_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (services[middle].port == port)
			return services[middle].name;
		if (services[middle].port < port)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}
