/* SPDX-License-Identifier: MIT */
/*
 * rping: sends ICMP echo requests to a host. From the options to a config, and from the counters to the
 * exit code: 0 answered, 1 not, 2 usage, name or system error.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/error.h"
#include "base/ns.h"
#include "app/die.h"
#include "config.h"
#include "rping/opts.h"
#include "app/interim.h"
#include "app/names.h"
#include "app/app.h"

#define EXIT_UNANSWERED 1

/* As many as the IP option has room for. */
#define STAMPING_HOPS 4

static enum rp_ip_option ip_option(const struct rping_options *options)
{
	if (options->record_route)
		return RP_IP_OPTION_RECORD_ROUTE;
	if (options->ip_stamps != RP_IP_OPTION_NONE)
		return (enum rp_ip_option)options->ip_stamps;
	if (options->common.config.hop_count == 0)
		return RP_IP_OPTION_NONE;
	return options->common.config.direct ? RP_IP_OPTION_STRICT_ROUTE : RP_IP_OPTION_LOOSE_ROUTE;
}

/* For a host to answer, or to fall silent. */
static bool is_waiting(const struct rp_config *config)
{
	return config->until_answered > 0 || config->until_silent > 0;
}

/* What the tables do not store by themselves. */
static void config_fill(struct rp_config *config, const struct rping_options *options)
{
	if (config->interval == RPING_INTERVAL_AUTO)
		config->interval = options->common.ping.flood ? 0 : NS_PER_S;
	/* Where each reply has a line, each has a time; and what is required is required of all. */
	if ((options->common.ping.flood || options->common.run.quiet) && options->common.format <= APP_FORMAT_TEXT &&
	    options->common.file_count == 0 && options->common.require.text == NULL)
		config->timed_rate = APP_TIMED_RATE;
	config->preload = (unsigned)options->preload;
	config->count_replies = options->common.deadline > 0 && options->common.count > 0;
	config->report_overdue = options->common.ping.bell_on_loss;
	if (is_waiting(config) && options->common.timeout == APP_TIMEOUT_AUTO)
		config->timeout = NS_PER_S;
	config->payload_length = (uint16_t)options->size;
	config->identifier = (int)options->identifier;
	config->sticky_source |= options->common.any_source;
	config->send_buffer = (int)options->send_buffer;
	config->ip_option = ip_option(options);
}

static bool is_multicast(struct rp_addr address)
{
	return rp_addr_ipv4_value(address) >> 28 == 0xe;
}

/* What iputils' later versions read. */
static bool names_unwanted(void)
{
	const char *lookup = getenv("IPUTILS_PING_PTR_LOOKUP");

	return lookup != NULL && strcmp(lookup, "0") == 0;
}

/* What depends on who is probed. */
static void config_fit(struct rp_config *config, const struct rping_options *options, struct rp_addr target)
{
	bool multicast = is_multicast(target);

	config->time_to_live = (uint8_t)options->time_to_live;
	if (options->time_to_live == RPING_TTL_AUTO)
		config->time_to_live = multicast ? 1 : 0;
}

static void check_options(const struct rping_options *options)
{
	if (options->record_route && options->ip_stamps != RP_IP_OPTION_NONE)
		die(rping_tool.name, "only one of -T or -R may be used");
	if (options->common.config.hop_count > 0 && (options->record_route || options->ip_stamps != RP_IP_OPTION_NONE))
		die(rping_tool.name, "only one of -T, -R and --via may be used");
	if (options->common.config.until_answered > 0 && options->common.config.until_silent > 0)
		die(rping_tool.name, "only one of --until-up and --until-down may be used");
}

