/* SPDX-License-Identifier: MIT */
/* The options that both tools have: their table entries, the words that arguments may be, and what parses them. */
#include "app/options.h"

#include <strings.h>

#include <rprobe/rprobe.h>

#include "base/error.h"
#include "base/num.h"
#include "out/out.h"

#define FIRST_OF_MANY UINT32_C(0xe0000000) /* from here on addresses are no host's: groups, all */

/* RFC 2474 (CS), 2597 (AF), 3246 (EF), 5865 (VA), 8622 (LE). */
const struct choice app_dscps[] = {{"cs0", 0},   {"cs1", 8},   {"cs2", 16},  {"cs3", 24},  {"cs4", 32},  {"cs5", 40},
				   {"cs6", 48},  {"cs7", 56},  {"af11", 10}, {"af12", 12}, {"af13", 14}, {"af21", 18},
				   {"af22", 20}, {"af23", 22}, {"af31", 26}, {"af32", 28}, {"af33", 30}, {"af41", 34},
				   {"af42", 36}, {"af43", 38}, {"ef", 46},   {"va", 44},   {"le", 1},    {NULL, 0}};
const struct choice app_never[] = {{"0", 0}, {NULL, 0}};
const struct choice app_timeouts[] = {{"auto", (int)APP_TIMEOUT_AUTO}, {NULL, 0}};
static const struct choice clocks[] = {{"auto", APP_CLOCK_AUTO},
				       {"hardware", APP_CLOCK_HARDWARE},
				       {"kernel", APP_CLOCK_KERNEL},
				       {"user", APP_CLOCK_USER},
				       {NULL, 0}};
static const struct choice details[] = {{"brief", OUT_DECODE_BRIEF}, {"full", OUT_DECODE_FULL}, {NULL, 0}};
static const struct choice measures[] = {
	{"loss", 0}, {"min", 0},        {"avg", 0},    {"max", 0},    {"mdev", 0},      {"jitter", 0},   {"p50", 0},
	{"p90", 0},  {"p95", 0},        {"p99", 0},    {"p99.9", 0},  {"sent", 0},      {"received", 0}, {"lost", 0},
	{"late", 0}, {"duplicates", 0}, {"errors", 0}, {"unsent", 0}, {"reordered", 0}, {"outages", 0},  {NULL, 0}};
static const struct choice timestamp_forms[] = {
	{"none", OUT_TIMESTAMPS_NONE}, {"epoch", OUT_TIMESTAMPS_EPOCH}, {"iso", OUT_TIMESTAMPS_ISO}, {NULL, 0}};

static int call_require(struct opt_call *call)
{
	struct strbuf *require = &((struct app_options *)call->options)->require;

	if (*call->argument == '\0')
		return error_set(&call->error, -1, "a condition is needed, as loss<=1%%");
	if (require->length > 0)
		strbuf_add_char(require, ',');
	strbuf_add(require, call->argument);
	return 0;
}

int app_call_source(struct opt_call *call)
{
	struct app_options *common = call->options;
	struct rp_addr address;

	if (rp_addr_parse(call->argument, &address) < 0)
		return error_set(&call->error, -1, "an IPv4 address is needed, as 192.0.2.1");
	if (rp_addr_ipv4_value(address) == 0 || rp_addr_ipv4_value(address) >= FIRST_OF_MANY)
		return error_set(&call->error, -1, "answers to it would not come here; name an address of this host");
	common->config.source = address;
	return 0;
}

int app_call_interface(struct opt_call *call)
{
	struct app_options *common = call->options;
	struct rp_addr address;

	if (call->argument[0] == '\0')
		return error_set(&call->error, -1, "an interface's name or an address is needed");
	if (rp_addr_parse(call->argument, &address) < 0)
		common->config.interface = call->argument;
	else if (rp_addr_ipv4_value(address) == 0)
		common->any_source = true; /* as with bind() */
	else
		common->config.source = address;
	return 0;
}

/* A DSCP by its name, in either case: documents write EF and AF21; or the whole byte as a number. */
int app_call_tos(struct opt_call *call)
{
	struct app_options *common = call->options;
	int64_t value;

	for (const struct choice *at = app_dscps; at->name != NULL; at++)
		if (strcasecmp(at->name, call->argument) == 0) {
			common->config.type_of_service = (uint8_t)(at->value << 2);
			return 0;
		}
	if (num_parse_i64(call->argument, INT64_MIN, INT64_MAX, &value) < 0)
		return error_set(&call->error, -1, "bad TOS value: neither a number nor a name as ef, af21 or cs3");
	if (value < 0 || value > UINT8_MAX)
		return error_set(&call->error, -1, "the decimal value of TOS bits must be in range 0-255");
	common->config.type_of_service = (uint8_t)value;
	return 0;
}

