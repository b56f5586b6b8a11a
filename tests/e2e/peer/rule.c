/* SPDX-License-Identifier: MIT */
/* The actions are one table: a name, how its value is written, and where it goes. */
#include "rule.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum value {
	VALUE_FLAG,
	VALUE_NUMBER, /* uint32_t, "10", "10/s" */
	VALUE_SIGNED, /* int64_t, "500", "+500", "-5" */
	VALUE_CHANCE, /* "5%" */
	VALUE_TIME,   /* int64_t ns, "20ms" */
	VALUE_ADDRESS,
	VALUE_SHAPE, /* answers to SYN: the flags in `number`, second << 8 | first; perhaps "=5ms" */
	VALUE_ICMP,  /* "3/13", or without a value the type << 8 | code in `number` */
	VALUE_POPULATION,
	VALUE_ALWAYS, /* a chance of one */
};

struct action {
	const char *name;
	enum value value;
	size_t at;
	uint32_t number;
};

#define AT(field)        offsetof(struct rule, field)
#define TWO(a, b)        ((uint32_t)(b) << 8 | (a))
#define ICMP(type, code) ((uint32_t)(type) << 8 | (code))
#define SYN_ACK          (TCP_SYN | TCP_ACK)
#define RST_ACK          (TCP_RST | TCP_ACK)

static const struct action actions[] = {
	{"alive", VALUE_SHAPE, 0, RST_ACK},
	{"silent", VALUE_FLAG, AT(silent), 0},
	{"drop", VALUE_FLAG, AT(silent), 0},
	{"population", VALUE_POPULATION, 0, 0},
	{"loss", VALUE_CHANCE, AT(loss), 0},
	{"loss-there", VALUE_CHANCE, AT(loss_there), 0},
	{"loss-back", VALUE_CHANCE, AT(loss_back), 0},
	{"ban-after", VALUE_NUMBER, AT(ban_after), 0},
	{"ban-for", VALUE_TIME, AT(ban_for), 0},
	{"ban-resets", VALUE_FLAG, AT(ban_resets), 0},
	{"burst-loss", VALUE_CHANCE, AT(burst), 0},
	{"burst-length", VALUE_NUMBER, AT(burst_length), 0},
	{"every", VALUE_NUMBER, AT(every), 0},

	{"delay", VALUE_TIME, AT(delay), 0},
	{"late", VALUE_TIME, AT(delay), 0},
	{"jitter", VALUE_TIME, AT(jitter), 0},
	{"dup", VALUE_CHANCE, AT(duplicate), 0},
	{"twice", VALUE_ALWAYS, AT(duplicate), 0},
	{"corrupt", VALUE_CHANCE, AT(corrupt), 0},
	{"reorder", VALUE_CHANCE, AT(reorder), 0},
	{"reorder-by", VALUE_TIME, AT(reorder_by), 0},
	{"swap", VALUE_FLAG, AT(swap), 0},
	{"bogus", VALUE_CHANCE, AT(bogus), 0},

	{"other-source", VALUE_ADDRESS, AT(other_source), 0},
	{"tos", VALUE_NUMBER, AT(type_of_service), 0},
	{"ttl", VALUE_NUMBER, AT(time_to_live), 0},
	{"record-route", VALUE_FLAG, AT(record_route), 0},
	{"unknown-option", VALUE_FLAG, AT(unknown_option), 0},
	{"bad-checksum", VALUE_FLAG, AT(bad_checksum), 0},

	{"truncate", VALUE_NUMBER, AT(truncate), 0},
	{"pad", VALUE_NUMBER, AT(pad), 0},
	{"flip", VALUE_NUMBER, AT(flip), 0},
	{"zero-stamp", VALUE_FLAG, AT(zero_stamp), 0},
	{"huge-stamp", VALUE_FLAG, AT(huge_stamp), 0},
	{"move-stamp", VALUE_SIGNED, AT(move_stamp), 0},
	{"wrong-id", VALUE_FLAG, AT(wrong_identifier), 0},
	{"wrong-seq", VALUE_SIGNED, AT(wrong_sequence), 0},
	{"extra-seq", VALUE_SIGNED, AT(extra_sequence), 0},
	{"code", VALUE_NUMBER, AT(code), 0},

	{"open", VALUE_SHAPE, 0, SYN_ACK},
	{"closed", VALUE_SHAPE, 0, RST_ACK},
	{"rst-then-synack", VALUE_SHAPE, 0, TWO(RST_ACK, SYN_ACK)},
	{"synack-then-rst", VALUE_SHAPE, 0, TWO(SYN_ACK, RST_ACK)},
	{"synack-rst", VALUE_SHAPE, 0, SYN_ACK | TCP_RST},
	{"rst-no-ack", VALUE_SHAPE, 0, TCP_RST},
	{"syn-only", VALUE_SHAPE, 0, TCP_SYN},
	{"ack-only", VALUE_SHAPE, 0, TCP_ACK},
	{"fin-ack", VALUE_SHAPE, 0, TCP_FIN | TCP_ACK},
	{"wrong-ack", VALUE_SIGNED, AT(wrong_acknowledgment), 0},
	{"other-port", VALUE_SIGNED, AT(other_port), 0},
	{"data", VALUE_NUMBER, AT(data), 0},
	{"window0", VALUE_FLAG, AT(zero_window), 0},
	{"rst-rate", VALUE_NUMBER, AT(reset_rate), 0},
	{"listen", VALUE_FLAG, AT(listen), 0},
	{"challenge", VALUE_FLAG, AT(challenge), 0},
	{"cookie-like", VALUE_FLAG, AT(only_mss), 0},

	{"icmp", VALUE_ICMP, 0, 0},
	{"reject", VALUE_ICMP, 0, ICMP(3, 13)},
	{"redirect", VALUE_ICMP, 0, ICMP(5, 1)},
	{"quench", VALUE_ICMP, 0, ICMP(4, 0)},
	{"param-problem", VALUE_ICMP, 0, ICMP(12, 0)},
	{"from", VALUE_ADDRESS, AT(error_from), 0},
	{"mtu", VALUE_NUMBER, AT(error_rest), 0},
	{"gateway", VALUE_ADDRESS, AT(error_rest), 0},
	{"pointer", VALUE_NUMBER, AT(error_rest), 0},
	{"quote", VALUE_NUMBER, AT(error_quote), 0}, /* bytes behind the IP header */
	{"quote-seq", VALUE_SIGNED, AT(error_sequence), 0},
	{"quote-source", VALUE_ADDRESS, AT(error_source), 0},
	{"quote-flip", VALUE_NUMBER, AT(error_flip), 0}, /* of the quoted payload */
	{"rate", VALUE_NUMBER, AT(error_rate), 0},
	{"error-then-reply", VALUE_FLAG, AT(then_reply), 0},
};

