/* SPDX-License-Identifier: MIT */
/* Writes values as fields of a JSON line. */
#include "out/json_fields.h"

#include "base/ns.h"
#include "out/report.h"

#define SCHEMA_VERSION 2

void json_put_integer(json_t *line, const char *key, int64_t value)
{
	json_object_set_new(line, key, json_integer(value));
}

void json_put_time(json_t *line, const char *key, int64_t value)
{
	json_object_set_new(line, key, value == RP_TIME_NONE ? json_null() : json_integer(value));
}

void json_put_known_time(json_t *line, const char *key, int64_t value)
{
	if (value != RP_TIME_NONE)
		json_put_integer(line, key, value);
}

void json_put_ms(json_t *line, const char *key, int64_t value)
{
	json_object_set_new(line, key,
			    value == RP_TIME_NONE ? json_null() : json_real((double)value / (double)NS_PER_MS));
}

void json_put_true(json_t *line, const char *key, bool value)
{
	if (value)
		json_object_set_new(line, key, json_true());
}

/* JSON is UTF-8; text that is not is escaped octet by octet before it is escaped as JSON. */
void json_put_text(json_t *line, const char *key, const char *value)
{
	json_t *string = value ? json_string(value) : json_null();

	if (!string) {
		struct strbuf escaped;

		strbuf_init(&escaped);
		strbuf_add_escaped(&escaped, value);
		string = escaped.failed ? NULL : json_string(escaped.text);
		strbuf_fini(&escaped);
	}
	json_object_set_new(line, key, string);
}

void json_put_counts(json_t *line, const struct rp_stats *stats)
{
	json_put_integer(line, "sent", (int64_t)stats->sent);
	json_put_integer(line, "received", (int64_t)stats->received);
	json_put_integer(line, "lost", (int64_t)stats->lost);
	json_put_integer(line, "late", (int64_t)stats->late);
	json_put_integer(line, "in_flight", (int64_t)stats->in_flight);
	json_put_integer(line, "unsent", (int64_t)stats->unsent);
	json_put_integer(line, "duplicates", (int64_t)stats->duplicates);
	json_put_integer(line, "repeated", (int64_t)stats->repeated);
	json_put_integer(line, "altered", (int64_t)stats->altered);
	json_put_integer(line, "errors", (int64_t)stats->errors);
	json_put_integer(line, "corrupted", (int64_t)stats->corrupted);
	json_put_integer(line, "suspect", (int64_t)stats->suspect);
	json_object_set_new(line, "loss_percent", json_real(report_loss(stats)));
	json_put_ms(line, "rtt_min_ms", stats->rtt_min);
	json_put_ms(line, "rtt_avg_ms", stats->rtt_mean);
	json_put_ms(line, "rtt_max_ms", stats->rtt_max);
	json_put_ms(line, "rtt_mdev_ms", stats->rtt_mdev);
}

static void put_mean(json_t *line, const char *mean_key, const char *max_key, struct rp_mean value)
{
	json_put_ms(line, mean_key, value.mean);
	json_put_ms(line, max_key, value.max);
}

static void put_outage(json_t *line, const char *key, const struct rp_outage *outage)
{
	json_t *object = json_null();

	if (outage->first) {
		object = json_object();
		json_put_integer(object, "first_seq", (int64_t)outage->first);
		json_put_integer(object, "last_seq", (int64_t)outage->last);
		json_put_time(object, "duration_ns", outage->end - outage->start);
	}
	json_object_set_new(line, key, object);
}

