/* SPDX-License-Identifier: MIT */
/* What stands before and after the lines of a series: title and statistics; over TCP a block for each of several
 * ports. */
#include "out/ping.h"

#include <inttypes.h>
#include <time.h>

#include "base/ns.h"
#include "out/report.h"

const struct ping_switches *ping_switches(const struct out_run *run)
{
	static const struct ping_switches off;

	return run->own != NULL ? run->own : &off;
}

/* Local time with its offset: [2026-11-21T08:30:00.123456+01:00]. */
static void add_iso(int64_t wall, struct strbuf *text)
{
	time_t seconds = (time_t)(wall / NS_PER_S);
	struct tm local;
	char date[32];

	if (!localtime_r(&seconds, &local))
		return;
	strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &local);
	long minutes = local.tm_gmtoff / 60;
	long size = minutes < 0 ? -minutes : minutes;
	strbuf_addf(text, "[%s.%06d%c%02ld:%02ld] ", date, (int)(wall % NS_PER_S / NS_PER_US), minutes < 0 ? '-' : '+',
		    size / 60, size % 60);
}

void ping_summary_add_time(const struct out_run *run, int64_t wall, struct strbuf *text)
{
	char buffer[NS_TEXT_SIZE];

	if (run->timestamps == OUT_TIMESTAMPS_ISO)
		add_iso(wall, text);
	else if (run->timestamps == OUT_TIMESTAMPS_EPOCH)
		strbuf_addf(text, "[%s] ", ns_format_s(wall, 6, buffer));
}

void ping_summary_add_title(const struct out_run *run, struct strbuf *text)
{
	struct rp_target target = rp_targets_at(run->results->config->targets, 0);
	uint32_t targets = rp_targets_count(run->results->config->targets);
	char address[RP_ADDR_TEXT_SIZE];

	if (targets > 1)
		strbuf_addf(text, "%" PRIu32 " targets", targets);
	else if (target.canonical)
		strbuf_add(text, target.canonical);
	else
		strbuf_add(text, target.name ? target.name : rp_addr_format(target.address, address));
}

static bool is_tcp(const struct out_run *run)
{
	return run->ports;
}

static void add_host(const struct out_run *run, uint32_t target, struct strbuf *text)
{
	char address[RP_ADDR_TEXT_SIZE];

	strbuf_add_escaped(text, report_host(rp_targets_at(run->results->config->targets, target), address));
}

size_t ping_summary_width(const struct out_run *run)
{
	struct strbuf prefix;
	size_t width = 0;

	strbuf_init(&prefix);
	for (uint32_t target = 0; target < rp_targets_count(run->results->config->targets); target++) {
		const struct rp_ports *ports = rp_grid_ports(run->results->grid, target);
		uint32_t last = rp_ports_count(ports); /* ports ascend: it has the most digits */

		if (last == 0)
			continue;
		strbuf_clear(&prefix);
		add_host(run, target, &prefix);
		strbuf_addf(&prefix, ":%u: ", rp_ports_at(ports, last - 1));
		if (prefix.length > width)
			width = prefix.length;
	}
	strbuf_fini(&prefix);
	return width;
}

static void add_statistics(const struct out_run *run, const struct strbuf *title, const struct rp_stats *stats,
			   struct strbuf *text)
{
	report_add_statistics(text, title->failed ? "?" : title->text, is_tcp(run) ? "syn" : "ping", stats,
			      ping_switches(run)->flood || run->results->config->interval == 0 ||
				      run->results->config->adaptive,
			      run->results->config);
	bool percentiles = ping_switches(run)->percentiles && stats->rtt_p50 != RP_TIME_NONE;
	if (stats->samples && (percentiles || ping_switches(run)->breakdown))
		report_add_details(text, stats, percentiles, ping_switches(run)->breakdown);
}

static void add_port(const struct out_run *run, uint32_t target, uint16_t port, struct strbuf *text)
{
	char address[RP_ADDR_TEXT_SIZE];
	struct rp_stats stats;
	struct strbuf title;

	strbuf_init(&title);
	strbuf_addf(&title, "%s:%u", report_host(rp_targets_at(run->results->config->targets, target), address), port);
	run->results->port_stats(run->results->user, target, port, &stats);
	add_statistics(run, &title, &stats, text);
	strbuf_fini(&title);
}

void ping_summary_add_end(const struct out_run *run, struct strbuf *text)
{
	uint32_t targets = rp_targets_count(run->results->config->targets);
	uint32_t ports = is_tcp(run) ? rp_ports_count(rp_targets_all_ports(run->results->config->targets)) : 1;
	struct rp_stats stats;
	struct strbuf title;

	for (uint32_t target = 0; is_tcp(run) && (targets > 1 || ports > 1) && target < targets; target++) {
		const struct rp_ports *own = rp_grid_ports(run->results->grid, target);

		for (uint32_t i = 0; i < rp_ports_count(own); i++)
			add_port(run, target, rp_ports_at(own, i), text);
	}
	run->results->stats(run->results->user, RP_ALL_TARGETS, &stats);
	strbuf_init(&title);
	ping_summary_add_title(run, &title);
	add_statistics(run, &title, &stats, text);
	strbuf_fini(&title);
}
