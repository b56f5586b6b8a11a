/* SPDX-License-Identifier: MIT */
/*
 * Raw sockets in batches. What the kernel must do at its own privilege (buffer sizes beyond the limit) is done
 * at opening; afterwards CAP_NET_RAW suffices, and mostly nothing.
 *
 * A packet asks for its transmit stamp, and the stamp names it by an id. Since Linux 6.13 we give each packet its
 * id. Older kernels count those that ask and get past routing and size checks, also when netfilter then drops them.
 * A batch that stops in the middle does not say why, so with them packets go one by one, and the count is kept by
 * errno.
 */
#include "io/rawsock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <time.h>
#include <linux/errqueue.h> /* wants struct timespec */
#include <net/if.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/unconst.h"
#include "io/caps.h"
#include "io/denied.h"
#include "io/dgram.h"
#include "io/ports.h"
#include "io/send_control.h"

#define ICMP_BUFFER (4 << 20)
#define TCP_BUFFER  (64 << 20)

/* The largest packet, and one cache line more, lest all packets of a batch share the same few sets of the cache. */
#define PACKET_SIZE (65536 + 64)

/* A time stamp and a count of drops, or a time stamp and an extended error with its origin's address. */
#define CONTROL_SIZE 192

struct rawsock_buffers {
	struct mmsghdr send[RAWSOCK_BATCH];
	struct iovec send_vectors[RAWSOCK_BATCH];
	struct sockaddr_in send_names[RAWSOCK_BATCH];
	struct send_control send_control;

	struct mmsghdr receive[RAWSOCK_BATCH];
	struct iovec receive_vectors[RAWSOCK_BATCH];
	struct mmsghdr stamps[RAWSOCK_BATCH]; /* no data, control alone */
	_Alignas(struct cmsghdr) uint8_t receive_control[RAWSOCK_BATCH][CONTROL_SIZE];

	uint8_t packets[RAWSOCK_BATCH][PACKET_SIZE]; /* last, and touched only as far as packets come */
};

static int set_option(int fd, int option, int value)
{
	return setsockopt(fd, SOL_SOCKET, option, &value, sizeof value) < 0 ? -errno : 0;
}

/* Throws away what is queued; with a filter that drops everything attached it comes to an end. */
static void drain(int fd)
{
	while (recv(fd, NULL, 0, MSG_DONTWAIT | MSG_TRUNC) >= 0)
		;
}

static int open_raw(int protocol)
{
	int fd = socket(AF_INET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);

	return fd < 0 ? -errno : fd;
}

/* A file capability that is only permitted (+p) is made effective here: then a container that takes it can start the
 * file. */
static int open_first_raw(struct rp_sockets *sockets)
{
	int fd = open_raw(IPPROTO_RAW);

	sockets->raised = fd == -EPERM && caps_keep_net_raw(true) == 0;
	return sockets->raised ? open_raw(IPPROTO_RAW) : fd;
}

/* Where the kernel refuses an option, something lesser will do. */
static void note(struct rp_sockets *sockets, int error, enum rp_session_note note)
{
	if (error < 0)
		sockets->notes |= note;
}

/* Stamps first: the kernel takes a moment to begin stamping. */
static int open_receive(struct rp_sockets *sockets, int protocol, int buffer_size, struct filter *filter)
{
	int fd = open_raw(protocol);
	int error;

	if (fd < 0)
		return fd;
	filter->fd = fd;
	note(sockets, timestamp_enable_receive(fd), RP_NOTE_NO_ARRIVAL_STAMPS);
	error = filter_attach_none(filter);
	if (error < 0) {
		close(fd);
		return error;
	}
	note(sockets, set_option(fd, SO_RXQ_OVFL, 1), RP_NOTE_NO_DROP_COUNT);
	if (sockets->raised || set_option(fd, SO_RCVBUFFORCE, buffer_size) < 0)
		note(sockets, set_option(fd, SO_RCVBUF, buffer_size), RP_NOTE_NO_BUFFER);
	if (!filter->refused)
		drain(fd);
	return fd;
}

static void prepare_send(struct rawsock_buffers *buffers)
{
	for (unsigned i = 0; i < RAWSOCK_BATCH; i++) {
		buffers->send_names[i].sin_family = AF_INET;
		buffers->send[i].msg_hdr = (struct msghdr){.msg_name = &buffers->send_names[i],
							   .msg_namelen = sizeof buffers->send_names[i],
							   .msg_iov = &buffers->send_vectors[i],
							   .msg_iovlen = 1};
	}
}