/* An address or a name. */
static void take_hop(struct rping_options *options, const char *text)
{
	struct rp_targets *hops;
	struct rp_error error = {""};

	interim_prepare();
	if (rp_targets_new(&hops) < 0)
		die(rping_tool.name, "out of memory");
	if (rp_targets_add(hops, text, &error) < 0)
		die(rping_tool.name, "%s", error.text);
	if (!opts_add_hop(&options->common.config, rp_targets_at(hops, 0).address))
		die(rping_tool.name, "'%s': %d hops at most", text, RP_HOPS_MAX);
	rp_targets_free(hops);
}

/* With -T tsprespec the operands before the last are those who stamp. */
static const char *take_operands(struct rping_options *options, char **argv, const char **operands, int count)
{
	struct strbuf text;
	bool stamps = options->ip_stamps == RP_IP_OPTION_STAMPS_PRESET;

	if (count == 0)
		die(rping_tool.name,
		    "usage error: Destination address required (" RPING_NAME " --help lists the options)");
	if (stamps && (count < 2 || count > 1 + STAMPING_HOPS))
		die(rping_tool.name, "-T tsprespec: 1 to %d hops are needed, before the host: -T tsprespec HOP... HOST",
		    STAMPING_HOPS);
	for (int i = 0; stamps && i < count - 1; i++)
		take_hop(options, operands[i]);
	strbuf_init(&text);
	for (int i = 0; i < count; i++)
		if (opt_explain_operand(&rping_tool, argv, operands[i], &text))
			die(rping_tool.name, "%s", app_sentence(&text));
	for (int i = 0; count > 1 && !stamps && i < count; i++)
		if (operands[i][strspn(operands[i], "0123456789")] == '\0' && strlen(operands[i]) <= 5)
			die(rping_tool.name, "'%s' is neither a host nor the argument of an option", operands[i]);
	if (count > 1 && !stamps)
		die(rping_tool.name,
		    "one host at a time: '%s' is a second one (--via names the hops of a source route)", operands[1]);
	return operands[count - 1];
}

/* The name may come up together with its host: it is asked for again each second, until the deadline. What is no
 * name stays none. */
static void await_target(struct app *app, const char *name)
{
	const struct timespec pause = {.tv_sec = 1};
	struct rp_error error = {""};

	for (bool known = false, told = false; !known; told = true) {
		struct names_guard guard;

		names_guard(&guard, app, name, INT64_MAX, EXIT_UNANSWERED);
		int result = app_add_target(app, name, &error);
		if (result == -EINVAL || error_is_exhaustion(result))
			app_die(app, result, &error);
		known = result == 0;
		if (!known && !told)
			warn(rping_tool.name, "%s; waiting for it", error.text);
		if (!known)
			nanosleep(&pause, NULL);
		names_unguard(&guard);
	}
}

static void find_target(struct app *app, const char *name)
{
	struct rp_error error = {""};
	struct names_guard guard;

	names_guard(&guard, app, name, INT64_MAX, EXIT_USAGE);
	int result = app_add_target(app, name, &error);
	if (result < 0)
		app_die(app, result, &error);
	names_unguard(&guard);
}

/* Lines call hosts by name as soon as the name is known: it is looked up from now on, and where it comes soon the
 * first line has it. Where no process can be started there are addresses, and a sentence for who asked. */
static void show_names(struct app *app, const struct rping_options *options, struct rp_addr target)
{
	bool lines =
		options->common.format <= APP_FORMAT_TEXT && !options->common.run.quiet && !options->common.ping.flood;
	struct rp_error error = {""};

	for (unsigned i = 0; i < options->common.file_count; i++)
		lines |= options->common.files[i].format == APP_FORMAT_TEXT;
	if (app->run.numeric || !lines)
		return;
	if (names_open(app, &error) == 0) {
		names_show(app);
		rp_resolver_of(app->names, target);
		rp_resolver_settle(app->names, NAMES_HEAD_START);
	} else if (options->force_names) {
		warn(rping_tool.name, "-H: %s", error.text);
	}
}

static void note_end(void *user, const struct rp_event *event)
{
	if (event->kind == RP_EVENT_DONE)
		*(enum rp_end *)user = event->end;
}

