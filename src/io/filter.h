/* SPDX-License-Identifier: MIT */
/* Classic BPF programs for the raw sockets, written by hand: they see the packet from its IPv4 header. */
#ifndef IO_FILTER_H
#define IO_FILTER_H

#include <stdint.h>

/* Drops everything: attached at once, so that nothing foreign queues before the real filter. */
int filter_attach_none(int fd);

/* ICMP: echo replies with `identifier`, and errors that quote an echo request with it. */
int filter_attach_icmp_echo(int fd, uint16_t identifier);

/* ICMP: errors that quote a TCP segment from one of so many ports, from `base` on. */
int filter_attach_icmp_tcp(int fd, uint16_t base, uint16_t count);

/* TCP: segments to one of them. */
int filter_attach_tcp(int fd, uint16_t base, uint16_t count);

#endif