static void prepare_receive(struct rawsock_buffers *buffers)
{
	for (unsigned i = 0; i < RAWSOCK_BATCH; i++) {
		buffers->receive_vectors[i] = (struct iovec){.iov_base = buffers->packets[i], .iov_len = PACKET_SIZE};
		buffers->receive[i].msg_hdr.msg_iov = &buffers->receive_vectors[i];
		buffers->receive[i].msg_hdr.msg_iovlen = 1;
		buffers->receive[i].msg_hdr.msg_control = buffers->receive_control[i];
		buffers->receive[i].msg_hdr.msg_controllen = CONTROL_SIZE;
		buffers->stamps[i].msg_hdr.msg_control = buffers->receive_control[i];
		buffers->stamps[i].msg_hdr.msg_controllen = CONTROL_SIZE;
	}
}

/* Policy rules and firewalls select by the user of the socket: after a set-user-ID start that is who started us. */
static uid_t give_to_user(int fd)
{
	if (getauxval(AT_UID) != getauxval(AT_EUID) && fchown(fd, getuid(), (gid_t)-1) == 0)
		return getuid();
	return geteuid();
}

static int open_send(struct rp_sockets *sockets)
{
	int error;

	sockets->send_fd = open_first_raw(sockets);
	if (sockets->send_fd < 0)
		return sockets->send_fd;
	sockets->user = give_to_user(sockets->send_fd);
	/* Nobody reads what comes here: where the filter is refused, the buffer fills once. */
	filter_attach_none(&(struct filter){.fd = sockets->send_fd});
	error = timestamp_enable_transmit(sockets->send_fd);
	sockets->stamping = error == 0;
	note(sockets, error, RP_NOTE_NO_DEPARTURE_STAMPS);
	/* Without it a queue that is full drops packets in silence. ICMP errors do not come here, where they would
	 * fail the next packet: those are about other protocols than this socket's. */
	if (setsockopt(sockets->send_fd, IPPROTO_IP, IP_RECVERR, &(int){1}, sizeof(int)) < 0)
		note(sockets, -errno, RP_NOTE_NO_QUEUE_ERRORS);
	prepare_send(sockets->buffers);
	prepare_receive(sockets->buffers);
	send_control_init(&sockets->buffers->send_control, sockets->send_fd);
	return 0;
}

int rp_sockets_open(struct rp_sockets **result, unsigned kinds, struct rp_error *why)
{
	struct rp_sockets *sockets = calloc(1, sizeof *sockets);
	int error;

	if (!sockets)
		return denied_explain(-ENOMEM, why);
	sockets->send_fd = sockets->icmp_fd = sockets->tcp_fd = -1;
	sockets->bound.family = RP_FAMILY_NONE;
	sockets->buffers = calloc(1, sizeof *sockets->buffers);
	error = sockets->buffers ? open_send(sockets) : -ENOMEM;
	if (error == 0) {
		sockets->icmp_fd = open_receive(sockets, IPPROTO_ICMP, ICMP_BUFFER, &sockets->icmp_filter);
		error = sockets->icmp_fd < 0 ? sockets->icmp_fd : 0;
	}
	if (error == 0 && kinds & RP_SOCKETS_TCP) {
		sockets->tcp_fd = open_receive(sockets, IPPROTO_TCP, TCP_BUFFER, &sockets->tcp_filter);
		error = sockets->tcp_fd < 0 ? sockets->tcp_fd : 0;
	}
	if (error == -EPERM && kinds & RP_SOCKETS_DATAGRAM) {
		denied_explain(error, &sockets->denied);
		sockets->datagram = dgram_open(sockets) == 0;
		error = sockets->datagram ? 0 : error;
	}
	if (error < 0) {
		rp_sockets_close(sockets);
		return denied_explain(error, why);
	}
	*result = sockets;
	return 0;
}

void rp_sockets_close(struct rp_sockets *sockets)
{
	if (!sockets)
		return;
	sockets->closed = true;
	if (sockets->in_use)
		return;
	const int fds[] = {sockets->send_fd, sockets->icmp_fd, sockets->tcp_fd};
	for (size_t i = 0; i < sizeof fds / sizeof fds[0]; i++) {
		if (fds[i] >= 0)
			close(fds[i]);
	}
	ports_release(sockets);
	free(sockets->buffers);
	free(sockets);
}