static int parse_chance(const char *text, chance *probability)
{
	char *end;
	double percent = strtod(text, &end);

	if (end == text || strcmp(end, "%") != 0 || !(percent >= 0 && percent <= 100))
		return -1;
	*probability = (chance)(percent / 100 * (double)ALWAYS);
	return 0;
}

static int parse_time(const char *text, int64_t *ns)
{
	static const struct {
		const char *name;
		double ns;
	} units[] = {{"ns", 1}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}};
	char *end;
	double value = strtod(text, &end);

	if (end == text || !(value >= 0 && value <= 1e6))
		return -1;
	for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
		if (strcmp(end, units[i].name) == 0) {
			*ns = (int64_t)(value * units[i].ns);
			return 0;
		}
	}
	return -1;
}

static int parse_signed(const char *text, int64_t *number)
{
	char *end;

	errno = 0;
	*number = strtoll(text, &end, 0);
	return errno || end == text || *end ? -1 : 0;
}

static int parse_number(const char *text, uint32_t *number)
{
	char *end;
	unsigned long value = strtoul(text, &end, 0);

	if (end == text || *text == '-' || value >= UINT32_MAX || (*end && strcmp(end, "/s") != 0))
		return -1;
	*number = (uint32_t)value;
	return 0;
}

static int parse_address(const char *text, uint32_t *address)
{
	struct in_addr parsed;

	if (inet_pton(AF_INET, text, &parsed) != 1)
		return -1;
	*address = ntohl(parsed.s_addr);
	return 0;
}

int rule_parse_network(const char *text, uint32_t *address, uint32_t *mask)
{
	char copy[32];
	int64_t length = 32;
	char *slash;

	if (strlen(text) >= sizeof copy)
		return -1;
	slash = strchr(strcpy(copy, text), '/');
	if (slash) {
		*slash = '\0';
		if (parse_signed(slash + 1, &length) < 0 || length < 0 || length > 32)
			return -1;
	}
	*mask = length ? UINT32_MAX << (32 - length) : 0;
	return parse_address(copy, address);
}

static int parse_icmp(struct rule *rule, const char *text, uint32_t number)
{
	if (text) {
		char *end;
		unsigned long type = strtoul(text, &end, 10), code;

		if (*end != '/')
			return -1;
		code = strtoul(end + 1, &end, 10);
		if (*end || type > 255 || code > 255)
			return -1;
		number = ICMP(type, (uint32_t)code);
	}
	rule->error = true;
	rule->error_type = (uint8_t)(number >> 8);
	rule->error_code = (uint8_t)number;
	return 0;
}

static int parse_shape(struct rule *rule, const char *text, uint32_t number)
{
	rule->first_flags = (uint8_t)number;
	rule->second_flags = (uint8_t)(number >> 8);
	return text && (!rule->second_flags || parse_time(text, &rule->second_after) < 0) ? -1 : 0;
}

