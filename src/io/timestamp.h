/* SPDX-License-Identifier: MIT */
/*
 * Clocks and kernel time stamps. The kernel stamps packets with the wall clock; here they are put on the
 * monotonic clock with the offset between both, which changes only when the wall clock is stepped.
 */
#ifndef IO_TIMESTAMP_H
#define IO_TIMESTAMP_H

#include <rprobe/event.h>

struct msghdr;

struct timestamp_clock {
	int64_t offset;   /* wall - monotonic, ns */
	int64_t previous; /* the same before a step that the last update found; else equal to `offset` */
};

int64_t timestamp_monotonic(void);

/* Measures the offset. */
void timestamp_clock_init(struct timestamp_clock *clock);

/* Measures the offset again; true when the wall clock was stepped (by more than a millisecond) since. Packets
 * read before the next update may bear stamps of either side of the step. */
bool timestamp_clock_update(struct timestamp_clock *clock);

/* The stamp in a message's control data; the user's clock (`now`, monotonic) where there is none, or where it
 * lies in the future because the wall clock was stepped a moment ago. */
struct rp_stamp timestamp_of_message(const struct timestamp_clock *clock, struct msghdr *message, int64_t now);

/* Asks a socket for receive stamps, or for the transmit stamps of the packets that want one, by option id in its
 * error queue: the kernel's, and the interface's where somebody (ptp4l, hwstamp_ctl) has it stamp all packets. That
 * one comes as a message of its own. */
int timestamp_enable_receive(int fd);
int timestamp_enable_transmit(int fd);
int timestamp_enable_both(int fd);

/* The control message of a packet that wants one: its type and its value. Kernels before 6.8 know the old type only,
 * also from programs of 32 bits whose time has 64. */
#ifdef SO_TIMESTAMPING_OLD
#define TIMESTAMP_REQUEST SO_TIMESTAMPING_OLD
#else
#define TIMESTAMP_REQUEST 37
#endif
uint32_t timestamp_transmit_request(void);

/* Whose transmit stamp an id is about: the ids of those that may be outstanding. */
#define TIMESTAMP_OWNERS 4096 /* more than the error queue and a device's queue hold */

struct timestamp_owners {
	uint32_t unstamped; /* sent to be timed, and no stamp seen yet */
	struct {
		uint32_t id;
		uint32_t slot_plus_one; /* 0: nobody waits for that stamp */
		bool stamped;           /* the interface's stamp may follow the kernel's */
	} of[TIMESTAMP_OWNERS];
};

void timestamp_expect(struct timestamp_owners *owners, uint32_t id, uint32_t slot);

/* The slot that a stamp is about; false: none. */
bool timestamp_owner(struct timestamp_owners *owners, uint32_t id, uint32_t *slot);

#endif
