/* SPDX-License-Identifier: MIT */
/* rsyn's options: parser, help, manual and completions are made from these tables. Where
 * nmap has the option, its name is nmap's. */
#include "rsyn/opts.h"

#include <stdio.h>

#include <rprobe/rprobe.h>

#include "base/ns.h"
#include "config.h"
#include "out/out.h"

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

/* An entry is laid out as its form, its help, its manual. */
/* clang-format off */
static const struct opt target_options[] = {
	{.letter = 'p', .name = "ports", .kind = OPT_TEXT, .offset = offsetof(struct rsyn_options, ports),
	 .argument = "PORTS", .complete = OPT_COMPLETE_SERVICE, .again = "name all ports in one, with commas between",
	 .help = "the ports to probe, as 22,80,8000-8100,https",
	 .manual = "A range may lack an end: -25 begins at 1, 65530- ends at 65535, and a single - is 1 to 65535. "
	  "Names are those of the services database, with * and ? as in file names: http*. A range in brackets, "
	  "[20-25], means its ports that have a name."},
	{.name = "top-ports", .kind = OPT_INT, .offset = offsetof(struct rsyn_options, top_ports), .argument = "N",
	 .min = 1, .max = 65535,
	 .help = "instead of -p: the N ports that are asked for most",
	 .manual = "The order is rprobe's own, see PORT RANKING."},
	{.letter = 'F', .name = "fast", .kind = OPT_FLAG, .offset = offsetof(struct rsyn_options, fast),
	 .help = "instead of -p: as --top-ports 100"},
	{.name = "exclude-ports", .kind = OPT_TEXT, .offset = offsetof(struct rsyn_options, exclude_ports),
	 .argument = "PORTS", .complete = OPT_COMPLETE_SERVICE, .again = "name all ports in one, with commas between",
	 .help = "leave these ports out, whatever else says"},
	{.alias = "iL", .name = "input-list", .kind = OPT_TEXT, .offset = offsetof(struct rsyn_options, input_list),
	 .argument = "FILE", .complete = OPT_COMPLETE_FILE, .again = "join the files, as in: cat A B | rsyn -iL -",
	 .help = "read targets, also with ports (HOST:PORTS), from a file; -: from standard input",
	 .manual = "Targets are separated by blanks, commas or new lines, so ranges by octet have no commas there; "
	  "behind a colon commas separate ports, as in a:22,80. Those without ports of their own have the ports of "
	  "-p. # begins a comment."},
	{.name = "all-addresses", .kind = OPT_FLAG, .offset = offsetof(struct rsyn_options, all_addresses),
	 .help = "probe all addresses of a name, not only the first",
	 .manual = "Each is a target under that name. Without it a name that has several is reported on standard "
	  "error."},
	{.name = "strict-targets", .kind = OPT_FLAG, .offset = offsetof(struct rsyn_options, strict_targets),
	 .help = "exit with 2 where a target could not be probed, not with 1"},
	{.name = "exclude", .kind = OPT_TEXT, .offset = offsetof(struct rsyn_options, exclude), .argument = "TARGETS",
	 .complete = OPT_COMPLETE_HOST, .again = "name all in one, with commas between",
	 .help = "never probe these, separated by commas, whatever else says"},
	{.name = "excludefile", .kind = OPT_TEXT, .offset = offsetof(struct rsyn_options, exclude_file),
	 .argument = "FILE", .complete = OPT_COMPLETE_FILE, .again = "join the files in one",
	 .help = "never probe the hosts that a file lists, as that of -iL"},
	{.alias = "sS", .name = "syn-scan", .kind = OPT_FLAG, .offset = offsetof(struct rsyn_options, ignored),
	 .help = "accepted for nmap's sake: there is no other kind of scan"},
	{.alias = "Pn", .name = "no-ping", .kind = OPT_FLAG, .offset = offsetof(struct rsyn_options, ignored),
	 .help = "accepted for nmap's sake: targets are never pinged first"},
	{.name = NULL},
};

