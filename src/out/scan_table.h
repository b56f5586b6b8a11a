/* SPDX-License-Identifier: MIT */
/*
 * What is kept of a scan for all outputs that report hosts: the latest state of each port, until its host is reported.
 * That is when its last port is decided, or at the end of a run that was interrupted. Each decided port costs 56 bytes.
 */
#ifndef OUT_SCAN_TABLE_H
#define OUT_SCAN_TABLE_H

#include "out/out.h"

#define SCAN_STATES  (RP_STATE_FILTERED + 1)
#define SCAN_REASONS (RP_REASON_BAD_TARGET + 1)

struct scan_port {
	int64_t rtt;
	int64_t wall;
	int64_t queued;      /* how long the probe stood in this host, where that is more than the round trip; else 0 */
	struct rp_addr from; /* RP_FAMILY_NONE: the target, or nobody */
	uint16_t window;
	uint16_t mss; /* 0: none */
	uint8_t state;
	uint8_t reason;
	uint8_t ttl; /* 0: none */
	uint8_t tries;
	uint16_t remarks; /* enum rp_remark, or-ed */
	bool late;
	bool conflict;
	bool untimed; /* `rtt` is what it is at most */
	bool tcp;     /* the answer was TCP: `window` is what it said */
};

struct scan_host {
	struct scan_port *ports; /* as many as it has; NULL while none is decided, and when it was reported */
	uint32_t suspects;
	unsigned findings;     /* enum rp_finding, or-ed */
	enum rp_reason reason; /* why it could not be probed; NONE: it was */
	bool reported;
};

struct scan_table {
	const struct out_run *run;
	struct scan_host *list;
	uint32_t targets;
	uint32_t ports;
	uint32_t strangers;  /* suspect answers that name no target */
	uint32_t unfinished; /* hosts reported with ports undecided */
	uint32_t up;         /* hosts reported that answered themselves */
	uint32_t scanned;    /* hosts reported of which any port was probed; further names of one are no hosts */
	uint64_t asked;      /* ports of these */
	enum rp_end end;
	int64_t ended_wall; /* of the last event */
	int64_t duration;   /* until then */
};

/* What is to be shown of one host. */
struct scan_view {
	const struct scan_host *host;
	const struct rp_ports *list;   /* which ports, and ... */
	const struct scan_port *ports; /* ... what each of them is; NULL: none is decided */
	uint32_t counts[SCAN_STATES][SCAN_REASONS];
	uint32_t totals[SCAN_STATES];
	uint32_t asked;     /* ports */
	uint32_t undecided; /* the run ended before; part of the unknown, as are ports that no probe could be sent to */
	uint32_t rows;
	bool folded[SCAN_STATES];
	const struct scan_port *answer; /* one that came from the host itself; NULL: none did */
};

enum scan_news_kind {
	SCAN_PORT, /* a port is decided, and its host is reported later */
	SCAN_HOST, /* the last port of a host is decided, or the run ended before; its ports are forgotten afterwards */
	SCAN_NOTHING,  /* the same, where nothing is known of the host */
	SCAN_REVISION, /* the event changes what was reported of its host */
};

struct scan_news {
	enum scan_news_kind kind;
	uint32_t target;
	const struct scan_host *host;
	const struct scan_view *view; /* HOST, NOTHING */
	const struct scan_port *port; /* REVISION: what is known now */
	const struct rp_event *event; /* PORT, REVISION */
};

/* Borrows the run. NULL: out of memory. */
struct scan_table *scan_table_new(const struct out_run *run);
void scan_table_free(struct scan_table *table);

/* Keeps what the event says, and reports what follows from it; scan_table_finish() reports the hosts that are left
 * at the end of the run. Hosts without an open port are passed over where only open ports are wanted. 0 or -ENOMEM. */
int scan_table_event(struct scan_table *table, const struct rp_event *event,
		     void (*report)(void *user, const struct scan_news *news), void *user);
void scan_table_finish(struct scan_table *table, void (*report)(void *user, const struct scan_news *news), void *user);

/* Whether the port has a row of its own. More than 25 ports in one state are folded, as nmap does, but open ones only
 * of a host that answers everything; -v doubles the number, -v -v triples it. */
bool scan_table_is_row(const struct scan_view *view, const struct scan_port *port);

/* "22-25,80": the run's ports, or of the view those in one state for one reason. */
void scan_table_add_ports(const struct scan_table *table, struct strbuf *text);
void scan_table_add_ports_of(const struct scan_view *view, unsigned state, unsigned reason, struct strbuf *text);

/* What else is to be said of a port ("late challenge-ack"), and what was noticed of a host ("icmp-limited"); often
 * nothing. */
void scan_table_add_notes(const struct scan_port *port, struct strbuf *text);
void scan_table_add_findings(const struct scan_host *host, struct strbuf *text);
const char *scan_table_finding_sentence(enum rp_finding finding);

/* The local date as nmap writes it, "Sat Nov 21 01:48:19 2026". */
void scan_table_add_date(struct strbuf *text, int64_t wall);

/* "3 IP addresses (1 host up) scanned in 1.16 seconds" */
void scan_table_add_summary(const struct scan_table *table, struct strbuf *text);

#endif
