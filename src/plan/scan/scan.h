/* SPDX-License-Identifier: MIT */
/*
 * The state of a scan, which only this folder knows. An item is one port of one target; beyond the ports asked for,
 * each target has CANARIES more, which are probed only to see whether it answers everything. Each file needs only those
 * before it: item.c (which port an item is, and its queue), rst_limit.c (does the target limit its RSTs?), decide.c
 * (what is decided), ban.c (did it ban us?), refusal.c (what this host could not send), silent.c (who stays silent),
 * sched.c (which probe is next), scan.c (what happens).
 */
#ifndef PLAN_SCAN_SCAN_H
#define PLAN_SCAN_SCAN_H

#include "plan/scan/cwnd.h"
#include "plan/plan.h"
#include "plan/scan/timers.h"
#include "plan/scan/rto.h"

#define CANARIES 3

/* They get no more tries than this and no second look: no host is to wait long for ports that nobody asked for. */
#define CANARY_TRIES 5

#define ITEM_NONE UINT32_MAX
#define HOST_NONE UINT32_MAX

enum item_status {
	ITEM_NEW,
	ITEM_FLYING,
	ITEM_QUEUED,
	ITEM_EXHAUSTED, /* out of tries: decided when the patience with the target is over, or tried again */
	ITEM_RESTING,   /* waits to be asked again: it was in another state than the one sought */
	ITEM_DECIDED,
};

struct item {
	uint32_t next; /* in the queue of its target */
	uint32_t decided_next;
	uint16_t attempts;
	uint8_t status;
	uint8_t state;  /* decided, or the latest evidence */
	uint8_t reason; /* likewise */
	uint8_t silent; /* tries since the last evidence */
	uint8_t remarks;
	bool late : 1;        /* decided by a late answer */
	bool conflict : 1;    /* otherwise than before */
	bool as_seen : 1;     /* undecided: it is reported as it was last seen */
	bool linked : 1;      /* in the queue, whatever its status has become */
	bool second_port : 1; /* tried from the second source port from now on */
};

/* What tells one maker of SYN-ACKs from another. */
struct make {
	uint8_t ttl; /* 0: none came yet */
	uint8_t options_length;
	uint16_t window;
};

/* Beyond, tries are told apart no more. */
#define TRIES_COUNTED 16

/* The RSTs of a target, second by second. */
struct resets {
	int64_t since;                  /* when the present second began */
	int64_t last;                   /* the latest; 0: none came yet */
	uint32_t count;                 /* in the present second */
	uint32_t before;                /* in the last one with any */
	uint32_t most;                  /* in any */
	uint32_t lost;                  /* tries of closed ports */
	uint8_t even;                   /* how many seconds had about as many as the one before */
	uint16_t by_try[TRIES_COUNTED]; /* how many answered their first, second, ... try */
};

enum look_stage {
	LOOK_NOT_YET,
	LOOK_WAITS,
	LOOK_SAMPLES,
	LOOK_ON,
	LOOK_OVER,
};

/* Items in the order in which they are tried again. */
struct queue {
	uint32_t head, tail; /* ITEM_NONE: it is empty */
};

/* No probe of the target was refused lately. */
#define CREDIT_FULL UINT32_MAX

/* What this host could not send to a target. */
struct refusal {
	int64_t since;   /* the first refusal after which nothing was sent; RP_TIME_NONE: the latest probe was sent */
	int64_t pause;   /* the length of the latest pause */
	uint32_t credit; /* how many probes may be handed over, CREDIT_FULL: any number */
	uint32_t step;   /* the credit after the latest pause */
	bool paused;     /* until the alarm */
	bool sent;       /* a probe was sent since the latest pause */
	bool for_good;   /* the latest refusals lasted too long: what is refused is decided */
};

enum ban_stage {
	BAN_NOT_YET,
	BAN_ASKS, /* the port waits to be asked */
	BAN_ASKED,
	BAN_RESTS, /* refused: it is asked again at the alarm */
	BAN_OVER,
};

/* One port that answered is asked again. */
struct ban {
	int64_t began;   /* when it was asked first; RP_TIME_NONE before */
	uint32_t item;   /* that port */
	uint16_t before; /* its tries until then */
	uint8_t stage;   /* enum ban_stage */
	uint8_t tries;
	uint8_t refusals; /* answers that are worse than the first one */
	bool closed;      /* it was, not open */
	bool others;      /* other ports answered meanwhile */
	bool found;       /* it does not answer as before */
};

