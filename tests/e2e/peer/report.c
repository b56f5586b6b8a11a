/* SPDX-License-Identifier: MIT */
#include "report.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char *const seen_names[SEEN_KINDS] = {
	"echo", "syn", "rst", "tcp_other", "icmp_other", "fragment", "other", "malformed", "bad_checksum",
};
static const char *const sent_names[SENT_KINDS] = {
	"echo_reply", "syn_ack", "rst", "challenge", "syn_ack_again", "tcp_other", "icmp_error", "forged",
};
static const char *const dropped_names[DROPPED_KINDS] = {
	"silent", "request", "reply",         "burst",    "every", "rate",
	"banned", "reset",   "syn_ack_again", "overflow", "write", "unfinished",
};

static void put_counts(FILE *file, const char *name, const uint64_t *counts, const char *const *names, unsigned n)
{
	uint64_t total = 0;

	fprintf(file, "\"%s\": {", name);
	for (unsigned i = 0; i < n; i++) {
		fprintf(file, "\"%s\": %" PRIu64 ", ", names[i], counts[i]);
		total += counts[i];
	}
	fprintf(file, "\"total\": %" PRIu64 "}", total);
}

static void put_counters(FILE *file, const struct rule_counters *counters)
{
	put_counts(file, "sent", counters->sent, sent_names, SENT_KINDS);
	fprintf(file, ", ");
	put_counts(file, "dropped", counters->dropped, dropped_names, DROPPED_KINDS);
	fprintf(file, ", \"duplicated\": %" PRIu64 ", \"corrupted\": %" PRIu64 ", \"reordered\": %" PRIu64,
		counters->duplicated, counters->corrupted, counters->reordered);
}

static void add(struct rule_counters *sum, const struct rule_counters *one)
{
	sum->seen += one->seen;
	for (unsigned i = 0; i < SENT_KINDS; i++)
		sum->sent[i] += one->sent[i];
	for (unsigned i = 0; i < DROPPED_KINDS; i++)
		sum->dropped[i] += one->dropped[i];
	sum->duplicated += one->duplicated;
	sum->corrupted += one->corrupted;
	sum->reordered += one->reordered;
}

/* Over every address of the rule, and its ports where it names some. */
static void put_population(FILE *file, const struct world *world, const struct rule *rule)
{
	uint32_t mask = rule->mask | world->mask;
	uint32_t first = (rule->mask > world->mask ? rule->address : world->network) & mask;
	uint64_t hosts = (uint64_t)~mask + 1, alive = 0, ping = 0;
	uint64_t ports[PORT_FILTERED + 1] = {0};

	for (uint64_t i = 0; i < hosts; i++) {
		uint32_t address = first + (uint32_t)i;

		if (!truth_alive(&rule->population, world->seed, address))
			continue;
		alive++;
		ping += truth_ping(&rule->population, world->seed, address);
		for (unsigned r = 0; r < rule->port_ranges; r++)
			for (unsigned port = rule->ports[r].first; port <= rule->ports[r].last; port++)
				ports[truth_port(&rule->population, world->seed, address, (uint16_t)port)]++;
	}
	fprintf(file, ", \"truth\": {\"hosts\": %" PRIu64 ", \"alive\": %" PRIu64 ", \"ping\": %" PRIu64, hosts, alive,
		ping);
	for (unsigned i = PORT_OPEN; i <= PORT_FILTERED && rule->port_ranges; i++)
		fprintf(file, ", \"%s\": %" PRIu64, truth_port_name((enum port_truth)i), ports[i]);
	fprintf(file, "}");
}

static void put_text(FILE *file, const char *text)
{
	fputc('"', file);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			fputc('\\', file);
		fputc(*text, file);
	}
	fputc('"', file);
}

void report_write(FILE *file, const struct world *world, long long device_dropped)
{
	struct rule_counters all = {0};

	for (unsigned i = 0; i < world->rule_count; i++)
		add(&all, &world->rules[i].counters);
	fprintf(file, "{\"seed\": %" PRIu64 ", ", world->seed);
	put_counts(file, "seen", world->seen, seen_names, SEEN_KINDS);
	fprintf(file, ", \"outside\": %" PRIu64 ", \"unmatched\": %" PRIu64 ", \"device_dropped\": %lld, ",
		world->outside, world->unmatched, device_dropped);
	put_counters(file, &all);
	fprintf(file, ", \"rules\": [");
	for (unsigned i = 0; i < world->rule_count; i++) {
		const struct rule *rule = &world->rules[i];

		fprintf(file, "%s{\"rule\": ", i ? ", " : "");
		put_text(file, rule->text);
		fprintf(file, ", \"seen\": %" PRIu64 ", ", rule->counters.seen);
		put_counters(file, &rule->counters);
		if (rule->population.given)
			put_population(file, world, rule);
		fprintf(file, "}");
	}
	fprintf(file, "]}\n");
}

static const struct rule *find(const struct world *world, uint32_t address, uint8_t protocol, uint16_t port)
{
	for (unsigned i = 0; i < world->rule_count; i++) {
		if (rule_matches(&world->rules[i], address, protocol, port))
			return &world->rules[i];
	}
	return NULL;
}

static const char *host_truth(const struct world *world, uint32_t address)
{
	const struct rule *rule = find(world, address, PROTOCOL_ICMP, 0);

	if (!rule || rule->silent)
		return "dead";
	if (!rule->population.given || truth_ping(&rule->population, world->seed, address))
		return "ping";
	return truth_alive(&rule->population, world->seed, address) ? "alive" : "dead";
}

static const char *port_truth(const struct world *world, uint32_t address, uint16_t port)
{
	const struct rule *rule = find(world, address, PROTOCOL_TCP, port);

	if (!rule || rule->silent)
		return "dead";
	if (rule->population.given)
		return truth_port_name(truth_port(&rule->population, world->seed, address, port));
	if (rule->error)
		return "filtered";
	return rule->first_flags == (TCP_SYN | TCP_ACK) ? "open" : "closed";
}

int report_truth(FILE *file, const struct world *world, const char *what)
{
	char copy[64];
	char *colon, *end = copy;
	uint32_t address, mask;
	unsigned long port = 0;

	snprintf(copy, sizeof copy, "%s", what);
	colon = strchr(copy, ':');
	if (colon) {
		*colon = '\0';
		port = strtoul(colon + 1, &end, 10);
	}
	if (rule_parse_network(copy, &address, &mask) < 0 || port > 65535 || (colon && *end))
		return -1;
	for (uint64_t i = 0; i <= (uint64_t)(uint32_t)~mask; i++) {
		uint32_t at = (address & mask) + (uint32_t)i;

		fprintf(file, "%u.%u.%u.%u", at >> 24, at >> 16 & 255, at >> 8 & 255, at & 255);
		if (colon)
			fprintf(file, ":%lu %s\n", port, port_truth(world, at, (uint16_t)port));
		else
			fprintf(file, " %s\n", host_truth(world, at));
	}
	return 0;
}
