/* SPDX-License-Identifier: MIT */
/*
 * One session and the driver of core/ against one net, from its first probe until it is done. Every event is checked
 * when it comes against what really happened, and the session's counters against our own; the first thing that is wrong
 * fails the test with the seed and all settings.
 *
 *     struct run run;
 *     run_init(&run, seed, RP_PROBE_ICMP_ECHO, "10.0.0.1-9", NULL);
 *     run.net.delay = 20 * MS;  run.config.count = 5;  run_rule(&run, ...);
 *     run_go(&run);
 *     assert_int_equal(run.total.received, 45);
 *     run_fini(&run);
 */
#ifndef TESTS_SIM_RUN_H
#define TESTS_SIM_RUN_H

#include "tests/unit/unit.h"

#include "base/rng.h"
#include "core/driver.h"
#include "net.h"

/* What the kernel below the driver does, and when it wakes up; as in net.h. */
struct driver_settings {
	int64_t wake;          /* every wake-up is late by up to this */
	int64_t interrupted;   /* wake-ups by a signal: nothing says that packets wait */
	int64_t stamp_missing; /* probes without a transmit stamp */
	int64_t stamp_late, stamp_late_by;
	int64_t receive_unstamped; /* answers that only the process stamps */
	int64_t refuse, refuse_with;
	int64_t refuse_from,
		refuse_for; /* a while from the start in which all is refused: a route or an interface away */
	int64_t refuse_rate, refuse_burst; /* so many probes a second are taken, and so many at once; 0: all */
	int64_t refuse_address;            /* all to that address are refused */
	int64_t refuse_port;               /* TCP: all to that port are refused, and to all above it */
	int64_t no_route;
	int64_t full, full_for, full_with;   /* batches for which the kernel has no room, how long, and what it says */
	int64_t read_fails, read_fails_with; /* reads that fail, with this error */
	int64_t wall_step;                   /* wake-ups before which the wall clock was set */
	int64_t receive_buffer;              /* packets; what comes more between two wake-ups is lost */
	int64_t stop;                        /* the user interrupts after this */
	int64_t move_every; /* so often the first target gets the next address of 10.1.0.1 to 10.1.0.5 */
	int64_t limit;      /* no run lasts longer */
	int64_t exact;      /* 1: series on time: check every instant of sending */
};

/* Calls of one kind that fail: from the nth on (from 1), so many; 0: none. */
struct fault {
	uint64_t from, count;
	int with;
};

struct json;
struct truth; /* of one probe */

/* The last PORT event of a target's port. */
struct port_truth {
	uint8_t state, reason;
	bool told;
};

/* The last that was told of an outage. */
struct outage_told {
	uint32_t target;
	uint16_t port;
	enum rp_outage_state state;
	bool begun; /* and that it begins was told before */
	struct rp_outage outage;
	int64_t time; /* when it was told */
};

struct run {
	/* set between run_init() and run_go() */
	uint64_t seed;
	struct net_settings net;
	struct driver_settings driver;
	uint16_t source_ports;
	struct fault send_fault, read_fault;
	struct rp_config config;
	struct net_rule rules[16];
	size_t rule_count;
	struct rp_listener also; /* hears all events, too; its function may be NULL */

	/* what came of it */
	struct rp_stats total;      /* the session's ledger at the end */
	struct port_truth *ports;   /* port index x targets + target; scans */
	int64_t start, ended;       /* virtual */
	uint64_t overrun;           /* packets that the receive buffer had no room for */
	uint64_t forged, strays;    /* packets that were given to the session */
	uint64_t suspects;          /* told of these */
	uint32_t moves;             /* of the first target */
	unsigned findings, remarks; /* of all hosts, of all ports */
	uint64_t allocations;       /* inside the session, after its beginning */
	uint64_t footprint;         /* bytes that session_new() took */
	enum rp_end end;
	struct outage_told *outages; /* in their order, after run_go() */
	size_t outage_count, outage_room;

	/* the machine */
	struct session *session;
	struct json *json; /* see json.h */
	struct driver machine;
	struct frame frames[PATH_BATCH];
	uint8_t *frame_bytes;
	uint64_t probes[PATH_BATCH]; /* of the batch */
	bool batch_known;            /* they are among the truths */
	int64_t full_until;
	uint64_t sends, reads; /* calls */
	int64_t leaves;        /* when the last packet leaves this host */
	int64_t next_step;     /* when the driver wants to step again */
	bool ready;            /* packets are known to wait */
	int64_t read_up_to;    /* what arrived until then has been read */
	int64_t taken;         /* packets in this turn */
	uint64_t work;         /* packets and stamps that went through the path, ever */
	uint8_t *exact; /* the packet for the session, not a byte longer, so that reading past its end is seen */
	struct net_delivery *given;
	struct net_delivery **stamps; /* due, not read yet */
	size_t stamp_count, stamp_room;
	struct net *world;
	struct rp_targets *targets;
	const struct rp_ports *port_set;
	struct rng rng;
	int64_t now, wall_offset, wall_most; /* ... the largest so far */
	int64_t wall_told;                   /* of the latest event */
	struct truth *truths;
	uint64_t truth_count, truth_room;
	uint64_t *table; /* truths by identity, open addressing */
	uint64_t table_size;
	struct rp_stats mine, *mine_of; /* our ledgers */
	double rtt_sum, rtt_squares;
	uint64_t believed, told; /* events about the delivery */
	const struct net_delivery *delivery;
	uint64_t handed; /* the probe that session_sent() is about; UINT64_MAX: none */
	int refused;     /* the error that it is told */
	int64_t allowed; /* by the limit: when the bucket is full again */
	uint32_t hosts_told;
	int64_t *host_told_at; /* the nth of them */
	bool several;          /* targets: each has a ledger to look at */
	bool done, ending;
	bool verbose;
};

void run_init(struct run *run, uint64_t seed, enum rp_probe_type probe, const char *targets, const char *ports);
void run_rule(struct run *run, const char *first, const char *last, uint16_t port_first, uint16_t port_last,
	      enum net_host host);
void run_go(struct run *run);
void run_fini(struct run *run);

/* Fails the test: what is wrong, the seed, the settings, how to see it again. */
void run_fail(const struct run *run, const char *format, ...) __attribute__((format(printf, 2, 3), noreturn));

/* Calls `one` with the seeds 1 to count (SIM_SEEDS=n: to n), or with that of SIM_SEED alone; how many. */
uint64_t run_seeds(uint64_t count, void (*one)(uint64_t seed));

/* How long the run took, virtually; and the real time, both in seconds. */
double run_seconds(const struct run *run);
double run_clock(void);

/* How long it took until the nth host (from 0) was told. */
double run_seconds_to(const struct run *run, uint32_t nth);

/* A line of figures in the test's output. */
void run_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* How many ports are otherwise than the rules of the net say; all are told. */
unsigned run_wrong_ports(const struct run *run);

#endif
