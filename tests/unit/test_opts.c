/* SPDX-License-Identifier: MIT */
/* The tools' own tables: documented defaults, the options with a parser of their own, and sound entries. */
#include <stdio.h>

#include "unit.h"

#include <rprobe/rprobe.h>

#include "base/ns.h"
#include "out/out.h"
#include "rping/opts.h"
#include "rsyn/opts.h"

static struct rping_options rping;
static struct rsyn_options rsyn;

static enum opt_result parse(const struct opt_tool *tool, void *options, size_t size, const char *line)
{
	static char copy[256];
	char *argv[32] = {copy};
	const char *operands[32];
	int argc = 1, count;
	struct strbuf text;
	enum opt_result result;

	snprintf(copy, sizeof(copy), "%s", line);
	for (char *word = strtok(copy, " "); word; word = strtok(NULL, " "))
		argv[argc++] = word;
	memset(options, 0, size);
	strbuf_init(&text);
	result = opt_parse(tool, argc, argv, options, operands, &count, &text);
	strbuf_fini(&text);
	return result;
}

#define parse_rping(line) parse(&rping_tool, &rping, sizeof(rping), line)
#define parse_rsyn(line)  parse(&rsyn_tool, &rsyn, sizeof(rsyn), line)

TEST(rping_defaults)
{
	assert_int_equal(parse_rping("192.0.2.1"), OPT_RUN);
	assert_int_equal(rping.common.count, 0);
	assert_int_equal(rping.common.config.interval, RPING_INTERVAL_AUTO);
	assert_int_equal(rping.common.timeout, APP_TIMEOUT_AUTO);
	assert_int_equal(rping.common.deadline, 0);
	assert_int_equal(rping.preload, 1);
	assert_int_equal(rping.size, 56);
	assert_int_equal(rping.time_to_live, RPING_TTL_AUTO);
	assert_int_equal(rping.common.config.type_of_service, 0);
	assert_int_equal(rping.identifier, RPING_IDENTIFIER_RANDOM);
	assert_int_equal(rping.common.config.pattern_length, 0);
	assert_int_equal(rping.common.config.source.family, RP_FAMILY_NONE);
	assert_null(rping.common.config.interface);
	assert_int_equal(rping.common.format, APP_FORMAT_NONE);
}

TEST(rping_values)
{
	assert_int_equal(parse_rping("-i 0 -W 0 -w 0.5 -s 65507 -t 1 -Q 0xb8 -e 65535 -l 65536 -qnDO -vv"), OPT_RUN);
	assert_int_equal(rping.common.config.interval, 0);
	assert_int_equal(rping.common.timeout, 0);
	assert_int_equal(rping.common.deadline, 500 * NS_PER_MS);
	assert_int_equal(rping.size, 65507);
	assert_int_equal(rping.time_to_live, 1);
	assert_int_equal(rping.common.config.type_of_service, 184);
	assert_int_equal(rping.identifier, 65535);
	assert_int_equal(rping.preload, 65536);
	assert_int_equal(rping.common.run.verbose, 2);
	assert_true(rping.common.run.quiet && rping.common.run.numeric && rping.common.run.timestamps &&
		    rping.common.report_outstanding);
	assert_int_equal(parse_rping("--json"), OPT_RUN);
	assert_int_equal(rping.common.format, APP_FORMAT_JSON);
	assert_int_equal(parse_rping("--json --format text"), OPT_RUN);
	assert_int_equal(rping.common.format, APP_FORMAT_TEXT);
}

TEST(rping_refusals)
{
	static const char *const lines[] = {"-c 0",       "-i -1",  "-i 0.000009", "-W -1",        "-w -1", "-s 65508",
					    "-t 0",       "-t 256", "-Q 256",      "-e 65536",     "-l 0",  "-l 65537",
					    "-i 2147484", "-e -1",  "-p xyz",      "--format xml", "-i inf"};
	for (size_t i = 0; i < LENGTH_OF(lines); i++)
		if (parse_rping(lines[i]) != OPT_ERROR)
			fail_msg("accepted: %s", lines[i]);
}