void rawsock_leave(struct rp_sockets *sockets)
{
	sockets->in_use = false;
	if (sockets->closed)
		rp_sockets_close(sockets);
}

int rawsock_bind_device(struct rp_sockets *sockets, const char *interface)
{
	const int fds[] = {sockets->send_fd, sockets->icmp_fd, sockets->tcp_fd};

	for (unsigned i = 0; i < sizeof fds / sizeof fds[0]; i++)
		if (fds[i] >= 0 &&
		    setsockopt(fds[i], SOL_SOCKET, SO_BINDTODEVICE, interface, (socklen_t)strlen(interface)) < 0)
			return -errno;
	return 0;
}

uint8_t rawsock_set_protocol(struct rp_sockets *sockets, uint8_t protocol)
{
	struct send_control *control = &sockets->buffers->send_control;

	if (sockets->datagram)
		return protocol;
	send_control_set_protocol(control, protocol);
	return control->own_protocol ? protocol : 0;
}

int rawsock_bind_source(struct rp_sockets *sockets, struct rp_addr source)
{
	struct sockaddr_in name = {.sin_family = AF_INET};

	if (sockets->datagram)
		return dgram_bind(sockets, source);
	if (source.family == RP_FAMILY_NONE && sockets->bound.family == RP_FAMILY_NONE)
		return 0;
	if (source.family != RP_FAMILY_NONE)
		name.sin_addr.s_addr = htonl(rp_addr_ipv4_value(source));
	if (bind(sockets->send_fd, (const struct sockaddr *)&name, sizeof name) < 0)
		return -errno;
	sockets->bound = source;
	return 0;
}

bool rawsock_has_device(const struct rp_sockets *sockets)
{
	char name[IFNAMSIZ];

	return getsockopt(sockets->send_fd, SOL_SOCKET, SO_BINDTODEVICE, name, &(socklen_t){sizeof name}) == 0 ||
	       errno != ENODEV;
}

/* What an earlier session's filter let in is not for this one. */
static int forget(struct filter *filter)
{
	int error = filter_attach_none(filter);

	if (error == 0 && !filter->refused)
		drain(filter->fd);
	return error;
}

static int attach_filters(struct rp_sockets *sockets, const struct expected *expected)
{
	int error = 0;

	if (sockets->filtered)
		error = forget(&sockets->icmp_filter);
	if (error == 0 && sockets->filtered && sockets->tcp_fd >= 0)
		error = forget(&sockets->tcp_filter);
	if (error < 0)
		return error;
	sockets->filtered = true;
	if (!expected->ports)
		return filter_attach_icmp_echo(&sockets->icmp_filter, expected->identifier);
	error = filter_attach_errors(&sockets->icmp_filter, expected->protocol, expected->port_base,
				     expected->port_count);
	if (error < 0 || expected->protocol != RP_PROTOCOL_TCP)
		return error;
	return filter_attach_tcp(&sockets->tcp_filter, expected->port_base, expected->port_count);
}

int rawsock_attach_filter(struct rp_sockets *sockets, const struct expected *expected)
{
	int error;

	if (sockets->datagram) /* the kernel looks at the identifier */
		return 0;
	error = attach_filters(sockets, expected);
	if (sockets->icmp_filter.refused || (expected->protocol == RP_PROTOCOL_TCP && sockets->tcp_filter.refused))
		sockets->notes |= RP_NOTE_NO_FILTER;
	return error;
}

/* Whether an older kernel has counted a packet that it refused for this reason. */
static bool counted(int error)
{
	switch (error) {
	case ENETUNREACH:
	case EHOSTUNREACH:
	case ENODEV:
	case EINVAL: /* a blackhole */
	case EMSGSIZE:
	case EACCES:
	case EAGAIN:
	case ENOMEM:
		return false;
	default: /* EPERM of netfilter, ENOBUFS of a queue that is full */
		return true;
	}
}

