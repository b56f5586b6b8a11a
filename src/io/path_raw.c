/* SPDX-License-Identifier: MIT */
/* Raw sockets as a path: batches out and in, fragments where the kernel would refuse a packet, and whose a stamp is. */
#include "io/paths.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "io/frag.h"

/* A socket that receives. */
struct inlet {
	struct rp_watch *watch;
	struct rp_timer *step;
	int fd; /* -1: none */
	bool ready;
	int64_t seen; /* everything that arrived up to then has been read */
};

struct path {
	struct rp_timer *step;
	struct rp_sockets *sockets;
	struct source *route;
	const struct timestamp_clock *clock;
	enum rp_path_mtu path_mtu;

	struct inlet inlets[2]; /* ICMP, TCP */
	unsigned turn;          /* which of them is read first */
	struct rp_watch *outlet;
	bool blocked;      /* the send buffer is full: EPOLLOUT says when it is not */
	bool stamps_ready; /* stamps may be there */
	int64_t read_at;   /* the time when answers were looked for; stamps are read right after */

	const struct frame *cut; /* is being sent in fragments; NULL: none */
	struct frag fragments;
	struct rawsock_outgoing batch[PATH_BATCH];
	struct rawsock_received received[PATH_BATCH];
	struct rawsock_tx_stamp stamps[PATH_BATCH];
	struct timestamp_owners owners;
	struct frame frames[PATH_BATCH];
	uint8_t *bytes; /* of the frames */
};

/* ---- sending ---------------------------------------------------------------------------------- */

static unsigned raw_room(struct path *path, int64_t now, struct frame **frames)
{
	route_watch(path->route, path->sockets, now);
	path->cut = NULL;
	*frames = path->frames;
	return PATH_BATCH;
}

static void prepare(struct rawsock_outgoing *packet, const struct frame *frame)
{
	*packet = (struct rawsock_outgoing){
		.destination = frame->next, .bytes = frame->bytes, .length = frame->length, .timed = frame->timed};
}

/* The length of the fragments that the frame goes in, 0 when it goes whole. */
static size_t fragment_length(const struct path *path, const struct frame *frame)
{
	if (frame->length <= FRAGMENT_MTU_MIN || path->path_mtu == RP_PATH_MTU_DO ||
	    path->path_mtu == RP_PATH_MTU_PROBE)
		return 0;
	size_t mtu = route_mtu(path->route, frame->next, frame->length);
	return frame->length > mtu ? mtu : 0;
}

/* Whether the frame goes in fragments. */
static bool begin_fragments(struct path *path, const struct frame *frame)
{
	uint16_t identification;
	size_t mtu = fragment_length(path, frame);

	if (mtu == 0 || getrandom(&identification, sizeof identification, 0) != (ssize_t)sizeof identification)
		return false;
	prepare(path->batch, frame);
	frag_begin(&path->fragments, path->batch, mtu, identification ? identification : 1);
	path->cut = frame;
	return true;
}

static int send_fragments(struct path *path)
{
	int sent = frag_send(&path->fragments, path->sockets, &path->batch[0].id);

	if (sent != -EAGAIN && sent != -ENOBUFS && sent != -ENOMEM && sent != -EINTR)
		path->cut = NULL;
	return sent;
}

/* Whole packets in one call. */
static int send_whole(struct path *path, const struct frame *frames, unsigned count)
{
	unsigned whole = 0;

	do {
		prepare(&path->batch[whole], &frames[whole]);
		whole++;
	} while (whole < count && fragment_length(path, &frames[whole]) == 0);
	return rawsock_send(path->sockets, path->batch, whole);
}

static void expect_stamp(struct path *path, const struct rawsock_outgoing *packet, const struct frame *frame)
{
	if (!frame->timed || !path->sockets->stamping)
		return;
	timestamp_expect(&path->owners, packet->id, frame->slot);
	path->stamps_ready = true;
}

static int raw_send(struct path *path, struct frame *frames, unsigned count)
{
	int sent;

	if (path->route->fault < 0)
		return path->route->fault;
	if (path->blocked)
		return -EAGAIN;
	if (path->cut == frames || begin_fragments(path, frames))
		sent = send_fragments(path);
	else
		sent = send_whole(path, frames, count);
	for (int i = 0; i < sent; i++)
		expect_stamp(path, &path->batch[i], &frames[i]);
	if (sent == -EAGAIN)
		path->blocked = rp_watch_set(path->outlet, POLLOUT) == 0;
	return sent == -EAGAIN && !path->blocked ? -ENOBUFS : sent;
}

static int raw_stamps(struct path *path, struct departed *departed, unsigned count)
{
	int stamps, given = 0;

	if (!path->stamps_ready && path->owners.unstamped == 0)
		return 0;
	stamps = rawsock_tx_stamps(path->sockets, path->clock, path->read_at, path->stamps, count);
	path->stamps_ready = stamps == (int)count;
	for (int i = 0; i < stamps; i++)
		if (timestamp_owner(&path->owners, path->stamps[i].id, &departed[given].slot))
			departed[given++].stamp = path->stamps[i].stamp;
	return stamps < 0 ? stamps : given;
}

