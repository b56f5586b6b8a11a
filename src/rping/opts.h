/* SPDX-License-Identifier: MIT */
/* What rping's command line says. opt_parse(&rping_tool, ...) fills a struct of zeros, with the defaults of its
 * config. */
#ifndef RPING_OPTS_H
#define RPING_OPTS_H

#include <rprobe/rprobe.h>

#include "opt/opt.h"
#include "app/options.h"

#define RPING_TTL_AUTO          0
#define RPING_INTERVAL_AUTO     INT64_C(-1) /* of config.interval: a second, or 0 with -f */
#define RPING_IDENTIFIER_RANDOM INT64_C(-1)

struct rping_options {
	struct app_options common;
	int64_t preload;
	int64_t size;
	int64_t time_to_live; /* RPING_TTL_AUTO, or 1 to 255 */
	int64_t identifier;   /* RPING_IDENTIFIER_RANDOM, or 0 to 65535 */
	int64_t send_buffer;  /* 0: as it is */
	bool record_route;
	int ip_stamps; /* enum rp_ip_option */
	bool ignored;
	const char *ignored_text;
	bool force_names;
};

extern const struct opt_tool rping_tool;

/* One more hop. False: there is no room for it. */
bool opts_add_hop(struct rp_config *config, struct rp_addr hop);

#endif