/* "alive=60%", "ping=..." and so on behind the word population. */
static int parse_share(struct population *population, const char *name, const char *text)
{
	if (strcmp(name, "alive") == 0)
		return parse_chance(text, &population->alive);
	if (strcmp(name, "ping") == 0)
		return parse_chance(text, &population->ping);
	if (strcmp(name, "open") == 0)
		return parse_chance(text, &population->open);
	if (strcmp(name, "filtered") == 0)
		return parse_chance(text, &population->filtered);
	return -1;
}

static bool stands_alone(const struct action *action)
{
	return action->value == VALUE_FLAG || action->value == VALUE_ALWAYS || action->value == VALUE_POPULATION ||
	       (action->value == VALUE_ICMP && action->number);
}

static int apply(struct rule *rule, const struct action *action, const char *text)
{
	void *at = (char *)rule + action->at;

	if (action->value != VALUE_SHAPE && !text != stands_alone(action))
		return -1;
	switch (action->value) {
	case VALUE_FLAG:
		*(bool *)at = true;
		return 0;
	case VALUE_NUMBER:
		return parse_number(text, at);
	case VALUE_SIGNED:
		return parse_signed(text, at);
	case VALUE_CHANCE:
		return parse_chance(text, at);
	case VALUE_TIME:
		return parse_time(text, at);
	case VALUE_ADDRESS:
		return parse_address(text, at);
	case VALUE_SHAPE:
		return parse_shape(rule, text, action->number);
	case VALUE_ICMP:
		return parse_icmp(rule, text, action->number);
	case VALUE_POPULATION:
		rule->population = (struct population){true, ALWAYS, ALWAYS, 0, 0};
		return 0;
	case VALUE_ALWAYS:
		*(chance *)at = ALWAYS;
		return 0;
	}
	return -1;
}

static int parse_action(struct rule *rule, char *word)
{
	char *value = strchr(word, '=');

	if (value)
		*value++ = '\0';
	if (rule->population.given && value && parse_share(&rule->population, word, value) == 0)
		return 0;
	for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++) {
		if (strcmp(actions[i].name, word) == 0)
			return apply(rule, &actions[i], value);
	}
	return -1;
}

static int parse_ports(struct rule *rule, char *text)
{
	char *rest;

	for (char *range = strtok_r(text, ",", &rest); range; range = strtok_r(NULL, ",", &rest)) {
		char *end;
		unsigned long first = strtoul(range, &end, 10), last = first;

		if (*end == '-')
			last = strtoul(end + 1, &end, 10);
		if (*end || end == range || first > last || last > 65535 || rule->port_ranges == RULE_PORT_RANGES)
			return -1;
		rule->ports[rule->port_ranges].first = (uint16_t)first;
		rule->ports[rule->port_ranges++].last = (uint16_t)last;
	}
	return rule->port_ranges ? 0 : -1;
}

static int parse_match(struct rule *rule, char *word)
{
	if (strcmp(word, "*") == 0)
		return 0;
	if (strcmp(word, "icmp") == 0 || strcmp(word, "tcp") == 0) {
		rule->protocol = *word == 'i' ? PROTOCOL_ICMP : PROTOCOL_TCP;
		return 0;
	}
	if (rule->protocol == PROTOCOL_TCP)
		return parse_ports(rule, word);
	return rule_parse_network(word, &rule->address, &rule->mask);
}

int rule_parse(struct rule *rule, const char *text, char *why, size_t size)
{
	char copy[1024];
	char *actions_at, *rest;

	*rule = (struct rule){
		.text = text,
		.reorder_by = 5000000,
		.burst_length = 10,
		.time_to_live = 64,
		.truncate = RULE_NONE,
		.flip = RULE_NONE,
		.first_flags = RST_ACK,
		.error_quote = RULE_NONE,
		.error_flip = RULE_NONE,
	};
	if (strlen(text) >= sizeof copy || !strchr(text, ':')) {
		snprintf(why, size, "MATCH: ACTION... is needed");
		return -1;
	}
	actions_at = strchr(strcpy(copy, text), ':');
	*actions_at++ = '\0';
	for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
		snprintf(why, size, "not a match: %s", word);
		if (parse_match(rule, word) < 0)
			return -1;
	}
	for (char *word = strtok_r(actions_at, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
		snprintf(why, size, "not an action: %s", word);
		if (parse_action(rule, word) < 0)
			return -1;
	}
	return 0;
}

bool rule_matches(const struct rule *rule, uint32_t address, uint8_t protocol, uint16_t port)
{
	if (((address ^ rule->address) & rule->mask) != 0 || (rule->protocol && rule->protocol != protocol))
		return false;
	for (unsigned i = 0; i < rule->port_ranges; i++) {
		if (port >= rule->ports[i].first && port <= rule->ports[i].last)
			return true;
	}
	return rule->port_ranges == 0;
}
