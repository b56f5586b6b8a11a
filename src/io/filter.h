/* SPDX-License-Identifier: MIT */
/* Classic BPF programs for the raw sockets, written by hand: they see the packet from its IPv4 header. */
#ifndef IO_FILTER_H
#define IO_FILTER_H

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FILTER_LENGTH_MAX 24

/* Of one socket. Where the kernel takes no filter, filter_passes() runs it. */
struct filter {
	int fd;
	bool refused;
	bool attached; /* the kernel has one of ours */
	unsigned length;
	struct sock_filter program[FILTER_LENGTH_MAX];
};

/* All of these return 0, or a negative errno value when the kernel neither takes a filter nor gives up the one that
 * it has. */

/* Drops everything: attached at once, so that nothing foreign queues before the real filter. */
int filter_attach_none(struct filter *filter);

/* ICMP: echo replies with `identifier`, and errors that quote an echo request with it. */
int filter_attach_icmp_echo(struct filter *filter, uint16_t identifier);

/* ICMP: errors that quote a packet of that protocol from one of so many ports, from `base` on. */
int filter_attach_errors(struct filter *filter, uint8_t protocol, uint16_t base, uint16_t count);

/* TCP: segments to one of them. */
int filter_attach_tcp(struct filter *filter, uint16_t base, uint16_t count);

/* False: the packet is none of those that the filter lets through, and the kernel has not dropped it. */
bool filter_passes(const struct filter *filter, const uint8_t *bytes, size_t length);

#endif