/* The second look at what is silent. */
struct look {
	int64_t next;      /* when it goes on */
	int64_t began;     /* when this turn over the silent ports did */
	uint32_t cursor;   /* how many of the ports this turn has passed */
	uint32_t stride;   /* from one of these to the next */
	uint32_t pace;     /* ports asked a second */
	uint32_t vain;     /* ports asked since the latest answer */
	uint32_t answered; /* ports that had answered at the latest step ... */
	uint32_t before;   /* ... and when the sample or this turn began */
	uint8_t stage;     /* enum look_stage */
	bool found;        /* it went beyond the sample */
	bool skipped;      /* a port was not asked, as it had no tries left */
	bool sure;         /* all silent ports were asked in one turn, and none answered */
	bool backwards;    /* this turn takes the ports from the end */
};

struct host {
	struct rto rto;
	int64_t started;    /* first probe; RP_TIME_NONE before */
	int64_t fresh_at;   /* latest first try of a port */
	int64_t last_at;    /* latest try of any */
	int64_t settled_at; /* until then a RST may still be followed by a SYN-ACK */
	const struct rp_ports *ports;
	uint32_t port_count;
	uint32_t items; /* the first of its items: port by port, then the canaries */
	uint32_t undecided;
	uint32_t exhausted;
	uint32_t flying;
	uint32_t superseded; /* of these: challenged, and tried from the other port since */
	uint32_t fresh;      /* the next port index never tried */
	uint32_t canary_fresh;
	struct queue retries; /* items to be tried again */
	struct queue unsent;  /* items whose latest probe was refused: tried again when nothing else is left */
	struct refusal refusal;
	uint32_t ring_next;
	uint32_t open, closed, refused, silent; /* ports decided so, or by ICMP, or by silence */
	uint8_t silent_tries;                   /* the exhausted have had at least so many */
	uint8_t canaries;                       /* launched */
	uint8_t canaries_open;
	struct resets resets;
	struct look look;
	struct ban ban;
	uint32_t open_lost; /* tries of open ports */
	bool in_ring;
	bool suspected;    /* of answering everything */
	struct make make;  /* of the first SYN-ACK */
	bool full_syn_ack; /* one SYN-ACK at least had a window and options */
	bool mixed_makes;  /* not all were alike */
	bool mixed_ttls;
	bool finished; /* and reported */
};

/* The last answer about an item that rests, as it will be reported if it stays the last. Its packet points nowhere. */
struct sighting {
	struct rp_event event; /* .packet is NULL: none came, or silence after it */
	struct rp_packet packet;
};

/* What was decided and not been fetched yet, in its order: items, and for a host its first canary. */
struct decisions {
	uint32_t first, last; /* ITEM_NONE: there are none */
	int64_t time;
	const struct rp_event *cause; /* of that item; NULL: nothing came */
	uint32_t cause_item;
};

struct scan {
	const struct plan_type *type;
	const struct rp_config *config;
	uint16_t port_base, port_count; /* source ports */
	struct decisions decisions;
	struct item *items; /* target by target */
	struct host *hosts;
	struct sighting *seen; /* by item, where a state is waited for; else NULL */
	uint32_t targets;
	uint32_t unfinished; /* hosts */
	uint64_t load;       /* of what is in flight, LOAD_FULL for each that waits no longer than a first try */
	uint32_t overdue;    /* the first host, in the order of starting, that may run into its timeout */
	uint64_t sent;
	int64_t started;
	bool satisfied; /* the state sought was found, and one is enough */
	uint32_t ring_head, ring_tail;
	struct cwnd cwnd;
	struct rto group;     /* of all targets together */
	struct timers timers; /* ids: targets, then what is below */
	uint32_t paused;      /* targets */
	int64_t relieved;     /* when a probe was last sent to a target that had been refused one */
};

/* What a probe's tag holds: its item, what it is of the load, and whether it is a first try from the first source
 * port or a further one from there, which a try from the second supersedes. */