static const struct opt scan_options[] = {
	{.letter = 'T', .name = "timing", .kind = OPT_INT, .offset = offsetof(struct rsyn_options, timing),
	 .argument = "LEVEL", .fallback = "3", .max = 5, .choices = timings, .complete = OPT_COMPLETE_CHOICE,
	 .help = "0 to 5, or paranoid, sneaky, polite, normal, aggressive, insane: sets the times below",
	 .manual = "0, 1 and 2 send one probe at a time, at least 5 minutes, 15 seconds and 0.4 seconds apart. 3 "
	  "(normal): 1 s until a round trip is measured, 25 retries at most, silence decides after 1.6 s, for a "
	  "target that answers nothing after 3.7 s. 4 (a fast, sound network): 0.5 s, 25, 0.5 s and 1.5 s; no timeout "
	  "above 1.25 s. 5 (answers are given up for speed): 0.25 s, 4, 0.25 s and 0.75 s; timeouts of 50 to 300 ms, "
	  "15 minutes for a target."},
	{.name = "max-retries", .kind = OPT_INT, .offset = offsetof(struct rsyn_options, max_retries), .argument = "N",
	 .fallback = "auto", .max = 50, .choices = automatic,
	 .help = "probe a silent port at most this many times again; auto: by -T",
	 .manual = "How many of these are used follows from the loss that is seen on ports that answered: so many "
	  "that one port in a million would have answered a further try, also where the loss is that of a few ports "
	  "(one of several paths is bad); and two for a target that never answered; 15 at most for loss, more for a "
	  "target that limits its RSTs. Where these are too few for that, ports stay filtered that may be closed, and "
	  "that is reported for the target when later tries bring about as many answers as earlier ones did."},
	{.name = "initial-rtt-timeout", .kind = OPT_DURATION,
	 .offset = offsetof(struct app_options, config.initial_rtt_timeout), .argument = "TIME", .fallback = "auto",
	 .min = NS_PER_MS, .choices = automatic, .help = "wait for an answer until a round trip is measured"},
	{.name = "min-rtt-timeout", .kind = OPT_DURATION,
	 .offset = offsetof(struct app_options, config.min_rtt_timeout),
	 .argument = "TIME", .fallback = "auto", .min = NS_PER_MS, .choices = automatic,
	 .help = "wait for an answer at least this long"},
	{.name = "max-rtt-timeout", .kind = OPT_DURATION,
	 .offset = offsetof(struct app_options, config.max_rtt_timeout),
	 .argument = "TIME", .fallback = "auto", .min = NS_PER_MS, .choices = automatic,
	 .help = "wait for an answer at most this long"},
	{.name = "host-timeout", .kind = OPT_DURATION, .offset = offsetof(struct app_options, config.host_timeout),
	 .argument = "TIME", .fallback = "auto", .min = NS_PER_MS, .choices = automatic,
	 .help = "give a target up after this time, and show what is known of it"},
	{.name = "scan-delay", .kind = OPT_DURATION, .offset = offsetof(struct app_options, config.scan_delay),
	 .argument = "TIME", .fallback = "auto", .choices = automatic,
	 .help = "leave at least this time between two probes"},
	{.name = "max-rate", .kind = OPT_INT, .offset = offsetof(struct rsyn_options, max_rate), .argument = "N",
	 .fallback = "0", .max = UINT32_MAX, .help = "send at most N probes a second; 0: no limit"},
	{.name = "min-rate", .kind = OPT_INT, .offset = offsetof(struct rsyn_options, min_rate), .argument = "N",
	 .fallback = "0", .max = UINT32_MAX, .help = "send at least N probes a second, whatever the network says"},
	{.name = "per-target", .kind = OPT_INT, .offset = offsetof(struct rsyn_options, per_target), .argument = "N",
	 .fallback = "auto", .min = 1, .max = 65536, .choices = automatic,
	 .help = "have at most N probes to one target under way"},
	{.letter = 'w', .name = "deadline", .kind = OPT_DURATION, .offset = offsetof(struct app_options, deadline),
	 .argument = "SECONDS", .fallback = "0", .help = "end the run after this time; 0: no limit"},
	{.name = NULL},
};

static const struct opt goal_options[] = {
	{.name = "any", .kind = OPT_FLAG, .offset = offsetof(struct rsyn_options, any),
	 .help = "one port in the wanted state is enough"},
	{.name = "all", .kind = OPT_FLAG, .offset = offsetof(struct rsyn_options, all),
	 .help = "every port must be in the wanted state: so it is without --any"},
	{.name = "expect", .kind = OPT_CHOICE, .offset = offsetof(struct rsyn_options, expect), .argument = "STATE",
	 .choices = states, .help = "the wanted state, open where none is named"},
	{.name = "wait-open", .kind = OPT_DURATION, .offset = offsetof(struct rsyn_options, wait_open),
	 .argument = "SECONDS", .optional = "60", .fallback = "never", .choices = never,
	 .help = "probe until the ports are open, but no longer; 60 without a number",
	 .manual = "A port that is not open yet is probed again every quarter of a second. Errors on the way there, "
	  "as no route or unreachable, are waited out as well, and a name that is not known yet is looked up again "
	  "every half second, which delays no other. With --any one port is enough."},
	{.name = "wait-closed", .kind = OPT_DURATION, .offset = offsetof(struct rsyn_options, wait_closed),
	 .argument = "SECONDS", .optional = "60", .fallback = "never", .choices = never,
	 .help = "the same until no port is open: closed, or silent more often than the loss seen explains"},
	{.name = NULL},
};

