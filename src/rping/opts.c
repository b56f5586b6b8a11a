/* SPDX-License-Identifier: MIT */
/* rping's options. This table is all there is: parser, help, manual and completions are made from it. */
#include "rping/opts.h"

#include <stdio.h>
#include <string.h>

#include "base/ns.h"
#include "config.h"

#define SERIES "Series"
#define PACKET "Packet"
#define OUTPUT "Output"
#define HELP   "Help"

#define FIELD(name)     offsetof(struct rping_options, name)
#define LONGEST_SECONDS (INT64_C(2147483) * NS_PER_S)

static const struct choice formats[] = {
	{"text", RPING_FORMAT_TEXT}, {"json", RPING_FORMAT_JSON}, {"csv", RPING_FORMAT_CSV}, {NULL, 0}};
static const struct choice intervals[] = {{"0", 0}, {"auto", (int)RPING_INTERVAL_AUTO}, {NULL, 0}};
static const struct choice clocks[] = {{"auto", RPING_CLOCK_AUTO},
				       {"hardware", RPING_CLOCK_HARDWARE},
				       {"kernel", RPING_CLOCK_KERNEL},
				       {"user", RPING_CLOCK_USER},
				       {NULL, 0}};
static const struct choice timeouts[] = {{"auto", (int)RPING_TIMEOUT_AUTO}, {NULL, 0}};
static const struct choice identifiers[] = {{"random", (int)RPING_IDENTIFIER_RANDOM}, {NULL, 0}};

static int call_json(void *options, const char *argument, char *why, size_t size)
{
	(void)argument, (void)why, (void)size;
	((struct rping_options *)options)->format = RPING_FORMAT_JSON;
	return 0;
}

static int call_user_clock(void *options, const char *argument, char *why, size_t size)
{
	(void)argument, (void)why, (void)size;
	((struct rping_options *)options)->clock = RPING_CLOCK_USER;
	return 0;
}

