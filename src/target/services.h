/* SPDX-License-Identifier: MIT */
/* The TCP services that IANA has registered, as services.inc in the tree or the file of
 * -Dservices names them. The public rp_service_name() is implemented here. */
#ifndef TARGET_SERVICES_H
#define TARGET_SERVICES_H

#include <stddef.h>
#include <stdint.h>

struct service {
	uint16_t port;
	const char *name;
};

/* Ascending by port; one name a port. */
extern const struct service services[];
extern const size_t services_count;

#endif
