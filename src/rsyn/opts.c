/* SPDX-License-Identifier: MIT */
/* rsyn's options. This table is all there is: parser, help, manual and completions are made from it. Where
 * nmap has the option, its name is nmap's. */
#include "rsyn/opts.h"

#include <stdio.h>

#include <rprobe/rprobe.h>

#include "base/ns.h"
#include "config.h"
#include "out/out.h"

#define WHAT   "Ports and targets"
#define SCAN   "Scan"
#define GOAL   "Verdict"
#define SERIES "Series"
#define PACKET "Packet"
#define OUTPUT "Output"
#define HELP   "Help"

#define FIELD(name)     offsetof(struct rsyn_options, name)
#define APP_FIELD(name) offsetof(struct rsyn_options, common.name)
#define APP_SERIES      SERIES
#define APP_VERDICT     SERIES
#define APP_LOOK        OUTPUT
#define APP_STATS                                                                                                      \
	"Of a scan it is how far it is. A port that was tried is half done, one that is decided is done. On a "        \
	"terminal a line at the bottom shows it in any case, unless -q is given; Enter and the signals SIGQUIT and "   \
	"SIGUSR1 ask for a whole line. Of a series it is a line with the counters of each HOST:PORT, where there are " \
	"25 at most, and one of all; JSON has a target event for each."
#define APP_FORMATS formats
#define APP_PACKET  PACKET

static const struct choice formats[] = {
	{"text", APP_FORMAT_TEXT}, {"json", APP_FORMAT_JSON},           {"csv", APP_FORMAT_CSV},
	{"xml", APP_FORMAT_XML},   {"greppable", APP_FORMAT_GREPPABLE}, {NULL, 0},
};
static const struct choice scanners[] = {{"rsyn", 0}, {"nmap", 1}, {NULL, 0}};
static const struct choice colors[] = {
	{"auto", RSYN_COLOR_AUTO}, {"always", RSYN_COLOR_ALWAYS}, {"never", RSYN_COLOR_NEVER}, {NULL, 0}};
static const struct choice no_interval[] = {{"0", 0}, {NULL, 0}};
static const struct choice automatic[] = {{"auto", RSYN_AUTO}, {NULL, 0}};
static const struct choice none[] = {{"none", RSYN_AUTO}, {NULL, 0}};
static const struct choice automatic_ttl[] = {{"auto", 0}, {NULL, 0}};
static const struct choice timings[] = {{"paranoid", 0},   {"sneaky", 1}, {"polite", 2}, {"normal", 3},
					{"aggressive", 4}, {"insane", 5}, {NULL, 0}};
static const struct choice never[] = {{"never", RSYN_AUTO}, {NULL, 0}};
static const struct choice fragment_choices[] = {
	{"auto", RP_PATH_MTU_AUTO}, {"yes", RP_PATH_MTU_WANT}, {"no", RP_PATH_MTU_DONT}, {NULL, 0}};
static const struct choice states[] = {
	{"open", RP_STATE_OPEN}, {"closed", RP_STATE_CLOSED}, {"filtered", RP_STATE_FILTERED}, {NULL, 0}};
static const struct choice syn_options[] = {
	{"linux", RP_SYN_LINUX}, {"windows", RP_SYN_WINDOWS}, {"mss", RP_SYN_MSS}, {"none", RP_SYN_BARE}, {NULL, 0}};

static int call_xml_file(void *options, const char *argument, char *why, size_t size)
{
	return app_add_file(options, APP_FORMAT_XML, argument, why, size);
}

static int call_greppable_file(void *options, const char *argument, char *why, size_t size)
{
	return app_add_file(options, APP_FORMAT_GREPPABLE, argument, why, size);
}

static int call_packet_trace(void *options, const char *argument, char *why, size_t size)
{
	(void)argument, (void)why, (void)size;
	((struct rsyn_options *)options)->common.decode = OUT_DECODE_BRIEF;
	return 0;
}