static const struct opt series_options[] = {
	{.letter = 'c', .name = "count", .kind = OPT_INT, .offset = offsetof(struct app_options, count),
	 .argument = "N", .optional = "0", .optional_last = true, .fallback = "none", .choices = none,
	 .help = "no scan: probe each port N times, a line for each answer; 0: without end",
	 .manual = "Without a number, as the last word, it is without end, too. With -w it ends when the time is up."},
	{.letter = 'i', .name = "interval", .kind = OPT_DURATION,
	 .offset = offsetof(struct app_options, config.interval),
	 .argument = "SECONDS", .fallback = "1", .min = 10 * NS_PER_US, .choices = no_interval,
	 .help = "with -c: time between two probes; 0: as fast as answers come",
	 .manual = "With 0 a probe leaves when the one before it is answered, or 10 ms after it."},
	{.letter = 'W', .name = "timeout", .kind = OPT_DURATION, .offset = offsetof(struct app_options, timeout),
	 .argument = "SECONDS", .fallback = "auto", .choices = app_timeouts, .complete = OPT_COMPLETE_CHOICE,
	 .help = "with -c: give each probe up after this time; 0: never",
	 .manual = "With 0 nothing is given up until 65,536 probes wait (13 MB), or as many as leave in 20 seconds if "
	  "that is more; then the oldest is. With auto a probe is given up after 10 seconds, and after the last one "
	  "rsyn waits twice the longest round trip, but at least one interval; 10 seconds when nothing was answered."},
	{.name = NULL},
};

static const struct opt packet_options[] = {
	{.letter = 'g', .name = "source-port", .kind = OPT_INT, .offset = offsetof(struct rsyn_options, source_port),
	 .argument = "N", .fallback = "0", .max = 65535, .help = "send from this port; 0: free ones"},
	{.letter = 'S', .name = "source", .kind = OPT_CALL, .argument = "ADDRESS", .call = app_call_source,
	 .help = "send from this address"},
	{.letter = 'e', .name = "interface", .kind = OPT_CALL, .argument = "NAME", .call = app_call_interface,
	 .complete = OPT_COMPLETE_INTERFACE,
	 .help = "send through this interface; an address: from it",
	 .manual = "An interface that is removed and made again under its name is followed: probes in between are not "
	  "sent, and standard error says so; likewise the address of -S. The device of a VRF stands for the VRF: its "
	  "routes are used, whatever net.ipv4.raw_l3mdev_accept says."},
	{.name = "ttl", .kind = OPT_INT, .offset = offsetof(struct rsyn_options, time_to_live), .argument = "N",
	 .fallback = "auto", .min = 1, .max = 255, .choices = automatic_ttl,
	 .help = "time to live of the probes",
	 .manual = "auto is what the route asks for (hoplimit), else net.ipv4.ip_default_ttl."},
	{.name = "tos", .kind = OPT_CALL, .argument = "TOS", .choices = app_dscps, .call = app_call_tos,
	 .complete = OPT_COMPLETE_CHOICE,
	 .help = "type of service byte: a number, or a name (ef, af21, cs3)",
	 .manual = "A number is the whole byte, DSCP and ECN, decimal or 0x hex. A name is a DSCP; the byte is four "
	  "times its value. Known are cs0 to cs7, af11 to af43, ef, va and le, in either case."},
	{.name = "syn-options", .kind = OPT_CHOICE, .offset = offsetof(struct app_options, config.syn_options),
	 .argument = "SYSTEM", .fallback = "linux", .choices = syn_options,
	 .help = "whose TCP options and window the SYN has",
	 .manual = "Filters treat a bare SYN with suspicion. linux: MSS 1460, SACK permitted, window scale 7, window "
	  "64240. windows: the same with scale 8. mss: MSS 1460, window 1024, as nmap. none: window 1024."},
	{.name = "window", .kind = OPT_INT, .offset = offsetof(struct rsyn_options, window), .argument = "N",
	 .fallback = "auto", .max = 65535, .choices = automatic,
	 .help = "the window of the SYN; auto: by --syn-options"},
	{.name = "data-length", .kind = OPT_INT, .offset = offsetof(struct rsyn_options, data_length), .argument = "N",
	 .fallback = "0", .max = 1400, .help = "send N bytes of data with the SYN"},
	{.name = "df", .kind = OPT_CHOICE, .offset = offsetof(struct app_options, config.path_mtu),
	 .argument = "WHETHER",
	 .fallback = "auto", .choices = fragment_choices,
	 .help = "forbid fragmentation",
	 .manual = "auto: as the kernel does, which is yes unless net.ipv4.ip_no_pmtu_disc says no. Where the MTU of "
	  "the route is locked, it is no."},
	{.name = "ecn", .kind = OPT_FLAG, .offset = offsetof(struct app_options, config.ecn),
	 .help = "ask for explicit congestion notification: ECE and CWR beside SYN"},
	{.name = "badsum", .kind = OPT_FLAG, .offset = offsetof(struct app_options, config.wrong_checksum),
	 .help = "send a wrong TCP checksum: what answers has not looked at it"},
	{.name = NULL},
};

