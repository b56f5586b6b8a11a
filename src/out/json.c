/* SPDX-License-Identifier: MIT */
/*
 * A run as JSON Lines, schema version 2: each line is a whole object with "v" and "event", so a reader that
 * is cut off loses one line at most. Its rule: numbers are numbers; times are integer nanoseconds (time_ns
 * since the epoch); a round trip stands twice, exactly as rtt_ns and as rtt_ms for people; a field that a
 * reader may rely on is null where there is no value, every other field is left out. Fields are added to
 * the schema, never renamed; their order is fixed.
 */
#include <errno.h>
#include <string.h>

#include <jansson.h>

#include "base/errno_name.h"
#include "out/out.h"
#include "out/json_fields.h"
#include "out/json_scan.h"
#include "out/report.h"
#include "out/changes.h"

struct out {
	const struct out_run *run;
	bool tcp;
	uint32_t targets;
	uint32_t ports;
	struct json_hosts *hosts; /* scans only */
	struct changes *changes;  /* series only */
	enum rp_end end;
	int error;
	int64_t ended_wall;
	int64_t duration;
};

static int json_init(struct out *out)
{
	const struct rp_config *config = out->run->results->config;

	out->tcp = out->run->ports;
	out->targets = rp_targets_count(config->targets);
	out->ports = out->tcp ? rp_ports_count(rp_targets_all_ports(config->targets)) : 0;
	out->end = RP_END_STOPPED;
	out->ended_wall = out->run->started.wall;
	return out->run->scan ? json_scan_open(&out->hosts, out->run) : changes_open(&out->changes, out->run->results);
}

static void json_fini(struct out *out)
{
	json_scan_close(out->hosts);
	changes_close(out->changes);
}

static void json_start(struct out *out, struct strbuf *text)
{
	const struct rp_config *config = out->run->results->config;
	json_t *line = json_new_line("start", out->run->started.wall);

	json_put_text(line, "tool", out->run->tool);
	json_put_text(line, "version", rp_version());
	json_put_text(line, "probe", out->run->probe);
	json_put_text(line, "plan", out->run->plan);
	json_put_text(line, "path", out->run->path);
	json_put_integer(line, "targets", out->targets);
	if (out->tcp)
		json_put_integer(line, "ports", out->ports);
	if (out->run->source.family != RP_FAMILY_NONE)
		json_put_address(line, "source", out->run->source);
	if (!out->run->scan) {
		json_put_integer(line, "count", (int64_t)config->count);
		json_put_integer(line, "interval_ns", config->interval);
	}
	json_put_integer(line, "payload_bytes", config->payload_length);
	json_end_line(line, text);
}

static void put_round_trip(json_t *line, const struct rp_event *event)
{
	json_put_ms(line, "rtt_ms", event->rtt);
	json_put_time(line, "rtt_ns", event->rtt);
	if (event->rtt == RP_TIME_NONE)
		return;
	json_put_text(line, "clock", rp_clock_name(event->clock));
	json_put_known_time(line, "tx_queue_ns", event->tx_queue);
	json_put_known_time(line, "rx_wakeup_ns", event->rx_wakeup);
}

static void put_answer(const struct out *out, json_t *line, const struct rp_event *event)
{
	const struct rp_packet *packet = event->packet;

	json_put_address(line, "from", event->from);
	if (out->tcp) {
		json_put_text(line, "state", rp_state_name(event->state));
		json_put_text(line, "reason", rp_reason_name(event->reason));
	} else if (packet) {
		json_put_integer(line, "bytes", (int64_t)(packet->length - packet->ip.header_length));
	}
	json_put_ttl(line, packet);
	put_round_trip(line, event);
	if (packet)
		json_put_integer(line, "tos", packet->ip.type_of_service);
	json_put_tcp(line, packet);
	json_put_bits(line, "remarks", event->remarks, rp_remark_name);
	json_object_set_new(line, "authenticated", json_boolean(event->authenticated));
	json_put_true(line, "different_address", event->different_address);
	if (event->kind == RP_EVENT_REPLY && event->wrong_data_offset != UINT32_MAX)
		json_put_integer(line, "wrong_data_offset", event->wrong_data_offset);
}

static void put_refusal(const struct out *out, json_t *line, const struct rp_event *event)
{
	const char *name = errno_name(event->error);
	struct strbuf words;

	json_put_text(line, "error", name ? name : "unknown");
	strbuf_init(&words);
	out_unsent_text(&words, event, out->run->results->config);
	json_put_text(line, "text", words.failed ? NULL : words.text);
	strbuf_fini(&words);
}

static void put_port(json_t *line, const struct rp_event *event)
{
	json_put_text(line, "state", rp_state_name(event->state));
	json_put_text(line, "reason", rp_reason_name(event->reason));
	json_put_service(line, event->port);
	json_put_ttl(line, event->packet);
	put_round_trip(line, event);
	json_put_integer(line, "tries", event->attempt);
	json_put_true(line, "late", event->late);
	json_put_true(line, "conflict", event->conflict);
	json_put_bits(line, "remarks", event->remarks, rp_remark_name);
	if (event->from.family != RP_FAMILY_NONE)
		json_put_address(line, "from", event->from);
	json_put_icmp(line, event->packet);
	json_put_tcp(line, event->packet);
}