int rawsock_send(struct rp_sockets *sockets, struct rawsock_outgoing *batch, unsigned count)
{
	struct rawsock_buffers *buffers = sockets->buffers;
	bool counting = !buffers->send_control.own_ids && sockets->stamping;
	int sent;

	if (counting && count > 1)
		count = 1;
	for (unsigned i = 0; i < count; i++) {
		batch[i].id = sockets->next_id + i;
		batch[i].timed = batch[i].timed && sockets->stamping;
		buffers->send_names[i].sin_addr.s_addr = htonl(rp_addr_ipv4_value(batch[i].destination));
		buffers->send_vectors[i] =
			(struct iovec){.iov_base = unconst(batch[i].bytes), .iov_len = batch[i].length};
		send_control_add(&buffers->send_control, i, &batch[i], sockets->bound, &buffers->send[i].msg_hdr);
	}
	sent = sendmmsg(sockets->send_fd, buffers->send, count, 0);
	if (sent < 0) {
		int error = errno;

		if (counting && batch->timed && counted(error))
			sockets->next_id++;
		return -error;
	}
	sockets->next_id += !counting || batch->timed ? (uint32_t)sent : 0;
	return sent;
}

/* Reads what is there. The control data of the last call is read by now, so both queues share the room for it. */
static int receive(int fd, struct mmsghdr *messages, unsigned count, int flags)
{
	int received = recvmmsg(fd, messages, count, flags, NULL);

	if (received >= 0)
		return received;
	return errno == EAGAIN ? 0 : -errno;
}

/* The kernel has written the length it used over the length it may use. */
static void renew(struct msghdr *message)
{
	message->msg_controllen = CONTROL_SIZE;
}

/* The kernel's running count of drops comes along with the packets once there are any. */
static void count_drops(struct rp_sockets *sockets, int fd, struct msghdr *message)
{
	uint32_t *last = fd == sockets->tcp_fd ? &sockets->tcp_drops : &sockets->icmp_drops;

	for (struct cmsghdr *control = CMSG_FIRSTHDR(message); control; control = CMSG_NXTHDR(message, control)) {
		uint32_t drops;

		if (control->cmsg_level != SOL_SOCKET || control->cmsg_type != SO_RXQ_OVFL)
			continue;
		memcpy(&drops, CMSG_DATA(control), sizeof drops);
		sockets->overruns += drops - *last;
		*last = drops;
	}
}

int rawsock_receive(struct rp_sockets *sockets, int fd, const struct timestamp_clock *clock,
		    struct rawsock_received *batch, unsigned count, int64_t *now)
{
	const struct filter *filter = fd == sockets->tcp_fd ? &sockets->tcp_filter : &sockets->icmp_filter;
	struct rawsock_buffers *buffers = sockets->buffers;
	int received = receive(fd, buffers->receive, count, 0);

	*now = timestamp_monotonic();
	for (int i = 0; i < received; i++) {
		struct msghdr *message = &buffers->receive[i].msg_hdr;

		batch[i] = (struct rawsock_received){.bytes = buffers->packets[i],
						     .length = buffers->receive[i].msg_len,
						     .stamp = timestamp_of_message(clock, message, *now)};
		if (filter->refused && !filter_passes(filter, batch[i].bytes, batch[i].length))
			batch[i].length = 0;
		count_drops(sockets, fd, message);
		renew(message);
	}
	return received;
}

/* The id in a message of the error queue; false when it is no transmit stamp. */
static bool stamp_id(struct msghdr *message, uint32_t *id)
{
	for (struct cmsghdr *control = CMSG_FIRSTHDR(message); control; control = CMSG_NXTHDR(message, control)) {
		struct sock_extended_err error;

		if (control->cmsg_level != SOL_IP || control->cmsg_type != IP_RECVERR)
			continue;
		memcpy(&error, CMSG_DATA(control), sizeof error);
		*id = error.ee_data;
		return error.ee_origin == SO_EE_ORIGIN_TIMESTAMPING;
	}
	return false;
}

int rawsock_tx_stamps(struct rp_sockets *sockets, const struct timestamp_clock *clock, int64_t now,
		      struct rawsock_tx_stamp *batch, unsigned count)
{
	struct rawsock_buffers *buffers = sockets->buffers;
	int received;
	int stamps = 0;

	received = receive(sockets->send_fd, buffers->stamps, count, MSG_ERRQUEUE);
	if (received < 0)
		return received;
	for (int i = 0; i < received; i++) {
		struct msghdr *message = &buffers->stamps[i].msg_hdr;

		if (stamp_id(message, &batch[stamps].id))
			batch[stamps++].stamp = timestamp_of_message(clock, message, now);
		renew(message);
	}
	return stamps;
}
