/* SPDX-License-Identifier: MIT */
/*
 * Makes whole IP packets of what the ICMP socket delivers, which is ICMP messages without IP headers, so that the
 * layers above need not know the difference. Addresses, TTL and type of service come as control data. An ICMP error
 * comes as the quoted message, with type and code as control data.
 */
#include "io/dgram.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "wire/checksum.h"
#include "wire/ipv4.h"

/* Identifiers that are tried where others have taken them. */
#define IDENTIFIERS 16

#define RECEIVE_BUFFER (4 << 20)

static int set_option(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof value) < 0 ? -errno : 0;
}

int dgram_open(struct rp_sockets *sockets)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_ICMP);
	int error = fd < 0 ? -errno : 0;

	/* Without these nothing is known of what arrives. */
	const int options[] = {IP_PKTINFO, IP_RECVTTL, IP_RECVTOS, IP_RECVERR};
	for (size_t i = 0; error == 0 && i < sizeof options / sizeof *options; i++)
		error = set_option(fd, IPPROTO_IP, options[i], 1);
	if (error < 0) {
		if (fd >= 0)
			close(fd);
		return error;
	}
	sockets->stamping = timestamp_enable_both(fd) == 0;
	if (!sockets->stamping)
		sockets->notes |= RP_NOTE_NO_DEPARTURE_STAMPS | RP_NOTE_NO_ARRIVAL_STAMPS;
	set_option(fd, SOL_SOCKET, SO_RCVBUF, RECEIVE_BUFFER); /* as much as net.core.rmem_max allows */
	if (sockets->send_fd >= 0)
		close(sockets->send_fd);
	sockets->send_fd = fd;
	sockets->filtered = false;
	return 0;
}

int dgram_bind(struct rp_sockets *sockets, struct rp_addr source)
{
	struct sockaddr_in name = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(rp_addr_ipv4_value(source))};
	bool any = sockets->identifier < 0;
	int error = -EADDRINUSE;

	for (unsigned i = 0; i < (any ? IDENTIFIERS : 1) && error == -EADDRINUSE; i++) {
		uint16_t identifier = (uint16_t)sockets->identifier;

		if (any && getrandom(&identifier, sizeof identifier, 0) != (ssize_t)sizeof identifier)
			return -EIO;
		identifier = identifier == 0 ? 1 : identifier; /* 0: the kernel would choose */
		name.sin_port = htons(identifier);
		error = bind(sockets->send_fd, (const struct sockaddr *)&name, sizeof name) < 0 ? -errno : 0;
		sockets->identifier = identifier;
	}
	sockets->bound = source;
	sockets->filtered = true;
	return error;
}

/* ---- what arrives ----------------------------------------------------------------------------- */

struct rp_addr dgram_address(const struct sockaddr_in *name)
{
	return rp_addr_ipv4(ntohl(name->sin_addr.s_addr));
}

static void read_one(struct dgram_control *control, const struct cmsghdr *message)
{
	const uint8_t *data = CMSG_DATA(message);
	struct in_pktinfo information;
	struct sockaddr_in offender;

	switch (message->cmsg_type) {
	case IP_PKTINFO:
		memcpy(&information, data, sizeof information);
		control->to = rp_addr_ipv4(ntohl(information.ipi_addr.s_addr));
		break;
	case IP_TTL:
		memcpy(&control->ttl, data, sizeof control->ttl);
		break;
	case IP_TOS:
		control->tos = *data;
		break;
	case IP_RECVERR:
		memcpy(&control->error, data, sizeof control->error);
		memcpy(&offender, data + sizeof control->error, sizeof offender);
		control->offender = dgram_address(&offender);
		break;
	default:
		break;
	}
}

struct dgram_control dgram_read_control(struct msghdr *message)
{
	struct dgram_control control = {.ttl = 0};

	for (struct cmsghdr *one = CMSG_FIRSTHDR(message); one; one = CMSG_NXTHDR(message, one))
		if (one->cmsg_level == IPPROTO_IP)
			read_one(&control, one);
	return control;
}

/* Puts an IP header before `length` bytes. */
static uint8_t *put_header(uint8_t *bytes, size_t length, struct rp_ipv4 ip)
{
	struct writer writer = writer_of(bytes - IPV4_HEADER_MIN, IPV4_HEADER_MIN);

	ip.version = 4;
	ip.protocol = RP_PROTOCOL_ICMP;
	ip.total_length = (uint16_t)(length < UINT16_MAX - IPV4_HEADER_MIN ? length + IPV4_HEADER_MIN : UINT16_MAX);
	ipv4_put(&writer, &ip);
	return bytes - IPV4_HEADER_MIN;
}

struct arrived dgram_reply(uint8_t *bytes, size_t length, struct rp_addr from, const struct dgram_control *control)
{
	const struct rp_ipv4 ip = {.source = from,
				   .destination = control->to,
				   .time_to_live = (uint8_t)control->ttl,
				   .type_of_service = (uint8_t)control->tos};

	return (struct arrived){.bytes = put_header(bytes, length, ip), .length = length + IPV4_HEADER_MIN};
}

/* The 32 bits behind the checksum: gateway, pointer or next-hop MTU (RFC 792, RFC 1191). */
static uint32_t rest_of_header(const struct sock_extended_err *error)
{
	switch (error->ee_type) {
	case RP_ICMP_PARAMETER_PROBLEM:
		return error->ee_info << 24;
	case RP_ICMP_REDIRECT:
		return error->ee_info;
	default:
		return error->ee_info & UINT16_MAX;
	}
}

struct arrived dgram_error(size_t packet_length, uint8_t *bytes, size_t length, struct rp_addr destination,
			   const struct dgram_control *control)
{
	size_t quoted = packet_length - IPV4_HEADER_MIN > length ? packet_length - IPV4_HEADER_MIN : length;
	uint8_t *quote = put_header(bytes, quoted, (struct rp_ipv4){.source = control->to, .destination = destination});
	uint8_t *message = quote - ICMP_HEADER_SIZE;
	struct writer writer = writer_of(message, ICMP_HEADER_SIZE);

	length += IPV4_HEADER_MIN + ICMP_HEADER_SIZE;
	writer_u8(&writer, control->error.ee_type);
	writer_u8(&writer, control->error.ee_code);
	writer_u16(&writer, 0);
	writer_u32(&writer, rest_of_header(&control->error));
	writer = writer_of(message + 2, sizeof(uint16_t));
	writer_u16(&writer, checksum_finish(checksum_add(0, message, length)));
	return dgram_reply(message, length, control->offender, control);
}