/* What could not be probed, in a series, where nobody knows for which port. */
static void add_bad(const struct out *out, const struct rp_event *event, struct strbuf *text)
{
	json_t *line = json_new_line("host", event->wall);

	json_put_target(line, out->run, event->target, event->address);
	json_put_integer(line, "open", 0);
	json_put_integer(line, "closed", 0);
	json_put_integer(line, "filtered", 0);
	json_put_integer(line, "unknown", 0);
	json_object_set_new(line, "complete", json_false());
	json_put_text(line, "reason", rp_reason_name(event->reason));
	json_end_line(line, text);
}

static void put_details(const struct out *out, json_t *line, const struct rp_event *event)
{
	switch (event->kind) {
	case RP_EVENT_REPLY:
	case RP_EVENT_DUPLICATE:
	case RP_EVENT_REPEATED:
	case RP_EVENT_LATE:
		put_answer(out, line, event);
		break;
	case RP_EVENT_ERROR:
		json_put_address(line, "from", event->from);
		json_put_icmp(line, event->packet);
		json_put_ttl(line, event->packet);
		put_round_trip(line, event);
		json_put_bits(line, "remarks", event->remarks, rp_remark_name);
		break;
	case RP_EVENT_UNSENT:
		put_refusal(out, line, event);
		break;
	case RP_EVENT_SUSPECT:
		json_put_address(line, "from", event->from);
		json_put_text(line, "suspicion", rp_suspicion_name(event->suspicion));
		json_put_ttl(line, event->packet);
		break;
	case RP_EVENT_PORT:
		put_port(line, event);
		break;
	case RP_EVENT_ADDRESS:
		json_put_address(line, "was", event->from);
		break;
	case RP_EVENT_SENT:
	case RP_EVENT_OVERDUE:
	case RP_EVENT_TIMEOUT:
	case RP_EVENT_OUTAGE:
	case RP_EVENT_HOST:
	case RP_EVENT_DONE:
		break;
	}
}

static void add_event(struct out *out, const struct rp_event *event, struct strbuf *text)
{
	bool scan = out->hosts != NULL;
	const char *name = out->run->quiet ? NULL : report_event_name(out->run, event);

	if (event->kind == RP_EVENT_DONE) {
		out->end = event->end;
		out->error = event->error;
		out->ended_wall = event->wall;
		out->duration = event->time - out->run->started.ns;
	}
	if (scan && !json_scan_event(out->hosts, event, text))
		return;
	if (!scan && event->kind == RP_EVENT_HOST && event->reason != RP_REASON_NONE &&
	    rp_ports_count(rp_grid_ports(out->run->results->grid, event->target)) == 0)
		add_bad(out, event, text);
	if (!name || (event->kind == RP_EVENT_PORT && out->run->only_open && event->state != RP_STATE_OPEN))
		return;

	json_t *line = json_new_line(name, event->wall);

	json_put_target(line, out->run, event->target, event->address);
	bool of_target = event->kind == RP_EVENT_ADDRESS;
	if (out->tcp && !of_target)
		json_put_integer(line, "port", event->port);
	if (!scan && event->kind != RP_EVENT_PORT && !of_target)
		json_put_integer(line, "seq", (int64_t)event->sequence);
	else if (event->kind != RP_EVENT_PORT && !of_target && event->attempt)
		json_put_integer(line, "try", event->attempt);
	put_details(out, line, event);
	json_end_line(line, text);
}

/* Times of the wall clock: monotonic ones by the offset that the event shows. */
static void add_outage(struct out *out, const struct rp_event *event, struct strbuf *text)
{
	static const char *const states[] = {[RP_OUTAGE_BEGINS] = "begins",
					     [RP_OUTAGE_ENDS] = "ends",
					     [RP_OUTAGE_PASSED] = "ends",
					     [RP_OUTAGE_GOES_ON] = "goes-on"};
	const struct rp_outage *outage = event->outage;
	int64_t offset = event->wall - event->time;
	json_t *line = json_new_line("outage", event->wall);

	json_put_target(line, out->run, event->target, event->address);
	if (out->tcp)
		json_put_integer(line, "port", event->port);
	json_put_text(line, "state", states[event->outage_state]);
	json_put_integer(line, "first_seq", (int64_t)outage->first);
	json_put_integer(line, "last_seq", (int64_t)outage->last);
	json_put_integer(line, "start_ns", outage->start + offset);
	if (event->outage_state == RP_OUTAGE_ENDS || event->outage_state == RP_OUTAGE_PASSED)
		json_put_integer(line, "end_ns", outage->end + offset);
	json_put_integer(line, "duration_ns", outage->end - outage->start);
	json_end_line(line, text);
}

static void put_was(json_t *line, const char *key, json_t *was, json_t *is)
{
	if (json_equal(was, is)) {
		json_decref(was);
		json_decref(is);
		return;
	}
	json_object_set_new(line, key, json_pack("{s:o,s:o}", "was", was, "is", is));
}

