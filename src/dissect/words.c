/* SPDX-License-Identifier: MIT */
/* The tables of words. */
#include "dissect/words.h"

#include <stdio.h>
#include <string.h>

#include "base/choice.h"
#include "wire/icmp.h"
#include "wire/ipopts.h"

static const struct choice protocols[] = {{"ICMP", 1}, {"IGMP", 2}, {"TCP", 6}, {"UDP", 17}, {"GRE", 47}, {NULL, 0}};

static const struct choice icmp_types[] = {{"echo reply", 0},           {"destination unreachable", 3},
					   {"source quench", 4},        {"redirect", 5},
					   {"echo request", 8},         {"router advertisement", 9},
					   {"router solicitation", 10}, {"time exceeded", 11},
					   {"parameter problem", 12},   {"timestamp", 13},
					   {"timestamp reply", 14},     {NULL, 0}};

static const struct choice ip_options[] = {{"end of list", IPV4_OPTION_END},
					   {"no operation", IPV4_OPTION_NOP},
					   {"record route", IPV4_OPTION_RECORD_ROUTE},
					   {"time stamps", IPV4_OPTION_STAMPS},
					   {"loose source route", IPV4_OPTION_LOOSE_ROUTE},
					   {"strict source route", IPV4_OPTION_STRICT_ROUTE},
					   {"router alert", 148},
					   {NULL, 0}};

static const struct choice tcp_options[] = {{"end of list", 0},
					    {"no operation", 1},
					    {"maximum segment size", 2},
					    {"window scale", 3},
					    {"SACK permitted", 4},
					    {"SACK", 5},
					    {"time stamps", 8},
					    {"MD5 signature", 19},
					    {"multipath TCP", 30},
					    {"fast open", 34},
					    {NULL, 0}};

static const struct choice ecns[] = {
	{"not ECN-capable", 0}, {"ECT(1)", 1}, {"ECT(0)", 2}, {"congestion", 3}, {NULL, 0}};

const char *words_protocol(unsigned protocol)
{
	return choice_name(protocols, (int)protocol);
}

const char *words_icmp_type(unsigned type)
{
	return choice_name(icmp_types, (int)type);
}

const char *words_icmp_code(unsigned type, unsigned code)
{
	const struct icmp_meaning *meaning = icmp_meaning(type, code);

	return meaning != NULL ? meaning->word : NULL;
}

const char *words_ip_option(unsigned type)
{
	return choice_name(ip_options, (int)type);
}

const char *words_tcp_option(unsigned kind)
{
	return choice_name(tcp_options, (int)kind);
}

const char *words_ecn(unsigned type_of_service)
{
	return choice_name(ecns, (int)type_of_service & 3);
}

const char *words_checksum(enum rp_checksum checksum)
{
	switch (checksum) {
	case RP_CHECKSUM_NONE:
		return "cannot be judged";
	case RP_CHECKSUM_GOOD:
		return "good";
	case RP_CHECKSUM_UNFILLED:
		return "unfilled: left to the device";
	case RP_CHECKSUM_BAD:
		return "bad";
	}
	return "?";
}

const char *words_dscp(unsigned type_of_service, char text[8])
{
	unsigned dscp = type_of_service >> 2 & 0x3f, class = dscp >> 3, drop = dscp >> 1 & 3;

	text[0] = '\0';
	if (dscp == 46 || dscp == 1)
		strcpy(text, dscp == 46 ? "ef" : "le");
	else if ((dscp & 7) == 0 && class > 0)
		snprintf(text, 8, "cs%u", class);
	else if ((dscp & 1) == 0 && drop > 0 && class >= 1 && class <= 4)
		snprintf(text, 8, "af%u%u", class, drop);
	return text;
}

const char *words_tcp_flags(unsigned flags, char text[40])
{
	static const char names[][4] = {"FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"};
	size_t at = 0;

	strcpy(text, "none");
	for (unsigned i = 0; i < 8; i++)
		if (flags & 1u << i)
			at += (size_t)snprintf(text + at, 40 - at, "%s%s", at > 0 ? " " : "", names[i]);
	return text;
}
