/* SPDX-License-Identifier: MIT */
/*
 * Every kind begins as the true answer and is then wrong in one thing that must be noticed; checksums are right
 * unless they are that thing. Series are shorter than AHEAD, so a number that far ahead was never sent.
 */
#include "forge.h"

#include <string.h>

#define AHEAD    5000
#define IP       20
#define ECHO     (IP + 8) /* payload */
#define STRANGER 0xc6336401
#define ROUTER   0xcb007101

#define ECHO_FORGERIES(KIND)                                                                                           \
	KIND(ECHO_COOKIE_BIT, "a bit of the keyed value")                                                              \
	KIND(ECHO_COOKIE_ZERO, "no keyed value")                                                                       \
	KIND(ECHO_TARGET, "another target")                                                                            \
	KIND(ECHO_HIGH_SEQUENCE, "65536 probes later")                                                                 \
	KIND(ECHO_AHEAD, "a number never sent")                                                                        \
	KIND(ECHO_NEXT, "the next number")                                                                             \
	KIND(ECHO_RANDOM, "random but for the identifier")                                                             \
	KIND(ECHO_IDENTIFIER, "another identifier")                                                                    \
	KIND(ECHO_CHECKSUM, "checksum")                                                                                \
	KIND(ECHO_CUT, "shorter than it says")                                                                         \
	KIND(ECHO_SHORT, "4 bytes of payload")                                                                         \
	KIND(ECHO_REQUEST, "our own request")                                                                          \
	KIND(ECHO_TYPE, "a timestamp reply")                                                                           \
	KIND(ECHO_FIRST_FRAGMENT, "a first fragment")                                                                  \
	KIND(ECHO_LATER_FRAGMENT, "a later fragment")                                                                  \
	KIND(ECHO_VERSION, "IP version 6")                                                                             \
	KIND(ECHO_HEADER_LENGTH, "an IP header of 16 bytes")                                                           \
	KIND(ECHO_TOTAL_LENGTH, "a total length of 12")                                                                \
	KIND(ECHO_ERROR_AHEAD, "an error about a number never sent")                                                   \
	KIND(ECHO_ERROR_IDENTIFIER, "an error about another identifier")                                               \
	KIND(ECHO_ERROR_DESTINATION, "an error about another destination")                                             \
	KIND(ECHO_ERROR_NAME, "an error that quotes another name")                                                     \
	KIND(ECHO_ERROR_CHECKSUM, "an error with a wrong checksum")                                                    \
	KIND(ECHO_ERROR_SHORT, "an error with 27 bytes of quote")                                                      \
	KIND(ECHO_ERROR_PROTOCOL, "an error about UDP")                                                                \
	KIND(ECHO_ERROR_OF_REPLY, "an error about an echo reply")

#define SYN_FORGERIES(KIND)                                                                                            \
	KIND(SYN_ACK_RANDOM, "SYN-ACK of any number")                                                                  \
	KIND(SYN_ACK_SAME, "SYN-ACK of the number itself")                                                             \
	KIND(SYN_ACK_BEYOND, "SYN-ACK of the number + 2")                                                              \
	KIND(SYN_ACK_ZERO, "SYN-ACK of 0")                                                                             \
	KIND(SYN_RST_RANDOM, "RST of any number")                                                                      \
	KIND(SYN_RST_BEYOND, "RST of the number + 2")                                                                  \
	KIND(SYN_RST_ALONE, "RST without ACK")                                                                         \
	KIND(SYN_ACK_ALONE, "ACK alone")                                                                               \
	KIND(SYN_FIN_ACK, "FIN and ACK")                                                                               \
	KIND(SYN_NO_FLAGS, "no flags")                                                                                 \
	KIND(SYN_ALL_FLAGS_RANDOM, "all flags")                                                                        \
	KIND(SYN_PORT, "from another port")                                                                            \
	KIND(SYN_OUR_PORT, "to another port")                                                                          \
	KIND(SYN_STRANGER, "from a stranger")                                                                          \
	KIND(SYN_SPLIT_STRANGER, "a stranger's SYN")                                                                   \
	KIND(SYN_CHECKSUM, "checksum")                                                                                 \
	KIND(SYN_CUT, "shorter than it says")                                                                          \
	KIND(SYN_DATA_OFFSET, "a TCP header of 16 bytes")                                                              \
	KIND(SYN_LATER_FRAGMENT, "a later fragment")                                                                   \
	KIND(SYN_HEADER_LENGTH, "an IP header of 16 bytes")                                                            \
	KIND(SYN_ERROR_SEQUENCE, "an error about another number")                                                      \
	KIND(SYN_ERROR_PORT, "an error about another port")                                                            \
	KIND(SYN_ERROR_DESTINATION, "an error about another destination")                                              \
	KIND(SYN_ERROR_CHECKSUM, "an error with a wrong checksum")                                                     \
	KIND(SYN_ERROR_SHORT, "an error with 27 bytes of quote")

