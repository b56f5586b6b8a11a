/* SPDX-License-Identifier: MIT */
/* The TUN device: opened, given the host's address and the route to the network, and read for its drops. */
#ifndef PEER_DEVICE_H
#define PEER_DEVICE_H

#include <stddef.h>
#include <stdint.h>

/* The non-blocking descriptor, or -1 after a message on stderr. The host itself is `host`. */
int device_open(const char *name, uint32_t host, uint32_t network, uint32_t mask, uint32_t mtu);

/* Packets that the kernel sent into the device and that found no room there; -1: not known. */
long long device_dropped(const char *name);

#endif
