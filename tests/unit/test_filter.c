/* SPDX-License-Identifier: MIT */
/*
 * The packet filters, run by the kernel: attached to a local datagram socket, which needs no privilege, they see
 * of a datagram what they see of a packet on a raw socket. What belongs to a run is told by scapy's fields.
 */
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io/filter.h"

#include "vectors.h"

/* A packet sent to `to` comes out at `from` if the filter lets it through. */
struct gate {
	int from, to;
	struct filter filter;
};

static struct gate gate_open(void)
{
	int fds[2];

	assert_return_code(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), errno);
	return (struct gate){.from = fds[0], .to = fds[1], .filter.fd = fds[0]};
}

static void gate_close(struct gate gate)
{
	close(gate.from);
	close(gate.to);
}

static bool passes(struct gate gate, const uint8_t *bytes, size_t length)
{
	struct filter ours = gate.filter;
	uint8_t byte;

	assert_int_equal(send(gate.to, bytes, length, 0), length);
	ssize_t received = recv(gate.from, &byte, sizeof byte, MSG_TRUNC);
	if (received < 0)
		assert_int_equal(errno, EAGAIN);
	else
		assert_int_equal(received, length); /* whole, not cut by the filter */
	/* What the kernel does is what is done without it. */
	assert_false(ours.refused);
	assert_true(filter_passes(&ours, bytes, length));
	ours.refused = true;
	assert_int_equal(filter_passes(&ours, bytes, length), received >= 0);
	return received >= 0;
}

static bool is_icmp(const struct packet_vector *v)
{
	return v->verdict == RP_PACKET_OK && v->ip.protocol == RP_PROTOCOL_ICMP;
}

static bool is_tcp(const struct packet_vector *v)
{
	return v->verdict == RP_PACKET_OK && v->ip.protocol == RP_PROTOCOL_TCP;
}

/* An error that quotes the beginning of a datagram of that protocol. */
static bool quotes(const struct packet_vector *v, uint8_t protocol)
{
	return v->quote.length > 0 && v->quote.ip.fragment_offset == 0 && v->quote.ip.protocol == protocol;
}

static void expect(struct gate gate, const struct packet_vector *v, bool passing)
{
	if (passes(gate, v->bytes, v->length) != passing)
		fail_msg("%s: %s", v->name, passing ? "dropped" : "let through");
}

/* The source ports of a run, as seen from one port: it may be one, the first, the last, or beside them. */
static const struct {
	int16_t base;
	uint16_t count;
	bool own;
} rows[] = {
	{0, 1, true},      {1, 1, false},   {-1, 1, false},     {0x100, 1, false}, {0, 256, true},
	{-255, 256, true}, {1, 256, false}, {-256, 256, false}, {-100, 200, true},
};

/* No row goes round: the ports of the vectors are far from both ends. */
static uint16_t row_base(uint16_t port, size_t row)
{
	assert_in_range(port, 256, UINT16_MAX - 512);
	return (uint16_t)(port + rows[row].base);
}

/* Each other value differs from the own one in one bit, of one byte and of the other. */
static const uint16_t differences[] = {0, 1, 0x100};

TEST(icmp_echo)
{
	struct gate gate = gate_open();
	unsigned own = 0;

	for (size_t i = 0; i < LENGTH_OF(packet_vectors); i++) {
		const struct packet_vector *v = &packet_vectors[i];
		bool error = quotes(v, RP_PROTOCOL_ICMP) && v->quote.icmp.type == RP_ICMP_ECHO;
		bool reply = v->icmp.type == RP_ICMP_ECHO_REPLY;
		uint16_t identifier = error ? v->quote.icmp.identifier : v->icmp.identifier;

		for (size_t k = 0; is_icmp(v) && k < LENGTH_OF(differences); k++) {
			bool passing = (error || reply) && differences[k] == 0;

			assert_int_equal(filter_attach_icmp_echo(&gate.filter, identifier ^ differences[k]), 0);
			expect(gate, v, passing);
			own += passing;
		}
	}
	assert_true(own >= 4);
	gate_close(gate);
}

TEST(icmp_tcp)
{
	struct gate gate = gate_open();
	unsigned own = 0;

	for (size_t i = 0; i < LENGTH_OF(packet_vectors); i++) {
		const struct packet_vector *v = &packet_vectors[i];
		bool error = quotes(v, RP_PROTOCOL_TCP);

		for (size_t k = 0; is_icmp(v) && k < LENGTH_OF(rows); k++) {
			bool passing = error && rows[k].own;
			uint16_t base = error ? row_base(v->quote.tcp.source_port, k) : 1000;

			assert_int_equal(filter_attach_errors(&gate.filter, RP_PROTOCOL_TCP, base, rows[k].count), 0);
			expect(gate, v, passing);
			own += passing;
		}
	}
	assert_true(own >= 4);
	gate_close(gate);
}

TEST(tcp)
{
	struct gate gate = gate_open();
	unsigned own = 0;

	for (size_t i = 0; i < LENGTH_OF(packet_vectors); i++) {
		const struct packet_vector *v = &packet_vectors[i];

		for (size_t k = 0; is_tcp(v) && k < LENGTH_OF(rows); k++) {
			uint16_t base = row_base(v->tcp.destination_port, k);

			assert_int_equal(filter_attach_tcp(&gate.filter, base, rows[k].count), 0);
			expect(gate, v, rows[k].own);
			own += rows[k].own;
		}
	}
	assert_true(own >= 4);
	gate_close(gate);
}

/* Up to the last byte that the filter needs, a packet cut short is dropped. */
TEST(cut_short)
{
	struct gate gate = gate_open();

	for (size_t i = 0; i < LENGTH_OF(packet_vectors); i++) {
		const struct packet_vector *v = &packet_vectors[i];
		size_t needed = v->ip.header_length + (is_tcp(v) ? 4U : 6U);

		if (is_tcp(v))
			assert_int_equal(filter_attach_tcp(&gate.filter, v->tcp.destination_port, 1), 0);
		else if (is_icmp(v) && v->icmp.type == RP_ICMP_ECHO_REPLY)
			assert_int_equal(filter_attach_icmp_echo(&gate.filter, v->icmp.identifier), 0);
		else
			continue;
		for (size_t length = 1; length < needed; length++)
			assert_false(passes(gate, v->bytes, length));
		assert_true(passes(gate, v->bytes, needed));
	}
	gate_close(gate);
}

TEST(none)
{
	struct gate gate = gate_open();

	assert_int_equal(filter_attach_none(&gate.filter), 0);
	for (size_t i = 0; i < LENGTH_OF(packet_vectors); i++)
		expect(gate, &packet_vectors[i], false);
	gate_close(gate);
}

TEST(no_socket)
{
	struct filter filter = {.fd = -1};

	assert_int_equal(filter_attach_none(&filter), 0);
	assert_true(filter.refused);
	assert_false(filter_passes(&filter, (const uint8_t[]){0x45}, 1));
	filter.attached = true;
	int error = filter_attach_none(&filter);

	assert_true(error == -EBADF || error == -ENOPROTOOPT); /* the latter from qemu-user */
}
