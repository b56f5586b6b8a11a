/* SPDX-License-Identifier: MIT */
/* Options of the IPv4 header that a series may ask for (RFC 791 section 3.1), as they leave this host. */
#ifndef WIRE_IPOPTS_H
#define WIRE_IPOPTS_H

#include <rprobe/rprobe.h>

#include "base/bytes.h"

#define OPTIONS_MAX 40

enum ipv4_option {
	IPV4_OPTION_END = 0,
	IPV4_OPTION_NOP = 1,
	IPV4_OPTION_RECORD_ROUTE = 7,
	IPV4_OPTION_STAMPS = 68,
	IPV4_OPTION_LOOSE_ROUTE = 131,
	IPV4_OPTION_STRICT_ROUTE = 137,
};

/* What the option is made of. */
struct ipopts_of {
	enum rp_ip_option option;
	const struct rp_addr *hops;
	uint8_t hop_count;
	struct rp_addr source;      /* this host records itself and stamps, as a router does */
	struct rp_addr destination; /* a source route ends there */
	uint32_t midnight_ms;       /* since midnight UT */
};

/* Writes the bytes of the option, a multiple of 4, to `out`; how many. */
uint8_t ipopts_put(const struct ipopts_of *of, uint8_t out[OPTIONS_MAX]);

/* Where a packet with these options is bound for in the end: the last address of a source route that has not been
 * reached yet, else the header's destination. */
struct rp_addr ipopts_final(const struct rp_ipv4 *ip);

/* Whether packets go by a source route, and where one for that destination goes first. */
bool ipopts_routes(const struct rp_config *config);
struct rp_addr ipopts_first_hop(const struct rp_config *config, struct rp_addr destination);

#endif
