/* SPDX-License-Identifier: MIT */
/*
 * The probes that were sent: found by what their answers name, expired in order of their deadlines.
 *
 * A fixed number of slots. A finished probe (answered or given up) stays findable until its slot is needed
 * again, oldest first, so that duplicates and late answers are recognised; a waiting probe is never evicted.
 */
#ifndef CORE_INFLIGHT_H
#define CORE_INFLIGHT_H

#include <rprobe/rprobe.h>

enum slot_state {
	SLOT_FREE,
	SLOT_WAITING,
	SLOT_ANSWERED,
	SLOT_EXPIRED,
};

struct slot {
	struct rp_probe probe;
	uint64_t name; /* by which an answer names it */
	enum slot_state state;
	bool departed;        /* the kernel took it */
	bool untimed;         /* no transmit stamp was asked for: there is no round trip */
	bool overdue;         /* the next probe of its series was due before its answer */
	bool concluded;       /* nothing more is expected of it: answered, in error or given up */
	int64_t accepted;     /* when the first SYN-ACK to it came; RP_TIME_NONE: none did */
	int64_t schedule_lag; /* from when it was due until then; RP_TIME_NONE where there is no schedule */
	int64_t handed;       /* when it was given to the driver, then when to the kernel, monotonic */
	struct rp_stamp sent; /* when it left; the user's clock until the kernel's stamp comes */
	int64_t deadline;     /* when it is given up */
	uint64_t before;      /* series: the sequence of the probe sent before this one; 0: none */
	uint32_t before_at;   /* and its slot, as long as it keeps it */
	int64_t followed;     /* and when the answer to the one sent after it came; RP_TIME_NONE: it did not */
	/* links of the table */
	uint32_t hash_next;
	uint32_t heap_at;
	uint32_t newer; /* finished after this one */
};

#define SLOT_NONE UINT32_MAX

struct inflight;

/* `in_order`: of those with the same deadline the one with the lowest sequence is the first. */
int inflight_new(struct inflight **inflight, uint32_t capacity, bool in_order);

/* Room for more; slots keep their indices, and pointers to them become void. 0 or -ENOMEM, and nothing is changed. */
int inflight_grow(struct inflight *inflight, uint32_t capacity);
void inflight_free(struct inflight *inflight);

/* A slot for the probe, WAITING; SLOT_NONE when every slot waits. */
uint32_t inflight_add(struct inflight *inflight, const struct rp_probe *probe, uint64_t name, int64_t now,
		      int64_t deadline);

/* A new deadline for a waiting probe. */
void inflight_arm(struct inflight *inflight, uint32_t index, int64_t deadline);

/* The slot of that name, of several the latest; a slot index stays valid until 'inflight_add' reuses it. */
uint32_t inflight_find(const struct inflight *inflight, uint32_t target, uint16_t port, uint64_t name);
struct slot *inflight_slot(struct inflight *inflight, uint32_t index);

/* A probe is finished, or finished otherwise than before; it is remembered in that state. SLOT_FREE
 * forgets it. */
void inflight_finish(struct inflight *inflight, uint32_t index, enum slot_state state);

/* The waiting slot with the earliest deadline; SLOT_NONE when none waits. */
uint32_t inflight_first(const struct inflight *inflight);
uint32_t inflight_waiting(const struct inflight *inflight);

/* Every slot waits. */
bool inflight_full(const struct inflight *inflight);

#endif