TEST(pattern)
{
	static const uint8_t whole[] = {0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77,
					0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff};
	assert_int_equal(parse_rping("-p 00112233445566778899aabbccddeeFF"), OPT_RUN);
	assert_int_equal(rping.common.config.pattern_length, 16);
	assert_memory_equal(rping.common.config.pattern, whole, 16);
	assert_int_equal(parse_rping("-pabc"), OPT_RUN);
	assert_int_equal(rping.common.config.pattern_length, 2);
	assert_int_equal(rping.common.config.pattern[0], 0xab);
	assert_int_equal(rping.common.config.pattern[1], 0x0c);
	assert_int_equal(parse_rping("-p 00112233445566778899aabbccddeeff0"), OPT_ERROR);
	assert_int_equal(parse_rping("-p 0x12"), OPT_ERROR);
	assert_int_equal(parse_rping("--pattern="), OPT_ERROR);
}

TEST(interface_and_source)
{
	assert_int_equal(parse_rping("-I 192.0.2.7 -I eth0"), OPT_RUN);
	assert_string_equal(rping.common.config.interface, "eth0");
	assert_true(rp_addr_equal(rping.common.config.source, rp_addr_ipv4(0xc0000207)));
	assert_int_equal(parse_rping("--interface="), OPT_ERROR);
	assert_int_equal(parse_rsyn("-S 192.0.2.7 -e eth0"), OPT_RUN);
	assert_string_equal(rsyn.common.config.interface, "eth0");
	assert_true(rp_addr_equal(rsyn.common.config.source, rp_addr_ipv4(0xc0000207)));
	assert_int_equal(parse_rsyn("-S eth0"), OPT_ERROR);
}

TEST(series_without_end)
{
	static const char *const lines[] = {"192.0.2.1 -c", "192.0.2.1 --count", "-c 0 192.0.2.1",
					    "--count=0 192.0.2.1", "192.0.2.1 -qc"};

	for (size_t i = 0; i < LENGTH_OF(lines); i++) {
		assert_int_equal(parse_rsyn(lines[i]), OPT_RUN);
		assert_true(rsyn_is_series(&rsyn));
		assert_int_equal(rsyn.common.count, 0);
	}
	assert_int_equal(parse_rsyn("-c 192.0.2.1"), OPT_ERROR);
	assert_int_equal(parse_rsyn("-c -1 192.0.2.1"), OPT_ERROR);
	assert_int_equal(parse_rping("192.0.2.1 -c"), OPT_ERROR);
	assert_int_equal(parse_rping("-c 0 192.0.2.1"), OPT_ERROR);
}

/* The next word is the argument if it could be one. */
TEST(argument_that_may_be_left_out)
{
	assert_int_equal(parse_rping("--until-up 3 192.0.2.1"), OPT_RUN);
	assert_int_equal(rping.common.config.until_answered, 3);
	assert_int_equal(parse_rping("--until-up 192.0.2.1"), OPT_RUN);
	assert_int_equal(rping.common.config.until_answered, 1);
	assert_int_equal(parse_rping("--until-up 0 192.0.2.1"), OPT_ERROR);
	assert_int_equal(parse_rping("--decode brief 192.0.2.1"), OPT_RUN);
	assert_int_equal(rping.common.run.decode, OUT_DECODE_BRIEF);
	assert_int_equal(parse_rping("--decode host.example"), OPT_RUN);
	assert_int_equal(rping.common.run.decode, OUT_DECODE_FULL);
	assert_int_equal(parse_rsyn("--wait-open 2m 192.0.2.1:22"), OPT_RUN);
	assert_int_equal(rsyn.wait_open, 120 * NS_PER_S);
	assert_int_equal(parse_rsyn("--wait-open 192.0.2.1:22"), OPT_RUN);
	assert_int_equal(rsyn.wait_open, 60 * NS_PER_S);
}