static int call_interface(void *options, const char *argument, char *why, size_t size)
{
	struct rping_options *rping = options;

	if (argument[0] == '\0') {
		snprintf(why, size, "an interface's name or an address is needed");
		return -1;
	}
	if (rp_addr_parse(argument, &rping->source) < 0)
		rping->interface = argument;
	return 0;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Two digits make an octet; a last digit alone is an octet, too, as in iputils. */
static int call_pattern(void *options, const char *argument, char *why, size_t size)
{
	struct rping_options *rping = options;
	size_t digits = strlen(argument);

	if (digits == 0 || digits > 2 * sizeof(rping->pattern) ||
	    strspn(argument, "0123456789abcdefABCDEF") != digits) {
		snprintf(why, size, "1 to 32 hexadecimal digits are allowed");
		return -1;
	}
	rping->pattern_length = 0;
	for (size_t i = 0; i < digits; i += 2) {
		int octet = hex_digit(argument[i]);

		if (i + 1 < digits)
			octet = octet * 16 + hex_digit(argument[i + 1]);
		rping->pattern[rping->pattern_length++] = (uint8_t)octet;
	}
	return 0;
}

static const struct opt table[] = {
	{.letter = 'c',
	 .name = "count",
	 .kind = OPT_INT,
	 .offset = FIELD(count),
	 .argument = "N",
	 .min = 1,
	 .max = INT64_MAX,
	 .group = SERIES,
	 .help = "stop after N probes; with -w, after N replies",
	 .manual = "Without this option rping goes on until it is interrupted."},
	{.letter = 'i',
	 .name = "interval",
	 .kind = OPT_DURATION,
	 .offset = FIELD(interval),
	 .argument = "SECONDS",
	 .fallback = "auto",
	 .min = 10 * NS_PER_US,
	 .max = LONGEST_SECONDS,
	 .unit = NS_PER_S,
	 .choices = intervals,
	 .group = SERIES,
	 .help = "time between two probes; 0: as fast as replies come",
	 .manual = "With 0 a probe leaves when the one before it is answered, or 10 ms after it. "
		   "auto is one second, or 0 with -f."},
	{.letter = 'A',
	 .name = "adaptive",
	 .kind = OPT_FLAG,
	 .offset = FIELD(adaptive),
	 .group = SERIES,
	 .help = "send when the last reply came, or after the interval",
	 .manual = "The interval follows the round trip: no more than one probe (or the preload) is unanswered."},
	{.letter = 'f',
	 .name = "flood",
	 .kind = OPT_FLAG,
	 .offset = FIELD(flood),
	 .group = SERIES,
	 .help = "print a dot for each probe, take it back for each reply",
	 .manual = "Without -i probes leave as fast as replies come, at least 100 a second."},
	{.letter = 'W',
	 .name = "timeout",
	 .kind = OPT_DURATION,
	 .offset = FIELD(timeout),
	 .argument = "SECONDS",
	 .fallback = "auto",
	 .min = 0,
	 .max = LONGEST_SECONDS,
	 .unit = NS_PER_S,
	 .choices = timeouts,
	 .complete = OPT_COMPLETE_CHOICE,
	 .group = SERIES,
	 .help = "give each probe up after this time; 0: never",
	 .manual = "A reply that comes later is counted as late. With auto a probe is given up after 10 seconds, "
		   "and after the last one rping waits twice the longest round trip, but at least one interval; 10 "
		   "seconds when nothing was answered."},
	{.letter = 'w',
	 .name = "deadline",
	 .kind = OPT_DURATION,
	 .offset = FIELD(deadline),
	 .argument = "SECONDS",
	 .fallback = "0",
	 .min = 0,
	 .max = LONGEST_SECONDS,
	 .unit = NS_PER_S,
	 .group = SERIES,
	 .help = "end the run after this time; 0: no limit"},
	{.letter = 'l',
	 .name = "preload",
	 .kind = OPT_INT,
	 .offset = FIELD(preload),
	 .argument = "N",
	 .fallback = "1",
	 .min = 1,
	 .max = 65536,
	 .group = SERIES,
	 .help = "send this many probes at once at the start"},

	{.letter = 's',
	 .name = "size",
	 .kind = OPT_INT,
	 .offset = FIELD(size),
	 .argument = "BYTES",
	 .fallback = "56",
	 .min = 0,
	 .max = 65507,
	 .group = PACKET,
	 .help = "bytes of payload in each probe",
	 .manual = "The packet is 28 bytes longer: 20 of IPv4 header and 8 of ICMP header. A reply is proven to be "
		   "genuine by a keyed value in the payload, which needs 8 bytes."},
	{.letter = 't',
	 .name = "ttl",
	 .kind = OPT_INT,
	 .offset = FIELD(time_to_live),
	 .argument = "N",
	 .fallback = "64",
	 .min = 1,
	 .max = 255,
	 .group = PACKET,
	 .help = "time to live of the probes"},
	{.letter = 'Q',
	 .name = "tos",
	 .kind = OPT_INT,
	 .offset = FIELD(type_of_service),
	 .argument = "N",
	 .fallback = "0",
	 .min = 0,
	 .max = 255,
	 .group = PACKET,
	 .help = "type of service octet (DSCP and ECN), decimal or 0x hex"},
	{.letter = 'p',
	 .name = "pattern",
	 .kind = OPT_CALL,
	 .argument = "HEX",
	 .call = call_pattern,
	 .group = PACKET,
	 .help = "fill the payload with these octets, at most 16",
	 .manual = "Without this option the octets of the payload count up."},
	{.letter = 'e',
	 .name = "identifier",
	 .kind = OPT_INT,
	 .offset = FIELD(identifier),
	 .argument = "N",
	 .fallback = "random",
	 .min = 0,
	 .max = 65535,
	 .choices = identifiers,
	 .complete = OPT_COMPLETE_CHOICE,
	 .group = PACKET,
	 .help = "ICMP identifier of the probes"},
	{.letter = 'I',
	 .name = "interface",
	 .kind = OPT_CALL,
	 .argument = "NAME",
	 .call = call_interface,
	 .complete = OPT_COMPLETE_INTERFACE,
	 .group = PACKET,
	 .help = "send through this interface, or from this address",
	 .manual = "The option may be given twice: once with an interface, once with an address."},

	{.name = "clock",
	 .kind = OPT_CHOICE,
	 .offset = FIELD(clock),
	 .argument = "CLOCK",
	 .fallback = "auto",
	 .choices = clocks,
	 .complete = OPT_COMPLETE_CHOICE,
	 .group = OUTPUT,
	 .help = "who takes the times",
	 .manual =
		 "auto takes the interface's stamps where both packets have them, else the kernel's. Stamps of the "
		 "interface need somebody to have it stamp all packets (ptp4l, hwstamp_ctl). A time taken by a lesser "
		 "clock than was asked for is told once, on standard error."},
	{.letter = 'U',
	 .name = "user-clock",
	 .kind = OPT_CALL,
	 .call = call_user_clock,
	 .group = OUTPUT,
	 .help = "the same as --clock user: what this program itself sees"},
	{.name = "breakdown",
	 .kind = OPT_FLAG,
	 .offset = FIELD(breakdown),
	 .group = OUTPUT,
	 .help = "show what this host added to each round trip",
	 .manual =
		 "held: from when the probe was made until it was on the wire (queue, ARP). woken: from when the reply "
		 "was there until rping saw it. Neither is part of the time shown. lag, in the statistics: how late "
		 "a probe was made."},
	{.name = "percentiles",
	 .kind = OPT_FLAG,
	 .offset = FIELD(percentiles),
	 .group = OUTPUT,
	 .help = "add percentiles and jitter to the statistics",
	 .manual = "Percentiles are within 1/128 of the exact value; jitter is that of RFC 3550, of the round trip."},
	{.letter = 'q',
	 .name = "quiet",
	 .kind = OPT_FLAG,
	 .offset = FIELD(quiet),
	 .group = OUTPUT,
	 .help = "print the header and the statistics only"},
	{.letter = 'v',
	 .name = "verbose",
	 .kind = OPT_COUNT,
	 .offset = FIELD(verbose),
	 .group = OUTPUT,
	 .help = "tell more; may be repeated"},
	{.letter = 'n',
	 .name = "numeric",
	 .kind = OPT_FLAG,
	 .offset = FIELD(numeric),
	 .group = OUTPUT,
	 .help = "print addresses and look no names up for them"},
	{.letter = 'D',
	 .name = "print-timestamps",
	 .kind = OPT_FLAG,
	 .offset = FIELD(timestamps),
	 .group = OUTPUT,
	 .help = "begin lines with [seconds since 1970]"},
	{.letter = 'O',
	 .name = "report-outstanding",
	 .kind = OPT_FLAG,
	 .offset = FIELD(report_outstanding),
	 .group = OUTPUT,
	 .help = "report a probe that is unanswered when the next one is due"},
	{.name = "format",
	 .kind = OPT_CHOICE,
	 .offset = FIELD(format),
	 .argument = "FORMAT",
	 .fallback = "text",
	 .choices = formats,
	 .complete = OPT_COMPLETE_CHOICE,
	 .group = OUTPUT,
	 .help = "how the output looks"},
	{.name = "json",
	 .kind = OPT_CALL,
	 .call = call_json,
	 .group = OUTPUT,
	 .help = "one JSON object on each line, as --format json"},

	{.letter = 'h', .name = "help", .kind = OPT_HELP, .group = HELP, .help = "print this help"},
	{.letter = 'V', .name = "version", .kind = OPT_VERSION, .group = HELP, .help = "print the version"},
	{.name = NULL},
};

const struct opt_tool rping_tool = {
	.name = "rping",
	.operands = "HOST",
	.summary = "Send ICMP echo requests to a host and measure the round trip.",
	.operand_complete = OPT_COMPLETE_HOST,
	.table = table,
	.epilogue = "Times are in seconds, or have a unit: 250us, 10ms, 1.5s, 2m, 1h.\n"
		    "\n"
		    "Examples:\n"
		    "  rping -c 4 127.0.0.1          four probes, one a second\n"
		    "  rping -c 1 -W 0.5 127.0.0.1   is it there? wait half a second at most\n"
		    "  rping -c 3 --json 127.0.0.1   for programs\n"
		    "\n"
		    "Exit status: 0 answered, 1 not answered, 2 wrong usage or an error.\n",
	.version = "rping " RPROBE_VERSION " (rprobe); prints what ping of iputils prints\n",
};
