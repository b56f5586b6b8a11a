/* SPDX-License-Identifier: MIT */
/*
 * One message to rtnetlink and one back: the kernel answers before send() returns, and needs no lock for it. Attributes
 * are written and read by memcpy(), in the host's order.
 */
#include "io/route_query.h"

#include <arpa/inet.h>
#include <asm/socket.h> /* SO_BINDTOIFINDEX: not in every C library */
#include <errno.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* No packet goes to it: any port but 0 will do. */
#define SOME_PORT 9

/* What routes go by; the rest is congestion notification. */
#define DSCP_MASK 0xfc

struct message {
	size_t length;
	_Alignas(struct nlmsghdr) uint8_t bytes[1024];
};

static int open_connect(struct route_query *query)
{
	query->connects = true;
	query->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (query->fd < 0)
		return -errno;
	if (query->broadcast)
		setsockopt(query->fd, SOL_SOCKET, SO_BROADCAST, &(int){1}, sizeof(int));
	return 0;
}

int route_query_open(struct route_query *query, bool broadcast)
{
	*query = (struct route_query){.broadcast = broadcast};
	query->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE);
	return query->fd < 0 ? open_connect(query) : 0;
}

void route_query_close(struct route_query *query)
{
	if (query->fd >= 0)
		close(query->fd);
	query->fd = -1;
}

/* ---- by rtnetlink ----------------------------------------------------------------------------- */

static void put(struct message *message, const void *data, size_t size)
{
	memcpy(message->bytes + message->length, data, size);
	message->length += NLMSG_ALIGN(size);
}

static void begin_message(struct message *message)
{
	message->length = NLMSG_ALIGN(sizeof(struct nlmsghdr));
}

static void end_message(struct message *message, uint16_t type, uint32_t sequence)
{
	const struct nlmsghdr header = {.nlmsg_len = (uint32_t)message->length,
					.nlmsg_type = type,
					.nlmsg_flags = NLM_F_REQUEST,
					.nlmsg_seq = sequence};

	memcpy(message->bytes, &header, sizeof header);
}

static void put_attribute(struct message *message, unsigned short type, const void *data, size_t size)
{
	const struct rtattr header = {.rta_type = type, .rta_len = (unsigned short)RTA_LENGTH(size)};

	put(message, &header, sizeof header);
	put(message, data, size);
}

static void put_address(struct message *message, unsigned short type, struct rp_addr address)
{
	const uint32_t value = htonl(rp_addr_ipv4_value(address));

	put_attribute(message, type, &value, sizeof value);
}

static void put_question(struct message *message, const struct route_flow *flow, struct rp_addr destination,
			 uint32_t sequence)
{
	bool from = flow->source.family != RP_FAMILY_NONE;
	const struct rtmsg route = {.rtm_family = AF_INET,
				    .rtm_dst_len = 32,
				    .rtm_src_len = from ? 32 : 0,
				    .rtm_tos = flow->type_of_service & DSCP_MASK};

	begin_message(message);
	put(message, &route, sizeof route);
	put_address(message, RTA_DST, destination);
	if (from)
		put_address(message, RTA_SRC, flow->source);
	if (flow->interface != 0)
		put_attribute(message, RTA_OIF, &flow->interface, sizeof flow->interface);
	if (flow->mark != 0)
		put_attribute(message, RTA_MARK, &flow->mark, sizeof flow->mark);
	if (flow->protocol != 0)
		put_attribute(message, RTA_IP_PROTO, &flow->protocol, sizeof flow->protocol);
	put_attribute(message, RTA_UID, &flow->user, sizeof flow->user);
	end_message(message, RTM_GETROUTE, sequence);
}

