/* SPDX-License-Identifier: MIT */
/* rping's options: parser, help, manual and completions are made from these tables. */
#include "rping/opts.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/ns.h"
#include "base/num.h"
#include "config.h"

static const struct choice formats[] = {
	{"text", APP_FORMAT_TEXT}, {"json", APP_FORMAT_JSON}, {"csv", APP_FORMAT_CSV}, {NULL, 0}};
static const struct choice intervals[] = {{"0", 0}, {"auto", (int)RPING_INTERVAL_AUTO}, {NULL, 0}};
static const struct choice ttls[] = {{"auto", RPING_TTL_AUTO}, {NULL, 0}};
static const struct choice marks[] = {{"none", -1}, {NULL, 0}};
static const struct choice path_mtus[] = {{"auto", RP_PATH_MTU_AUTO},   {"want", RP_PATH_MTU_WANT},
					  {"do", RP_PATH_MTU_DO},       {"dont", RP_PATH_MTU_DONT},
					  {"probe", RP_PATH_MTU_PROBE}, {NULL, 0}};
static const struct choice ip_stamps[] = {{"tsonly", RP_IP_OPTION_STAMPS},
					  {"tsandaddr", RP_IP_OPTION_STAMPS_ADDRESSES},
					  {"tsprespec", RP_IP_OPTION_STAMPS_PRESET},
					  {NULL, 0}};
static const struct choice identifiers[] = {{"random", (int)RPING_IDENTIFIER_RANDOM}, {NULL, 0}};

bool opts_add_hop(struct rp_config *config, struct rp_addr hop)
{
	if (config->hop_count == RP_HOPS_MAX)
		return false;
	config->hops[config->hop_count++] = hop;
	return true;
}

/* One address, or several with commas between them. */
static int call_via(struct opt_call *call)
{
	for (const char *at = call->argument;; at++) {
		size_t length = strcspn(at, ",");
		char text[RP_ADDR_TEXT_SIZE];
		struct rp_addr hop;

		snprintf(text, sizeof text, "%.*s", (int)length, at);
		if (length >= sizeof text || rp_addr_parse(text, &hop) < 0)
			return error_set(&call->error, -1,
					 "an IPv4 address is needed, or several with commas between them");
		if (!opts_add_hop(&((struct app_options *)call->options)->config, hop))
			return error_set(&call->error, -1, "%d hops at most", RP_HOPS_MAX);
		at += length;
		if (*at == '\0')
			return 0;
	}
}

/* Two digits make a byte; a single last digit is a byte, too, as in iputils. */
static int call_pattern(struct opt_call *call)
{
	struct rp_config *config = &((struct app_options *)call->options)->config;
	size_t digits = strlen(call->argument);

	if (digits == 0 || digits > 2 * sizeof config->pattern ||
	    strspn(call->argument, "0123456789abcdefABCDEF") != digits)
		return error_set(&call->error, -1, "patterns must be specified as hex digits: 1 to 32 of them");
	config->pattern_length = 0;
	for (size_t i = 0; i < digits; i += 2) {
		int byte = num_digit(call->argument[i]);

		if (i + 1 < digits)
			byte = byte * 16 + num_digit(call->argument[i + 1]);
		config->pattern[config->pattern_length++] = (uint8_t)byte;
	}
	return 0;
}

