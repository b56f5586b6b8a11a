/* SPDX-License-Identifier: MIT */
/*
 * A rule says what becomes of packets to some addresses, protocols and ports: "MATCH: ACTION...". The first
 * rule that matches decides alone; without one there is silence. MATCH is "*" or any of an address or
 * network, icmp or tcp, and ports as 22,80-90, in this order. The actions are the table in rule.c; a rule
 * without any answers: an echo with its reply, a SYN with RST. Each rule draws its own chances from the seed.
 */
#ifndef PEER_RULE_H
#define PEER_RULE_H

#include "packet.h"
#include "truth.h"

#define RULE_PORT_RANGES 16
#define RULE_NONE        UINT32_MAX /* a number that was not given */

enum sent {
	SENT_ECHO_REPLY,
	SENT_SYN_ACK,
	SENT_RST,
	SENT_CHALLENGE, /* listen: an ACK of the connection that is half open */
	SENT_REPEAT,    /* listen: a SYN-ACK again */
	SENT_TCP_OTHER,
	SENT_ICMP_ERROR,
	SENT_FORGED,
	SENT_KINDS,
};

/* Why a request was not answered, or an answer did not leave. */
enum dropped {
	DROPPED_SILENT,     /* the rule, or what the population says of the host or port */
	DROPPED_REQUEST,    /* loss on the way here */
	DROPPED_REPLY,      /* loss on the way back */
	DROPPED_BURST,      /* likewise, in a row */
	DROPPED_EVERY,      /* every nth request */
	DROPPED_RATE,       /* an ICMP error, RST or challenge ACK above its rate */
	DROPPED_BANNED,     /* the host had banned who asks */
	DROPPED_RESET,      /* loss on the way here of a RST, which is no request */
	DROPPED_REPEAT,     /* loss on the way back of a SYN-ACK that is repeated */
	DROPPED_OVERFLOW,   /* the queue was full */
	DROPPED_WRITE,      /* the kernel refused it */
	DROPPED_UNFINISHED, /* it still waited at the end */
	DROPPED_KINDS,
};

struct rule_counters {
	uint64_t seen;
	uint64_t sent[SENT_KINDS];
	uint64_t dropped[DROPPED_KINDS];
	uint64_t duplicated;
	uint64_t corrupted;
	uint64_t reordered;
};

struct rule {
	const char *text;

	uint32_t address;
	uint32_t mask;
	uint8_t protocol;
	unsigned port_ranges; /* 0: every port */
	struct {
		uint16_t first, last;
	} ports[RULE_PORT_RANGES];

	/* what becomes of the request */
	bool silent;
	struct population population;
	chance loss; /* each way */
	chance loss_there;
	chance loss_back;
	uint32_t ban_after; /* SYNs to the host; 0: never */
	int64_t ban_for;    /* 0: for ever */
	bool ban_resets;    /* a RST to every SYN then, instead of silence */
	chance burst;
	uint32_t burst_length;
	uint32_t every;

	/* how answers travel */
	int64_t delay;
	int64_t jitter;
	chance duplicate;
	chance corrupt;
	chance reorder;
	int64_t reorder_by;
	bool swap;
	chance bogus;

	/* the IP header of answers */
	uint32_t other_source; /* 0: the address asked */
	uint32_t type_of_service;
	uint32_t time_to_live;
	bool record_route;
	bool unknown_option;
	bool bad_checksum;

	/* echo replies */
	uint32_t truncate; /* to so many bytes; RULE_NONE */
	uint32_t pad;
	uint32_t flip; /* the byte at this offset; RULE_NONE */
	bool zero_stamp;
	bool huge_stamp;
	int64_t move_stamp; /* seconds */
	bool wrong_identifier;
	int64_t wrong_sequence;
	int64_t extra_sequence; /* a second reply, so far on; 0: none */
	uint32_t code;

	/* answers to SYN: one segment with these flags, and perhaps another */
	uint8_t first_flags;
	uint8_t second_flags;
	int64_t second_after;
	int64_t wrong_acknowledgment; /* added */
	int64_t other_port;           /* likewise, to the port that answers */
	uint32_t data;                /* bytes */
	bool zero_window;
	bool only_mss;
	uint32_t reset_rate; /* RSTs in each second, as BSD counts; 0: any */
	bool listen;         /* half-open connections, as Linux keeps them: open ports only */
	bool challenge;      /* SYNs from the first source port seen get an ACK of something else */

	/* ICMP errors, instead of the answer or before it */
	bool error;
	uint8_t error_type;
	uint8_t error_code;
	uint32_t error_from; /* 0: the address asked */
	uint32_t error_rest; /* the second word of the header */
	uint32_t error_quote;
	int64_t error_sequence; /* added to the sequence number quoted */
	uint32_t error_source;  /* quoted; 0: the request's */
	uint32_t error_flip;    /* the byte of the quoted payload at this offset; RULE_NONE */
	uint32_t error_rate;    /* a second; 0: any */
	bool then_reply;

	/* while it runs */
	uint64_t rng;
	uint32_t burst_left;
	int64_t error_next;   /* when the rate next allows one */
	int64_t reset_second; /* and so many RSTs in it */
	uint32_t reset_count;
	uint16_t taken_port; /* challenge: that source port, until nothing came for a while */
	int64_t taken_until;
	bool holds; /* swap: a reply waits for the next one */
	size_t held_length;
	enum sent held_kind;
	uint8_t *held;
	struct rule_counters counters;
};

/* 0, or -1 with a sentence in `why`. `text` must outlive the rule. */
int rule_parse(struct rule *rule, const char *text, char *why, size_t size);
bool rule_matches(const struct rule *rule, uint32_t address, uint8_t protocol, uint16_t port);

/* "10.1.2.0/24", "10.1.2.3"; 0 or -1. */
int rule_parse_network(const char *text, uint32_t *address, uint32_t *mask);

#endif
