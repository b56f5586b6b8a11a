/* SPDX-License-Identifier: MIT */
/*
 * What happens during a run: one struct rp_event for each thing worth reporting.
 *
 * An event is handed to the listener while it happens; its pointers live until the callback returns.
 * All times are int64_t nanoseconds. `time` is on the monotonic clock, so differences are true across
 * steps of the wall clock; `wall` is the same instant since the epoch, for people. Neither is ever less than in the
 * event before: when the wall clock is set forward, `wall` follows it; when it is set back, `wall` goes on, and is
 * ahead of the clock by that much.
 */
#ifndef RPROBE_EVENT_H
#define RPROBE_EVENT_H

#include <rprobe/packet.h>
#include <rprobe/probe.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A time that is not known. */
#define RP_TIME_NONE INT64_MIN

/* Who took a time stamp, best first. */
enum rp_clock {
	RP_CLOCK_HARDWARE, /* the network interface */
	RP_CLOCK_KERNEL,   /* the kernel, at the driver */
	RP_CLOCK_USER,     /* this process, around its system call */
};

struct rp_stamp {
	int64_t ns;   /* monotonic */
	int64_t wall; /* since the epoch */
	enum rp_clock clock;
	int64_t hardware; /* the interface's own clock, which compares only with itself; 0: none */
};

enum rp_event_kind {
	RP_EVENT_SENT,      /* a probe was handed to the kernel */
	RP_EVENT_UNSENT,    /* the kernel refused it: `error` says why */
	RP_EVENT_REPLY,     /* the first valid answer to a probe */
	RP_EVENT_DUPLICATE, /* a further valid answer to a probe already answered */
	RP_EVENT_REPEATED,  /* TCP: the target sent a SYN-ACK again: no duplicate of the network's, no round trip */
	RP_EVENT_LATE,    /* a valid answer whose round trip exceeds the timeout */
	RP_EVENT_ERROR,   /* an ICMP error that quotes a probe of ours */
	RP_EVENT_OVERDUE, /* still no answer when the next probe of the series is due */
	RP_EVENT_TIMEOUT, /* a probe was given up */
	RP_EVENT_OUTAGE,  /* series: a run of loss begins or is over: `outage`, `outage_state` */
	RP_EVENT_SUSPECT, /* it looks like an answer and is not believed: `suspicion` says why */
	RP_EVENT_PORT,    /* scan: the state of one port is decided */
	RP_EVENT_HOST,    /* scan: every port of one target is decided */
	RP_EVENT_ADDRESS, /* the target has another address from now on: `address`; `from` is the one before */
	RP_EVENT_DONE,    /* the run is over: `end` says why */
};

/* A run of probes of one series without an answer in time. Probes that could not be sent neither begin nor end
 * one, a late answer does not undo it. */
struct rp_outage {
	uint64_t first; /* sequence; 0: there was none */
	uint64_t last;
	int64_t start; /* when the first was sent, monotonic */
	int64_t end;   /* when the answer to the probe behind the last came; until then, when
			* the last was sent, and at last when the run ended */
};

/* What is reported of one, in the order of the probes: that it begins as soon as its first probe is given up, that it
 * ends as soon as its last probe is given up and the one behind it is answered. */
enum rp_outage_state {
	RP_OUTAGE_BEGINS,
	RP_OUTAGE_ENDS,
	RP_OUTAGE_PASSED,  /* over when its only probe was given up: nothing else is reported of it */
	RP_OUTAGE_GOES_ON, /* the run ends before it does */
};

/* The state of a port, in nmap's words. */
enum rp_state {
	RP_STATE_UNKNOWN, /* not decided when the run ended */
	RP_STATE_OPEN,
	RP_STATE_CLOSED,
	RP_STATE_FILTERED,
};