#define KIND(kind, name) kind,
#define NAME(kind, name) name,

enum echo_kind { ECHO_FORGERIES(KIND) ECHO_KINDS };
enum syn_kind { SYN_FORGERIES(KIND) SYN_KINDS };

unsigned forge_kinds(uint8_t protocol)
{
	return protocol == 6 ? SYN_KINDS : ECHO_KINDS;
}

const char *forge_name(uint8_t protocol, unsigned kind)
{
	static const char *const echo[] = {ECHO_FORGERIES(NAME)}, *const syn[] = {SYN_FORGERIES(NAME)};

	return protocol == 6 ? syn[kind - 1] : echo[kind - 1];
}

/* An error about a copy of the probe in which the 16 bits at `at` are changed. */
static size_t wrong_error(const uint8_t *probe, size_t at, uint32_t change, size_t quote, uint8_t *out)
{
	uint8_t copy[28];

	memcpy(copy, probe, sizeof copy);
	put16(copy + at, get16(copy + at) + change);
	return bytes_error(copy, ROUTER, 3, 1, 0, quote, out);
}

static size_t repaired(uint8_t *out, size_t length)
{
	bytes_repair(out, length);
	return length;
}

/* A reply in which the 16 bits at `at` are changed, checksums right. */
static size_t wrong_reply(uint8_t *out, size_t length, size_t at, uint32_t change)
{
	put16(out + at, get16(out + at) + change);
	return repaired(out, length);
}

static size_t forge_echo(struct rng *rng, enum echo_kind kind, const uint8_t *probe, size_t length, uint8_t *out)
{
	uint64_t chance = rng_next(rng);

	bytes_echo_reply(probe, length, out);
	switch (kind) {
	case ECHO_COOKIE_BIT:
		out[ECHO + chance % (length < ECHO + 8 ? length - ECHO : 8)] ^= (uint8_t)(1 << chance / 8 % 8);
		return repaired(out, length);
	case ECHO_COOKIE_ZERO:
		memset(out + ECHO, 0, 8);
		return repaired(out, length);
	case ECHO_TARGET:
		return wrong_reply(out, length, ECHO + 10, 1);
	case ECHO_HIGH_SEQUENCE:
		return wrong_reply(out, length, ECHO + 14, 1);
	case ECHO_AHEAD:
		return wrong_reply(out, length, IP + 6, AHEAD);
	case ECHO_NEXT:
		return wrong_reply(out, length, IP + 6, 1);
	case ECHO_RANDOM:
		put16(out + IP + 6, chance & 0xffff);
		for (size_t i = ECHO; i < length; i++)
			out[i] = (uint8_t)rng_next(rng);
		return repaired(out, length);
	case ECHO_IDENTIFIER:
		return wrong_reply(out, length, IP + 4, (uint32_t)(1 + chance % 65535));
	case ECHO_CHECKSUM:
		out[IP + 2 + chance % 2] ^= (uint8_t)(1 << chance / 2 % 8);
		return length;
	case ECHO_CUT:
		return IP + (size_t)(chance % (length - IP));
	case ECHO_SHORT:
		put16(out + 2, ECHO + 4);
		return repaired(out, ECHO + 4);
	case ECHO_REQUEST:
		memcpy(out, probe, length);
		return length;
	case ECHO_TYPE:
		out[IP] = 14;
		return repaired(out, length);
	case ECHO_FIRST_FRAGMENT:
		out[6] |= 0x20;
		return repaired(out, length);
	case ECHO_LATER_FRAGMENT:
		out[7] = 1;
		return repaired(out, length);
	case ECHO_VERSION:
		out[0] = 0x65;
		return length;
	case ECHO_HEADER_LENGTH:
		out[0] = 0x44;
		return length;
	case ECHO_TOTAL_LENGTH:
		put16(out + 2, 12);
		return length;
	case ECHO_ERROR_AHEAD:
		return wrong_error(probe, IP + 6, AHEAD, 28, out);
	case ECHO_ERROR_IDENTIFIER:
		return wrong_error(probe, IP + 4, 1, 28, out);
	case ECHO_ERROR_DESTINATION:
		return wrong_error(probe, 16, 1, 28, out);
	case ECHO_ERROR_NAME:
		length = bytes_error(probe, ROUTER, 3, 1, 0, length, out);
		out[IP + 8 + ECHO + chance % 16] ^= (uint8_t)(1 << chance / 16 % 8);
		return repaired(out, length);
	case ECHO_ERROR_CHECKSUM:
		length = wrong_error(probe, 4, 0, 28, out);
		out[IP + 3] ^= 1;
		return length;
	case ECHO_ERROR_SHORT:
		return wrong_error(probe, 4, 0, 27, out);
	case ECHO_ERROR_PROTOCOL:
		return wrong_error(probe, 8, 16, 28, out);
	case ECHO_ERROR_OF_REPLY:
		return wrong_error(probe, IP, 0xf800, 28, out);
	case ECHO_KINDS:
		break;
	}
	return 0;
}

