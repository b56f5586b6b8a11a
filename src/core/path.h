/* SPDX-License-Identifier: MIT */
/*
 * A path says how whole IP packets reach the wire and how answers come back: raw sockets, or a simulated network. The
 * driver knows paths by this table only, so the driver that the tools run is the one that the tests run.
 *
 * Nothing here blocks. A path that has to wait for the kernel tells the driver's caller to step again.
 */
#ifndef CORE_PATH_H
#define CORE_PATH_H

#include <rprobe/config.h>

/* Packets that are sent or read in one call at most. */
#define PATH_BATCH 64

struct path; /* each path's own */
struct path_setup;

/* A packet to send, in the path's memory. */
struct frame {
	uint8_t *bytes;
	size_t size; /* room: at least the largest packet of the run */
	size_t length;
	struct rp_addr next; /* where it goes first */
	uint32_t slot;       /* the session's name of the probe */
	bool timed;          /* its transmit stamp is wanted */
	int64_t patience;    /* how long it is worth sending, ns */
};

/* A packet received, from the IP header on; the bytes live until the next read(). */
struct arrived {
	const uint8_t *bytes;
	size_t length;
	struct rp_stamp stamp;
};

/* A transmit stamp. */
struct departed {
	uint32_t slot;
	struct rp_stamp stamp;
};

struct path_type {
	const char *name;

	/* It carries messages without IP header: that of a packet that arrives is made from what the kernel says of
	 * it. */
	bool makes_headers;

	/* Of paths that a session opens (io/paths.h). */
	int (*open)(struct path **path, const struct path_setup *setup);
	void (*close)(struct path *path);

	/* What the config asks for and the path cannot do, in words; NULL: there is nothing. May be NULL. */
	const char *(*cannot)(const struct rp_config *config);

	/* Frames for the next batch, at least one. Asked for when all of the last batch were sent or given up. */
	unsigned (*room)(struct path *path, int64_t now, struct frame **frames);

	/* How many of these packets, from the first on, were taken; or the negative errno value of the first.
	 * -EAGAIN: there is no room now, and the path makes its caller step again when there is. -ENOBUFS, -ENOMEM,
	 * -EINTR: likewise, but nobody will say when there is. */
	int (*send)(struct path *path, struct frame *frames, unsigned count);

	/* How many transmit stamps were read, 0 when none is there; or a negative errno value. */
	int (*stamps)(struct path *path, struct departed *departed, unsigned count);

	/* How many packets were read, 0 when none is there; or a negative errno value. `now`: the time right after. */
	int (*read)(struct path *path, struct arrived *arrived, unsigned count, int64_t *now);

	/* Whether packets or stamps are known to wait. */
	bool (*readable)(const struct path *path);

	/* From here on readable() is true until read() has found nothing more. */
	void (*look)(struct path *path);

	/* Everything that arrived up to then has been read. */
	int64_t (*seen)(const struct path *path);
};

#endif