/* Why a port is in its state, in nmap's words; the last group names what nmap leaves unnamed. */
enum rp_reason {
	RP_REASON_NONE,
	RP_REASON_SYN_ACK,
	RP_REASON_ACK, /* an ACK alone, of the SYN: the target holds the connection half open */
	RP_REASON_RESET,
	RP_REASON_NO_RESPONSE,
	RP_REASON_NET_UNREACH,
	RP_REASON_HOST_UNREACH,
	RP_REASON_PROTO_UNREACH,
	RP_REASON_PORT_UNREACH,
	RP_REASON_NET_PROHIBITED,
	RP_REASON_HOST_PROHIBITED,
	RP_REASON_ADMIN_PROHIBITED,
	RP_REASON_TIME_EXCEEDED,
	RP_REASON_PARAM_PROBLEM,
	RP_REASON_SOURCE_QUENCH,
	RP_REASON_FRAGMENTATION_NEEDED, /* type 3 code 4, as the next to 15 */
	RP_REASON_SOURCE_ROUTE_FAILED,
	RP_REASON_NET_UNKNOWN,
	RP_REASON_HOST_UNKNOWN,
	RP_REASON_SOURCE_ISOLATED,
	RP_REASON_NET_UNREACH_TOS,
	RP_REASON_HOST_UNREACH_TOS,
	RP_REASON_PRECEDENCE_VIOLATION,
	RP_REASON_PRECEDENCE_CUTOFF,
	RP_REASON_DEST_UNREACH, /* type 3 with any other code */
	RP_REASON_REDIRECT,
	RP_REASON_HOST_TIMEOUT, /* the target's time was up */
	RP_REASON_SEND_FAILED,  /* this host could not send the probe */
	RP_REASON_NO_ADDRESS,   /* the target's name has none so far, so nothing was sent */
	RP_REASON_BAD_TARGET,   /* what was named is no target, so nothing was sent; never made by a session */
};

/* Why something that looks like an answer is not believed. */
enum rp_suspicion {
	RP_SUSPECT_NONE,
	RP_SUSPECT_CHECKSUM,       /* the checksum is wrong */
	RP_SUSPECT_TRUNCATED,      /* shorter than its headers say */
	RP_SUSPECT_MALFORMED,      /* a field that cannot be */
	RP_SUSPECT_COOKIE,         /* the keyed value that we sent did not come back */
	RP_SUSPECT_ACKNOWLEDGMENT, /* TCP: it does not acknowledge the sequence number that we sent */
	RP_SUSPECT_SOURCE,         /* from another address than the probe went to */
	RP_SUSPECT_NEVER_SENT,     /* answers a sequence number that we have not sent */
	RP_SUSPECT_QUOTE,          /* an ICMP error whose quote is not of a probe of ours */
	RP_SUSPECT_UNVERIFIED, /* TCP: its quote has our ports, but another number: a NAT's work, or a forger's */
	RP_SUSPECT_FLAGS,      /* TCP: flags that answer no SYN */
	RP_SUSPECT_UNPROVEN,  /* TCP: SYN or RST that acknowledges nothing: anybody could have sent it */
	RP_SUSPECT_CHALLENGE, /* TCP: ACK alone, as of a connection that the target believes exists (RFC 5961) */
	RP_SUSPECT_FORGOTTEN, /* ICMP: about a probe sent too long ago to be known (20 s, or the timeout if more) */
};

/* What else is to be said of an answer or a port, or-ed. All but SHORT_ACK, SYN_RESET and UNTRANSLATED is about
 * packets that decided nothing: they could not be proven, or routers' advice (RFC 792). */
enum rp_remark {
	RP_REMARK_CHALLENGED =
		1, /* an ACK alone, as of a connection that the target believes exists: tried from another port */
	RP_REMARK_BARE_RESET = 2, /* a RST that acknowledges nothing */
	RP_REMARK_BARE_SYN = 4,   /* a SYN that acknowledges nothing, as in a split handshake */
	RP_REMARK_UNVERIFIED = 8, /* RP_SUSPECT_UNVERIFIED */
	RP_REMARK_SHORT_ACK = 16, /* the RST acknowledges the SYN's own number, not the one after it */
	RP_REMARK_REDIRECT = 32,  /* a router said that another one is nearer */
	RP_REMARK_SOURCE_QUENCH = 64,
	RP_REMARK_SYN_RESET = 128, /* SYN, ACK and RST at once: refused (RFC 9293 section 3.10.7.3) */
	RP_REMARK_MAYBE_REPEATED =
		256, /* series: a SYN-ACK so much later than usual that it may be the first one's repetition:
					 * no sample of the round trip */
	RP_REMARK_UNTRANSLATED =
		512, /* ICMP errors: the quote's source is not ours: a NAT on the way left it as it was */
};

