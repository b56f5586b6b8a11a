/* SPDX-License-Identifier: MIT */
/*
 * Everything is laid out once, for each message of a batch; of a packet only its source and its id are written. A
 * message begins with its source or behind it, and ends before the request of a stamp or behind it.
 */
#include "io/send_control.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "io/timestamp.h"

/* Newer than the headers of some distributions. */
#ifndef SCM_TS_OPT_ID
#define SCM_TS_OPT_ID 81
#endif
#ifndef IP_PROTOCOL
#define IP_PROTOCOL 52
#endif

/* Where the source address stands in an IPv4 header (RFC 791 section 3.1). */
#define HEADER_SOURCE 12

static uint8_t *put(uint8_t *at, int level, int type, const void *value, size_t size)
{
	struct cmsghdr *control = (struct cmsghdr *)(void *)at;

	control->cmsg_level = level;
	control->cmsg_type = type;
	control->cmsg_len = (socklen_t)CMSG_LEN(size);
	return memcpy(CMSG_DATA(control), value, size);
}

void send_control_set_protocol(struct send_control *control, uint8_t protocol)
{
	const struct in_pktinfo source = {.ipi_ifindex = 0};
	const uint32_t request = timestamp_transmit_request(), id = 0;
	const int number = protocol;

	control->plain_length = control->own_protocol ? SEND_CONTROL_WORD : 0;
	control->timed_length = control->plain_length + (control->own_ids ? 2 : 1) * SEND_CONTROL_WORD;
	for (unsigned i = 0; i < RAWSOCK_BATCH; i++) {
		uint8_t *at = control->bytes[i];

		control->sources[i] = put(at, IPPROTO_IP, IP_PKTINFO, &source, sizeof source);
		at += SEND_CONTROL_SOURCE;
		if (control->own_protocol)
			put(at, IPPROTO_IP, IP_PROTOCOL, &number, sizeof number);
		at += control->plain_length;
		put(at, SOL_SOCKET, TIMESTAMP_REQUEST, &request, sizeof request);
		at += SEND_CONTROL_WORD;
		control->ids[i] = put(at, SOL_SOCKET, SCM_TS_OPT_ID, &id, sizeof id);
	}
}

/* Whether the kernel takes so much: an unknown request is -EINVAL before anything else is looked at; the broadcast
 * address of the loopback network is refused in any case, so that nothing is ever sent. */
static bool takes(struct send_control *control, int fd, size_t length)
{
	struct sockaddr_in nowhere = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7fffffff)};
	const struct msghdr message = {.msg_name = &nowhere,
				       .msg_namelen = sizeof nowhere,
				       .msg_control = control->bytes[0] + SEND_CONTROL_SOURCE,
				       .msg_controllen = (socklen_t)length};

	return sendmsg(fd, &message, 0) < 0 && errno != EINVAL;
}

/* The kernels that take an id take a protocol. */
void send_control_init(struct send_control *control, int fd)
{
	control->own_ids = control->own_protocol = true;
	send_control_set_protocol(control, IPPROTO_ICMP);
	if (takes(control, fd, control->timed_length))
		return;
	control->own_ids = false;
	control->own_protocol = takes(control, fd, control->plain_length);
	send_control_set_protocol(control, IPPROTO_ICMP);
}

void send_control_add(struct send_control *control, unsigned index, const struct rawsock_outgoing *packet,
		      struct rp_addr bound, struct msghdr *message)
{
	struct in_addr source;

	memcpy(&source, packet->bytes + HEADER_SOURCE, sizeof source);
	bool told = source.s_addr == 0 ||
		    (bound.family != RP_FAMILY_NONE && source.s_addr == htonl(rp_addr_ipv4_value(bound)));

	message->msg_control = control->bytes[index] + (told ? SEND_CONTROL_SOURCE : 0);
	message->msg_controllen = (socklen_t)((told ? 0 : SEND_CONTROL_SOURCE) +
					      (packet->timed ? control->timed_length : control->plain_length));
	if (!told) {
		const struct in_pktinfo information = {.ipi_spec_dst = source};

		memcpy(control->sources[index], &information, sizeof information);
	}
	memcpy(control->ids[index], &packet->id, sizeof packet->id);
}
