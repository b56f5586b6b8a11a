/* SPDX-License-Identifier: MIT */
/* rping's options. This table is all there is: parser, help, manual and completions are made from it. */
#include "rping/opts.h"

#include "base/ns.h"
#include "config.h"
#include "rping/opts_call.h"

#define SERIES "Series"
#define PACKET "Packet"
#define SCRIPT "Scripts"
#define OUTPUT "Output"
#define HELP   "Help"

#define FIELD(name)     offsetof(struct rping_options, name)
#define APP_FIELD(name) offsetof(struct rping_options, common.name)
#define APP_SERIES      OUTPUT
#define APP_LOOK        OUTPUT
#define APP_VERDICT     SCRIPT
#define APP_FORMATS     formats
#define APP_PACKET      PACKET
#define APP_STATS       "It is the line that SIGQUIT asks for. JSON has a target event besides."

static const struct choice formats[] = {
	{"text", APP_FORMAT_TEXT}, {"json", APP_FORMAT_JSON}, {"csv", APP_FORMAT_CSV}, {NULL, 0}};
static const struct choice intervals[] = {{"0", 0}, {"auto", (int)RPING_INTERVAL_AUTO}, {NULL, 0}};
static const struct choice ttls[] = {{"auto", RPING_TTL_AUTO}, {NULL, 0}};
static const struct choice marks[] = {{"none", (int)RPING_MARK_NONE}, {NULL, 0}};
static const struct choice path_mtus[] = {{"auto", RP_PATH_MTU_AUTO},   {"want", RP_PATH_MTU_WANT},
					  {"do", RP_PATH_MTU_DO},       {"dont", RP_PATH_MTU_DONT},
					  {"probe", RP_PATH_MTU_PROBE}, {NULL, 0}};
static const struct choice ip_stamps[] = {{"tsonly", RP_IP_OPTION_STAMPS},
					  {"tsandaddr", RP_IP_OPTION_STAMPS_ADDRESSES},
					  {"tsprespec", RP_IP_OPTION_STAMPS_PRESET},
					  {NULL, 0}};
static const struct choice identifiers[] = {{"random", (int)RPING_IDENTIFIER_RANDOM}, {NULL, 0}};

static const struct opt table[] = {
	{.letter = 'c',
	 .name = "count",
	 .kind = OPT_INT,
	 .offset = APP_FIELD(count),
	 .argument = "N",
	 .min = 1,
	 .group = SERIES,
	 .help = "stop after N probes; with -w, after N replies",
	 .manual = "Without this option " RPING_NAME " goes on until it is interrupted."},
	{.letter = 'i',
	 .name = "interval",
	 .kind = OPT_DURATION,
	 .offset = FIELD(interval),
	 .argument = "SECONDS",
	 .fallback = "auto",
	 .min = 10 * NS_PER_US,
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
	 .help = "send when the last reply came, or after two round trips",
	 .manual = "Until the first reply comes the interval is that of -i. Unless replies are lost or late, no more "
		   "than one "
		   "probe (or the preload) is unanswered."},
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
	 .offset = APP_FIELD(timeout),
	 .argument = "SECONDS",
	 .fallback = "auto",
	 .choices = app_timeouts,
	 .complete = OPT_COMPLETE_CHOICE,
	 .group = SERIES,
	 .help = "give each probe up after this time; 0: never",
	 .manual = "A reply that comes later is counted as late. With 0 nothing is given up until 65,536 probes wait "
		   "(13 MB), or as many as leave in 20 "
		   "seconds if that is more; then the oldest is. With auto a probe is given up after 10 seconds, "
		   "and after the last one " RPING_NAME
		   " waits twice the longest round trip, but at least one interval; 10 "
		   "seconds when nothing had been answered by then."},
	{.letter = 'w',
	 .name = "deadline",
	 .kind = OPT_DURATION,
	 .offset = APP_FIELD(deadline),
	 .argument = "SECONDS",
	 .fallback = "0",
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

#include "app/options_series.inc"
	{.letter = 'U',
	 .name = "user-clock",
	 .kind = OPT_CALL,
	 .call = app_call_user_clock,
	 .group = OUTPUT,
	 .help = "the same as --clock user: what this program itself sees"},
	{.letter = 'q',
	 .name = "quiet",
	 .kind = OPT_FLAG,
	 .offset = APP_FIELD(quiet),
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
#include "app/options_look.inc"
	{.letter = 'H',
	 .name = "force-names",
	 .kind = OPT_FLAG,
	 .offset = FIELD(force_names),
	 .group = OUTPUT,
	 .help = "look names up even where an address was given",
	 .manual = "Names never delay a probe or a line: a line shows the address alone while the name is not known. "
		   "With this option also where IPUTILS_PING_PTR_LOOKUP=0 in the environment asks for none."},
#include "app/options_output.inc"

	{.letter = 'h', .name = "help", .kind = OPT_HELP, .group = HELP, .help = "print this help"},
	{.letter = 'V', .name = "version", .kind = OPT_VERSION, .group = HELP, .help = "print the version"},
	{.name = NULL},
};

const struct opt_tool rping_tool = {
	.name = RPING_NAME,
	.operands = "HOST",
	.summary = "Send ICMP echo requests to a host and measure the round trip.",
	.operand_complete = OPT_COMPLETE_HOST,
	.table = table,
	.epilogue = "Times are in seconds, or have a unit: 250us, 10ms, 1.5s, 2m, 1h.\n"
		    "\n"
		    "Examples:\n"
		    "  " RPING_NAME " -c 4 127.0.0.1          four probes, one a second\n"
		    "  " RPING_NAME " -c 1 -W 0.5 127.0.0.1   is it there? wait half a second at most\n"
		    "  " RPING_NAME " -c 3 --json 127.0.0.1   for programs\n"
		    "\n"
		    "Exit status: 0 answered, 1 not answered, 2 wrong usage or an error.\n",
	.version = RPING_NAME " from rprobe " RPROBE_VERSION "; iputils-compatible output\n"
			      "system-call filter: " SECCOMP_TEXT "\n",
};
