/* SPDX-License-Identifier: MIT */
/*
 * Classic BPF by hand. A raw socket's filter sees the packet from its IPv4 header, so every offset goes by the
 * header length that the packet itself gives; for a quoted packet by both. A load beyond the packet's end
 * drops it, so lengths need no checks here.
 */
#include "io/filter.h"

#include <errno.h>
#include <linux/filter.h>
#include <stddef.h>
#include <sys/socket.h>

#include <rprobe/packet.h>

#define DROP   BPF_STMT(BPF_RET | BPF_K, 0)
#define ACCEPT BPF_STMT(BPF_RET | BPF_K, UINT32_MAX)

/* X = length of the IPv4 header. */
#define LOAD_HEADER_LENGTH BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0)

/* A = octet or 16 bits at X + offset. */
#define LOAD_8(offset)  BPF_STMT(BPF_LD | BPF_B | BPF_IND, (offset))
#define LOAD_16(offset) BPF_STMT(BPF_LD | BPF_H | BPF_IND, (offset))

#define JUMP_EQUAL(value, yes, no) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), (yes), (no))

/* A -= value, without a sign: less than nothing is very much. */
#define SUBTRACT(value)            BPF_STMT(BPF_ALU | BPF_SUB | BPF_K, (value))
#define JUMP_BELOW(value, yes, no) BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, (value), (no), (yes))

/* X += length of the IPv4 header that an ICMP error quotes. From here on, X + 8 is the quoted transport header. */
#define SKIP_QUOTED_HEADER                                                                                             \
	LOAD_8(8), BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0x0f), BPF_STMT(BPF_ALU | BPF_LSH | BPF_K, 2),                  \
		BPF_STMT(BPF_ALU | BPF_ADD | BPF_X, 0), BPF_STMT(BPF_MISC | BPF_TAX, 0)

static int attach(int fd, const struct sock_filter *program, size_t length)
{
	const struct sock_fprog prog = {.len = (unsigned short)length, .filter = (struct sock_filter *)program};

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof prog) < 0 ? -errno : 0;
}

#define ATTACH(fd, program) attach((fd), (program), sizeof(program) / sizeof((program)[0]))

int filter_attach_none(int fd)
{
	static const struct sock_filter program[] = {DROP};

	return ATTACH(fd, program);
}

int filter_attach_icmp_echo(int fd, uint16_t identifier)
{
	const struct sock_filter program[] = {
		/*  0 */ LOAD_HEADER_LENGTH,
		/*  1 */ LOAD_8(0),
		/*  2 */ JUMP_EQUAL(RP_ICMP_ECHO_REPLY, 16, 0),
		/*  3 */ JUMP_EQUAL(RP_ICMP_DESTINATION_UNREACHABLE, 4, 0),
		/*  4 */ JUMP_EQUAL(RP_ICMP_TIME_EXCEEDED, 3, 0),
		/*  5 */ JUMP_EQUAL(RP_ICMP_REDIRECT, 2, 0),
		/*  6 */ JUMP_EQUAL(RP_ICMP_PARAMETER_PROBLEM, 1, 0),
		/*  7 */ JUMP_EQUAL(RP_ICMP_SOURCE_QUENCH, 0, 14),
		/*  8 */ LOAD_8(8 + 9),
		/*  9 */ JUMP_EQUAL(RP_PROTOCOL_ICMP, 0, 12),
		/* 10 */ SKIP_QUOTED_HEADER,
		/* 15 */ LOAD_8(8),
		/* 16 */ JUMP_EQUAL(RP_ICMP_ECHO, 0, 5),
		/* 17 */ LOAD_16(8 + 4),
		/* 18 */ JUMP_EQUAL(identifier, 2, 3),
		/* 19 */ LOAD_16(4),
		/* 20 */ JUMP_EQUAL(identifier, 0, 1),
		/* 21 */ ACCEPT,
		/* 22 */ DROP,
	};

	return ATTACH(fd, program);
}

int filter_attach_icmp_tcp(int fd, uint16_t base, uint16_t count)
{
	const struct sock_filter program[] = {
		/*  0 */ LOAD_HEADER_LENGTH,
		/*  1 */ LOAD_8(0),
		/*  2 */ JUMP_EQUAL(RP_ICMP_DESTINATION_UNREACHABLE, 4, 0),
		/*  3 */ JUMP_EQUAL(RP_ICMP_TIME_EXCEEDED, 3, 0),
		/*  4 */ JUMP_EQUAL(RP_ICMP_REDIRECT, 2, 0),
		/*  5 */ JUMP_EQUAL(RP_ICMP_PARAMETER_PROBLEM, 1, 0),
		/*  6 */ JUMP_EQUAL(RP_ICMP_SOURCE_QUENCH, 0, 11),
		/*  7 */ LOAD_8(8 + 9),
		/*  8 */ JUMP_EQUAL(RP_PROTOCOL_TCP, 0, 9),
		/*  9 */ SKIP_QUOTED_HEADER,
		/* 14 */ LOAD_16(8),
		/* 15 */ SUBTRACT(base),
		/* 16 */ JUMP_BELOW(count, 0, 1),
		/* 17 */ ACCEPT,
		/* 18 */ DROP,
	};

	return ATTACH(fd, program);
}

int filter_attach_tcp(int fd, uint16_t base, uint16_t count)
{
	const struct sock_filter program[] = {
		LOAD_HEADER_LENGTH, LOAD_16(2), SUBTRACT(base), JUMP_BELOW(count, 0, 1), ACCEPT, DROP,
	};

	return ATTACH(fd, program);
}
