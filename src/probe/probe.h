/* SPDX-License-Identifier: MIT */
/*
 * What a probe is, and the table of probe types: how one is built, and how an answer names the probe it
 * is for. A new kind of probe is one file and one line in registry.c.
 *
 * Nothing here remembers probes. A type turns a packet into a claim ("this is the answer to number n sent
 * to that target"); the session looks the claim up among what it sent.
 */
#ifndef PROBE_PROBE_H
#define PROBE_PROBE_H

#include <rprobe/rprobe.h>

#include "probe/mac.h"

/* The target index of a claim that names its target by address alone. */
#define TARGET_UNKNOWN UINT32_MAX

/* What every probe of a run has in common. */
struct probe_env {
	struct mac_key key;
	uint8_t time_to_live;
	uint8_t type_of_service;
	bool dont_fragment;
	uint16_t payload_length;
	uint8_t pattern[16];
	uint8_t pattern_length;
	uint16_t identifier; /* ICMP */
	uint16_t port_base;  /* TCP: the first of the source ports */
	uint16_t port_count; /* and how many there are in a row; 0: no TCP */
	enum rp_ip_option ip_option;
	struct rp_addr hops[RP_HOPS_MAX];
	uint8_t hop_count;
	uint32_t midnight_ms; /* the time of the next probe, since midnight UT */
	enum rp_syn_options syn_options;
	int32_t window; /* -1: as syn_options says */
	bool ecn;
	bool wrong_checksum;
	uint64_t last_sequence; /* the highest number of the series that was sent so far */
};

struct probe {
	uint32_t target; /* index */
	struct rp_addr source;
	struct rp_addr destination;
	uint16_t port;
	unsigned turn;          /* scan: from which source port, counted round; those of a series follow its sequence */
	uint16_t source_port;   /* set by probe_number(); 0 where the protocol has none */
	uint64_t sequence;      /* series: from 1; scan: 0 */
	unsigned attempt;       /* from 1 */
	uint32_t tag;           /* the plan's own */
	uint16_t load;          /* likewise */
	int64_t timeout;        /* ns, from when it leaves; INT64_MAX: not given up before the run ends */
	int64_t queue_patience; /* how much longer it may stand in a queue of this host */
	uint64_t number;        /* by which its answer names it; likewise */
};

enum claim_kind {
	CLAIM_FOREIGN, /* nothing to do with us */
	CLAIM_REPLY,
	CLAIM_ERROR,   /* ICMP error that quotes a probe */
	CLAIM_SUSPECT, /* looks like an answer, is not believed */
};

struct claim {
	enum claim_kind kind;
	uint32_t target;            /* index, or TARGET_UNKNOWN */
	struct rp_addr destination; /* of the probe that it answers */
	uint16_t port;
	uint64_t number;
	uint64_t with_data; /* the same of an answer that counts the SYN's data too; else = number */
	uint64_t uncounted; /* the same of a RST that does not even count the SYN; else = number */
	bool earlier; /* it answers the first probe behind the one that it names which still waits: see behind() */
	bool authenticated; /* the keyed value came back */
	unsigned remarks;   /* enum rp_remark, or-ed */
	enum rp_state state;
	enum rp_reason reason;
	enum rp_suspicion suspicion;
};

struct probe_type {
	const char *name;
	uint8_t protocol; /* enum rp_protocol */

	/* The number by which an answer will name the probe. */
	uint64_t (*number)(const struct probe_env *env, const struct probe *probe);

	/* The number of the nth probe between the same ports behind the one with that number, nth at most PROBE_BEHIND: numbers
	 * come round some time after. NULL for types whose claims are never `earlier`. */
	uint64_t (*behind)(uint64_t number, unsigned nth);

	/* Writes the whole IPv4 packet; its length, or 0 when it does not fit. */
	size_t (*build)(const struct probe_env *env, const struct probe *probe, uint8_t *out, size_t capacity);

	/* What a received packet claims to be. */
	void (*claim)(const struct probe_env *env, const struct rp_packet *packet, struct claim *claim);

	/* The offset of the first payload byte of a reply that differs from what the probe carried, a missing or
	 * surplus one too; UINT32_MAX when none does. NULL for types whose answers carry nothing back. */
	uint32_t (*compare)(const struct probe_env *env, const struct probe *probe, const struct rp_packet *packet);
};

#define PROBE_BEHIND 127

/* Gives the probe its source port and its number. */
void probe_number(const struct probe_type *type, const struct probe_env *env, struct probe *probe);

const struct probe_type *probe_type_of(enum rp_probe_type type);

extern const struct probe_type probe_icmp_echo;
extern const struct probe_type probe_tcp_syn;

/* The reason that an ICMP error gives, by nmap's name where nmap has one. */
enum rp_reason probe_icmp_reason(const struct rp_icmp *icmp);

#endif
