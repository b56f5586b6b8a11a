/* SPDX-License-Identifier: MIT */
/* What rping's command line says. Zero the struct, then opt_parse(&rping_tool, ...) fills it. */
#ifndef RPING_OPTS_H
#define RPING_OPTS_H

#include <rprobe/rprobe.h>

#include "opt/opt.h"
#include "app/options.h"

#define RPING_TTL_AUTO          0
#define RPING_MARK_NONE         INT64_C(-1)
#define RPING_INTERVAL_AUTO     INT64_C(-1)
#define RPING_IDENTIFIER_RANDOM INT64_C(-1)

struct rping_options {
	struct app_options common;
	int64_t interval; /* ns; RPING_INTERVAL_AUTO: a second, or 0 with flood */
	int64_t preload;
	int64_t size;
	int64_t time_to_live; /* RPING_TTL_AUTO, or 1 to 255 */
	int64_t identifier;   /* RPING_IDENTIFIER_RANDOM, or 0 to 65535 */
	uint8_t pattern[16];
	uint8_t pattern_length; /* 0: octets count up */
	bool sticky_source;     /* -B */
	bool broadcast;
	bool no_multicast_loop;
	bool direct;
	bool debug;
	int path_mtu;        /* enum rp_path_mtu */
	int64_t mark;        /* RPING_MARK_NONE, or 0 to UINT32_MAX */
	int64_t send_buffer; /* 0: as it is */
	bool record_route;
	int ip_stamps; /* enum rp_ip_option */
	struct rp_addr hops[RP_HOPS_MAX];
	uint8_t hop_count;
	bool ignored;
	const char *ignored_text;
	int64_t until_up;   /* 0: no matter */
	int64_t until_down; /* likewise */
	int64_t max_errors; /* likewise */
	bool adaptive;
	bool flood;
	bool precise;
	bool audible;
	bool bell_on_loss;
	bool force_names;
};

extern const struct opt_tool rping_tool;

#endif
