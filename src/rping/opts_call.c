/* SPDX-License-Identifier: MIT */
/* Hides the grammar of addresses, patterns, classes of service and the like. */
#include "rping/opts_call.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/num.h"

int call_interface(void *options, const char *argument, char *why, size_t size)
{
	struct rping_options *rping = options;
	struct rp_addr address;

	if (argument[0] == '\0') {
		snprintf(why, size, "an interface's name or an address is needed");
		return -1;
	}
	if (rp_addr_parse(argument, &address) < 0)
		rping->interface = argument;
	else if (rp_addr_ipv4_value(address) == 0)
		rping->sticky_source = true; /* no address is any, as with bind() */
	else
		rping->source = address;
	return 0;
}

/* Two digits make an octet; a last digit alone is an octet, too, as in iputils. */
int call_pattern(void *options, const char *argument, char *why, size_t size)
{
	struct rping_options *rping = options;
	size_t digits = strlen(argument);

	if (digits == 0 || digits > 2 * sizeof(rping->pattern) ||
	    strspn(argument, "0123456789abcdefABCDEF") != digits) {
		snprintf(why, size, "patterns must be specified as hex digits: 1 to 32 of them");
		return -1;
	}
	rping->pattern_length = 0;
	for (size_t i = 0; i < digits; i += 2) {
		int octet = num_digit(argument[i]);

		if (i + 1 < digits)
			octet = octet * 16 + num_digit(argument[i + 1]);
		rping->pattern[rping->pattern_length++] = (uint8_t)octet;
	}
	return 0;
}

/* RFC 2474 (CS), 2597 (AF), 3246 (EF), 5865 (VA), 8622 (LE). */
static const struct choice dscps[] = {
	{"cs0", 0},   {"cs1", 8},   {"cs2", 16},  {"cs3", 24},  {"cs4", 32},  {"cs5", 40},  {"cs6", 48},  {"cs7", 56},
	{"af11", 10}, {"af12", 12}, {"af13", 14}, {"af21", 18}, {"af22", 20}, {"af23", 22}, {"af31", 26}, {"af32", 28},
	{"af33", 30}, {"af41", 34}, {"af42", 36}, {"af43", 38}, {"ef", 46},   {"va", 44},   {"le", 1},    {NULL, 0}};

/* In either case: documents write EF and AF21. */
static int dscp_value(const char *name)
{
	for (const struct choice *at = dscps; at->name != NULL; at++)
		if (strcasecmp(at->name, name) == 0)
			return at->value;
	return -1;
}

int call_tos(void *options, const char *argument, char *why, size_t size)
{
	struct rping_options *rping = options;
	int dscp = dscp_value(argument);
	int64_t value;

	if (dscp >= 0) {
		rping->type_of_service = (uint8_t)(dscp << 2);
		return 0;
	}
	if (num_parse_i64(argument, INT64_MIN, INT64_MAX, &value) < 0) {
		snprintf(why, size, "bad TOS value: neither a number nor a name as ef, af21 or cs3");
		return -1;
	}
	if (value < 0 || value > UINT8_MAX) {
		snprintf(why, size, "the decimal value of TOS bits must be in range 0-255");
		return -1;
	}
	rping->type_of_service = (uint8_t)value;
	return 0;
}

int call_ip_stamps(void *options, const char *argument, char *why, size_t size)
{
	static const struct choice kinds[] = {{"tsonly", RP_IP_OPTION_STAMPS},
					      {"tsandaddr", RP_IP_OPTION_STAMPS_ADDRESSES},
					      {"tsprespec", RP_IP_OPTION_STAMPS_PRESET},
					      {NULL, 0}};
	int kind = choice_value(kinds, argument);

	if (kind < 0) {
		snprintf(why, size, "invalid timestamp type; allowed: tsonly, tsandaddr, tsprespec");
		return -1;
	}
	((struct rping_options *)options)->ip_stamps = (enum rp_ip_option)kind;
	return 0;
}

int opts_add_hop(struct rping_options *options, struct rp_addr hop, char *why, size_t size)
{
	if (options->hop_count == RP_HOPS_MAX) {
		snprintf(why, size, "%d hops at most", RP_HOPS_MAX);
		return -1;
	}
	options->hops[options->hop_count++] = hop;
	return 0;
}

int call_via(void *options, const char *argument, char *why, size_t size)
{
	for (const char *at = argument;; at++) {
		size_t length = strcspn(at, ",");
		char text[RP_ADDR_TEXT_SIZE];
		struct rp_addr hop;

		snprintf(text, sizeof text, "%.*s", (int)length, at);
		if (length >= sizeof text || rp_addr_parse(text, &hop) < 0) {
			snprintf(why, size, "an IPv4 address is needed, or several with commas between them");
			return -1;
		}
		if (opts_add_hop(options, hop, why, size) < 0)
			return -1;
		at += length;
		if (*at == '\0')
			return 0;
	}
}