/* What only a series has. */
void json_put_series(json_t *line, const struct rp_stats *stats)
{
	json_put_ms(line, "jitter_ms", stats->jitter);
	put_mean(line, "tx_queue_avg_ms", "tx_queue_max_ms", stats->tx_queue);
	put_mean(line, "rx_wakeup_avg_ms", "rx_wakeup_max_ms", stats->rx_wakeup);
	put_mean(line, "schedule_lag_avg_ms", "schedule_lag_max_ms", stats->schedule_lag);
	json_put_integer(line, "outages", (int64_t)stats->outages);
	put_outage(line, "outage_longest", &stats->longest);
	put_outage(line, "outage_current", &stats->current);
	if (!stats->detailed)
		return;
	json_put_ms(line, "rtt_p50_ms", stats->rtt_p50);
	json_put_ms(line, "rtt_p90_ms", stats->rtt_p90);
	json_put_ms(line, "rtt_p95_ms", stats->rtt_p95);
	json_put_ms(line, "rtt_p99_ms", stats->rtt_p99);
	json_put_ms(line, "rtt_p999_ms", stats->rtt_p999);
	json_put_integer(line, "reordered", (int64_t)stats->reordered);
	json_put_integer(line, "reorder_extent", stats->reorder_extent);
	json_put_integer(line, "recent_probes", stats->recent.probes);
	json_put_integer(line, "recent_lost", stats->recent.lost);
	json_put_ms(line, "recent_rtt_min_ms", stats->recent.rtt_min);
	json_put_ms(line, "recent_rtt_avg_ms", stats->recent.rtt_mean);
	json_put_ms(line, "recent_rtt_max_ms", stats->recent.rtt_max);
}

void json_put_ttl(json_t *line, const struct rp_packet *packet)
{
	json_object_set_new(line, "ttl", packet ? json_integer(packet->ip.time_to_live) : json_null());
}

void json_put_tcp(json_t *line, const struct rp_packet *packet)
{
	if (!packet || packet->ip.protocol != RP_PROTOCOL_TCP)
		return;
	json_put_integer(line, "window", packet->tcp.window);
	if (packet->tcp.has_mss)
		json_put_integer(line, "mss", packet->tcp.mss);
}

void json_put_icmp(json_t *line, const struct rp_packet *packet)
{
	struct strbuf words;

	if (!packet || packet->ip.protocol != RP_PROTOCOL_ICMP)
		return;
	json_put_integer(line, "icmp_type", packet->icmp.type);
	json_put_integer(line, "icmp_code", packet->icmp.code);
	if (packet->icmp.type == RP_ICMP_DESTINATION_UNREACHABLE && packet->icmp.code == 4)
		json_put_integer(line, "mtu", packet->icmp.next_hop_mtu);
	strbuf_init(&words);
	out_icmp_text(&words, packet);
	json_put_text(line, "text", words.failed ? NULL : words.text);
	strbuf_fini(&words);
}

void json_put_bits(json_t *line, const char *key, unsigned bits, const char *(*word)(unsigned bit))
{
	json_t *list = bits ? json_array() : NULL;

	for (unsigned bit = 1; bit <= bits; bit *= 2)
		if (bits & bit)
			json_array_append_new(list, json_string(word(bit)));
	if (bits)
		json_object_set_new(line, key, list);
}

void json_put_address(json_t *line, const char *key, struct rp_addr value)
{
	char text[RP_ADDR_TEXT_SIZE];

	json_put_text(line, key, value.family != RP_FAMILY_NONE ? rp_addr_format(value, text) : NULL);
}

void json_put_service(json_t *line, uint16_t port)
{
	const char *service = rp_service_name(port);

	if (service)
		json_put_text(line, "service", service);
}

/* ---- lines ---- */

json_t *json_new_line(const char *event, int64_t wall)
{
	json_t *line = json_object();

	json_put_integer(line, "v", SCHEMA_VERSION);
	json_put_text(line, "event", event);
	json_put_time(line, "time_ns", wall);
	return line;
}

static int append(const char *bytes, size_t length, void *text)
{
	strbuf_add_bytes(text, bytes, length);
	return 0;
}

/* 15 digits hold every round trip below 11 days to the nanosecond, and write 0.112 as 0.112. */
void json_end_line(json_t *line, struct strbuf *text)
{
	if (!line || json_dump_callback(line, append, text, JSON_COMPACT | JSON_REAL_PRECISION(15)) != 0)
		text->failed = true;
	strbuf_add_char(text, '\n');
	json_decref(line);
}

void json_put_target(json_t *line, const struct out_run *run, uint32_t index, struct rp_addr address)
{
	struct rp_target target = {.address = address};
	char text[RP_ADDR_TEXT_SIZE];

	if (index < rp_targets_count(run->results->config->targets))
		target = rp_targets_at(run->results->config->targets, index);
	json_put_text(line, "host", report_host(target, text));
	json_put_address(line, "address", target.address);
}
