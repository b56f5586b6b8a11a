/* SPDX-License-Identifier: MIT */
/*
 * Classic BPF by hand. A raw socket's filter sees the packet from its IPv4 header, so every offset goes by the
 * header length that the packet itself gives; for a quoted packet by both. A load beyond the packet's end
 * drops it, so lengths need no checks here.
 */
#include "io/filter.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include <rprobe/packet.h>

#include "base/bytes.h"
#include "base/unconst.h"

#define DROP   BPF_STMT(BPF_RET | BPF_K, 0)
#define ACCEPT BPF_STMT(BPF_RET | BPF_K, UINT32_MAX)

/* X = length of the IPv4 header. */
#define LOAD_HEADER_LENGTH BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0)

/* A = byte or 16 bits at X + offset. */
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

static int attach(struct filter *filter, const struct sock_filter *program, size_t length)
{
	const struct sock_fprog prog = {.len = (unsigned short)length, .filter = unconst(program)};

	filter->length = (unsigned)length;
	memcpy(filter->program, program, length * sizeof *program);
	filter->refused = setsockopt(filter->fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof prog) < 0;
	if (!filter->refused)
		filter->attached = true;
	/* An earlier program would drop what this one lets through. */
	else if (filter->attached && setsockopt(filter->fd, SOL_SOCKET, SO_DETACH_FILTER, &(int){0}, sizeof(int)) < 0)
		return -errno;
	else
		filter->attached = false;
	return 0;
}

#define ATTACH(filter, program) attach((filter), (program), sizeof(program) / sizeof((program)[0]))

int filter_attach_none(struct filter *filter)
{
	static const struct sock_filter program[] = {DROP};

	return ATTACH(filter, program);
}

int filter_attach_icmp_echo(struct filter *filter, uint16_t identifier)
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

	return ATTACH(filter, program);
}

int filter_attach_errors(struct filter *filter, uint8_t protocol, uint16_t base, uint16_t count)
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
		/*  8 */ JUMP_EQUAL(protocol, 0, 9),
		/*  9 */ SKIP_QUOTED_HEADER,
		/* 14 */ LOAD_16(8),
		/* 15 */ SUBTRACT(base),
		/* 16 */ JUMP_BELOW(count, 0, 1),
		/* 17 */ ACCEPT,
		/* 18 */ DROP,
	};

	return ATTACH(filter, program);
}

int filter_attach_tcp(struct filter *filter, uint16_t base, uint16_t count)
{
	const struct sock_filter program[] = {
		LOAD_HEADER_LENGTH, LOAD_16(2), SUBTRACT(base), JUMP_BELOW(count, 0, 1), ACCEPT, DROP,
	};

	return ATTACH(filter, program);
}

/* ---- without the kernel ----------------------------------------------------------------------- */

/* So many bytes at that offset, in the order of the network; false when the packet has not so many. */
static bool load(const uint8_t *bytes, size_t length, size_t offset, size_t size, uint32_t *value)
{
	struct reader reader = reader_of(bytes, length);

	reader_take(&reader, offset);
	*value = size == 1 ? reader_u8(&reader) : reader_u16(&reader);
	return !reader.failed;
}

/* The instructions of the programs above, and no others. */
bool filter_passes(const struct filter *filter, const uint8_t *bytes, size_t length)
{
	uint32_t a = 0, x = 0;

	for (unsigned at = 0; filter->refused && at < filter->length; at++) {
		const struct sock_filter *step = &filter->program[at];
		bool there = true;

		switch (step->code) {
		case BPF_LDX | BPF_B | BPF_MSH:
			there = load(bytes, length, step->k, 1, &x);
			x = (x & 0x0f) << 2;
			break;
		case BPF_LD | BPF_B | BPF_IND:
			there = load(bytes, length, (size_t)x + step->k, 1, &a);
			break;
		case BPF_LD | BPF_H | BPF_IND:
			there = load(bytes, length, (size_t)x + step->k, 2, &a);
			break;
		case BPF_ALU | BPF_AND | BPF_K:
			a &= step->k;
			break;
		case BPF_ALU | BPF_LSH | BPF_K:
			a <<= step->k;
			break;
		case BPF_ALU | BPF_ADD | BPF_X:
			a += x;
			break;
		case BPF_ALU | BPF_SUB | BPF_K:
			a -= step->k;
			break;
		case BPF_MISC | BPF_TAX:
			x = a;
			break;
		case BPF_JMP | BPF_JEQ | BPF_K:
			at += a == step->k ? step->jt : step->jf;
			break;
		case BPF_JMP | BPF_JGE | BPF_K:
			at += a >= step->k ? step->jt : step->jf;
			break;
		case BPF_RET | BPF_K:
			return step->k != 0;
		default:
			return false;
		}
		if (!there)
			return false;
	}
	return !filter->refused;
}
