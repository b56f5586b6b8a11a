/* SPDX-License-Identifier: MIT */
/*
 * A plan says which probe comes next, and when it is over. It hears of everything that happens to its
 * probes. It never sees packets, only targets, ports and numbers; when probes may leave is core/pacer's.
 * A new way to probe is one file and one line in registry.c.
 */
#ifndef PLAN_PLAN_H
#define PLAN_PLAN_H

#include <limits.h>

#include <rprobe/rprobe.h>

struct plan; /* each plan's own; the first member is struct plan_type *type */

enum plan_answer {
	PLAN_WAIT,  /* nothing to send now: ask again at due() */
	PLAN_PROBE, /* *probe is the next */
};

enum plan_news_kind {
	PLAN_NEWS_SENT,
	PLAN_NEWS_LEFT,   /* it left this host at that time, after it had stood in a queue */
	PLAN_NEWS_UNSENT, /* the kernel refused the probe for good */
	PLAN_NEWS_REPLY,  /* also a late one */
	PLAN_NEWS_ERROR,  /* ICMP error about the probe */
	PLAN_NEWS_TIMEOUT,
	PLAN_NEWS_DOUBT, /* something unproven came about a port: the probe has a target and a port, no more */
};

#define PLAN_HEARS(kind) (1U << (kind))
#define PLAN_HEARS_ALL   UINT_MAX

struct plan_news {
	enum plan_news_kind kind;
	const struct rp_probe *probe;
	int64_t rtt;    /* REPLY, ERROR: RP_TIME_NONE when not known */
	int64_t limit;  /* REPLY: the round trip, or what it is at most where the probe was not timed; likewise */
	bool late;      /* REPLY: the round trip exceeds the timeout; ERROR: the probe had been given up before */
	bool given_up;  /* REPLY: a TIMEOUT came before */
	bool duplicate; /* REPLY: it had been answered before, so this is no round trip (a SYN-ACK again) */
	bool concluded; /* the first news after which nothing more is expected of the probe */
	enum rp_state state;
	enum rp_reason reason;
	enum rp_remark remark;        /* DOUBT */
	const struct rp_event *event; /* what the listener was given: reply, error, unsent */
};

struct plan_setup {
	const struct rp_config *config; /* borrowed for the plan's life */
	uint16_t port_base;             /* the first of the source ports ... */
	uint16_t port_count;            /* ... and how many there are in a row; 0: the probes have none */
};

/* So many probes in each period of ns, and so many of them at once; a period of 0: no limit. */
struct plan_pace {
	int64_t period;
	uint32_t count;
	unsigned burst;
	int64_t slack; /* as struct pacer's */
};

struct plan_end {
	int64_t at; /* INT64_MIN: it is over; INT64_MAX: not before there is news */
	enum rp_end why;
	bool waited; /* over since its last probes have been waited for: what is unanswered is lost */
};

struct plan_type {
	const char *name;
	bool attempts; /* a sequence counts the tries of one port; else the probes of a series, which has outages */
	bool chooses_ports;     /* it sets each probe's source port; else they take turns */
	int64_t queue_patience; /* how much longer than its timeout a probe may stand in a queue of this host */
	int send_buffer; /* bytes that this host may queue, if the config leaves it open; 0: the kernel's default */
	unsigned hears;  /* PLAN_HEARS(kind), or-ed: what news() is called for */

	/* The pace of a run with so many probes in each round, and how many probes are remembered: at least those that
	 * may wait at once. */
	struct plan_pace (*pace)(const struct rp_config *config, uint32_t a_round);
	uint32_t (*capacity)(const struct rp_config *config, uint64_t a_round);

	int (*open)(struct plan **plan, const struct plan_setup *setup);

	/* The probe has the run's usual values, and no target, destination, sequence and timeout yet. */
	enum plan_answer (*next)(struct plan *plan, int64_t now, struct rp_probe *probe);
	void (*news)(struct plan *plan, int64_t now, const struct plan_news *news);

	/* Targets were added or removed. How many probes a round has from now on, so that they are paced;
	 * UINT64_MAX: out of memory. NULL: the plan has those that were there at its beginning. */
	uint64_t (*targets)(struct plan *plan);

	/* When next() would answer with a probe: INT64_MIN at once, INT64_MAX not before there is news. */
	int64_t (*due)(const struct plan *plan);

	/* When wake() has something to do, and doing it. Both or neither. */
	int64_t (*alarm)(const struct plan *plan);
	void (*wake)(struct plan *plan, int64_t now);

	struct plan_end (*ends)(const struct plan *plan);

	/* What was decided by the latest news(), wake() or finish(), and in its order: a PORT or HOST event, until
	 * false. Its pointers are those of the news. NULL: the plan decides nothing. */
	bool (*decided)(struct plan *plan, struct rp_event *event);

	/* The run ends: what is still undecided is decided. May be NULL. */
	void (*finish)(struct plan *plan, int64_t now);
	void (*close)(struct plan *plan);
};

const struct plan_type *plan_type_of(enum rp_plan_type type);

extern const struct plan_type plan_series;
extern const struct plan_type plan_scan;

#endif