int app_call_file(struct opt_call *call)
{
	struct app_options *common = call->options;
	const char *path = call->argument;

	if (common->file_count == APP_FILES_MAX)
		return error_set(&call->error, -1, "too many outputs");
	if (*path == '\0')
		return error_set(&call->error, -1, "a file name is needed, or - for standard output");
	if (path[0] == '-' && path[1] != '\0')
		return error_set(&call->error, -1, "is the file's name missing? one that begins so is written ./-NAME");
	common->files[common->file_count++] = (struct app_file){(enum app_format)call->opt->value, path};
	return 0;
}

/* An entry is laid out as its form, its help, its manual. */
/* clang-format off */
const struct opt app_series_options[] = {
	{.name = "clock", .kind = OPT_CHOICE, .offset = offsetof(struct app_options, clock), .argument = "CLOCK",
	 .fallback = "auto", .choices = clocks,
	 .help = "who takes the times",
	 .manual = "auto takes the interface's stamps where both packets have them, else the kernel's. The interface "
	  "stamps only where it is set to stamp all packets (ptp4l, hwstamp_ctl). A time taken by a lesser clock than "
	  "was asked for is reported once, on standard error."},
	{.name = "breakdown", .kind = OPT_FLAG, .offset = offsetof(struct app_options, ping.breakdown),
	 .help = "show what this host added to each round trip",
	 .manual = "tx queue: from when the probe was made until it was on the wire (queue, ARP). rx wakeup: from "
	  "when the answer arrived until it was read. Neither is part of the time shown. schedule lag, in the "
	  "statistics: how late a probe was made."},
	{.name = "percentiles", .kind = OPT_FLAG, .offset = offsetof(struct app_options, ping.percentiles),
	 .help = "add percentiles and jitter to the statistics",
	 .manual = "Percentiles are within 1/128 of the exact value; jitter is that of RFC 3550, of the round trip."},
	{.name = "outages", .kind = OPT_FLAG, .offset = offsetof(struct app_options, ping.outages),
	 .help = "report when the host stops answering and when it answers again",
	 .manual = "An outage is a run of probes without an answer in time. It begins when its first probe is given "
	  "up (-W), and is over when the probe behind its last one is answered; its length is from the sending of the "
	  "one to the answer of the other. A late reply does not undo it, and a probe that could not be sent is no "
	  "part of it. With -W 1 it is reported after a second. A line before the statistics says how many there were "
	  "and the longest, also with -q. -v implies this option."},
	{.name = "changes", .kind = OPT_FLAG, .offset = offsetof(struct app_options, ping.changes),
	 .help = "report when answers change their TTL, TOS, size or source",
	 .manual = "Such a change often means another path or another host. -v implies this option."},
	{.letter = 'D', .name = "print-timestamps", .kind = OPT_SET,
	 .offset = offsetof(struct app_options, run.timestamps), .value = OUT_TIMESTAMPS_EPOCH,
	 .help = "begin lines with [seconds since 1970]; --timestamps=epoch",
	 .manual = "Those on standard error about probes that could not be sent, too."},
	{.name = "timestamps", .kind = OPT_CHOICE, .offset = offsetof(struct app_options, run.timestamps),
	 .argument = "FORM", .fallback = "none", .choices = timestamp_forms,
	 .help = "begin lines with the time",
	 .manual = "iso is local time with its offset from UTC: 2026-11-21T08:30:00.123456+01:00."},
	{.letter = 'O', .name = "report-outstanding", .kind = OPT_FLAG,
	 .offset = offsetof(struct app_options, report_outstanding),
	 .help = "report a probe that is unanswered when the next one is due"},
	{.name = "resolve-every", .kind = OPT_DURATION, .offset = offsetof(struct app_options, resolve_every),
	 .argument = "TIME", .fallback = "0", .min = NS_PER_S, .choices = app_never,
	 .help = "look names up again this often; 0: never",
	 .manual = "When a name no longer has the address that is probed, a line names the new one, and the next "
	  "probe goes there; probes on their way to the old one are still awaited. A lookup that fails changes "
	  "nothing."},
	{.name = NULL},
};

