/* SPDX-License-Identifier: MIT */
/*
 * Sends and receives by the unprivileged ICMP socket. Replies are read from the socket, transmit stamps and ICMP
 * errors from its error queue.
 *
 * An ICMP error also fails the next call on the socket, even one for another target, and is cleared by that. So a call
 * that fails is repeated.
 */
#include "io/paths.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "io/dgram.h"

/* Newer than the headers of some distributions. */
#ifndef SCM_TS_OPT_ID
#define SCM_TS_OPT_ID 81
#endif

/* The largest message, and a cache line more, lest all packets of a batch share the same few sets of the cache. */
#define MESSAGE_SIZE (DGRAM_HEADERS + 65536 + 64)

/* Of a quote no more is kept, and of so many errors. */
#define ERROR_SIZE  (DGRAM_HEADERS + 2048)
#define ERRORS_MOST 256

/* A stamp, addresses, TTL, type of service, an extended error with the address of who reports it. */
#define CONTROL_SIZE 256

/* More errors may come between two calls. */
#define TRIES 16

struct path {
	struct rp_timer *step;
	struct rp_watch *watch;
	struct rp_sockets *sockets;
	struct source *route;
	const struct timestamp_clock *clock;
	size_t packet_length; /* of a probe, IP header included */
	bool own_ids;         /* the kernel takes the ids of stamps from us (Linux 6.13); else it counts */
	uint32_t next_id;
	struct timestamp_owners owners;
	struct departed early[PATH_BATCH]; /* stamps that were read before the count began anew */
	unsigned early_count;

	bool blocked;      /* the send buffer is full: POLLOUT says when it is not */
	bool ready;        /* messages may be there */
	bool errors_ready; /* stamps or errors may be there */
	bool errors_first; /* they are read before messages */
	bool gave_errors;  /* with the last read() */
	int64_t read_at;   /* when answers were looked for; the error queue is read right after */
	int64_t seen;      /* everything that arrived up to then has been read */
	int64_t errors_seen;

	struct frame frames[PATH_BATCH];
	uint8_t *frame_bytes;
	struct mmsghdr messages[PATH_BATCH];
	struct iovec vectors[PATH_BATCH];
	struct sockaddr_in names[PATH_BATCH];
	_Alignas(struct cmsghdr) uint8_t control[PATH_BATCH][CONTROL_SIZE];

	struct arrived errors[ERRORS_MOST]; /* read, and given from the first on */
	unsigned error_count, errors_given, errors_used;
	uint8_t error_bytes[ERRORS_MOST][ERROR_SIZE];
	uint8_t bytes[PATH_BATCH][MESSAGE_SIZE]; /* last, and touched only as far as messages come */
};

/* ---- packets to messages ---------------------------------------------------------------------- */

static unsigned dgram_room(struct path *path, int64_t now, struct frame **frames)
{
	route_watch(path->route, path->sockets, now);
	*frames = path->frames;
	return PATH_BATCH;
}

static void put(struct msghdr *message, int level, int type, const void *value, size_t size)
{
	struct cmsghdr *control = (struct cmsghdr *)(void *)((uint8_t *)message->msg_control + message->msg_controllen);

	control->cmsg_level = level;
	control->cmsg_type = type;
	control->cmsg_len = (socklen_t)CMSG_LEN(size);
	memcpy(CMSG_DATA(control), value, size);
	message->msg_controllen += (socklen_t)CMSG_SPACE(size);
}

static void put_number(struct msghdr *message, int type, int value)
{
	put(message, IPPROTO_IP, type, &value, sizeof value);
}

static void put_stamp_request(const struct path *path, struct msghdr *message, uint32_t id)
{
	const uint32_t request = timestamp_transmit_request();

	put(message, SOL_SOCKET, TIMESTAMP_REQUEST, &request, sizeof request);
	if (path->own_ids)
		put(message, SOL_SOCKET, SCM_TS_OPT_ID, &id, sizeof id);
}

