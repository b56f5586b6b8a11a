/* SPDX-License-Identifier: MIT */
/*
 * What a scan's reports keep of each host until it is told: the last word on every port. A host is told when
 * its last port is decided; those that an interrupted run leaves undecided are told at its end. Each
 * decided port costs 56 bytes.
 */
#ifndef OUT_SCAN_TABLE_H
#define OUT_SCAN_TABLE_H

#include "out/out.h"

#define HOSTS_STATES  (RP_STATE_FILTERED + 1)
#define HOSTS_REASONS (RP_REASON_BAD_TARGET + 1)

struct scan_table_port {
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
	uint8_t remarks; /* enum rp_remark, or-ed */
	bool late;
	bool conflict;
	bool untimed; /* `rtt` is what it is at most */
	bool tcp;     /* the answer was TCP: `window` is what it said */
};

struct scan_table_host {
	struct scan_table_port *ports; /* as many as it has; NULL while none is decided, and when it was told */
	uint32_t suspects;
	unsigned findings;     /* enum rp_finding, or-ed */
	enum rp_reason reason; /* why it could not be probed; NONE: it was */
	bool told;
};

struct scan_table {
	const struct out_run *run;
	const struct scan_table_teller *teller;
	struct scan_table_host *list;
	uint32_t targets;
	uint32_t ports;
	uint32_t strangers;  /* suspect answers that name no target */
	uint32_t unfinished; /* hosts told with ports undecided */
	uint32_t up;         /* hosts told that answered themselves */
	uint32_t scanned;    /* hosts told of which any port was probed; further names of one are no hosts */
	uint64_t asked;      /* ports of these */
	enum rp_end end;
	int64_t ended_wall; /* of the last event */
	int64_t duration;   /* until then */
};

/* What is to be shown of one host. */
struct scan_table_view {
	const struct scan_table_host *host;
	const struct rp_ports *list;         /* which ports, and ... */
	const struct scan_table_port *ports; /* ... what each of them is; NULL: none is decided */
	uint32_t counts[HOSTS_STATES][HOSTS_REASONS];
	uint32_t totals[HOSTS_STATES];
	uint32_t asked;     /* ports */
	uint32_t undecided; /* the run ended before; part of the unknown, as are ports that no probe could be sent to */
	uint32_t rows;
	bool folded[HOSTS_STATES];
	const struct scan_table_port *answer; /* one that came from the host itself; NULL: none did */
};

/* How an output tells of hosts; `out` is its own. */
struct scan_table_teller {
	/* With so many hosts at most each that had ports to be probed is told, even when nothing is known of it. */
	uint32_t few;
	/* A host whose last port is decided, or which the end of the run left undecided. Its ports are forgotten afterwards. */
	void (*host)(struct out *out, uint32_t index, const struct scan_table_view *view, struct strbuf *text);
	/* The event changes what was told of its host; `port` is what is known now. */
	void (*revision)(struct out *out, const struct rp_event *event, const struct scan_table_port *port,
			 struct strbuf *text);
	/* A port is decided, and its host will be told later; NULL: so will the port. */
	void (*port)(struct out *out, const struct rp_event *event, struct strbuf *text);
};

/* 0 or -ENOMEM. */
int scan_table_init(struct scan_table *hosts, const struct out_run *run, const struct scan_table_teller *teller);
void scan_table_fini(struct scan_table *hosts);

/* Keeps what the event says, and tells what is due by the teller's functions; scan_table_finish() tells the hosts that are
 * left at the end of the run. Hosts without an open port are passed over where only open ports are wanted, and hosts
 * with nothing decided where they are not few. Out of memory makes `text` fail. */
void scan_table_event(struct scan_table *hosts, const struct rp_event *event, struct out *out, struct strbuf *text);
void scan_table_finish(struct scan_table *hosts, struct out *out, struct strbuf *text);

/* Whether the port has a row of its own. More than 25 ports in one state are folded, as nmap does, but open ones only
 * of a host that answers everything; -v doubles the number, -v -v triples it. */
bool scan_table_is_row(const struct scan_table_view *view, const struct scan_table_port *port);

/* "22-25,80": the run's ports, or of the view those in one state for one reason. */
void scan_table_add_ports(const struct scan_table *hosts, struct strbuf *text);
void scan_table_add_ports_of(const struct scan_table_view *view, unsigned state, unsigned reason, struct strbuf *text);

/* What else is to be said of a port ("late challenge-ack"), and what was noticed of a host ("icmp-limited"); often
 * nothing. */
void scan_table_add_notes(const struct scan_table_port *port, struct strbuf *text);
void scan_table_add_findings(const struct scan_table_host *host, struct strbuf *text);
const char *scan_table_finding_sentence(enum rp_finding finding);

/* The local date as nmap writes it, "Sat Nov 21 01:48:19 2026". */
void scan_table_add_date(struct strbuf *text, int64_t wall);

/* "3 IP addresses (1 host up) scanned in 1.16 seconds" */
void scan_table_add_summary(const struct scan_table *hosts, struct strbuf *text);

#endif