const struct opt app_require_options[] = {
	{.name = "require", .kind = OPT_CALL, .argument = "CONDITIONS", .choices = measures,
	 .call = call_require, .complete = OPT_COMPLETE_LIST,
	 .help = "exit status 0 exactly when these hold: 'loss<=1%,p95<=20ms'",
	 .manual = "Conditions have commas between them; a further --require adds to them, and all must hold. A "
	  "condition is a measure, one of < <= > >= =, and a value. Measures: loss in percent (1%); min, avg, max, "
	  "mdev, jitter, p50, p90, p95, p99 and p99.9 as times with a unit (20ms); sent, received, lost, late, "
	  "duplicates, errors, unsent, reordered and outages as whole numbers. A condition on a time that was not "
	  "measured does not hold. A line after the statistics shows each verdict (with CSV on standard error). Only "
	  "a series has them."},
	{.name = NULL},
};

const struct opt app_family_options[] = {
	{.letter = '4', .name = "ipv4", .kind = OPT_FLAG, .offset = offsetof(struct app_options, ipv4),
	 .help = "use IPv4, the only protocol supported"},
	{.letter = '6', .name = "ipv6", .kind = OPT_FLAG, .offset = offsetof(struct app_options, ipv6),
	 .help = "refused: IPv6 is not supported"},
	{.name = NULL},
};

const struct opt app_look_options[] = {
	{.letter = 'x', .name = "hexdump", .kind = OPT_FLAG, .offset = offsetof(struct app_options, run.hexdump),
	 .help = "show the bytes of each packet sent and received",
	 .manual = "They are shown in text output only, also with -q."},
	{.name = "decode", .kind = OPT_CHOICE, .offset = offsetof(struct app_options, run.decode), .argument = "DETAIL",
	 .optional = "full", .choices = details,
	 .help = "show the headers of each packet sent and received",
	 .manual = "brief is a line for each header; full, which is also meant where no word follows, is a line for "
	  "each field, with its offset as -x counts. What is not in the bytes is in brackets: the verdict on a "
	  "checksum, the probe that an answer is for, how far it came, and what was changed in a probe that an ICMP "
	  "error quotes. What is sent is shown as it is handed to the kernel, which fills in the identification and, "
	  "where it is not known, the source; what leaves in fragments is shown whole. It is shown in text output "
	  "only, also with -q."},
	{.letter = 'v', .name = "verbose", .kind = OPT_COUNT, .offset = offsetof(struct app_options, run.verbose),
	 .help = "print more; may be repeated",
	 .manual = "Of a series it reports outages, and answers that change their TTL, TOS, size or source, answers "
	  "that are not believed, and the header that an ICMP error quotes."},
	{.letter = 'n', .name = "numeric", .kind = OPT_FLAG, .offset = offsetof(struct app_options, run.numeric),
	 .help = "print addresses and look no names up for them"},
	{.name = NULL},
};

const struct opt app_output_options[] = {
	{.letter = 'j', .name = "json", .kind = OPT_SET, .offset = offsetof(struct app_options, format),
	 .value = APP_FORMAT_JSON, .help = "one JSON object on each line, as --format json"},
	{.name = "csv", .kind = OPT_SET, .offset = offsetof(struct app_options, format), .value = APP_FORMAT_CSV,
	 .help = "a table for programs, as --format csv"},
	{.alias = "oN", .name = "output-normal", .kind = OPT_CALL, .argument = "FILE", .value = APP_FORMAT_TEXT,
	 .call = app_call_file, .complete = OPT_COMPLETE_FILE,
	 .help = "write what the terminal shows to a file; -: to standard output",
	 .manual = "Each of these options may be given besides the others, and stands for an output of its own. A "
	  "file is created or overwritten, once the run begins; with - nothing else is printed there."},
	{.alias = "oJ", .name = "output-json", .kind = OPT_CALL, .argument = "FILE", .value = APP_FORMAT_JSON,
	 .call = app_call_file, .complete = OPT_COMPLETE_FILE,
	 .help = "write JSON Lines to a file; -: to standard output"},
	{.alias = "oC", .name = "output-csv", .kind = OPT_CALL, .argument = "FILE", .value = APP_FORMAT_CSV,
	 .call = app_call_file, .complete = OPT_COMPLETE_FILE, .help = "write CSV to a file; -: to standard output"},
	{.name = NULL},
};

const struct opt app_help_options[] = {
	{.letter = 'h', .name = "help", .kind = OPT_HELP, .help = "print this help"},
	{.letter = 'V', .name = "version", .kind = OPT_VERSION, .help = "print the version"},
	{.name = NULL},
};
/* clang-format on */