/* ---- receiving -------------------------------------------------------------------------------- */

static int read_inlet(struct path *path, struct inlet *inlet, struct arrived *arrived, unsigned count, int64_t *now)
{
	int received = rawsock_receive(path->sockets, inlet->fd, path->clock, path->received, count, now);

	if (received < 0)
		return received;
	int own = 0;
	for (int i = 0; i < received; i++)
		if (path->received[i].length > 0)
			arrived[own++] = (struct arrived){path->received[i].bytes, path->received[i].length,
							  path->received[i].stamp};
	inlet->ready = received == PATH_BATCH;
	inlet->seen = received < (int)count ? *now : path->received[received - 1].stamp.ns;
	return own;
}

/* The sockets take turns, so that a flood at one keeps nothing from being read at the other. */
static int raw_read(struct path *path, struct arrived *arrived, unsigned count, int64_t *now)
{
	bool looked = false;
	int received = 0;

	for (unsigned i = 0; i < 2 && received == 0; i++) {
		struct inlet *inlet = &path->inlets[path->turn];

		path->turn ^= 1;
		looked |= inlet->ready;
		if (inlet->ready)
			received = read_inlet(path, inlet, arrived, count, now);
	}
	path->read_at = looked ? *now : timestamp_monotonic();
	return received;
}

static bool raw_readable(const struct path *path)
{
	return path->inlets[0].ready || path->inlets[1].ready || path->stamps_ready;
}

static void raw_look(struct path *path)
{
	for (unsigned i = 0; i < 2; i++)
		path->inlets[i].ready = path->inlets[i].fd >= 0;
}

static int64_t raw_seen(const struct path *path)
{
	return path->inlets[0].seen < path->inlets[1].seen ? path->inlets[0].seen : path->inlets[1].seen;
}

/* ---- opening and closing ---------------------------------------------------------------------- */

static void inlet_ready(void *user, unsigned events)
{
	struct inlet *inlet = user;

	(void)events;
	inlet->ready = true;
	rp_timer_set(inlet->step, 0);
}

static void outlet_ready(void *user, unsigned events)
{
	struct path *path = user;

	if (events & POLLERR)
		path->stamps_ready = true;
	if (path->blocked && events & POLLOUT) {
		path->blocked = false;
		rp_watch_set(path->outlet, 0);
	}
	rp_timer_set(path->step, 0);
}

static int watch_inlet(struct path *path, struct rp_loop *loop, struct inlet *inlet, int fd)
{
	*inlet = (struct inlet){.step = path->step, .fd = fd, .seen = fd < 0 ? INT64_MAX : INT64_MIN};
	return fd < 0 ? 0 : rp_loop_watch(loop, &inlet->watch, fd, POLLIN, inlet_ready, inlet);
}

static void raw_close(struct path *path)
{
	if (!path)
		return;
	rp_watch_close(path->outlet);
	rp_watch_close(path->inlets[0].watch);
	rp_watch_close(path->inlets[1].watch);
	free(path->bytes);
	free(path);
}

static int raw_open(struct path **result, const struct path_setup *setup)
{
	struct path *path = calloc(1, sizeof *path);
	int tcp_fd = probe_type_of(setup->config->probe)->protocol == RP_PROTOCOL_TCP ? setup->sockets->tcp_fd : -1;
	int error;

	if (!path)
		return -ENOMEM;
	path->step = setup->step;
	path->sockets = setup->sockets;
	path->route = setup->route;
	path->clock = setup->clock;
	path->path_mtu = setup->config->path_mtu;
	path->bytes = calloc(PATH_BATCH, setup->frame_size);
	for (unsigned i = 0; path->bytes && i < PATH_BATCH; i++)
		path->frames[i] =
			(struct frame){.bytes = path->bytes + i * setup->frame_size, .size = setup->frame_size};
	error = path->bytes ? watch_inlet(path, setup->loop, &path->inlets[0], setup->sockets->icmp_fd) : -ENOMEM;
	if (error == 0)
		error = watch_inlet(path, setup->loop, &path->inlets[1], tcp_fd);
	if (error == 0)
		error = rp_loop_watch(setup->loop, &path->outlet, setup->sockets->send_fd, 0, outlet_ready, path);
	if (error < 0)
		raw_close(path);
	else
		*result = path;
	return error;
}

const struct path_type path_raw = {
	.name = "raw",
	.open = raw_open,
	.close = raw_close,
	.room = raw_room,
	.send = raw_send,
	.stamps = raw_stamps,
	.read = raw_read,
	.readable = raw_readable,
	.look = raw_look,
	.seen = raw_seen,
};