static const struct opt port_options[] = {
	{.name = "open", .kind = OPT_FLAG, .offset = offsetof(struct app_options, run.only_open),
	 .help = "show open ports only"},
	{.name = "reason", .kind = OPT_FLAG, .offset = offsetof(struct rsyn_options, ignored),
	 .help = "accepted for nmap's sake: the reason is always shown"},
	{.name = NULL},
};

static const struct opt report_options[] = {
	{.name = "stats-every", .kind = OPT_DURATION, .offset = offsetof(struct app_options, stats_every),
	 .argument = "TIME", .fallback = "0", .min = 10 * NS_PER_MS, .choices = app_never,
	 .help = "report on standard error how far it is; 0: never",
	 .manual = "Of a scan it is how far it is. A port that was tried is half done, one that is decided is done. "
	  "On a terminal a line at the bottom shows it in any case, unless -q is given; Enter and the signals SIGQUIT "
	  "and SIGUSR1 ask for a whole line. Of a series it is a line with the counters of each HOST:PORT, where "
	  "there are 25 at most, and one of all; JSON has a target event for each."},
	{.name = "packet-trace", .kind = OPT_SET, .offset = offsetof(struct app_options, run.decode),
	 .value = OUT_DECODE_BRIEF, .help = "nmap's name for --decode=brief"},
	{.letter = 'q', .name = "quiet", .kind = OPT_FLAG, .offset = offsetof(struct app_options, run.quiet),
	 .help = "print nothing, of a series its head and statistics",
	 .manual = "Errors, and why a wait was in vain, stand on standard error all the same."},
	{.name = "format", .kind = OPT_CHOICE, .offset = offsetof(struct app_options, format), .argument = "FORMAT",
	 .choices = formats, .help = "how standard output looks, text where none is named"},
	{.name = NULL},
};

static const struct opt file_options[] = {
	{.alias = "oX", .name = "output-xml", .kind = OPT_CALL, .argument = "FILE", .value = APP_FORMAT_XML,
	 .call = app_call_file, .complete = OPT_COMPLETE_FILE,
	 .help = "write nmap's XML to a file; -: to standard output",
	 .manual = "Every end of the run leaves a whole document. Needs the library libxml2."},
	{.alias = "oG", .name = "output-greppable", .kind = OPT_CALL, .argument = "FILE",
	 .value = APP_FORMAT_GREPPABLE, .call = app_call_file, .complete = OPT_COMPLETE_FILE,
	 .help = "write nmap's greppable lines to a file; -: to standard output"},
	{.alias = "oA", .name = "output-all", .kind = OPT_TEXT, .offset = offsetof(struct rsyn_options, all_files),
	 .argument = "BASE", .complete = OPT_COMPLETE_FILE, .again = "one BASE names all four files",
	 .help = "write BASE.nmap, BASE.xml, BASE.gnmap and BASE.jsonl"},
	{.name = "xml-scanner", .kind = OPT_CHOICE, .offset = offsetof(struct rsyn_options, xml_scanner),
	 .argument = "NAME", .fallback = "rsyn", .choices = scanners,
	 .help = "what XML says it was made by",
	 .manual = "nmap's document type allows only nmap, and no attribute of ours. With nmap the document is valid "
	  "against it, and what has no attribute there (rtt_ms, tries, window, mss of each port) is left out."},
	{.name = "color", .kind = OPT_CHOICE, .offset = offsetof(struct rsyn_options, color), .argument = "WHEN",
	 .fallback = "auto", .choices = colors,
	 .help = "colour the states on standard output",
	 .manual = "auto: on a terminal, unless the environment has NO_COLOR or TERM=dumb."},
	{.name = NULL},
};
/* clang-format on */

static const struct opt_group groups[] = {
	{"Ports and targets", target_options},
	{"Scan", scan_options},
	{"Verdict", goal_options},
	{"Series", series_options},
	{"Series", app_series_options},
	{"Series", app_require_options},
	{"Packet", packet_options},
	{"Packet", app_family_options},
	{"Output", port_options},
	{"Output", app_look_options},
	{"Output", report_options},
	{"Output", app_output_options},
	{"Output", file_options},
	{"Help", app_help_options},
	{NULL, NULL},
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
	.summary = "Send TCP SYN packets to ports and report which are open, closed or filtered.",
	.operand_complete = OPT_COMPLETE_TARGET,
	.command = true,
	.groups = groups,
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
	.version = "rsyn " RPROBE_VERSION " (rprobe)\n",
};