/* What the header of a probe says, as far as the socket lets us say it. */
static void prepare(struct path *path, unsigned i, const struct frame *frame)
{
	struct msghdr *message = &path->messages[i].msg_hdr;
	struct reader reader = reader_of(frame->bytes, frame->length);
	struct rp_ipv4 ip;

	ipv4_parse(&reader, &ip);
	path->names[i] =
		(struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(rp_addr_ipv4_value(frame->next))};
	path->vectors[i] =
		(struct iovec){.iov_base = frame->bytes + IPV4_HEADER_MIN, .iov_len = frame->length - IPV4_HEADER_MIN};
	*message = (struct msghdr){.msg_name = &path->names[i],
				   .msg_namelen = sizeof path->names[i],
				   .msg_iov = &path->vectors[i],
				   .msg_iovlen = 1,
				   .msg_control = path->control[i]};
	if (rp_addr_ipv4_value(ip.source) != 0) {
		const struct in_pktinfo source = {.ipi_spec_dst.s_addr = htonl(rp_addr_ipv4_value(ip.source))};

		put(message, IPPROTO_IP, IP_PKTINFO, &source, sizeof source);
	}
	put_number(message, IP_TTL, ip.time_to_live);
	put_number(message, IP_TOS, ip.type_of_service);
	if (frame->timed && path->sockets->stamping)
		put_stamp_request(path, message, path->next_id + i);
}

/* ---- receiving -------------------------------------------------------------------------------- */

/* Reads messages of at most `size` bytes into rooms that are DGRAM_HEADERS larger. */
static int receive(struct path *path, uint8_t *bytes, size_t size, unsigned count, int flags)
{
	int received = -1;

	for (unsigned i = 0; i < count; i++) {
		path->vectors[i] =
			(struct iovec){.iov_base = bytes + i * size + DGRAM_HEADERS, .iov_len = size - DGRAM_HEADERS};
		path->messages[i].msg_hdr = (struct msghdr){.msg_name = &path->names[i],
							    .msg_namelen = sizeof path->names[i],
							    .msg_iov = &path->vectors[i],
							    .msg_iovlen = 1,
							    .msg_control = path->control[i],
							    .msg_controllen = CONTROL_SIZE};
	}
	errno = 0;
	for (unsigned i = 0; i < TRIES && received < 0 && errno != EAGAIN; i++)
		received = recvmmsg(path->sockets->send_fd, path->messages, count, flags, NULL);
	if (received < 0)
		return errno == EAGAIN ? 0 : -errno;
	return received;
}

static int read_messages(struct path *path, struct arrived *arrived, unsigned count, int64_t *now)
{
	int received = receive(path, path->bytes[0], MESSAGE_SIZE, count, 0);

	*now = path->read_at = timestamp_monotonic();
	for (int i = 0; i < received; i++) {
		struct msghdr *message = &path->messages[i].msg_hdr;
		const struct dgram_control control = dgram_read_control(message);

		arrived[i] = dgram_reply(path->bytes[i] + DGRAM_HEADERS, path->messages[i].msg_len,
					 dgram_address(&path->names[i]), &control);
		arrived[i].stamp = timestamp_of_message(path->clock, message, *now);
	}
	path->ready = received == PATH_BATCH;
	path->seen = received < (int)count ? *now : arrived[received - 1].stamp.ns;
	return received;
}

/* Messages and errors take turns, so that a flood of one keeps none of the other from being read. The error queue
 * comes first: a redirect is reported before the reply behind it. */
static int dgram_read(struct path *path, struct arrived *arrived, unsigned count, int64_t *now)
{
	bool first = path->errors_first;
	unsigned given = 0;

	path->errors_first = false;
	if (first && path->errors_given == path->error_count) {
		*now = path->read_at = timestamp_monotonic();
		return 0;
	}
	if (path->ready && (path->gave_errors || path->errors_given == path->error_count)) {
		path->gave_errors = false;
		return read_messages(path, arrived, count, now);
	}
	while (given < count && path->errors_given < path->error_count)
		arrived[given++] = path->errors[path->errors_given++];
	path->gave_errors = given > 0;
	*now = path->read_at = timestamp_monotonic();
	return (int)given;
}

static void take_error(struct path *path, unsigned i, const struct dgram_control *control)
{
	struct mmsghdr *message = &path->messages[i];

	path->errors[path->error_count] = dgram_error(path->packet_length, path->vectors[i].iov_base, message->msg_len,
						      dgram_address(&path->names[i]), control);
	path->errors[path->error_count++].stamp = timestamp_of_message(path->clock, &message->msg_hdr, path->read_at);
}