static const struct opt table[] = {
	{.letter = 'p',
	 .name = "ports",
	 .kind = OPT_TEXT,
	 .offset = FIELD(ports),
	 .argument = "PORTS",
	 .complete = OPT_COMPLETE_SERVICE,
	 .group = WHAT,
	 .again = "name all ports in one, with commas between",
	 .help = "the ports to probe, as 22,80,8000-8100,https",
	 .manual =
		 "A range may lack an end: -25 begins at 1, 65530- ends at 65535, and - alone is 1 to 65535. Names are "
		 "those of the services database, with * and ? as in file names: http*. A range in brackets, "
		 "[20-25], means its ports that have a name."},
	{.name = "top-ports",
	 .kind = OPT_INT,
	 .offset = FIELD(top_ports),
	 .argument = "N",
	 .min = 1,
	 .max = 65535,
	 .group = WHAT,
	 .help = "instead of -p: the N ports that are asked for most",
	 .manual = "The order is rprobe's own, see PORT RANKING."},
	{.letter = 'F',
	 .name = "fast",
	 .kind = OPT_FLAG,
	 .offset = FIELD(fast),
	 .group = WHAT,
	 .help = "instead of -p: as --top-ports 100"},
	{.name = "exclude-ports",
	 .kind = OPT_TEXT,
	 .offset = FIELD(exclude_ports),
	 .argument = "PORTS",
	 .complete = OPT_COMPLETE_SERVICE,
	 .group = WHAT,
	 .again = "name all ports in one, with commas between",
	 .help = "leave these ports out, whatever else says"},
	{.alias = "iL",
	 .name = "input-list",
	 .kind = OPT_TEXT,
	 .offset = FIELD(input_list),
	 .argument = "FILE",
	 .complete = OPT_COMPLETE_FILE,
	 .group = WHAT,
	 .again = "join the files, as in: cat A B | rsyn -iL -",
	 .help = "read targets, also with ports (HOST:PORTS), from a file; -: from standard input",
	 .manual = "Targets are separated by blanks, commas or new lines, so ranges by octet have no commas there; "
		   "behind a "
		   "colon commas separate ports, as in a:22,80. Those without ports of their own have the ports of -p. "
		   "# begins "
		   "a comment."},
	{.name = "all-addresses",
	 .kind = OPT_FLAG,
	 .offset = FIELD(all_addresses),
	 .group = WHAT,
	 .help = "probe all addresses of a name, not the first alone",
	 .manual = "Each is a target under that name. Without it a name that has several is told on standard error."},
	{.name = "strict-targets",
	 .kind = OPT_FLAG,
	 .offset = FIELD(strict_targets),
	 .group = WHAT,
	 .help = "exit with 2 where a target could not be probed, not with 1"},
	{.name = "exclude",
	 .kind = OPT_TEXT,
	 .offset = FIELD(exclude),
	 .argument = "TARGETS",
	 .complete = OPT_COMPLETE_HOST,
	 .group = WHAT,
	 .again = "name all in one, with commas between",
	 .help = "never probe these, separated by commas, whatever else says"},
	{.name = "excludefile",
	 .kind = OPT_TEXT,
	 .offset = FIELD(exclude_file),
	 .argument = "FILE",
	 .complete = OPT_COMPLETE_FILE,
	 .group = WHAT,
	 .again = "join the files in one",
	 .help = "never probe the hosts that a file lists, as that of -iL"},
	{.alias = "sS",
	 .name = "syn-scan",
	 .kind = OPT_FLAG,
	 .offset = FIELD(ignored),
	 .group = WHAT,
	 .help = "accepted for nmap's sake: there is no other kind of scan"},
	{.alias = "Pn",
	 .name = "no-ping",
	 .kind = OPT_FLAG,
	 .offset = FIELD(ignored),
	 .group = WHAT,
	 .help = "accepted for nmap's sake: targets are never pinged first"},

#include "rsyn/opts_scan.inc"
	{.letter = 'w',
	 .name = "deadline",
	 .kind = OPT_DURATION,
	 .offset = APP_FIELD(deadline),
	 .argument = "SECONDS",
	 .fallback = "0",
	 .group = SCAN,
	 .help = "end the run after this time; 0: no limit"},

#include "rsyn/opts_goal.inc"

	{.letter = 'c',
	 .name = "count",
	 .kind = OPT_INT,
	 .offset = APP_FIELD(count),
	 .argument = "N",
	 .optional = "0",
	 .optional_last = true,
	 .fallback = "none",
	 .choices = none,
	 .group = SERIES,
	 .help = "no scan: probe each port N times, a line for each answer; 0: without end",
	 .manual = "Without a number, as the last word, it is without end, too. With -w it ends when the time is up."},
	{.letter = 'i',
	 .name = "interval",
	 .kind = OPT_DURATION,
	 .offset = FIELD(interval),
	 .argument = "SECONDS",
	 .fallback = "1",
	 .min = 10 * NS_PER_US,
	 .choices = no_interval,
	 .group = SERIES,
	 .help = "with -c: time between two probes; 0: as fast as answers come",
	 .manual = "With 0 a probe leaves when the one before it is answered, or 10 ms after it."},
	{.letter = 'W',
	 .name = "timeout",
	 .kind = OPT_DURATION,
	 .offset = APP_FIELD(timeout),
	 .argument = "SECONDS",
	 .fallback = "auto",
	 .choices = app_timeouts,
	 .complete = OPT_COMPLETE_CHOICE,
	 .group = SERIES,
	 .help = "with -c: give each probe up after this time; 0: never",
	 .manual = "With 0 nothing is given up until 65,536 probes wait (13 MB), or as many as leave in 20 "
		   "seconds if that is more; then the oldest is. With auto a probe is given up after 10 seconds, and "
		   "after the last one rsyn waits twice the longest "
		   "round trip, but at least one interval; 10 seconds when nothing was answered."},
#include "app/options_series.inc"

#include "app/options_require.inc"

	{.letter = 'g',
	 .name = "source-port",
	 .kind = OPT_INT,
	 .offset = FIELD(source_port),
	 .argument = "N",
	 .fallback = "0",
	 .max = 65535,
	 .group = PACKET,
	 .help = "send from this port; 0: free ones"},
	{.letter = 'S',
	 .name = "source",
	 .kind = OPT_CALL,
	 .argument = "ADDRESS",
	 .call = app_call_source,
	 .group = PACKET,
	 .help = "send from this address"},
	{.letter = 'e',
	 .name = "interface",
	 .kind = OPT_CALL,
	 .call = app_call_interface,
	 .argument = "NAME",
	 .complete = OPT_COMPLETE_INTERFACE,
	 .group = PACKET,
	 .help = "send through this interface; an address: from it",
	 .manual = "An interface that is removed and made again under its name is followed: probes in between are not "
		   "sent, and "
		   "standard error says so; likewise the address of -S. The device of a VRF stands for the VRF: its "
		   "routes are used, whatever net.ipv4.raw_l3mdev_accept says."},
	{.name = "ttl",
	 .kind = OPT_INT,
	 .offset = FIELD(time_to_live),
	 .argument = "N",
	 .fallback = "auto",
	 .min = 1,
	 .max = 255,
	 .choices = automatic_ttl,
	 .group = PACKET,
	 .help = "time to live of the probes",
	 .manual = "auto is what the route asks for (hoplimit), else net.ipv4.ip_default_ttl."},
	{.name = "tos",
	 .kind = OPT_CALL,
	 .call = app_call_tos,
	 .argument = "TOS",
	 .choices = app_dscps,
	 .complete = OPT_COMPLETE_CHOICE,
	 .group = PACKET,
	 .help = "type of service octet: a number, or a name (ef, af21, cs3)",
	 .manual = "A number is the whole octet, DSCP and ECN, decimal or 0x hex. A name is a DSCP; the octet is four "
		   "times its value. Known are cs0 to cs7, af11 to af43, ef, va and le, in either case."},
#include "rsyn/opts_packet.inc"
#include "app/options_family.inc"

	{.name = "open", .kind = OPT_FLAG, .offset = FIELD(open_only), .group = OUTPUT, .help = "show open ports only"},
	{.name = "reason",
	 .kind = OPT_FLAG,
	 .offset = FIELD(ignored),
	 .group = OUTPUT,
	 .help = "accepted for nmap's sake: the reason is always shown"},
#include "app/options_look.inc"
	{.name = "packet-trace",
	 .kind = OPT_CALL,
	 .call = call_packet_trace,
	 .group = OUTPUT,
	 .help = "nmap's name for --decode=brief"},
	{.letter = 'q',
	 .name = "quiet",
	 .kind = OPT_FLAG,
	 .offset = APP_FIELD(quiet),
	 .group = OUTPUT,
	 .help = "print nothing, of a series its head and statistics",
	 .manual = "Errors, and why a wait was in vain, stand on standard error all the same."},
#include "app/options_output.inc"
	{.alias = "oX",
	 .name = "output-xml",
	 .kind = OPT_CALL,
	 .argument = "FILE",
	 .call = call_xml_file,
	 .complete = OPT_COMPLETE_FILE,
	 .group = OUTPUT,
	 .help = "write nmap's XML to a file; -: to standard output",
	 .manual = "Every end of the run leaves a whole document. Needs the library libxml2."},
	{.alias = "oG",
	 .name = "output-greppable",
	 .kind = OPT_CALL,
	 .argument = "FILE",
	 .call = call_greppable_file,
	 .complete = OPT_COMPLETE_FILE,
	 .group = OUTPUT,
	 .help = "write nmap's greppable lines to a file; -: to standard output"},
	{.alias = "oA",
	 .name = "output-all",
	 .kind = OPT_TEXT,
	 .offset = FIELD(all_files),
	 .argument = "BASE",
	 .complete = OPT_COMPLETE_FILE,
	 .group = OUTPUT,
	 .again = "one BASE names all four files",
	 .help = "write BASE.nmap, BASE.xml, BASE.gnmap and BASE.jsonl"},
	{.name = "xml-scanner",
	 .kind = OPT_CHOICE,
	 .offset = FIELD(xml_scanner),
	 .argument = "NAME",
	 .fallback = "rsyn",
	 .choices = scanners,
	 .group = OUTPUT,
	 .help = "what XML says it was made by",
	 .manual =
		 "nmap's document type allows nmap alone, and no attribute of ours. With nmap the document is valid "
		 "against it, and what has no attribute there (rtt_ms, tries, window, mss of each port) is left out."},
	{.name = "color",
	 .kind = OPT_CHOICE,
	 .offset = FIELD(color),
	 .argument = "WHEN",
	 .fallback = "auto",
	 .choices = colors,
	 .group = OUTPUT,
	 .help = "colour the states on standard output",
	 .manual = "auto: on a terminal, unless the environment has NO_COLOR or TERM=dumb."},

	{.letter = 'h', .name = "help", .kind = OPT_HELP, .group = HELP, .help = "print this help"},
	{.letter = 'V', .name = "version", .kind = OPT_VERSION, .group = HELP, .help = "print the version"},
	{.name = NULL},
};

