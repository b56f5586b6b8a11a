/* SPDX-License-Identifier: MIT */
/* An IPv4 header in iputils' lines: its options (RR:, TS:, LSRR: and the rest), and all of one that an error quotes. */
#ifndef OUT_IP_OPTIONS_H
#define OUT_IP_OPTIONS_H

#include "out/out.h"

/* The route that was printed last, so that the same one is not printed again before more of it have names. */
struct ip_options_route {
	uint8_t bytes[40];
	uint8_t length;
	uint8_t named;
};

/* Adds nothing, or lines of which the first goes on where the reply's line stands; the last has no newline. */
void ip_options_add(struct strbuf *text, const struct out_run *run, const struct rp_ipv4 *ip,
		    struct ip_options_route *route);

/* The table that begins with "Vr HL TOS", and the options; likewise the first line goes on, the last has no newline. */
void ip_header_add(struct strbuf *text, const struct out_run *run, const struct rp_ipv4 *ip);

#endif
