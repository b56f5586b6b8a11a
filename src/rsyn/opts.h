/* SPDX-License-Identifier: MIT */
/* What rsyn's command line says. Zero the struct, then opt_parse(&rsyn_tool, ...) fills it. */
#ifndef RSYN_OPTS_H
#define RSYN_OPTS_H

#include <rprobe/packet.h>

#include "opt/opt.h"
#include "app/options.h"

enum rsyn_color {
	RSYN_COLOR_AUTO,
	RSYN_COLOR_ALWAYS,
	RSYN_COLOR_NEVER,
};

/* Not given: as -T says, or never. */
#define RSYN_AUTO (-1)

struct rsyn_options {
	struct app_options common;
	const char *ports;         /* NULL: not given */
	int64_t top_ports;         /* the first so many of the ranking instead; 0: not given */
	bool fast;                 /* the same with 100 */
	const char *exclude_ports; /* NULL: none */
	const char *exclude;       /* targets, separated by commas; NULL: none */
	const char *exclude_file;  /* NULL: none */
	const char *input_list;    /* file of targets, "-" for standard input; NULL: none */
	bool all_addresses;
	bool strict_targets;
	int64_t timing;      /* 0 to 5 */
	int64_t max_retries; /* RSYN_AUTO, as the next; and so are five times of the config: by -T */
	int64_t per_target;
	int64_t max_rate; /* probes a second; 0: no limit */
	int64_t min_rate;
	bool any;
	bool all;
	int expect;          /* enum rp_state; UNKNOWN: not given */
	int64_t wait_open;   /* ns; RSYN_AUTO: no waiting */
	int64_t wait_closed; /* likewise */
	int64_t window;      /* RSYN_AUTO */
	int64_t data_length;
	int64_t source_port;   /* 0: the kernel's choice */
	int64_t time_to_live;  /* likewise */
	bool ignored;          /* what is accepted for nmap's sake */
	const char *all_files; /* -oA; NULL: not given */
	int xml_scanner;       /* 1: XML says that nmap made it */
	int color;             /* enum rsyn_color */
};

extern const struct opt_tool rsyn_tool;

/* Ports are probed again and again (-c), not scanned. */
static inline bool rsyn_is_series(const struct rsyn_options *options)
{
	return options->common.count != RSYN_AUTO;
}

#endif