/* The attribute at `at`, which is moved behind it: where its data stand, or NULL when there is none left. */
static const uint8_t *next_attribute(const uint8_t **at, const uint8_t *end, struct rtattr *header)
{
	const uint8_t *data = *at + sizeof *header;

	if ((size_t)(end - *at) < sizeof *header)
		return NULL;
	memcpy(header, *at, sizeof *header);
	if (header->rta_len < sizeof *header || header->rta_len > (size_t)(end - *at))
		return NULL;
	size_t step = RTA_ALIGN(header->rta_len);
	*at += step < (size_t)(end - *at) ? step : (size_t)(end - *at);
	return data;
}

static uint32_t value_of(const struct rtattr *header, const uint8_t *data)
{
	uint32_t value = 0;

	if (header->rta_len >= sizeof *header + sizeof value)
		memcpy(&value, data, sizeof value);
	return value;
}

static void take_metrics(const uint8_t *at, const uint8_t *end, struct route_answer *answer)
{
	struct rtattr header;

	for (const uint8_t *data; (data = next_attribute(&at, end, &header)) != NULL;) {
		uint32_t value = value_of(&header, data);

		if (header.rta_type == RTAX_MTU)
			answer->mtu = value;
		else if (header.rta_type == RTAX_HOPLIMIT)
			answer->hop_limit = (uint8_t)value;
		else if (header.rta_type == RTAX_LOCK)
			answer->mtu_is_locked = value & 1 << RTAX_MTU;
	}
}

static int take_route(const uint8_t *at, const uint8_t *end, struct route_answer *answer)
{
	struct rtattr header;
	struct rtmsg route;

	if ((size_t)(end - at) < NLMSG_ALIGN(sizeof route))
		return -EBADMSG;
	memcpy(&route, at, sizeof route);
	answer->is_local = route.rtm_type == RTN_LOCAL;
	answer->is_broadcast = route.rtm_type == RTN_BROADCAST;
	at += NLMSG_ALIGN(sizeof route);
	for (const uint8_t *data; (data = next_attribute(&at, end, &header)) != NULL;) {
		if (header.rta_type == RTA_PREFSRC)
			answer->source = rp_addr_ipv4(ntohl(value_of(&header, data)));
		else if (header.rta_type == RTA_GATEWAY)
			answer->next_hop = rp_addr_ipv4(ntohl(value_of(&header, data)));
		else if (header.rta_type == RTA_OIF)
			answer->interface = (int)value_of(&header, data);
		else if (header.rta_type == RTA_METRICS)
			take_metrics(data, data + header.rta_len - sizeof header, answer);
	}
	return 0;
}

/* Sends the message; the answer takes its place. */
/* REFUSED: to whoever asks, whatever he asks for. Not what a route may say. */
#define REFUSED (-EOPNOTSUPP)

/* A call that the host had no memory for, or that was interrupted, is repeated so often. */
#define TRIES 3

static bool may_pass(int error)
{
	return error == ENOBUFS || error == ENOMEM || error == EINTR || error == EAGAIN;
}

static int send_question(const struct route_query *query, const struct message *message)
{
	ssize_t sent = -1;

	for (unsigned i = 0; sent < 0 && (i == 0 || (i < TRIES && may_pass(errno))); i++)
		sent = send(query->fd, message->bytes, message->length, 0);
	if (sent >= 0)
		return 0;
	switch (errno) {
	case EPERM: /* by a security module */
	case EACCES:
	case ECONNREFUSED:
	case ENOSYS:
		return query->answered ? -errno : REFUSED;
	default:
		return -errno;
	}
}

static ssize_t receive_answer(const struct route_query *query, struct message *message)
{
	ssize_t length = -1;

	for (unsigned i = 0; length < 0 && (i == 0 || (i < TRIES && may_pass(errno))); i++)
		length = recv(query->fd, message->bytes, sizeof message->bytes, 0);
	return length < 0 ? -errno : length;
}