/* An entry is laid out as its form, its help, its manual. */
/* clang-format off */
static const struct opt series_options[] = {
	{.letter = 'c', .name = "count", .kind = OPT_INT, .offset = offsetof(struct app_options, count),
	 .argument = "N", .min = 1,
	 .help = "stop after N probes; with -w, after N replies",
	 .manual = "Without this option " RPING_NAME " goes on until it is interrupted."},
	{.letter = 'i', .name = "interval", .kind = OPT_DURATION,
	 .offset = offsetof(struct app_options, config.interval),
	 .argument = "SECONDS", .fallback = "auto", .min = 10 * NS_PER_US, .choices = intervals,
	 .help = "time between two probes; 0: as fast as replies come",
	 .manual = "With 0 a probe leaves when the one before it is answered, or 10 ms after it. auto is one second, "
	  "or 0 with -f."},
	{.letter = 'A', .name = "adaptive", .kind = OPT_FLAG, .offset = offsetof(struct app_options, config.adaptive),
	 .help = "send when the last reply came, or after two round trips",
	 .manual = "Until the first reply comes the interval is that of -i. Unless replies are lost or late, no more "
	  "than one probe (or the preload) is unanswered."},
	{.letter = 'f', .name = "flood", .kind = OPT_FLAG, .offset = offsetof(struct app_options, ping.flood),
	 .help = "print a dot for each probe, take it back for each reply",
	 .manual = "Without -i probes leave as fast as replies come, at least 100 a second."},
	{.letter = 'W', .name = "timeout", .kind = OPT_DURATION, .offset = offsetof(struct app_options, timeout),
	 .argument = "SECONDS", .fallback = "auto", .choices = app_timeouts, .complete = OPT_COMPLETE_CHOICE,
	 .help = "give each probe up after this time; 0: never",
	 .manual = "A reply that comes later is counted as late. With 0 nothing is given up until 65,536 probes wait "
	  "(13 MB), or as many as leave in 20 seconds if that is more; then the oldest is. With auto a probe is given "
	  "up after 10 seconds, and after the last one " RPING_NAME " waits twice the longest round trip, but at "
	  "least one interval; 10 seconds when nothing had been answered by then."},
	{.letter = 'w', .name = "deadline", .kind = OPT_DURATION, .offset = offsetof(struct app_options, deadline),
	 .argument = "SECONDS", .fallback = "0", .help = "end the run after this time; 0: no limit"},
	{.letter = 'l', .name = "preload", .kind = OPT_INT, .offset = offsetof(struct rping_options, preload),
	 .argument = "N", .fallback = "1", .min = 1, .max = 65536,
	 .help = "send this many probes at once at the start"},
	{.name = NULL},
};