static size_t forge_syn(struct rng *rng, enum syn_kind kind, const uint8_t *probe, uint8_t *out)
{
	uint32_t number = get32(probe + IP + 4), random = (uint32_t)rng_next(rng);
	size_t length = bytes_segment(probe, SYN | ACK, random, number + 1, out);

	switch (kind) {
	case SYN_ACK_RANDOM:
		return bytes_segment(probe, SYN | ACK, 1, random, out);
	case SYN_ACK_SAME:
		return bytes_segment(probe, SYN | ACK, 1, number, out);
	case SYN_ACK_BEYOND:
		return bytes_segment(probe, SYN | ACK, 1, number + 2, out);
	case SYN_ACK_ZERO:
		return bytes_segment(probe, SYN | ACK, 1, 0, out);
	case SYN_RST_RANDOM:
		return bytes_segment(probe, RST | ACK, 0, random, out);
	case SYN_RST_BEYOND:
		return bytes_segment(probe, RST | ACK, 0, number + 2, out);
	case SYN_RST_ALONE:
		return bytes_segment(probe, RST, number + 1, number + 1, out);
	case SYN_ACK_ALONE:
		return bytes_segment(probe, ACK, 1, random, out);
	case SYN_FIN_ACK:
		return bytes_segment(probe, FIN | ACK, 1, number + 1, out);
	case SYN_NO_FLAGS:
		return bytes_segment(probe, 0, 1, number + 1, out);
	case SYN_ALL_FLAGS_RANDOM:
		return bytes_segment(probe, 63, 1, random, out);
	case SYN_PORT:
		return wrong_reply(out, length, IP, 30000);
	case SYN_OUR_PORT:
		return wrong_reply(out, length, IP + 2, 1);
	case SYN_SPLIT_STRANGER:
		length = bytes_segment(probe, SYN, random, 0, out);
		put32(out + 12, STRANGER);
		return repaired(out, length);
	case SYN_STRANGER:
		put32(out + 12, STRANGER);
		return repaired(out, length);
	case SYN_CHECKSUM:
		do
			out[IP + 16 + random % 2] ^= (uint8_t)(1 << rng_below(rng, 8));
		while (bytes_inner_sound(out, length));
		return length;
	case SYN_CUT:
		return IP + random % (length - IP);
	case SYN_DATA_OFFSET:
		out[IP + 12] = 0x40;
		return repaired(out, length);
	case SYN_LATER_FRAGMENT:
		out[7] = 1;
		return repaired(out, length);
	case SYN_HEADER_LENGTH:
		out[0] = 0x44;
		return length;
	case SYN_ERROR_SEQUENCE:
		return wrong_error(probe, IP + 6, 1 + random % 65535, 28, out);
	case SYN_ERROR_PORT:
		return wrong_error(probe, IP + 2, 30000, 28, out);
	case SYN_ERROR_DESTINATION:
		return wrong_error(probe, 16, 1, 28, out);
	case SYN_ERROR_CHECKSUM:
		length = wrong_error(probe, 4, 0, 28, out);
		out[IP + 3] ^= 1;
		return length;
	case SYN_ERROR_SHORT:
		return wrong_error(probe, 4, 0, 27, out);
	case SYN_KINDS:
		break;
	}
	return 0;
}

size_t forge_make(struct rng *rng, unsigned kind, const uint8_t *probe, size_t length, uint8_t *out)
{
	if (probe[9] == 6)
		return forge_syn(rng, (enum syn_kind)(kind - 1), probe, out);
	return forge_echo(rng, (enum echo_kind)(kind - 1), probe, length, out);
}

size_t forge_stray(struct rng *rng, const uint8_t *probe, uint8_t *out)
{
	static const uint8_t protocols[] = {1, 6, 17, 47};
	uint8_t packet[20 + 40] = {0x45, 0, 0, sizeof packet};

	for (size_t i = 20; i < sizeof packet; i++)
		packet[i] = (uint8_t)rng_next(rng);
	packet[8] = 60;
	packet[9] = protocols[rng_below(rng, sizeof protocols)];
	put32(packet + 12, (uint32_t)rng_next(rng));
	memcpy(packet + 16, probe + 12, 4);
	packet[32] = 0x50;
	if (packet[9] == 6) /* to neither of our two ports, which differ in the lowest bit */
		put16(packet + 22, get16(probe + 20) ^ 2 * (1 + (uint32_t)rng_below(rng, 32767)));
	else /* of another identifier, and an error quotes nothing of sense */
		put16(packet + 24, get16(probe + 24) + 1 + (uint32_t)rng_below(rng, 65535));
	packet[28] = 0;
	bytes_repair(packet, sizeof packet);
	memcpy(out, packet, sizeof packet);
	return sizeof packet;
}
