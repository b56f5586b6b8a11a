/* SPDX-License-Identifier: MIT */
/*
 * flood ADDRESS COUNT [PORT]: sends so many echo requests, or SYNs to that port, to this address and those after
 * it, as fast as the kernel takes them. It is the load for peer, which it does not know.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "packet.h"

#define BATCH   64
#define PAYLOAD 56

struct burst {
	uint8_t packets[BATCH][128];
	struct sockaddr_in to[BATCH];
	struct iovec data[BATCH];
	struct mmsghdr messages[BATCH];
};

/* The kernel fills in source address, identification and the sum of the header; TCP's sum needs the source. */
static size_t make(uint8_t *packet, uint32_t source, uint32_t destination, uint32_t number, uint16_t port)
{
	struct envelope envelope = {
		.source = source,
		.destination = destination,
		.protocol = port ? PROTOCOL_TCP : PROTOCOL_ICMP,
		.time_to_live = 64,
	};
	uint8_t *message = packet + packet_ip_size(IP_OPTIONS_NONE);
	size_t length = port ? 20 : 8 + PAYLOAD;

	memset(message, 0, length);
	if (port) {
		put16(message, 40000);
		put16(message + 2, port);
		put32(message + 4, number);
		message[12] = 5 << 4;
		message[13] = TCP_SYN;
		put16(message + 14, 1024);
	} else {
		message[0] = 8;
		put16(message + 4, 0x4242);
		put16(message + 6, number);
	}
	packet_sum(&envelope, message, length);
	return packet_put_ip(packet, &envelope, length) + length;
}

static uint32_t source_towards(const struct sockaddr_in *to)
{
	struct sockaddr_in from = {0};
	socklen_t size = sizeof from;
	struct sockaddr_in with_port = *to;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	with_port.sin_port = htons(9);
	if (fd < 0 || connect(fd, (struct sockaddr *)&with_port, sizeof with_port) < 0 ||
	    getsockname(fd, (struct sockaddr *)&from, &size) < 0) {
		perror("flood");
		exit(2);
	}
	close(fd);
	return ntohl(from.sin_addr.s_addr);
}

int main(int argc, char **argv)
{
	struct burst *burst = calloc(1, sizeof *burst);
	struct sockaddr_in first = {.sin_family = AF_INET};
	uint16_t port = argc > 3 ? (uint16_t)strtoul(argv[3], NULL, 10) : 0;
	uint32_t count, source;
	int fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);

	if (argc < 3 || inet_pton(AF_INET, argv[1], &first.sin_addr) != 1 || fd < 0 || !burst) {
		fprintf(stderr, "flood ADDRESS COUNT [PORT]: %s\n", strerror(errno));
		return 2;
	}
	count = (uint32_t)strtoul(argv[2], NULL, 10);
	source = source_towards(&first);
	for (uint32_t done = 0; done < count;) {
		unsigned n = count - done < BATCH ? count - done : BATCH;
		int sent;

		for (unsigned i = 0; i < n; i++) {
			uint32_t to = ntohl(first.sin_addr.s_addr) + done + i;

			burst->to[i] = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(to)};
			burst->data[i] =
				(struct iovec){burst->packets[i], make(burst->packets[i], source, to, done + i, port)};
			burst->messages[i].msg_hdr = (struct msghdr){.msg_name = &burst->to[i],
								     .msg_namelen = sizeof burst->to[i],
								     .msg_iov = &burst->data[i],
								     .msg_iovlen = 1};
		}
		sent = sendmmsg(fd, burst->messages, n, 0);
		if (sent < 0 && errno != ENOBUFS) {
			perror("flood");
			return 2;
		}
		if (sent > 0)
			done += (uint32_t)sent;
	}
	printf("%u\n", count);
	free(burst);
	close(fd);
	return 0;
}