#define TAG(item, load, first) ((uint64_t)(item) | (uint64_t)(load) << 32 | (uint64_t)(first) << 48)
#define TAG_ITEM(tag)          ((uint32_t)(tag))
#define TAG_LOAD(tag)          ((uint16_t)((tag) >> 32))
#define TAG_FIRST(tag)         ((tag) >> 48 != 0)

/* The ids of timers: the end of a target's pause, when it is asked again whether it answers, and when an item is
 * asked again. */
#define TIMER_PAUSE(scan, target) ((scan)->targets + (target))
#define TIMER_BAN(scan, target)   (2 * (scan)->targets + (target))
#define TIMER_ITEM(scan, index)   (3 * (scan)->targets + (index))

/* item.c */

/* An item belongs to one target; whose it is, where that is not known. */
uint32_t item_target(const struct scan *scan, uint32_t index);
uint16_t item_port(const struct host *host, uint32_t index);
bool item_is_canary(const struct host *host, uint32_t index);

/* The item of a port that is asked for, ITEM_NONE when it is not. */
uint32_t item_find(const struct host *host, uint16_t port);

/* The target has something to send, perhaps. */
void item_wake(struct scan *scan, uint32_t target);
void item_push(struct scan *scan, uint32_t target, uint32_t index);

/* The same for an item whose probe was refused. */
void item_push_unsent(struct scan *scan, uint32_t target, uint32_t index);

/* sched.c */

/* The next item to probe, in turn over the targets, and whose it is: ITEM_NONE when nobody has any. */
uint32_t sched_next(struct scan *scan, uint32_t *target);

/* refusal.c */

/* The kernel refused a probe, or took one while the target's credit is not full. */
void refusal_unsent(struct scan *scan, const struct rp_probe *probe, int64_t now, const struct rp_event *cause);
void refusal_sent(struct scan *scan, uint32_t target, int64_t now);

/* Whether a probe may be handed over; it was. */
bool refusal_allows(const struct host *host);
void refusal_take(struct host *host);

/* The pause is over. */
void refusal_wake(struct scan *scan, uint32_t target);

/* ban.c */

/* Asks a port again where there is a reason to; `silent`: nothing but silence is left of the target. */
void ban_judge(struct scan *scan, uint32_t target, bool silent);

/* Whether the target waits for the answer. */
bool ban_is_pending(const struct host *host);

/* The item that is due, ITEM_NONE when none is. */
uint32_t ban_take(struct host *host);

/* How long that probe waits, where it would usually wait so long. */
int64_t ban_timeout(const struct host *host, int64_t usual);

/* What happened to any probe of the target. */
void ban_news(struct scan *scan, int64_t now, const struct plan_news *news);

/* The alarm. */
void ban_wake(struct scan *scan, uint32_t target);

/* rst_limit.c */

/* A RST came, after so many lost tries of that port. */
void rst_limit_note(const struct scan *scan, struct host *host, int64_t now, unsigned lost);
bool rst_limit_is_plain(const struct host *host);

/* Nothing says that they are, but their tries were used up before a limit could be looked for, and that these were lost
 * by chance is not likely. */
bool rst_limit_is_likely(const struct host *host);

/* silent.c */

/* A step that leads, again and again and round their number, to each of so many ports once, in no order. */
uint32_t silent_stride(uint32_t ports);

/* After how many silent tries a port is exhausted. */
unsigned silent_tries(const struct scan *scan, const struct host *host);

/* After anything that happened to the target. */
void silent_judge(struct scan *scan, uint32_t target, int64_t now);

/* decide.c */

/* Evidence about an item: it is decided, or revised, or (when another state is sought) asked again later. `cause`
 * is the answer's event, as the listener got it; NULL for silence. */
void decide_item(struct scan *scan, uint32_t target, uint32_t index, int64_t now, enum rp_state state,
		 enum rp_reason reason, const struct rp_event *cause, bool late);

/* All of a target is known. */
void decide_finish(struct scan *scan, uint32_t target, int64_t now);

/* What is undecided of a target is given up. */
void decide_give_up(struct scan *scan, uint32_t target, int64_t now, enum rp_reason reason);

/* What was decided, one after the other, until false. */
bool decide_next(struct scan *scan, struct rp_event *event);

/* Of a target, what waits to be sent is given up, as it is not sent. */
void decide_give_up_unsent(struct scan *scan, uint32_t target, int64_t now);

#endif