static void add_count(struct strbuf *text, uint64_t count, const char *word)
{
	if (count > 0)
		strbuf_addf(text, ", %" PRIu64 " %s", count, word);
}

/* Why it was waited in vain, in one sentence. */
static void explain(struct app *app, const char *host, const struct rp_stats *stats)
{
	bool up = app->config.until_answered > 0;
	uint64_t wanted = up ? app->config.until_answered : app->config.until_silent;
	char seconds[NS_TEXT_SIZE];

	ns_format_s(rp_session_time(app->session).ns - app->run.started.ns, 1, seconds);
	strbuf_addf(&app->text, "waited %s s, %s ", seconds, host);
	strbuf_add(&app->text, up ? "did not answer" : "did not fall silent");
	if (wanted > 1)
		strbuf_addf(&app->text, " for %" PRIu64 " probes in a row", wanted);
	strbuf_addf(&app->text, ": %" PRIu64 " sent, %" PRIu64 " answered", stats->sent, stats->received);
	add_count(&app->text, stats->errors, "ICMP errors");
	add_count(&app->text, stats->unsent, "not sent");
	warn(rping_tool.name, "%s", app_sentence(&app->text));
	strbuf_clear(&app->text);
}

static int exit_code(struct app *app, const struct rping_options *options, const char *host, enum rp_end end)
{
	bool waits = is_waiting(&app->config);
	bool held = true;
	struct rp_stats stats;

	rp_session_stats(app->session, RP_ALL_TARGETS, &stats);
	if (waits && end != RP_END_REACHED) {
		explain(app, host, &stats);
		held = false;
	}
	if (options->common.require.text != NULL) {
		held &= app_judge(app);
		return held && end != RP_END_ERRORS ? EXIT_SUCCESS : EXIT_UNANSWERED;
	}
	if (waits)
		return held ? EXIT_SUCCESS : EXIT_UNANSWERED;
	if (end == RP_END_ERRORS)
		return EXIT_UNANSWERED;
	if (stats.received == 0 || (app->config.count_replies && stats.received < app->config.count))
		return EXIT_UNANSWERED;
	return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	struct app app;
	struct rping_options options = {0};
	const char **operands;
	int count = 0;

	app_open(&app, &rping_tool, RP_SOCKETS_ICMP | RP_SOCKETS_DATAGRAM);
	operands = calloc((size_t)argc + 1, sizeof *operands);
	if (operands == NULL)
		die(rping_tool.name, "out of memory");
	rp_config_init(&options.common.config, sizeof options.common.config, RP_PROBE_ICMP_ECHO);
	app_parse(&app, argc, argv, &options, operands, &count);
	check_options(&options);
	const char *host = take_operands(&options, argv, operands, count);
	config_fill(&options.common.config, &options);
	app_take_options(&app, &options.common);
	if (is_waiting(&app.config))
		await_target(&app, host);
	else
		find_target(&app, host);
	if (rp_targets_count(app.targets) != 1)
		die(rping_tool.name, "one host at a time: '%s' names %u", host, rp_targets_count(app.targets));
	struct rp_target target = rp_targets_at(app.targets, 0);
	config_fit(&app.config, &options, target.address);

	enum rp_end end = RP_END_STOPPED;
	app.event = note_end;
	app.event_user = &end;
	app.ping.show_source =
		app.config.source.family != RP_FAMILY_NONE || app.config.interface != NULL || app.config.sticky_source;
	app.run.numeric |= !options.force_names && (target.canonical == NULL || names_unwanted());
	if (options.common.resolve_every > 0)
		names_follow(&app, options.common.resolve_every);
	show_names(&app, &options, target.address);
	app_take_outputs(&app, &options.common);
	app_run(&app);

	int code = exit_code(&app, &options, host, end);
	app_close(&app);
	strbuf_fini(&options.common.require);
	free(operands);
	return code;
}