/* Reads stamps into `departed`, and errors for the next read(). */
static int read_queue(struct path *path, struct departed *departed, unsigned count)
{
	unsigned used;
	int received, given = 0;

	if (path->errors_given == path->error_count)
		path->errors_given = path->error_count = path->errors_used = 0;
	used = path->errors_used;
	count = count < ERRORS_MOST - used ? count : ERRORS_MOST - used;
	if (count == 0 || (!path->errors_ready && path->owners.unstamped == 0))
		return 0;
	received = receive(path, path->error_bytes[used], ERROR_SIZE, count, MSG_ERRQUEUE);
	for (int i = 0; i < received; i++) {
		const struct dgram_control control = dgram_read_control(&path->messages[i].msg_hdr);

		if (control.error.ee_origin == SO_EE_ORIGIN_ICMP) {
			take_error(path, (unsigned)i, &control);
			path->errors_used = used + (unsigned)i + 1;
		} else if (control.error.ee_origin == SO_EE_ORIGIN_TIMESTAMPING &&
			   timestamp_owner(&path->owners, control.error.ee_data, &departed[given].slot)) {
			departed[given++].stamp =
				timestamp_of_message(path->clock, &path->messages[i].msg_hdr, path->read_at);
		}
	}
	path->errors_ready = received == (int)count;
	if (received >= 0 && !path->errors_ready)
		path->errors_seen = path->read_at;
	return received < 0 ? received : given;
}

static int dgram_stamps(struct path *path, struct departed *departed, unsigned count)
{
	unsigned early = path->early_count;

	memcpy(departed, path->early, early * sizeof *departed);
	path->early_count = 0;

	int received = read_queue(path, departed + early, count - early);
	return early > 0 && received < 0 ? (int)early : (int)early + received;
}

static bool dgram_readable(const struct path *path)
{
	return path->ready || path->errors_ready || path->errors_given < path->error_count;
}

static void dgram_look(struct path *path)
{
	path->ready = path->errors_ready = path->errors_first = true;
}

static int64_t dgram_seen(const struct path *path)
{
	int64_t seen = path->seen < path->errors_seen ? path->seen : path->errors_seen;

	for (unsigned i = path->errors_given; i < path->error_count; i++)
		if (path->errors[i].stamp.ns < seen)
			seen = path->errors[i].stamp.ns;
	return seen;
}

/* ---- sending, where stamps may have to be read first --------------------------------------------- */

/* The kernel counts a packet that it refuses, or not: the count begins anew. Stamps that are there already are read
 * first; those that come later are lost. */
static void restart_ids(struct path *path)
{
	int count;

	path->read_at = timestamp_monotonic();
	path->errors_ready = true;
	do {
		count = read_queue(path, path->early + path->early_count, PATH_BATCH - path->early_count);
		path->early_count += count > 0 ? (unsigned)count : 0;
	} while (path->errors_ready && count >= 0 && path->early_count < PATH_BATCH && path->errors_used < ERRORS_MOST);
	path->sockets->stamping = timestamp_enable_both(path->sockets->send_fd) == 0;
	path->next_id = 0;
	path->owners = (struct timestamp_owners){.unstamped = 0};
}

/* Whether it can be the error of an earlier packet, which fails the next call: what the kernel makes of ICMP errors. */
static bool may_be_an_earlier_one(int error)
{
	switch (error) {
	case -ENETUNREACH:
	case -EHOSTUNREACH:
	case -EHOSTDOWN:
	case -ENONET:
	case -ECONNREFUSED:
	case -ENOPROTOOPT:
	case -EOPNOTSUPP:
	case -EMSGSIZE:
	case -EPROTO:
		return true;
	default:
		return false;
	}
}

/* How many were taken. The kernel forgets an earlier packet's error when a call has failed by it, so the call is
 * repeated. */
static int send_batch(struct path *path, struct frame *frames, unsigned count, bool counting)
{
	int sent = -EHOSTUNREACH;

	for (unsigned i = 0; i < count; i++)
		prepare(path, i, &frames[i]);
	for (unsigned i = 0; i < TRIES && may_be_an_earlier_one(sent); i++) {
		sent = sendmmsg(path->sockets->send_fd, path->messages, count, 0);
		if (sent >= 0)
			break;
		sent = -errno;
		if (counting) {
			restart_ids(path);
			prepare(path, 0, frames); /* reading stamps took its room */
		}
	}
	return sent;
}

