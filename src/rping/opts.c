/* SPDX-License-Identifier: MIT */
/* rping's options. This table is all there is: parser, help, manual and completions are made from it. */
#include "rping/opts.h"

#include "base/ns.h"
#include "config.h"
#include "out/out.h"
#include "rping/opts_call.h"

#define SERIES "Series"
#define PACKET "Packet"
#define SCRIPT "Scripts"
#define OUTPUT "Output"
#define HELP   "Help"

#define FIELD(name)     offsetof(struct rping_options, name)
#define LONGEST_SECONDS (INT64_C(2147483) * NS_PER_S)

static const struct choice details[] = {{"brief", OUT_DECODE_BRIEF}, {"full", OUT_DECODE_FULL}, {NULL, 0}};
static const struct choice formats[] = {
	{"text", RPING_FORMAT_TEXT}, {"json", RPING_FORMAT_JSON}, {"csv", RPING_FORMAT_CSV}, {NULL, 0}};
static const struct choice intervals[] = {{"0", 0}, {"auto", (int)RPING_INTERVAL_AUTO}, {NULL, 0}};
static const struct choice clocks[] = {{"auto", RPING_CLOCK_AUTO},
				       {"hardware", RPING_CLOCK_HARDWARE},
				       {"kernel", RPING_CLOCK_KERNEL},
				       {"user", RPING_CLOCK_USER},
				       {NULL, 0}};
static const struct choice timeouts[] = {{"auto", (int)RPING_TIMEOUT_AUTO}, {NULL, 0}};
static const struct choice ttls[] = {{"auto", RPING_TTL_AUTO}, {NULL, 0}};
static const struct choice marks[] = {{"none", (int)RPING_MARK_NONE}, {NULL, 0}};
static const struct choice timestamp_forms[] = {
	{"none", RPING_TIMESTAMPS_NONE}, {"epoch", RPING_TIMESTAMPS_EPOCH}, {"iso", RPING_TIMESTAMPS_ISO}, {NULL, 0}};
static const struct choice path_mtus[] = {{"want", RP_PATH_MTU_WANT},
					  {"do", RP_PATH_MTU_DO},
					  {"dont", RP_PATH_MTU_DONT},
					  {"probe", RP_PATH_MTU_PROBE},
					  {NULL, 0}};
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

#include "rping/opts_packet.inc"

#include "rping/opts_script.inc"

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
	{.letter = '3',
	 .name = "precise",
	 .kind = OPT_FLAG,
	 .offset = FIELD(precise),
	 .group = OUTPUT,
	 .help = "three decimals in every time, never rounded to fewer"},
	{.letter = 'a',
	 .name = "audible",
	 .kind = OPT_FLAG,
	 .offset = FIELD(audible),
	 .group = OUTPUT,
	 .help = "ring the bell for each reply"},
	{.name = "bell-on-loss",
	 .kind = OPT_FLAG,
	 .offset = FIELD(bell_on_loss),
	 .group = OUTPUT,
	 .help = "ring the bell for each probe that is not answered",
	 .manual = "It rings when the next probe is due and the last one is unanswered, or when a probe is given up."},
	{.name = "outages",
	 .kind = OPT_FLAG,
	 .offset = FIELD(outages),
	 .group = OUTPUT,
	 .help = "tell when the host stops answering and when it answers again",
	 .manual = "An outage is a run of probes without an answer in time. It begins when its first probe is given up "
		   "(-W), and is over when the probe behind its last one is answered; its length is from the sending of "
		   "the one to the answer of the other. A late reply does not undo it, and a probe that could not be sent "
		   "is no part of it. Also with -v."},
	{.name = "changes",
	 .kind = OPT_FLAG,
	 .offset = FIELD(changes),
	 .group = OUTPUT,
	 .help = "tell when replies change their TTL, TOS, size or source",
	 .manual = "Such a change often means another path or another host. Also with -v."},
	{.letter = 'x',
	 .name = "hexdump",
	 .kind = OPT_FLAG,
	 .offset = FIELD(hexdump),
	 .group = OUTPUT,
	 .help = "show the octets of each packet sent and received"},
	{.name = "decode",
	 .kind = OPT_CHOICE,
	 .offset = FIELD(decode),
	 .argument = "DETAIL",
	 .optional = "full",
	 .choices = details,
	 .complete = OPT_COMPLETE_CHOICE,
	 .group = OUTPUT,
	 .help = "show the headers of each packet sent and received",
	 .manual = "brief is a line for each header; full, also meant without a word, is a line for each field, with its "
		   "offset as -x counts. What is not in the octets is in brackets: the verdict on a checksum, the probe "
		   "that an answer is for, how far it came, and what was changed in a probe that an ICMP error quotes. "
		   "What is sent is shown as it is handed to the kernel, which fills in the identification and, where it "
		   "is not known, the source; what leaves in fragments is shown whole."},
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
	{.letter = 'H',
	 .name = "force-names",
	 .kind = OPT_FLAG,
	 .offset = FIELD(force_names),
	 .group = OUTPUT,
	 .help = "look names up even where an address was given"},
	{.letter = 'D',
	 .name = "print-timestamps",
	 .kind = OPT_CALL,
	 .call = call_timestamps,
	 .group = OUTPUT,
	 .help = "begin lines with [seconds since 1970]; --timestamps=epoch"},
	{.name = "timestamps",
	 .kind = OPT_CHOICE,
	 .offset = FIELD(timestamps),
	 .argument = "FORM",
	 .fallback = "none",
	 .choices = timestamp_forms,
	 .complete = OPT_COMPLETE_CHOICE,
	 .group = OUTPUT,
	 .help = "begin lines with the time",
	 .manual = "iso is local time with its offset from UTC: 2026-11-21T08:30:00.123456+01:00."},
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
	.version = "rping from rprobe " RPROBE_VERSION "; iputils-compatible output\n",
};