static json_t *address_text(struct rp_addr address)
{
	char text[RP_ADDR_TEXT_SIZE];

	return json_string(rp_addr_format(address, text));
}

static void add_change(struct out *out, const struct rp_event *event, const struct change_seen *change,
		       struct strbuf *text)
{
	json_t *line = json_new_line("change", event->wall);

	json_put_target(line, out->run, event->target, event->address);
	if (out->tcp)
		json_put_integer(line, "port", event->port);
	json_put_integer(line, "seq", (int64_t)event->sequence);
	put_was(line, "ttl", json_integer(change->before.ttl), json_integer(change->now.ttl));
	put_was(line, "tos", json_integer(change->before.tos), json_integer(change->now.tos));
	put_was(line, "bytes", json_integer((json_int_t)change->before.size),
		json_integer((json_int_t)change->now.size));
	put_was(line, "from", address_text(change->before.from), address_text(change->now.from));
	json_end_line(line, text);
}

static void json_event(struct out *out, const struct rp_event *event, struct strbuf *text)
{
	struct change_seen change;

	add_event(out, event, text);
	if (out->hosts)
		json_scan_write(out->hosts, event, text);
	if (!out->changes)
		return;
	bool changed = changes_event(out->changes, event, &change);
	if (out->run->quiet)
		return;
	if (changed)
		add_change(out, event, &change, text);
	if (event->kind == RP_EVENT_OUTAGE)
		add_outage(out, event, text);
}

static void json_omitted(struct out *out, const struct out_omitted *omitted, struct strbuf *text)
{
	const uint64_t *count = omitted->count;

	if (out->run->quiet)
		return;
	json_t *line = json_new_line("omitted", omitted->wall);
	json_put_integer(line, "suspect", (int64_t)(count[OUT_OMITTED_CHECKSUM] + count[OUT_OMITTED_SUSPECT]));
	json_put_integer(line, "duplicate", (int64_t)count[OUT_OMITTED_DUPLICATE]);
	json_put_integer(line, "repeated", (int64_t)count[OUT_OMITTED_REPEATED]);
	json_put_integer(line, "error", (int64_t)count[OUT_OMITTED_ERROR]);
	json_end_line(line, text);
}

/* `interim`: the run goes on. */
static json_t *new_target(const struct out *out, uint32_t index, int64_t wall, bool interim)
{
	json_t *line = json_new_line("target", wall);

	json_put_target(line, out->run, index, (struct rp_addr){0});
	if (interim)
		json_object_set_new(line, "interim", json_true());
	return line;
}

static void end_target(json_t *line, const struct rp_stats *stats, struct strbuf *text)
{
	json_put_counts(line, stats);
	json_put_series(line, stats);
	json_end_line(line, text);
}

/* A line for each port of a target that the series went to. */
static void add_ports_of(const struct out *out, uint32_t target, int64_t wall, bool interim, struct strbuf *text)
{
	const struct rp_ports *ports = rp_grid_ports(out->run->results->grid, target);
	struct rp_stats stats;

	for (uint32_t i = 0; i < rp_ports_count(ports); i++) {
		json_t *line = new_target(out, target, wall, interim);
		json_put_integer(line, "port", rp_ports_at(ports, i));
		out->run->results->port_stats(out->run->results->user, target, rp_ports_at(ports, i), &stats);
		end_target(line, &stats, text);
	}
}

static void add_series(const struct out *out, int64_t wall, bool interim, struct strbuf *text)
{
	struct rp_stats stats;

	for (uint32_t i = 0; i < out->targets; i++) {
		if (out->tcp) {
			add_ports_of(out, i, wall, interim, text);
			continue;
		}
		out->run->results->stats(out->run->results->user, i, &stats);
		end_target(new_target(out, i, wall, interim), &stats, text);
	}
}

static void json_interim(struct out *out, int64_t wall, struct strbuf *text)
{
	if (!out->hosts)
		add_series(out, wall, true, text);
}

static void json_finish(struct out *out, struct strbuf *text)
{
	struct rp_stats stats;
	json_t *line;

	if (out->hosts)
		json_scan_finish(out->hosts, out->ended_wall, text);
	else
		add_series(out, out->ended_wall, false, text);
	if (out->run->verdict)
		out->run->verdict(out->run->verdict_user, out->ended_wall, true, text);
	line = json_new_line("run", out->ended_wall);
	json_put_text(line, "end", rp_end_name(out->end));
	if (out->error)
		json_put_text(line, "error", errno_name(out->error));
	json_put_integer(line, "duration_ns", out->duration);
	out->run->results->stats(out->run->results->user, RP_ALL_TARGETS, &stats);
	json_put_counts(line, &stats);
	if (!out->hosts)
		json_put_series(line, &stats);
	json_end_line(line, text);
}

const struct out_type out_json = {
	.name = "json",
	.size = sizeof(struct out),
	.init = json_init,
	.start = json_start,
	.event = json_event,
	.omitted = json_omitted,
	.interim = json_interim,
	.finish = json_finish,
	.fini = json_fini,
};
