/* SPDX-License-Identifier: MIT */
/*
 * Outputs: each turns events into bytes in a strbuf, never into a FILE; the tool writes them. A new format
 * is one file and one line in registry.c.
 */
#ifndef OUT_OUT_H
#define OUT_OUT_H

#include <rprobe/rprobe.h>

#include "base/strbuf.h"

enum out_decode {
	OUT_DECODE_NONE,
	OUT_DECODE_BRIEF,
	OUT_DECODE_FULL,
};

/* Of what others can send without limit only some has lines of its own; see app/excess.h. */
enum out_omitted_kind {
	OUT_OMITTED_CHECKSUM, /* SUSPECT: a wrong checksum ... */
	OUT_OMITTED_SUSPECT,  /* ... and the others */
	OUT_OMITTED_DUPLICATE,
	OUT_OMITTED_REPEATED,
	OUT_OMITTED_ERROR,
	OUT_OMITTED_KINDS,
};

struct out_omitted {
	int64_t wall;
	uint64_t count[OUT_OMITTED_KINDS];
};

/* What an output needs to know of the run; borrowed for the output's life. */
struct out_run {
	const char *tool;               /* "rping", "rsyn" */
	const struct rp_config *config; /* each name is a target, with the ports it was asked for */
	const struct rp_config *merged; /* the same for outputs that merge, whose `config` it is */
	struct rp_addr source;          /* shown in the header when `show_source` */
	bool show_source;
	bool numeric; /* no names in reply lines */
	bool quiet;   /* header and statistics only */
	unsigned verbose;
	bool only_open;         /* scan: rows for open ports, hosts that have one */
	bool flood;             /* ping: a dot for each probe, taken back by its answer */
	bool audible;           /* ping: BEL at the end of each reply line */
	bool breakdown;         /* ping: what this host added to each round trip */
	bool percentiles;       /* ping: percentiles and jitter after the statistics */
	bool timestamps;        /* [seconds.microseconds] before lines */
	bool iso_timestamps;    /* with `timestamps`: [date and time] instead */
	bool precise;           /* ping: three decimals in every time */
	bool bell_on_loss;      /* ping: BEL for a probe that is overdue */
	bool hexdump;           /* the bytes of each packet sent and received */
	enum out_decode decode; /* and its headers */
	bool group;             /* ping: the target is a group of hosts: each answers from its own address */
	bool quiet_overdue;     /* ping: and no line for it */
	bool outages;           /* ping: a line for each outage, one for all */
	bool changes;           /* ping: a line when replies change their TTL, TOS, size or source */
	bool muted;             /* the event at hand is counted and has no line: too many came of its kind */
	bool color;             /* states coloured, for a terminal */
	const char *command;    /* as it was typed, for the heads of files; NULL: not told */
	const char *scanner;    /* XML: what it says it was made by, "nmap" for strict readers; NULL: the tool */
	/* The name of an address for lines, as far as it is known by now; NULL: there are none. */
	const char *(*name_of)(void *user, struct rp_addr address);
	void *name_user;
	/* The ledger, read when an output prints it. */
	void (*stats)(const void *user, uint32_t target, struct rp_stats *stats);
	void (*port_stats)(const void *user, uint32_t target, uint16_t port, struct rp_stats *stats);
	const void *stats_user;
	/* Adds the verdict on what was required of the run, as a line of text or of JSON with that time; NULL: nothing was. */
	void (*verdict)(const void *user, int64_t wall, bool json, struct strbuf *text);
	struct rp_stamp started;
};

struct out; /* each output's own; the first member is struct out_type *type */

struct out_type {
	const char *name;
	bool merges; /* tells of an address once, with all of its names and their ports; the others of each name */

	/* -ELIBACC: a library that only this output needs is not there. */
	int (*open)(struct out **out, const struct out_run *run);

	/* Each adds to `text` what is to be printed, possibly nothing. */
	void (*start)(struct out *out, struct strbuf *text);
	void (*event)(struct out *out, const struct rp_event *event, struct strbuf *text);
	/* So many events had no line of late; NULL: none has one. */
	void (*omitted)(struct out *out, const struct out_omitted *omitted, struct strbuf *text);
	void (*finish)(struct out *out, struct strbuf *text); /* after DONE; also when the run was interrupted */

	/* The counters so far, of a series; NULL: this output has no place for them. */
	void (*interim)(struct out *out, int64_t wall, struct strbuf *text);

	/* What would make a whole of all that was added so far; NULL: every line is a whole. */
	void (*end_here)(struct out *out, struct strbuf *text);
	void (*close)(struct out *out);
};

/* By name: "ping" (iputils' text), "scan" (the port table), "json", "csv", "xml", "greppable"; NULL for others. */
const struct out_type *out_type_of(const char *name);

/* An ICMP error in iputils' words ("Destination Host Unreachable"). */
void out_icmp_text(struct strbuf *text, const struct rp_packet *packet);

/* Why the kernel refused a probe (UNSENT), as one sentence for stderr: no newline. */
void out_unsent_text(struct strbuf *text, const struct rp_event *event, const struct rp_config *config);

extern const struct out_type out_ping;
extern const struct out_type out_scan;
extern const struct out_type out_json;
extern const struct out_type out_csv;
extern const struct out_type out_greppable;
extern const struct out_type out_xml;

#endif
