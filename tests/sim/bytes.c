/* SPDX-License-Identifier: MIT */
/* Reads headers by the offsets of RFC 791, RFC 792 and RFC 9293; nothing of src/wire is used here. */
#include "bytes.h"

#include <string.h>

#define IP   20
#define ICMP 1
#define TCP  6

/* What of the payload names the probe: the keyed value, the target and the rest of the number. */
#define NAME_FULL  16
#define NAME_KEYED 8

static size_t header_of(const uint8_t *packet)
{
	return (packet[0] & 15U) * 4;
}

const uint8_t *bytes_inner(const uint8_t *packet)
{
	return packet + header_of(packet);
}

/* ---- checksums -------------------------------------------------------------------------------- */

/* Of the pseudo header (RFC 9293 section 3.1), in front of the segment's. */
static uint64_t pseudo(const uint8_t *packet, size_t length)
{
	uint64_t sum = TCP + length - header_of(packet);

	for (size_t at = 12; at < IP; at += 2)
		sum += get16(packet + at);
	return sum;
}

/* Over the ICMP message, or over pseudo-header and segment. */
static uint16_t inner_sum(const uint8_t *packet, size_t length)
{
	size_t inner = length - header_of(packet);
	uint64_t start = packet[9] == TCP ? pseudo(packet, length) : 0;

	return inet_sum(start, bytes_inner(packet), inner);
}

/* There is an IPv4 header, and a transport header of the shortest kind behind it. */
static bool readable(const uint8_t *packet, size_t length)
{
	return length >= IP && packet[0] >> 4 == 4 && header_of(packet) >= IP && get16(packet + 2) <= length &&
	       get16(packet + 2) >= header_of(packet) + 8;
}

bool bytes_header_sound(const uint8_t *packet, size_t length)
{
	return length >= IP && header_of(packet) <= length && inet_sum(0, packet, header_of(packet)) == 0;
}

bool bytes_inner_sound(const uint8_t *packet, size_t length)
{
	if (!readable(packet, length) || get16(packet + 6) & 0x3fff)
		return false;
	length = get16(packet + 2);
	if (packet[9] == TCP && (length < header_of(packet) + 20 || bytes_inner(packet)[12] >> 4 < 5 ||
				 length < header_of(packet) + (bytes_inner(packet)[12] >> 4) * 4U))
		return false;
	if (packet[9] == TCP && get16(bytes_inner(packet) + 16) == 0xffff - inet_sum(pseudo(packet, length), NULL, 0))
		return true;
	return (packet[9] == ICMP || packet[9] == TCP) && inner_sum(packet, length) == 0;
}

void bytes_repair(uint8_t *packet, size_t length)
{
	size_t at = packet[9] == TCP ? 16 : 2;

	if (!readable(packet, length))
		return;
	length = get16(packet + 2);
	put16(packet + 10, 0);
	put16(packet + 10, inet_sum(0, packet, header_of(packet)));
	at += header_of(packet);
	if (at + 2 > length)
		return;
	put16(packet + at, 0);
	put16(packet + at, inner_sum(packet, length));
}

/* ---- answers ---------------------------------------------------------------------------------- */

static void header(uint8_t *out, size_t length, uint8_t protocol, const uint8_t *from, const uint8_t *to)
{
	memset(out, 0, IP);
	out[0] = 0x45;
	put16(out + 2, (uint32_t)length);
	out[8] = 57;
	out[9] = protocol;
	memcpy(out + 12, from, 4);
	memcpy(out + 16, to, 4);
}

size_t bytes_echo_reply(const uint8_t *probe, size_t length, uint8_t *out)
{
	header(out, length, ICMP, probe + 16, probe + 12);
	memcpy(out + IP, probe + IP, length - IP);
	out[IP] = 0;
	bytes_repair(out, length);
	return length;
}

size_t bytes_segment(const uint8_t *probe, unsigned flags, uint32_t sequence, uint32_t acknowledgment, uint8_t *out)
{
	static const uint8_t options[] = {2, 4, 5, 180}; /* MSS 1460 */
	size_t length = IP + 20 + (flags & SYN ? sizeof options : 0);
	uint8_t *tcp = out + IP;

	header(out, length, TCP, probe + 16, probe + 12);
	memcpy(tcp, probe + IP + 2, 2);
	memcpy(tcp + 2, probe + IP, 2);
	put32(tcp + 4, sequence);
	put32(tcp + 8, acknowledgment);
	tcp[12] = (uint8_t)((length - IP) / 4 << 4);
	tcp[13] = (uint8_t)flags;
	put16(tcp + 14, 65160);
	put32(tcp + 16, 0);
	memcpy(tcp + 20, options, length - IP - 20);
	bytes_repair(out, length);
	return length;
}

size_t bytes_error(const uint8_t *packet, uint32_t from, unsigned type, unsigned code, uint32_t rest, size_t quote,
		   uint8_t *out)
{
	uint8_t address[4];

	put32(address, from);
	header(out, IP + 8 + quote, ICMP, address, packet + 12);
	out[IP] = (uint8_t)type;
	out[IP + 1] = (uint8_t)code;
	put16(out + IP + 2, 0);
	put32(out + IP + 4, rest);
	memcpy(out + IP + 8, packet, quote);
	bytes_repair(out, IP + 8 + quote);
	return IP + 8 + quote;
}

