/* SPDX-License-Identifier: MIT */
/* One probe, as plain data: the plan says what it is, the probe type makes the packet of it, and events show it. */
#ifndef RPROBE_PROBE_H
#define RPROBE_PROBE_H

#include <rprobe/packet.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A plan is handed one with the usual values of the run, and sets what is another for this probe. */
struct rp_probe {
	uint64_t sequence;    /* which probe to that port of that target, from 1; of a scan: which try */
	uint64_t tag;         /* the plan's own */
	int64_t timeout;      /* ns, from when it leaves; INT64_MAX: not given up before the run ends */
	uint32_t target;      /* index into the run's targets */
	uint32_t midnight_ms; /* for an IPv4 option with time stamps: when it was made, since midnight UT */
	uint16_t port;        /* 0: the probe type has none */
	uint16_t source_port; /* likewise; a plan may leave it 0: those of the run take turns, one for each sequence */
	uint16_t length;      /* bytes of payload */
	uint8_t time_to_live; /* a plan may leave it 0: what the route asks for */
	uint8_t type_of_service;
	bool dont_fragment;
	struct rp_addr source; /* family NONE: the kernel fills it in */
	struct rp_addr destination;
};

#ifdef __cplusplus
}
#endif

#endif
