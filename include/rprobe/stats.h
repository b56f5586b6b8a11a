/* SPDX-License-Identifier: MIT */
/* What came of a run, or of one target of it: the statistics that rp_session_stats() reads. Times are int64_t
 * nanoseconds. */
#ifndef RPROBE_STATS_H
#define RPROBE_STATS_H

#include <rprobe/event.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The last probes of a series whose fate is known, 64 at most. */
struct rp_recent {
	uint32_t probes;
	uint32_t lost;
	int64_t rtt_min; /* RP_TIME_NONE when all were lost, as the next two */
	int64_t rtt_mean;
	int64_t rtt_max;
};

/* A mean and a maximum; both RP_TIME_NONE while there is no sample. */
struct rp_mean {
	int64_t mean;
	int64_t max;
};

/* Round trips of `from` to less than `to` ns. A bucket is a 64th of its value wide at most, or 1 ns. */
struct rp_bucket {
	int64_t from;
	int64_t to;
	uint64_t count;
};

/* The statistics of one target, or of all. At every moment
 * sent = received + lost + late + in_flight, and unsent probes are in none of these. */
struct rp_stats {
	uint64_t sent;       /* handed to the kernel */
	uint64_t unsent;     /* refused by the kernel */
	uint64_t received;   /* answered in time */
	uint64_t lost;       /* given up, no answer so far */
	uint64_t late;       /* answered after their timeout */
	uint64_t in_flight;  /* neither answered nor given up */
	uint64_t queued;     /* of the received, those that stood in this host for longer than the round trip took */
	uint64_t duplicates; /* further answers */
	uint64_t repeated;   /* TCP: SYN-ACKs that the target sent again */
	uint64_t altered;    /* of the received, those with other data than was sent, or a code that is not 0 */
	uint64_t errors;     /* ICMP errors about our probes; a redirect or source quench is none */
	uint64_t corrupted;  /* wrong checksum, truncated, malformed */
	uint64_t suspect;    /* every other answer not believed */

	uint64_t samples; /* round trips measured: received and duplicates with a known time */
	int64_t rtt_min;  /* RP_TIME_NONE while there are no samples, as the next four */
	int64_t rtt_max;
	int64_t rtt_mean;
	int64_t rtt_mdev; /* standard deviation, as iputils prints it */
	int64_t rtt_ewma; /* iputils' moving average, weight 1/8 */
	int64_t jitter;   /* RFC 3550 section 6.4.1, of the round trip; RP_TIME_NONE before the second sample */

	struct rp_mean tx_queue;     /* in this host before the wire */
	struct rp_mean rx_wakeup;    /* in this host after the answer came */
	struct rp_mean schedule_lag; /* from when a probe was due until it was handed to the kernel */

	struct rp_outage longest; /* outage, in time */
	struct rp_outage current; /* the outage that no answer has ended yet, of one series alone; first 0: none */
	uint64_t outages;

	uint32_t pipe;      /* the most probes that were under way when an answer came (iputils) */
	int64_t first_sent; /* monotonic; RP_TIME_NONE before the first */
	int64_t last_sent;

	/* Kept for the run, and for each target of a series of up to 256 targets; else `detailed` is false. */
	bool detailed;
	int64_t rtt_p50; /* each within 1/128 of itself; RP_TIME_NONE while there are no samples */
	int64_t rtt_p90;
	int64_t rtt_p95;
	int64_t rtt_p99;
	int64_t rtt_p999;
	uint64_t reordered;      /* answers that came after one with a higher number (RFC 4737 section 3) */
	uint32_t reorder_extent; /* the largest, up to 128 (section 4.2) */
	struct rp_recent recent;
};

#ifdef __cplusplus
}
#endif

#endif