/* ---- which probe ------------------------------------------------------------------------------ */

/* How much of a payload of that length names the probe. */
static size_t name_of(size_t payload)
{
	if (payload >= NAME_FULL)
		return NAME_FULL;
	return payload < NAME_KEYED ? payload : NAME_KEYED;
}

/* RFC 792: the quote is the IPv4 header and at least 64 bits of what follows. What there is of the name must be
 * right. */
static bool quotes(const uint8_t *quote, size_t length, const uint8_t *probe, size_t probe_length)
{
	const uint8_t *inner, *wanted = probe + IP;
	size_t name = name_of(probe_length - IP - 8);

	if (length < IP || quote[0] >> 4 != 4 || header_of(quote) < IP)
		return false;
	if (get16(quote + 2) < length)
		length = get16(quote + 2);
	if (length < header_of(quote) + 8 || get16(quote + 6) & 0x1fff || quote[9] != probe[9] ||
	    memcmp(quote + 16, probe + 16, 4) != 0)
		return false;
	inner = bytes_inner(quote);
	if (probe[9] == TCP)
		return memcmp(inner, wanted, 8) == 0;
	if (length - header_of(quote) - 8 < name)
		name = length - header_of(quote) - 8;
	return inner[0] == wanted[0] && memcmp(inner + 4, wanted + 4, 4) == 0 &&
	       memcmp(inner + 8, wanted + 8, name) == 0;
}

/* Who was not asked must have the whole keyed value; without the rest of the name it is known where there is one
 * target only. */
static enum bytes_answer echoes(const uint8_t *packet, size_t length, const uint8_t *probe, size_t probe_length)
{
	const uint8_t *inner = bytes_inner(packet);
	size_t payload = probe_length - IP - 8, name = name_of(payload);
	bool asked = memcmp(packet + 12, probe + 16, 4) == 0;

	if (inner[0] != 0 || memcmp(inner + 4, probe + IP + 4, 4) != 0 || (!asked && payload < NAME_KEYED) ||
	    length < header_of(packet) + 8 + name || memcmp(inner + 8, probe + IP + 8, name) != 0)
		return ANSWER_NONE;
	return asked || payload >= NAME_FULL ? ANSWER_REPLY : ANSWER_OTHER;
}

bool bytes_is_syn_ack(const uint8_t *packet)
{
	return packet[9] == TCP && (bytes_inner(packet)[13] & (SYN | ACK | RST)) == (SYN | ACK);
}

static enum bytes_answer acknowledges(const uint8_t *packet, const uint8_t *probe)
{
	const uint8_t *tcp = bytes_inner(packet), *syn = probe + IP;
	uint32_t number = get32(tcp + 8) - get32(syn + 4);
	unsigned flags = tcp[13];

	if (memcmp(packet + 12, probe + 16, 4) != 0 || memcmp(packet + 16, probe + 12, 4) != 0 ||
	    memcmp(tcp, syn + 2, 2) != 0 || memcmp(tcp + 2, syn, 2) != 0)
		return ANSWER_NONE;
	uint32_t counted = number % (1 << 24); /* between the same ports the numbers differ in the highest byte */
	if (flags & ACK && flags & (SYN | RST)) {
		if (counted > 1 || (counted == 0 && flags & SYN))
			return ANSWER_NONE;
		return number == counted ? ANSWER_REPLY : ANSWER_OTHER;
	}
	return counted == 1 && (flags & (FIN | SYN | RST | ACK)) == ACK ? ANSWER_OTHER : ANSWER_NONE;
}

enum bytes_answer bytes_answers(const uint8_t *packet, size_t length, const uint8_t *probe, size_t probe_length)
{
	if (!bytes_inner_sound(packet, length))
		return ANSWER_NONE;

	const uint8_t *inner = bytes_inner(packet);
	length = get16(packet + 2);
	if (packet[9] == TCP)
		return probe[9] == TCP ? acknowledges(packet, probe) : ANSWER_NONE;
	if (inner[0] == 3 || inner[0] == 4 || inner[0] == 5 || inner[0] == 11 || inner[0] == 12)
		return quotes(inner + 8, length - header_of(packet) - 8, probe, probe_length) ? ANSWER_ERROR
											      : ANSWER_NONE;
	return probe[9] == ICMP ? echoes(packet, length, probe, probe_length) : ANSWER_NONE;
}

uint32_t bytes_difference(const uint8_t *packet, const uint8_t *probe, size_t probe_length)
{
	const uint8_t *payload = bytes_inner(packet) + 8;
	size_t is = get16(packet + 2) - header_of(packet) - 8, was = probe_length - IP - 8;

	for (size_t at = 0; at < is && at < was; at++) {
		if (payload[at] != probe[IP + 8 + at])
			return (uint32_t)at;
	}
	if (is == was)
		return UINT32_MAX;
	return (uint32_t)(is < was ? is : was);
}