static const struct opt packet_options[] = {
	{.letter = 's', .name = "size", .kind = OPT_INT, .offset = offsetof(struct rping_options, size),
	 .argument = "BYTES", .fallback = "56", .max = 65507,
	 .help = "bytes of payload in each probe",
	 .manual = "The packet is 28 bytes longer: 20 of IPv4 header and 8 of ICMP header. A reply is proven to be "
	  "genuine by a keyed value in the payload, which needs 8 bytes."},
	{.letter = 't', .name = "ttl", .kind = OPT_INT, .offset = offsetof(struct rping_options, time_to_live),
	 .argument = "N", .fallback = "auto", .min = 1, .max = 255, .choices = ttls,
	 .help = "time to live of the probes",
	 .manual = "auto is what the route asks for (hoplimit), else net.ipv4.ip_default_ttl; and 1 for a multicast "
	  "group."},
	{.letter = 'Q', .name = "tos", .kind = OPT_CALL, .argument = "TOS", .choices = app_dscps,
	 .call = app_call_tos, .complete = OPT_COMPLETE_CHOICE,
	 .help = "type of service byte: a number, or a name (ef, af21, cs3)",
	 .manual = "A number is the whole byte, DSCP and ECN, decimal or 0x hex. A name is a DSCP; the byte is four "
	  "times its value. Known are cs0 to cs7, af11 to af43, ef, va and le, in either case."},
	{.letter = 'p', .name = "pattern", .kind = OPT_CALL, .argument = "HEX", .call = call_pattern,
	 .help = "fill the payload with these bytes, at most 16",
	 .manual = "Without this option the bytes of the payload count up."},
	{.letter = 'e', .name = "identifier", .kind = OPT_INT, .offset = offsetof(struct rping_options, identifier),
	 .argument = "N", .fallback = "random", .max = 65535, .choices = identifiers, .complete = OPT_COMPLETE_CHOICE,
	 .help = "ICMP identifier of the probes"},
	{.letter = 'I', .name = "interface", .kind = OPT_CALL, .argument = "NAME", .call = app_call_interface,
	 .complete = OPT_COMPLETE_INTERFACE,
	 .help = "send through this interface, or from this address",
	 .manual = "The option may be given twice: once with an interface, once with an address. A warning says when "
	  "the source is no address of the interface. An interface that is removed and made again under its name, and "
	  "an address that goes and comes back, are followed: probes in between are not sent, and standard error says "
	  "so. The device of a VRF stands for the VRF: its routes are used, whatever net.ipv4.raw_l3mdev_accept says."},
	{.name = "source", .kind = OPT_CALL, .argument = "ADDRESS", .call = app_call_source,
	 .help = "send from this address, as -I does with an address"},
	{.letter = 'B', .name = "sticky-source", .kind = OPT_FLAG,
	 .offset = offsetof(struct app_options, config.sticky_source),
	 .help = "keep the source address of the first probe"},
	{.letter = 'b', .name = "broadcast", .kind = OPT_FLAG, .offset = offsetof(struct app_options, config.broadcast),
	 .help = "allow a broadcast address"},
	{.letter = 'L', .name = "no-loop", .kind = OPT_FLAG,
	 .offset = offsetof(struct app_options, config.no_multicast_loop),
	 .help = "multicast packets do not come back to this host"},
	{.letter = 'M', .name = "path-mtu", .kind = OPT_CHOICE, .offset = offsetof(struct app_options, config.path_mtu),
	 .argument = "HINT", .fallback = "auto", .choices = path_mtus,
	 .help = "path MTU discovery",
	 .manual = "do: never fragment; a packet that does not fit the known path is not sent. dont: routers may "
	  "fragment. want: fragment here what does not fit the known path. probe: never fragment, whatever is known "
	  "of the path. auto: want, or dont where net.ipv4.ip_no_pmtu_disc says so. Where the MTU of the route is "
	  "locked, routers may fragment with want, too."},
	{.letter = 'm', .name = "mark", .kind = OPT_INT, .offset = offsetof(struct app_options, config.mark),
	 .argument = "N", .fallback = "none", .max = UINT32_MAX, .choices = marks,
	 .help = "mark the packets for policy routing and firewalls",
	 .manual = "Where the kernel does not allow it, a sentence on standard error says so, and packets have no "
	  "mark."},
	{.letter = 'r', .name = "direct", .kind = OPT_FLAG, .offset = offsetof(struct app_options, config.direct),
	 .help = "bypass the routing table; only hosts on attached networks",
	 .manual = "With --via the source route is strict."},
	{.letter = 'R', .name = "record-route", .kind = OPT_FLAG,
	 .offset = offsetof(struct rping_options, record_route),
	 .help = "have routers record their addresses, nine at most"},
	{.letter = 'T', .name = "ip-timestamp", .kind = OPT_CHOICE, .offset = offsetof(struct rping_options, ip_stamps),
	 .argument = "KIND", .choices = ip_stamps,
	 .help = "have routers stamp",
	 .manual = "With tsprespec the operands before the last one are the addresses of the one to four hosts that "
	  "are to stamp."},
	{.name = "via", .kind = OPT_CALL, .argument = "ADDRESS", .call = call_via,
	 .help = "loose source route through this address; may be repeated",
	 .manual = "Several addresses may be given with commas between them, nine in all. Most hosts and routers "
	  "refuse such packets."},
	{.letter = 'S', .name = "send-buffer", .kind = OPT_INT, .offset = offsetof(struct rping_options, send_buffer),
	 .argument = "BYTES", .min = 1, .max = INT32_MAX, .help = "size of the socket's send buffer"},
	{.letter = 'C', .name = "connect", .kind = OPT_FLAG, .offset = offsetof(struct rping_options, ignored),
	 .help = "accepted and without effect: answers are matched otherwise"},
	{.letter = 'd', .name = "debug", .kind = OPT_FLAG, .offset = offsetof(struct app_options, config.debug),
	 .help = "set SO_DEBUG on the socket, where that is allowed"},
	{.name = NULL},
};

static const struct opt ipv6_options[] = {
	{.letter = 'F', .name = "flow-label", .kind = OPT_TEXT, .offset = offsetof(struct rping_options, ignored_text),
	 .argument = "LABEL", .help = "accepted and without effect: only IPv6 has it"},
	{.letter = 'N', .name = "node-information", .kind = OPT_TEXT,
	 .offset = offsetof(struct rping_options, ignored_text), .argument = "QUERY",
	 .help = "accepted and without effect: only IPv6 has it"},
	{.name = NULL},
};

static const struct opt script_options[] = {
	{.name = "until-up", .kind = OPT_INT, .offset = offsetof(struct app_options, config.until_answered),
	 .argument = "N",
	 .optional = "1", .min = 1,
	 .help = "end, with exit status 0, after N replies in a row",
	 .manual = "Without =N one reply is enough. Unreachable hosts and networks, silence, probes that cannot be "
	  "sent and a name that is not known yet are all waited out; -w bounds the wait, and ends it with exit status "
	  "1 and a sentence on standard error, also with -q. Without -W a probe is given up after one second."},
	{.name = "until-down", .kind = OPT_INT, .offset = offsetof(struct app_options, config.until_silent),
	 .argument = "N",
	 .optional = "1", .min = 1,
	 .help = "end, with exit status 0, after N probes in a row without a reply",
	 .manual = "Without =N one probe is enough. Without -W a probe is given up after one second. A probe that "
	  "could not be sent does not count: it says nothing about the host."},
	{.name = NULL},
};

