/* SPDX-License-Identifier: MIT */
/*
 * The table of probe types: how a probe becomes a packet, and how an answer is recognised and proven. CONTRIBUTING.md
 * lists what a new kind of probe needs.
 *
 * Nothing here remembers probes. match() reads what a packet says of the probe that it is about; the session looks
 * up which of its probes that is; verify() proves it.
 */
#ifndef PROBE_PROBE_H
#define PROBE_PROBE_H

#include <rprobe/rprobe.h>

#include "probe/mac.h"

/* The index of a target of which only the address is known. */
#define TARGET_UNKNOWN UINT32_MAX

/* What all probes of a run have in common. */
struct probe_env {
	const struct rp_config *config; /* pattern, IP and SYN options; borrowed */
	struct mac_key key;
	uint16_t identifier; /* ICMP */
	uint16_t port_base;  /* the first of the source ports */
	uint16_t port_count; /* and how many there are in a row; 0: the probes have none */
	/* So many sequences lie between two probes from one source port to one port: port_count where the session
	 * chooses (port_base + sequence % port_count), 1 where the plan does (a scan): the port then does not tell
	 * the sequence. */
	uint16_t port_turn;
};

enum match_kind {
	MATCH_FOREIGN, /* nothing to do with us */
	MATCH_REPLY,
	MATCH_ERROR,   /* an ICMP error that quotes a probe */
	MATCH_SUSPECT, /* it looks like an answer and cannot be one: `suspicion` */
};

/* What a packet says of the probe that it is about. All of it is the sender's word until verify() has proven it. */
struct match {
	enum match_kind kind;
	uint32_t target;            /* index; TARGET_UNKNOWN: the address says which */
	struct rp_addr destination; /* of the probe */
	uint16_t port;              /* likewise; 0: none */
	uint16_t source_port;       /* likewise */
	uint16_t data;              /* bytes of the probe's payload that the answer acknowledges */
	uint64_t sequence;          /* the remainder of the probe's sequence divided by `span` */
	uint64_t span;              /* 0: the packet names no probe of ours */
	bool earlier;       /* a later probe between the same ports caused the answer: see session's find_behind() */
	bool authenticated; /* set by verify(): a keyed value came back */
	enum rp_state state;
	enum rp_reason reason;
	enum rp_suspicion suspicion; /* SUSPECT: why */
	enum rp_suspicion
		unmatched; /* why it is not believed where no such probe is known; NONE: the session finds out */
	unsigned remarks;  /* enum rp_remark, or-ed: if it is believed ... */
	unsigned doubts;   /* ... and if it is not */
};

/* What answers look like, for the packet filter: errors quote a probe of that protocol, and everything has the
 * identifier or is for one of so many ports. */
struct expected {
	uint8_t protocol;
	bool ports;
	uint16_t identifier;
	uint16_t port_base, port_count;
};

struct probe_type {
	const char *name;
	uint8_t protocol;  /* of its IP packets */
	bool ports;        /* it goes from a port of ours to a port; else to a target as such, under an identifier */
	bool states;       /* its answer says in which state the port is */
	bool needs_source; /* its packet cannot be made without the source address */

	/* From how many consecutive sequences between the same addresses and ports an answer can pick one. */
	uint64_t (*span)(const struct probe_env *env);

	/* Writes the whole IPv4 packet; its length, or 0 when it does not fit. */
	size_t (*build)(const struct probe_env *env, const struct rp_probe *probe, uint8_t *out, size_t capacity);

	/* Reads what a received packet says; proves nothing. */
	void (*match)(const struct probe_env *env, const struct rp_packet *packet, struct match *match);

	/* Whether the packet that says so is an answer to that very probe, or an error about it: NONE, or why it is
	 * not believed. */
	enum rp_suspicion (*verify)(const struct probe_env *env, const struct rp_probe *probe,
				    const struct rp_packet *packet, struct match *match);

	/* The offset of the first payload byte of a reply that differs from what the probe carried, a missing or
	 * surplus one too; UINT32_MAX when none does. NULL for types whose answers carry nothing back. */
	uint32_t (*compare)(const struct probe_env *env, const struct rp_probe *probe, const struct rp_packet *packet);
};

const struct probe_type *probe_type_of(enum rp_probe_type type);

extern const struct probe_type probe_icmp_echo;
extern const struct probe_type probe_tcp_syn;

/* Fills in what an ICMP error says apart from its quoted transport header; whether its quote can be one of our
 * probes is asked before. A quote whose source is not the address that the error was sent to is remarked: some
 * translators leave it as it was. */
void match_error(struct match *match, const struct rp_packet *packet);

/* Neither kind nor damage is an answer. */
void match_doubt(struct match *match, enum rp_suspicion suspicion);

/* The reason that an ICMP error gives, by nmap's name where nmap has one. */
enum rp_reason probe_icmp_reason(const struct rp_icmp *icmp);

#endif