static const struct opt_foreign foreign[] = {
	{"-sV", "versions of services are not found out; nmap -sV does that"},
	{"-sC", "no scripts are run; nmap -sC does that"},
	{"--script*", "no scripts are run; nmap does that"},
	{"-sT", "a scan is by SYN (-sS), without a connection: leave -sT out"},
	{"-sU", "UDP is not probed; nmap -sU does that"},
	{"-sn", "a scan without ports is none; " RPING_NAME " asks whether a host is there"},
	{"-sP", "a scan without ports is none; " RPING_NAME " asks whether a host is there"},
	{"-s*", "a scan is by SYN (-sS): leave it out"},
	{"-A", "versions, operating systems and scripts are not found out; nmap -A does that"},
	{"-P*", "targets are never pinged first (-Pn): leave it out"},
	{"-o*", "the outputs are -oN, -oJ, -oC, -oX, -oG and -oA"},
	{NULL, NULL},
};

const struct opt_tool rsyn_tool = {
	.name = "rsyn",
	.operands = "-p PORTS TARGET[:PORTS]... [-- COMMAND]",
	.summary = "Send TCP SYN packets to ports and tell which are open, closed or filtered.",
	.operand_complete = OPT_COMPLETE_TARGET,
	.command = true,
	.table = table,
	.foreign = foreign,
	.epilogue = "Targets: names, addresses, networks 192.0.2.0/24, ranges 192.0.2.1-50,200; each may have :PORTS "
		    "of its own.\n"
		    "Times are in seconds, or have a unit: 250us, 10ms, 1.5s, 2m, 1h.\n"
		    "\n"
		    "Examples:\n"
		    "  rsyn -p 22,80,443 127.0.0.1          which of these are open?\n"
		    "  rsyn -p ssh,8000-8100 --open 127.0.0.1\n"
		    "  rsyn -p 443 -c 3 -i 0.2 127.0.0.1    a series, as ping\n"
		    "  rsyn --wait-open 30 127.0.0.1:5432 127.0.0.1:80,443 -- echo up\n"
		    "\n"
		    "Exit status: 0 every port open (see Verdict), 1 not so, 2 wrong usage or an error.\n",
	.version = "rsyn " RPROBE_VERSION " (rprobe)\n"
		   "system-call filter: " SECCOMP_TEXT "\n",
};