/* What was noticed about a target as a whole, or-ed. */
enum rp_finding {
	RP_FINDING_ANSWERS_EVERYTHING = 1, /* ports nobody asked for answer with SYN-ACK too: a SYN proxy or tarpit */
	RP_FINDING_EMPTY_SYN_ACKS = 2,     /* every SYN-ACK had a window of 0 or no options: no TCP made them */
	RP_FINDING_ICMP_LIMITED = 4, /* a few ICMP refusals among silence: likely one rule, its answers rate-limited */
	RP_FINDING_RST_LIMITED =
		8, /* RSTs come at a rate and no faster: the target limits them, or the path is narrow */
	RP_FINDING_ONE_MAKE =
		16, /* with ANSWERS_EVERYTHING: all SYN-ACKs had the same TTL, window and options' length */
	RP_FINDING_MIXED_TTLS = 32, /* SYN-ACKs with several TTLs: more than one machine or path answers */
	RP_FINDING_MAYBE_CLOSED =
		64, /* with RST_LIMITED: not all that are silent were asked again slowly, so some may be closed */
	RP_FINDING_BANNED =
		128, /* a port that answered is silent or refused now: a ban, or the target is gone */
};

/* Why a run ended. */
enum rp_end {
	RP_END_COMPLETE, /* the plan was fulfilled */
	RP_END_DEADLINE, /* the time was up */
	RP_END_STOPPED,  /* rp_session_stop() */
	RP_END_ERROR,    /* `error` says what */
	RP_END_REACHED,  /* so many answers, or none, in a row: config.until_answered, until_silent */
	RP_END_ERRORS,   /* config.max_errors */
};

struct rp_event {
	enum rp_event_kind kind;
	int64_t time; /* monotonic */
	int64_t wall; /* since the epoch */

	uint32_t target;        /* index into the run's targets */
	struct rp_addr address; /* the target's address */
	uint16_t port;          /* TCP: the port probed */
	uint64_t sequence;      /* series: counts from 1 and never wraps; scan: 0 */
	unsigned attempt;       /* scan: which try of this port, from 1; series: 1 */

	struct rp_addr from;            /* who answered: the target, a router or a stranger */
	const struct rp_packet *packet; /* the packet that arrived or was sent; NULL where there is none */
	struct rp_stamp sent;           /* when the probe left, or a moment before that; RP_TIME_NONE when not known */
	const struct rp_probe *probe;   /* the probe that it is about; NULL: none is known */
	const struct rp_packet
		*probe_packet;    /* answers and errors, with config.show_sent: the probe's packet; else NULL */
	struct rp_stamp received; /* when the answer arrived; likewise */
	enum rp_clock clock;      /* that measured the round trip */
	int64_t rtt;              /* received - sent; RP_TIME_NONE when one of them is not known, and where the
					 * probe was not timed (config.timed_rate): then the difference is its limit */
	int64_t tx_queue;         /* waited in this host before the wire (queue, ARP); RP_TIME_NONE if unknown */
	int64_t rx_wakeup;        /* waited in this host after the answer came; likewise */
	int64_t schedule_lag;     /* SENT: from when it was due until it was handed to the kernel */

	enum rp_outage_state outage_state;
	const struct rp_outage *outage; /* OUTAGE */
	enum rp_state state;            /* scan, and replies to TCP probes */
	enum rp_reason reason;          /* likewise */
	enum rp_suspicion suspicion;    /* SUSPECT */
	unsigned remarks;               /* PORT, ERROR and replies to TCP probes: enum rp_remark, or-ed */
	unsigned findings;              /* HOST: enum rp_finding, or-ed */
	enum rp_end end;                /* DONE */
	int error;                      /* UNSENT, DONE: a positive errno value */
	uint32_t mtu;                   /* UNSENT with EMSGSIZE: what the link or path carries; 0 when not known */
	bool different_address;         /* REPLY, DUPLICATE: it came from another address than the target's */
	bool queued;                    /* answers: `tx_queue` is longer than the round trip, and than 1 ms */
	bool was_given_up;              /* REPLY, LATE: a TIMEOUT was reported for the probe before */
	bool late;                      /* PORT: decided by an answer to a try that had been given up */
	bool conflict;                  /* PORT: a RST and a SYN-ACK came, both valid; the SYN-ACK counts */
	bool authenticated;             /* the keyed value came back, or as much of it as was sent */
	uint32_t wrong_data_offset;     /* REPLY: first payload byte that is not as sent; UINT32_MAX: none */
};

/* Words for the above, as the outputs print them ("open", "syn-ack", "kernel", ...). Never NULL. */
const char *rp_event_name(enum rp_event_kind kind);
const char *rp_state_name(enum rp_state state);
const char *rp_reason_name(enum rp_reason reason);
const char *rp_suspicion_name(enum rp_suspicion suspicion);
const char *rp_remark_name(enum rp_remark remark);    /* of one */
const char *rp_finding_name(enum rp_finding finding); /* likewise */
const char *rp_clock_name(enum rp_clock clock);
const char *rp_end_name(enum rp_end end);

#ifdef __cplusplus
}
#endif

#endif