TEST(rsyn)
{
	assert_int_equal(parse_rsyn("192.0.2.1"), OPT_RUN);
	assert_null(rsyn.ports);
	assert_null(rsyn.input_list);
	assert_false(rsyn_is_series(&rsyn));
	assert_int_equal(rsyn.common.config.interval, NS_PER_S);
	assert_int_equal(rsyn.common.timeout, APP_TIMEOUT_AUTO);
	assert_int_equal(rsyn.timing, 3);
	assert_int_equal(rsyn.max_retries, RSYN_AUTO);
	assert_int_equal(rsyn.common.config.initial_rtt_timeout, RSYN_AUTO);
	assert_int_equal(rsyn.wait_open, RSYN_AUTO);
	assert_int_equal(rsyn.wait_closed, RSYN_AUTO);
	assert_int_equal(rsyn.expect, 0);
	assert_int_equal(rsyn.window, RSYN_AUTO);
	assert_int_equal(rsyn.common.config.path_mtu, RP_PATH_MTU_AUTO);
	assert_int_equal(rsyn.time_to_live, 0);
	assert_int_equal(parse_rsyn("-p - -Pn -n -iL - --open --reason --max-rate 4294967295 --min-rtt-timeout 0.2 "
				    "-g 53 --ttl 5 --tos 0x10"),
			 OPT_RUN);
	assert_string_equal(rsyn.ports, "-");
	assert_string_equal(rsyn.input_list, "-");
	assert_true(rsyn.common.run.numeric && rsyn.common.run.only_open && rsyn.ignored);
	assert_int_equal(rsyn.max_rate, UINT32_MAX);
	assert_int_equal(rsyn.common.config.min_rtt_timeout, 200 * NS_PER_MS);
	assert_int_equal(rsyn.source_port, 53);
	assert_int_equal(rsyn.time_to_live, 5);
	assert_int_equal(rsyn.common.config.type_of_service, 16);
	assert_int_equal(parse_rsyn("--max-retries 51"), OPT_ERROR);
	assert_int_equal(parse_rsyn("--min-rtt-timeout 0"), OPT_ERROR);
}

/* What the compiler cannot see: two entries with one spelling, headings torn apart, kinds without what they need. */
static void assert_sound(const struct opt_tool *tool)
{
	for (const struct opt *opt = opt_first(tool); opt; opt = opt_next(tool, opt)) {
		bool takes_none = opt->kind == OPT_FLAG || opt->kind == OPT_COUNT || opt->kind == OPT_SET ||
				  opt->kind == OPT_HELP || opt->kind == OPT_VERSION;

		assert_non_null(opt->help);
		assert_true(opt->kind == OPT_CALL ? opt->call != NULL : takes_none == !opt->argument);
		assert_true(opt->kind != OPT_CHOICE || opt->choices);
		assert_true(opt->complete != OPT_COMPLETE_CHOICE || opt->choices);
		for (const struct opt *other = opt_next(tool, opt); other; other = opt_next(tool, other)) {
			assert_string_not_equal(opt->name, other->name);
			assert_true(!opt->letter || opt->letter != other->letter);
		}
	}
	for (const struct opt_group *group = tool->groups; group->options; group++)
		for (const struct opt_group *other = group + 1; other->options; other++)
			if (strcmp(other->heading, group->heading) == 0)
				assert_string_equal(other[-1].heading, group->heading);
}

/* The number after --wait-open may be left out. */
TEST(rsyn_wait)
{
	assert_int_equal(parse_rsyn("--wait-open 10 192.0.2.1:22"), OPT_RUN);
	assert_int_equal(rsyn.wait_open, 10 * NS_PER_S);
	assert_int_equal(parse_rsyn("--wait-open 192.0.2.1:22"), OPT_RUN);
	assert_int_equal(rsyn.wait_open, 60 * NS_PER_S);
	assert_int_equal(parse_rsyn("--wait-open"), OPT_RUN);
	assert_int_equal(rsyn.wait_open, 60 * NS_PER_S);
	assert_int_equal(parse_rsyn("--wait-closed=500ms h:22"), OPT_RUN);
	assert_int_equal(rsyn.wait_closed, 500 * NS_PER_MS);
	assert_int_equal(parse_rsyn("--wait-open=h"), OPT_ERROR);
	assert_int_equal(parse_rsyn("-T4 --syn-options windows --df no --expect closed h"), OPT_RUN);
	assert_int_equal(rsyn.timing, 4);
	assert_int_equal(rsyn.common.config.syn_options, RP_SYN_WINDOWS);
	assert_int_equal(rsyn.common.config.path_mtu, RP_PATH_MTU_DONT);
	assert_int_equal(rsyn.expect, RP_STATE_CLOSED);
	assert_int_equal(parse_rsyn("-T6 h"), OPT_ERROR);
}

TEST(tables)
{
	assert_sound(&rping_tool);
	assert_sound(&rsyn_tool);
}