/* Answers to earlier questions, whose reading failed, are passed over. */
static int exchange(struct route_query *query, struct message *message)
{
	struct nlmsghdr header = {.nlmsg_seq = query->sequence - 1};
	int error = send_question(query, message);

	while (error == 0 && header.nlmsg_seq != query->sequence) {
		ssize_t length = receive_answer(query, message);

		if (length < 0)
			return (int)length;
		if ((size_t)length < sizeof header + sizeof error)
			return -EBADMSG;
		message->length = (size_t)length;
		memcpy(&header, message->bytes, sizeof header);
	}
	query->answered |= error == 0;
	if (error < 0 || header.nlmsg_type != NLMSG_ERROR)
		return error;
	memcpy(&error, message->bytes + sizeof header, sizeof error);
	return error < 0 ? error : -EBADMSG;
}

static int ask_rtnetlink(struct route_query *query, const struct route_flow *flow, struct rp_addr destination,
			 struct route_answer *answer)
{
	struct message message;

	put_question(&message, flow, destination, ++query->sequence);
	int error = exchange(query, &message);
	if (error < 0)
		return error;
	answer->source = flow->source;
	return take_route(message.bytes + sizeof(struct nlmsghdr), message.bytes + message.length, answer);
}

bool route_query_reaches(struct route_query *query, int interface, struct rp_addr neighbour)
{
	struct ndmsg entry = {.ndm_family = AF_INET, .ndm_ifindex = interface};
	struct message message;

	if (query->connects)
		return true;
	begin_message(&message);
	put(&message, &entry, sizeof entry);
	put_address(&message, NDA_DST, neighbour);
	end_message(&message, RTM_GETNEIGH, ++query->sequence);
	/* A link without link-layer addresses has no entry, and an old kernel answers for none. */
	if (exchange(query, &message) < 0 || message.length < sizeof(struct nlmsghdr) + sizeof entry)
		return true;
	memcpy(&entry, message.bytes + sizeof(struct nlmsghdr), sizeof entry);
	return !(entry.ndm_state & (NUD_INCOMPLETE | NUD_FAILED));
}

/* ---- by connect() ----------------------------------------------------------------------------- */

/* A connected socket keeps its source when it is connected again, so it is disconnected first, and bound to the
 * interface again, which the kernel forgets then. */
static int ask_connect(struct route_query *query, const struct route_flow *flow, struct rp_addr destination,
		       struct route_answer *answer)
{
	const struct sockaddr unspecified = {.sa_family = AF_UNSPEC};
	struct sockaddr_in name = {.sin_family = AF_INET,
				   .sin_port = htons(SOME_PORT),
				   .sin_addr.s_addr = htonl(rp_addr_ipv4_value(destination))};
	socklen_t size = sizeof name;

	if (query->connected)
		connect(query->fd, &unspecified, sizeof unspecified);
	query->connected = true;
	if (flow->interface != 0 &&
	    setsockopt(query->fd, SOL_SOCKET, SO_BINDTOIFINDEX, &flow->interface, sizeof flow->interface) < 0)
		return -errno;
	if (connect(query->fd, (const struct sockaddr *)&name, sizeof name) < 0 ||
	    getsockname(query->fd, (struct sockaddr *)&name, &size) < 0)
		return -errno;
	answer->source = rp_addr_ipv4(ntohl(name.sin_addr.s_addr));
	answer->is_local = rp_addr_equal(answer->source, destination);
	if (flow->source.family != RP_FAMILY_NONE)
		answer->source = flow->source;
	return 0;
}

int route_query_ask(struct route_query *query, const struct route_flow *flow, struct rp_addr destination,
		    struct route_answer *answer)
{
	int error = REFUSED;

	*answer = (struct route_answer){.source.family = RP_FAMILY_NONE, .next_hop = destination};
	if (!query->connects)
		error = ask_rtnetlink(query, flow, destination, answer);
	if (error == 0 && answer->is_broadcast && !query->broadcast)
		return -EACCES;
	if (error != REFUSED)
		return error;
	if (!query->connects) {
		route_query_close(query);
		error = open_connect(query);
	}
	return query->fd < 0 ? error : ask_connect(query, flow, destination, answer);
}
