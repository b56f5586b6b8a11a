/* SPDX-License-Identifier: MIT */
/*
 * Outputs: each turns events into bytes in a strbuf, never into a FILE; the tool writes them. An output reads what is
 * in its out_run, and never a session. A new format is one file and one line in registry.c.
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

struct scan_table;

/* What came of a run so far. A tool fills it from its session, a test by hand; an output only reads it. */
struct out_results {
	const struct rp_config *config;
	const struct rp_grid *grid;    /* what was asked for: each name is a target, with its ports */
	const struct scan_table *scan; /* of a scan, where an output has scan(); else NULL */
	/* The statistics of a target or of all of them, and of one port of a target. */
	void (*stats)(void *user, uint32_t target, struct rp_stats *stats);
	void (*port_stats)(void *user, uint32_t target, uint16_t port, struct rp_stats *stats);
	void *user;
	/* The name of an address for lines, as far as it is known by now; NULL: there are none. */
	const char *(*name_of)(void *user, struct rp_addr address);
	void *name_user;
};

enum out_timestamps {
	OUT_TIMESTAMPS_NONE,
	OUT_TIMESTAMPS_EPOCH, /* [seconds.microseconds] before lines */
	OUT_TIMESTAMPS_ISO,   /* [date and time] */
};

/* What an output needs to know of the run; borrowed for the output's life. */
struct out_run {
	const char *tool;         /* "rping", "rsyn" */
	const char *probe, *plan; /* by name, "icmp-echo", "scan" */
	bool ports;               /* each probe goes to a port of its target */
	bool scan;                /* each port is decided, once; else it is a series */
	const char *command;      /* as it was typed, for the heads of files; NULL: not shown */
	const char *path;         /* of packets: "raw", "datagram" */
	struct rp_stamp started;
	struct rp_addr source;
	bool quiet;     /* header and statistics only */
	bool numeric;   /* no names in lines */
	bool only_open; /* scan: only open ports, and hosts that have one */
	bool muted;     /* the event at hand is counted and has no line: too many came of its kind */
	bool hexdump;   /* the bytes of each packet sent and received */
	int decode;     /* enum out_decode: its headers */
	int timestamps; /* enum out_timestamps */
	unsigned verbose;
	/* Adds the verdict on what was required of the run, as a line of text or of JSON with that time; NULL:
	 * nothing was. */
	void (*verdict)(const void *user, int64_t wall, bool json, struct strbuf *text);
	const void *verdict_user;
	const struct out_results *results;
	const void *own; /* the output's own switches, as its header says; NULL: all are off */
};

/* Of each packet, its headers or bytes. */
static inline bool out_shows_packets(const struct out_run *run)
{
	return run->hexdump || run->decode != OUT_DECODE_NONE;
}

/* Each output's own; its first member is `const struct out_run *run`, which out_new() fills. */
struct out;

struct scan_news;

#define OUT_EVENT(kind) (1U << (kind))
#define OUT_EVENTS_ALL  (~0U)

/* All functions but start() may be left out. Each adds to `text` what is to be printed, possibly nothing. */
struct out_type {
	const char *name;
	size_t size; /* of its struct out, which is zeroed before init() */
	bool merges; /* reports an address once, with all of its names and their ports; the others each name */

	/* -ELIBACC: a library that only this output needs is not there. */
	int (*init)(struct out *out);
	void (*start)(struct out *out, struct strbuf *text);
	void (*event)(struct out *out, const struct rp_event *event, struct strbuf *text);
	/* The kinds of events that event() has something to do for, each as OUT_EVENT(kind), asked once after
	 * start(); left out: all. */
	unsigned (*events)(const struct out *out);
	/* Hosts and ports of a scan, from the table that all outputs share; see out/scan_table.h. */
	void (*scan)(struct out *out, const struct scan_news *news, struct strbuf *text);
	/* So many events had no line of late. */
	void (*omitted)(struct out *out, const struct out_omitted *omitted, struct strbuf *text);
	void (*finish)(struct out *out, struct strbuf *text); /* after DONE; also when the run was interrupted */

	/* The counters so far, of a series. */
	void (*interim)(struct out *out, int64_t wall, struct strbuf *text);

	/* What would make a whole of all that was added so far; left out: every line is a whole. */
	void (*end_here)(struct out *out, struct strbuf *text);
	void (*fini)(struct out *out); /* also of one whose init() failed */
};

/* Makes an output; borrows the run. 0, -ENOMEM, or as init(). */
int out_new(struct out **out, const struct out_type *type, const struct out_run *run);
void out_free(struct out *out, const struct out_type *type);

/* By name: "ping" (iputils' text), "scan" (the port table), "json", "csv", "xml", "greppable"; NULL for others. */
const struct out_type *out_type_of(const char *name);

/* An ICMP error in iputils' words ("Destination Host Unreachable"). */
void out_icmp_text(struct strbuf *text, const struct rp_packet *packet);

/* Why the kernel refused a probe (UNSENT), as one sentence for stderr: no newline. */
void out_unsent_text(struct strbuf *text, const struct rp_event *event, const struct rp_config *config);

/* What each takes as its own switches stands behind it. */
extern const struct out_type out_ping; /* struct ping_switches, see out/ping.h */
extern const struct out_type out_scan; /* bool: states are coloured, for a terminal */
extern const struct out_type out_json;
extern const struct out_type out_csv;
extern const struct out_type out_greppable;
extern const struct out_type out_xml; /* char[]: what it says it was made by; "nmap" for strict readers */

#endif