static const struct opt limit_options[] = {
	{.name = "max-errors", .kind = OPT_INT, .offset = offsetof(struct app_options, config.max_errors),
	 .argument = "N",
	 .min = 1,
	 .help = "end, with exit status 1, after N errors",
	 .manual = "Counted are probes about which an ICMP error came (each once; redirects do not count) and probes "
	  "that could not be sent."},
	{.name = NULL},
};

static const struct opt line_options[] = {
	{.letter = 'U', .name = "user-clock", .kind = OPT_SET, .offset = offsetof(struct app_options, clock),
	 .value = APP_CLOCK_USER, .help = "the same as --clock user: what this program itself sees"},
	{.letter = 'q', .name = "quiet", .kind = OPT_FLAG, .offset = offsetof(struct app_options, run.quiet),
	 .help = "print the header and the statistics only"},
	{.letter = '3', .name = "precise", .kind = OPT_FLAG, .offset = offsetof(struct app_options, ping.precise),
	 .help = "three decimals in every time, never rounded to fewer"},
	{.letter = 'a', .name = "audible", .kind = OPT_FLAG, .offset = offsetof(struct app_options, ping.audible),
	 .help = "ring the bell for each reply"},
	{.name = "bell-on-loss", .kind = OPT_FLAG, .offset = offsetof(struct app_options, ping.bell_on_loss),
	 .help = "ring the bell for each probe that is not answered",
	 .manual = "It rings when the next probe is due and the last one is unanswered, or when a probe is given up."},
	{.name = NULL},
};

static const struct opt report_options[] = {
	{.name = "stats-every", .kind = OPT_DURATION, .offset = offsetof(struct app_options, stats_every),
	 .argument = "TIME", .fallback = "0", .min = 10 * NS_PER_MS, .choices = app_never,
	 .help = "report on standard error how far it is; 0: never",
	 .manual = "It is the line that SIGQUIT asks for. JSON has a target event besides."},
	{.letter = 'H', .name = "force-names", .kind = OPT_FLAG, .offset = offsetof(struct rping_options, force_names),
	 .help = "look names up even where an address was given",
	 .manual = "Names never delay a probe or a line: a line shows only the address while the name is not known. "
	  "With this option also where IPUTILS_PING_PTR_LOOKUP=0 in the environment asks for none."},
	{.name = "format", .kind = OPT_CHOICE, .offset = offsetof(struct app_options, format), .argument = "FORMAT",
	 .choices = formats, .help = "how standard output looks, text where none is named"},
	{.name = NULL},
};
/* clang-format on */

static const struct opt_group groups[] = {
	{"Series", series_options},     {"Packet", packet_options},
	{"Packet", app_family_options}, {"Packet", ipv6_options},
	{"Scripts", script_options},    {"Scripts", app_require_options},
	{"Scripts", limit_options},     {"Output", app_series_options},
	{"Output", line_options},       {"Output", app_look_options},
	{"Output", report_options},     {"Output", app_output_options},
	{"Help", app_help_options},     {NULL, NULL},
};

const struct opt_tool rping_tool = {
	.name = RPING_NAME,
	.operands = "HOST",
	.summary = "Send ICMP echo requests to a host and measure the round trip.",
	.operand_complete = OPT_COMPLETE_HOST,
	.groups = groups,
	.epilogue = "Times are in seconds, or have a unit: 250us, 10ms, 1.5s, 2m, 1h.\n"
		    "\n"
		    "Examples:\n"
		    "  " RPING_NAME " -c 4 127.0.0.1          four probes, one a second\n"
		    "  " RPING_NAME " -c 1 -W 0.5 127.0.0.1   is it there? wait half a second at most\n"
		    "  " RPING_NAME " -c 3 --json 127.0.0.1   for programs\n"
		    "\n"
		    "Exit status: 0 answered, 1 not answered, 2 wrong usage or an error.\n",
	.version = RPING_NAME " from rprobe " RPROBE_VERSION "; iputils-compatible output\n",
};