static int dgram_send(struct path *path, struct frame *frames, unsigned count)
{
	bool counting = path->sockets->stamping && !path->own_ids;
	int sent;

	if (path->route->fault < 0)
		return path->route->fault;
	if (path->blocked)
		return -EAGAIN;
	if (counting)
		count = 1;
	sent = send_batch(path, frames, count, counting);
	for (int i = 0; i < sent; i++, path->next_id += !counting || frames->timed)
		if (frames[i].timed && path->sockets->stamping)
			timestamp_expect(&path->owners, path->next_id, frames[i].slot);
	if (sent == -EAGAIN)
		path->blocked = rp_watch_set(path->watch, POLLIN | POLLOUT) == 0;
	return sent == -EAGAIN && !path->blocked ? -ENOBUFS : sent;
}

/* ---- opening and closing ---------------------------------------------------------------------- */

/* Whether the kernel takes the ids of stamps from us: an unknown request is EINVAL before anything else is looked
 * at, and the broadcast address of the loopback network is refused in any case, so that nothing is sent. */
static bool takes_ids(struct path *path)
{
	struct sockaddr_in nowhere = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7fffffff)};
	uint8_t echo[ICMP_HEADER_SIZE] = {RP_ICMP_ECHO};
	struct iovec vector = {.iov_base = echo, .iov_len = sizeof echo};
	struct msghdr message = {.msg_name = &nowhere,
				 .msg_namelen = sizeof nowhere,
				 .msg_iov = &vector,
				 .msg_iovlen = 1,
				 .msg_control = path->control[0]};

	path->own_ids = true;
	put_stamp_request(path, &message, 0);
	return sendmsg(path->sockets->send_fd, &message, 0) < 0 && errno != EINVAL;
}

static const char *dgram_cannot(const struct rp_config *config)
{
	if (probe_type_of(config->probe)->ports)
		return "TCP probes need a raw socket";
	switch (config->ip_option) {
	case RP_IP_OPTION_NONE:
		break;
	case RP_IP_OPTION_RECORD_ROUTE:
		return "recording the route needs a raw socket";
	case RP_IP_OPTION_STAMPS:
	case RP_IP_OPTION_STAMPS_ADDRESSES:
	case RP_IP_OPTION_STAMPS_PRESET:
		return "time stamps in the IP header need a raw socket";
	case RP_IP_OPTION_LOOSE_ROUTE:
	case RP_IP_OPTION_STRICT_ROUTE:
		return "a source route needs a raw socket";
	}
	return config->identifier == 0 ? "the identifier 0 needs a raw socket" : NULL;
}

static void dgram_ready(void *user, unsigned events)
{
	struct path *path = user;

	/* What an ICMP error has left at the socket is taken by reading. */
	path->ready |= (events & (POLLIN | POLLERR)) != 0;
	path->errors_ready |= (events & POLLERR) != 0;
	path->errors_first = path->errors_ready;
	if (path->blocked && events & POLLOUT) {
		path->blocked = false;
		rp_watch_set(path->watch, POLLIN);
	}
	rp_timer_set(path->step, 0);
}

static void dgram_close(struct path *path)
{
	if (!path)
		return;
	rp_watch_close(path->watch);
	free(path->frame_bytes);
	free(path);
}

static int dgram_path_open(struct path **result, const struct path_setup *setup)
{
	struct path *path = calloc(1, sizeof *path);
	int error;

	if (!path)
		return -ENOMEM;
	path->step = setup->step;
	path->sockets = setup->sockets;
	path->route = setup->route;
	path->clock = setup->clock;
	path->packet_length = IPV4_HEADER_MIN + ICMP_HEADER_SIZE + (size_t)setup->config->payload_length;
	path->seen = path->errors_seen = INT64_MIN;
	path->own_ids = takes_ids(path);
	path->frame_bytes = calloc(PATH_BATCH, setup->frame_size);
	for (unsigned i = 0; path->frame_bytes && i < PATH_BATCH; i++)
		path->frames[i] =
			(struct frame){.bytes = path->frame_bytes + i * setup->frame_size, .size = setup->frame_size};
	error = path->frame_bytes
			? rp_loop_watch(setup->loop, &path->watch, setup->sockets->send_fd, POLLIN, dgram_ready, path)
			: -ENOMEM;
	if (error < 0)
		dgram_close(path);
	else
		*result = path;
	return error;
}

const struct path_type path_dgram = {
	.name = "datagram",
	.makes_headers = true,
	.open = dgram_path_open,
	.close = dgram_close,
	.cannot = dgram_cannot,
	.room = dgram_room,
	.send = dgram_send,
	.stamps = dgram_stamps,
	.read = dgram_read,
	.readable = dgram_readable,
	.look = dgram_look,
	.seen = dgram_seen,
};
