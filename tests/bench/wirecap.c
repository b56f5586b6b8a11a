/* SPDX-License-Identifier: MIT */
/*
 * The truth on the wire: the kernel's stamps of what leaves and enters a device. Nothing is read while tools are
 * measured, the socket's buffer holds it all: so a packet wakes nobody, and the capture costs the clone and no more.
 *
 *   wirecap DEVICE    says "ready", waits for the end of its standard input, then prints a line for each probe
 *                     (echo request or SYN that left) in the order of leaving:
 *                     SENT_NS ANSWERED_NS [SEQUENCE]    since 1970; 0: no answer; SEQUENCE: of an echo request
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BUFFER      (512 << 20)
#define PROBES_MAX  (1 << 20)
#define LOOK_BACK   8192 /* probes among which an answer's is looked for */
#define HEADERS_MAX 120

enum { ICMP = 1, TCP = 6, ECHO_REPLY = 0, ECHO_REQUEST = 8, FLAG_SYN = 0x02, FLAG_ACK = 0x10 };

struct probe {
	int64_t sent;
	int64_t answered;
	uint64_t key; /* identifier and sequence, or both ports and the sequence number */
	uint8_t protocol;
};

struct packet {
	int64_t stamp;
	uint64_t key;
	uint8_t protocol;
	bool leaves;
	bool is_probe;
	bool is_answer;
};

static void fail(const char *what)
{
	fprintf(stderr, "wirecap: %s: %s\n", what, strerror(errno));
	exit(2);
}

static int open_tap(const char *device)
{
	struct sockaddr_ll name = {
		.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL), .sll_ifindex = (int)if_nametoindex(device)};
	const int on = 1, size = BUFFER;
	int fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	if (fd < 0 || name.sll_ifindex == 0)
		fail(device);
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on) < 0 ||
	    bind(fd, (const struct sockaddr *)&name, sizeof name) < 0)
		fail(device);
	return fd;
}

static uint32_t u16(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] << 8 | bytes[1];
}

static uint32_t u32(const uint8_t *bytes)
{
	return u16(bytes) << 16 | u16(bytes + 2);
}

static void dissect_icmp(struct packet *packet, const uint8_t *bytes, size_t length)
{
	if (length < 8)
		return;
	packet->key = u32(bytes + 4);
	packet->is_probe = bytes[0] == ECHO_REQUEST;
	packet->is_answer = bytes[0] == ECHO_REPLY;
}

/* An answer has the key of its probe. */
static void dissect_tcp(struct packet *packet, const uint8_t *bytes, size_t length)
{
	if (length < 20)
		return;
	packet->is_probe = (bytes[13] & (FLAG_SYN | FLAG_ACK)) == FLAG_SYN;
	packet->is_answer = bytes[13] & FLAG_ACK;
	if (packet->is_probe)
		packet->key = (uint64_t)(u16(bytes) << 16 | u16(bytes + 2)) << 32 | u32(bytes + 4);
	else
		packet->key = (uint64_t)(u16(bytes + 2) << 16 | u16(bytes)) << 32 | (u32(bytes + 8) - 1);
}

static void dissect(struct packet *packet, const uint8_t *bytes, size_t length)
{
	size_t header = length < 20 ? 0 : (bytes[0] & 15) * 4u;

	if (length < 20 || bytes[0] >> 4 != 4 || header < 20 || header > length)
		return;
	packet->protocol = bytes[9];
	if (packet->protocol == ICMP)
		dissect_icmp(packet, bytes + header, length - header);
	else if (packet->protocol == TCP)
		dissect_tcp(packet, bytes + header, length - header);
}

static int64_t stamp_of(struct msghdr *message)
{
	struct timespec time;

	for (struct cmsghdr *control = CMSG_FIRSTHDR(message); control; control = CMSG_NXTHDR(message, control))
		if (control->cmsg_level == SOL_SOCKET && control->cmsg_type == SCM_TIMESTAMPNS) {
			memcpy(&time, CMSG_DATA(control), sizeof time);
			return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
		}
	return 0;
}

static bool read_packet(int fd, struct packet *packet)
{
	_Alignas(struct cmsghdr) uint8_t control[CMSG_SPACE(sizeof(struct timespec))];
	uint8_t bytes[HEADERS_MAX];
	struct sockaddr_ll name;
	struct iovec vector = {bytes, sizeof bytes};
	struct msghdr message = {.msg_name = &name,
				 .msg_namelen = sizeof name,
				 .msg_iov = &vector,
				 .msg_iovlen = 1,
				 .msg_control = control,
				 .msg_controllen = sizeof control};
	ssize_t length = recvmsg(fd, &message, 0);

	if (length < 0 && errno != EAGAIN)
		fail("recvmsg");
	if (length < 0)
		return false;
	*packet = (struct packet){.stamp = stamp_of(&message), .leaves = name.sll_pkttype == PACKET_OUTGOING};
	if (name.sll_protocol == htons(ETH_P_IP))
		dissect(packet, bytes, (size_t)length);
	return true;
}

static void match(struct probe *probes, size_t count, const struct packet *answer)
{
	for (size_t i = count; i-- > 0 && count - i <= LOOK_BACK;)
		if (probes[i].answered == 0 && probes[i].key == answer->key && probes[i].protocol == answer->protocol) {
			probes[i].answered = answer->stamp;
			return;
		}
}

static size_t collect(int fd, struct probe *probes)
{
	struct packet packet;
	size_t count = 0;

	while (count < PROBES_MAX && read_packet(fd, &packet)) {
		if (packet.leaves && packet.is_probe)
			probes[count++] =
				(struct probe){.sent = packet.stamp, .key = packet.key, .protocol = packet.protocol};
		else if (!packet.leaves && packet.is_answer)
			match(probes, count, &packet);
	}
	return count;
}

int main(int argc, char **argv)
{
	struct tpacket_stats drops;
	socklen_t size = sizeof drops;
	struct probe *probes = calloc(PROBES_MAX, sizeof *probes);
	char byte;

	if (argc != 2 || !probes) {
		fprintf(stderr, "usage: wirecap DEVICE\n");
		return 2;
	}
	int fd = open_tap(argv[1]);
	puts("ready");
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	size_t count = collect(fd, probes);
	if (getsockopt(fd, SOL_PACKET, PACKET_STATISTICS, &drops, &size) < 0)
		fail("statistics");
	if (drops.tp_drops > 0) {
		fprintf(stderr, "wirecap: %u packets did not fit\n", drops.tp_drops);
		return 1;
	}
	for (size_t i = 0; i < count; i++) {
		printf("%lld %lld", (long long)probes[i].sent, (long long)probes[i].answered);
		if (probes[i].protocol == ICMP)
			printf(" %u", (unsigned)(probes[i].key & 0xffff));
		putchar('\n');
	}
	return 0;
}
