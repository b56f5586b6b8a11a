/* SPDX-License-Identifier: MIT */
/* What a session is to do. rp_config_init() gives every field a default. Times are
 * int64_t nanoseconds. */
#ifndef RPROBE_CONFIG_H
#define RPROBE_CONFIG_H

#include <rprobe/event.h>
#include <rprobe/packet.h>

#ifdef __cplusplus
extern "C" {
#endif

struct rp_targets;

enum rp_probe_type {
	RP_PROBE_ICMP_ECHO,
	RP_PROBE_TCP_SYN,
};

enum rp_plan_type {
	RP_PLAN_SERIES, /* a series: each target (and port) again and again */
	RP_PLAN_SCAN,   /* each port of each target until its state is known */
};

/* What is done with packets that do not fit the path. */
enum rp_path_mtu {
	RP_PATH_MTU_AUTO,  /* WANT, or DONT where net.ipv4.ip_no_pmtu_disc says so */
	RP_PATH_MTU_WANT,  /* don't fragment what fits the known path, fragment the rest */
	RP_PATH_MTU_DO,    /* don't fragment; what does not fit the known path is not sent */
	RP_PATH_MTU_DONT,  /* routers may fragment, we do where we must */
	RP_PATH_MTU_PROBE, /* don't fragment, and look at the link alone, not at what is known of the path */
};

/* An option in the IPv4 header of probes, ICMP echo only (RFC 791 section 3.1). */
enum rp_ip_option {
	RP_IP_OPTION_NONE,
	RP_IP_OPTION_RECORD_ROUTE,
	RP_IP_OPTION_STAMPS,           /* time stamps alone */
	RP_IP_OPTION_STAMPS_ADDRESSES, /* with the address of who stamps */
	RP_IP_OPTION_STAMPS_PRESET,    /* of the hops given, 4 at most */
	RP_IP_OPTION_LOOSE_ROUTE,      /* through the hops given, others may lie between them */
	RP_IP_OPTION_STRICT_ROUTE,     /* through the hops given and no others */
};

/* The hops that fit into the header. */
#define RP_HOPS_MAX 9

#define RP_SYN_DATA_MAX 1400

/* What a SYN announces. */
enum rp_syn_options {
	RP_SYN_LINUX,   /* MSS, SACK permitted, window scale 7; window 64240 */
	RP_SYN_WINDOWS, /* MSS, window scale 8, SACK permitted; window 64240 */
	RP_SYN_MSS,     /* MSS; window 1024, as nmap */
	RP_SYN_BARE,    /* nothing; window 1024 */
};

struct rp_config {
	size_t size; /* of this struct, as the program knows it: of rp_config_init() */
	enum rp_probe_type probe;
	enum rp_plan_type plan;
	struct rp_targets *targets; /* with their ports, for TCP; borrowed for the session's life */

	/* the series */
	uint64_t count;   /* probes to each target; 0: no end */
	/* Between two probes to one target; 0: as fast as answers come. With thousands of targets several probes leave
	 * together, none later than a thousandth of it, and than 0.5 ms. */
	int64_t interval;
	unsigned preload; /* this many at once at the start; at least 1 */
	int64_t timeout;  /* a probe is given up after this; RP_TIME_NONE: iputils' waiting rule (see plan/series.c) */
	bool count_replies;  /* end after `count` replies instead of `count` probes (ping -c with -w) */
	bool adaptive;       /* the next probe leaves when the last is answered, or after two usual round trips */
	int64_t floor;       /* adaptive: never faster than this */
	bool show_sent;      /* SENT events carry the packet, as it was handed to the kernel, and answers the probe's */
	bool report_overdue; /* make RP_EVENT_OVERDUE */
	uint64_t until_answered; /* end after this many answers in a row; 0: no matter */
	uint64_t until_silent;   /* end after this many probes in a row without an answer; 0: no matter */
	uint64_t max_errors;     /* end after so many probes with an ICMP error or refused by the kernel; 0: no limit */

	/* the scan */
	unsigned max_retries;        /* further tries of a silent port */
	int64_t initial_rtt_timeout; /* for a target that has not answered yet */
	int64_t min_rtt_timeout;
	int64_t max_rtt_timeout;
	uint32_t max_rate;       /* probes a second; 0: no limit but congestion control */
	uint32_t min_rate;       /* probes a second whatever is in flight; 0: none */
	int64_t scan_delay;      /* between two probes at least */
	uint32_t per_target;     /* probes to one target in flight; 0: no limit of its own */
	int64_t host_timeout;    /* a target is given up after this, what was decided is kept; 0: never */
	int64_t patience;        /* silence of a port decides no earlier than this after its first probe ... */
	int64_t silent_patience; /* ... and of a target that answered nothing no earlier than this */

	/* The scan that looks for a state: OPEN, or CLOSED, which any port fulfils that is not open. */
	enum rp_state sought;  /* UNKNOWN: none */
	bool sought_first;     /* end when one port is in that state */
	int64_t wait_interval; /* ask a port in another state again after this, until the deadline; 0: never */

	/* both */
	enum rp_clock clock; /* the best to be used: hardware and kernel stamps where they are offered */
	uint32_t timed_rate; /* beyond the first thousand so many probes a second are timed, the others have no round
			      * trip; 0: all are */
	int64_t deadline;    /* of the whole run, from its start; RP_TIME_NONE: none */

	/* the packet */
	uint8_t time_to_live; /* 0: what the route asks for, else net.ipv4.ip_default_ttl */
	uint8_t type_of_service;
	uint16_t payload_length; /* bytes after the ICMP or TCP header; with a SYN at most RP_SYN_DATA_MAX */
	uint8_t pattern[16];     /* fills the payload, repeated; the keyed value goes over it */
	uint8_t pattern_length;  /* 0: bytes count up, as iputils */
	int identifier;          /* ICMP, 0 to 65535; -1: random */
	enum rp_path_mtu path_mtu;
	enum rp_ip_option ip_option;
	struct rp_addr hops[RP_HOPS_MAX]; /* a source route's, before the target; those of STAMPS_PRESET */
	uint8_t hop_count;
	uint16_t source_port; /* TCP; 0: reserved from the kernel */
	enum rp_syn_options syn_options;
	int32_t window;        /* of the SYN; -1: as syn_options says */
	bool ecn;              /* ECE and CWR beside SYN */
	bool wrong_checksum;   /* of the TCP header */
	struct rp_addr source; /* RP_FAMILY_NONE: as the kernel routes */
	const char *interface; /* borrowed; NULL: as the kernel routes */
	bool sticky_source;    /* keep the source that the kernel chooses at the start */

	/* the socket that sends */
	bool broadcast;         /* broadcast addresses are allowed */
	bool direct;            /* past the routing table, to hosts of attached networks alone */
	bool no_multicast_loop; /* what goes to a multicast group does not come back to this host */
	bool debug;             /* SO_DEBUG, where it is allowed */
	int64_t mark;           /* for policy routing and firewalls, 0 to UINT32_MAX; -1: none */
	int send_buffer;        /* bytes; 0: the kernel's default */
};

#ifdef __cplusplus
}
#endif

#endif
