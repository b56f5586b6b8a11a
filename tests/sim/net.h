/* SPDX-License-Identifier: MIT */
/*
 * A network that is not there: packets go in, answers come out later, on a clock that the caller moves.
 * All that a path, a router, a host or a forger may do is a plain setting; chance comes from the seed alone, so
 * the same settings and calls give the same packets.
 */
#ifndef TESTS_SIM_NET_H
#define TESTS_SIM_NET_H

#include "bytes.h"

#define MS     INT64_C(1000000)
#define SECOND INT64_C(1000000000)

/* Chances are in a million, times in nanoseconds, 0 is off. */
struct net_settings {
	int64_t delay;  /* one way */
	int64_t jitter; /* up to this more */
	int64_t loss_there, loss_back;
	int64_t burst_every,
		burst_for; /* Gilbert and Elliott: how long it is good and then bad, on average; all is lost */
	int64_t dark_every, dark_from,
		dark_for; /* of every so long from the first probe, a while in which all is lost */
	int64_t duplicate;
	int64_t reorder, reorder_by; /* so many are late by up to that */
	int64_t corrupt;             /* one to three bits flip */
	int64_t corrupt_repaired;    /* one bit flips, and every checksum is made right again */
	int64_t truncate;            /* the end is cut off */
	int64_t hops;                /* routers on the path */
	int64_t whole_quotes;        /* errors quote all of the packet instead of header and 8 bytes */
	int64_t mtu;                 /* of the link behind the middle router */
	int64_t icmp_rate;           /* errors a second of each sender */
	int64_t rst_rate;            /* RSTs in each second of each host */
	int64_t link_rate,
		link_queue;   /* packets a second of the narrowest link there; what does not fit its queue is lost */
	int64_t every;        /* hosts hear only every so many packets */
	int64_t dies;         /* and nothing more after this time */
	int64_t queued;       /* how long a packet stands in a queue of our own host */
	int64_t resets;       /* 1: our own firewall drops the RSTs of our kernel */
	int64_t silent_every; /* of the ports of all hosts every so many is silent */
	int64_t ban_after;    /* SYNs after which a host bans who sends them: */
	int64_t ban_by;       /* 0 it is silent, 1 it sends a RST, 2 an ICMP error to everything */
	int64_t neighbour;    /* the first router answers ARP after this */
	int64_t forge;        /* forged packets for a million probes; may be above a million */
	int64_t forge_kind;   /* 0: any */
	int64_t foreign;      /* packets that are nothing to us, likewise */
};

enum net_host {
	HOST_SILENT,
	HOST_ALIVE, /* answers echo requests; its ports are closed */
	HOST_OPEN,
	HOST_LISTENS,      /* with half-open connections, as Linux keeps them: tests/lib/half_open.h */
	HOST_OPEN_REPEATS, /* SYN-ACK again after 1 s and 3 s, as a host does that hears no ACK */
	HOST_CLOSED,
	HOST_CLOSED_SHORT, /* its RST acknowledges the sequence number instead of the next */
	HOST_RESET_FIRST,  /* RST, then SYN-ACK */
	HOST_SPLIT,        /* SYN without ACK */
	HOST_CHALLENGE,    /* open, but an ACK alone to the first source port that it sees */
	HOST_REJECT,       /* an ICMP error from the host */
	HOST_REJECT_ROUTER /* from the last router */
};

/* What answers at these addresses and ports; the first rule that fits. No rule: silence. */
struct net_rule {
	uint32_t first, last;
	uint16_t port_first, port_last; /* TCP */
	enum net_host host;
	uint8_t type, code; /* of a rejection */
};

struct net_delivery {
	int64_t at;
	uint64_t order;
	uint64_t probe; /* the caller's name of the probe that it is about */
	bool stamp;     /* no packet, but what net_stamp() asked for */
	bool forged;
	bool foreign;
	bool altered; /* on the way */
	enum bytes_answer answer;
	uint32_t difference; /* of the payload */
	size_t length;
	uint8_t bytes[];
};

struct net;

struct net *net_new(uint64_t seed, const struct net_settings *settings, const struct net_rule *rules, size_t count);
void net_free(struct net *net);

/* A probe is handed to the kernel; when it leaves this host. */
int64_t net_send(struct net *net, int64_t now, uint64_t probe, const uint8_t *bytes, size_t length);

/* Makes net_take() give a transmit stamp at that time. */
void net_stamp(struct net *net, int64_t at, uint64_t probe);

/* When the next thing happens, INT64_MAX: nothing will; and what arrives by that, which the caller frees, or NULL.
 * Stamps come before packets of the same instant. */
int64_t net_first(const struct net *net);
struct net_delivery *net_take(struct net *net);

/* Probes that the network dropped on their way there, and first answers to probes on their way back. */
uint64_t net_dropped(const struct net *net);

/* Who answers at that address and port. */
struct net_rule net_rule_of(const struct net *net, uint32_t address, uint16_t port);

/* The address of router 1 (the nearest) to hops. */
uint32_t net_router(int64_t hop);

#endif
