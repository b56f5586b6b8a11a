/* SPDX-License-Identifier: MIT */
/*
 * Sets of TCP ports in nmap's syntax. Parsing marks a bitmap, so order and repetition in the text do not
 * matter; the result is a sorted list, because each probe asks for one port by index.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "target/ports.h"

#include "base/error.h"
#include "target/services.h"
#include "target/rank.h"

#define PORT_MAX     65535
#define BITMAP_WORDS ((PORT_MAX + 1) / 64)
#define ITEM_SIZE    64
#define DIGITS       "0123456789"
#define NAME_BYTES   DIGITS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ._+-*?"
#define SYNTAX_BYTES NAME_BYTES ",:[]" /* text of these alone may be quoted: it is safe on a terminal */

struct bitmap {
	uint64_t words[BITMAP_WORDS];
};

static void bitmap_add(struct bitmap *bitmap, unsigned port)
{
	bitmap->words[port / 64] |= UINT64_C(1) << port % 64;
}

static bool bitmap_has(const struct bitmap *bitmap, unsigned port)
{
	return bitmap->words[port / 64] >> port % 64 & 1;
}

/* Shell wildcards: '*' any bytes, '?' one. After a mismatch the last '*' takes one byte more. */
static bool wildcard_match(const char *pattern, const char *name)
{
	const char *star = NULL, *resume = NULL;

	while (*name) {
		if (*pattern == '*') {
			star = pattern++;
			resume = name;
		} else if (*pattern == '?' || *pattern == *name) {
			pattern++;
			name++;
		} else if (star) {
			pattern = star + 1;
			name = ++resume;
		} else {
			return false;
		}
	}
	return pattern[strspn(pattern, "*")] == '\0';
}

static const struct service *find_service(const char *name, size_t length)
{
	for (size_t i = 0; i < services_count; i++)
		if (strncmp(services[i].name, name, length) == 0 && services[i].name[length] == '\0')
			return &services[i];
	return NULL;
}

/* Names of services have dashes, so a range has none of them: ssh-http may be meant as one all the same. */
static int refuse_service(const char *text, struct rp_error *error)
{
	for (const char *dash = strchr(text, '-'); dash != NULL; dash = strchr(dash + 1, '-')) {
		const struct service *first = find_service(text, (size_t)(dash - text));
		const struct service *last = find_service(dash + 1, strlen(dash + 1));

		if (first != NULL && last != NULL)
			return error_set(error, -EINVAL, "'%s': a range goes by numbers; did you mean %u-%u?", text,
					 first->port < last->port ? first->port : last->port,
					 first->port < last->port ? last->port : first->port);
	}
	return error_set(error, -EINVAL, "no TCP service is named '%s'; write ports as 22,80 or 22-25", text);
}

static int add_services(struct bitmap *bitmap, const char *pattern, struct rp_error *error)
{
	bool found = false;

	for (size_t i = 0; i < services_count; i++) {
		if (!wildcard_match(pattern, services[i].name))
			continue;
		bitmap_add(bitmap, services[i].port);
		found = true;
	}
	if (!found)
		return refuse_service(pattern, error);
	return 0;
}

/* The number at `text`, or `absent` when there is none; over PORT_MAX it says just that. */
static unsigned read_port(const char **text, unsigned absent)
{
	unsigned port = 0;

	if (!strspn(*text, DIGITS))
		return absent;
	for (; strspn(*text, DIGITS); ++*text)
		if (port <= PORT_MAX)
			port = port * 10 + (unsigned)(**text - '0');
	return port;
}

/* 22  22-25  -25  65530-  -  (which means 1-65535: port 0 must be asked for) */
static int parse_range(const char *text, unsigned *first, unsigned *last, struct rp_error *error)
{
	const char *at = text;

	*first = *last = read_port(&at, 1);
	if (*at == '-') {
		at++;
		*last = read_port(&at, PORT_MAX);
	}
	if (*at != '\0')
		return error_set(error, -EINVAL, "'%s' is not a port range; write it as 22-25", text);
	if (*first > PORT_MAX || *last > PORT_MAX)
		return error_set(error, -EINVAL, "'%s' is no port: ports are 0 to 65535", text);
	if (*first > *last)
		return error_set(error, -EINVAL, "port range %u-%u is backwards; did you mean %u-%u?", *first, *last,
				 *last, *first);
	return 0;
}

static int add_range(struct bitmap *bitmap, const char *text, struct rp_error *error)
{
	unsigned first, last;
	int rc = parse_range(text, &first, &last, error);

	for (unsigned port = first; rc == 0 && port <= last; port++)
		bitmap_add(bitmap, port);
	return rc;
}

/* [20-25]: of these, the ports that have a service. `text` is behind the opening bracket. */
static int add_registered(struct bitmap *bitmap, char *text, struct rp_error *error)
{
	size_t length = strlen(text);
	unsigned first, last;
	bool found = false;
	int rc;

	if (length < 2 || text[length - 1] != ']' || strspn(text, DIGITS "-") != length - 1)
		return error_set(error, -EINVAL, "brackets hold one range of numbers, as in [20-25]");
	text[length - 1] = '\0';
	rc = parse_range(text, &first, &last, error);
	if (rc < 0)
		return rc;
	for (size_t i = 0; i < services_count; i++) {
		if (services[i].port < first || services[i].port > last)
			continue;
		bitmap_add(bitmap, services[i].port);
		found = true;
	}
	if (!found)
		return error_set(error, -EINVAL,
				 "no TCP service is registered within [%s]; without brackets all are meant", text);
	return 0;
}

static int add_item(struct bitmap *bitmap, char *item, struct rp_error *error)
{
	if (item[0] != '\0' && item[1] == ':') {
		if (item[0] != 'T')
			return error_set(error, -EINVAL,
					 "'%s': only TCP ports can be probed, which T: stands for; leave it out", item);
		item += 2;
	}
	if (*item == '\0')
		return error_set(error, -EINVAL, "a port is missing: write ports as 22,80 or 22-25");
	if (*item == '[')
		return add_registered(bitmap, item + 1, error);
	if (item[strspn(item, DIGITS "-")] == '\0')
		return add_range(bitmap, item, error);
	if (item[strspn(item, NAME_BYTES)] == '\0')
		return add_services(bitmap, item, error);
	return error_set(error, -EINVAL, "'%s' is neither a port nor a service; write ports as 22,80 or 22-25", item);
}

static int parse_list(struct bitmap *bitmap, const char *text, struct rp_error *error)
{
	size_t good = strspn(text, SYNTAX_BYTES);

	if (text[good] > ' ' && text[good] < 0x7f)
		return error_set(error, -EINVAL, "'%c' does not belong among ports; write them as 22,80 or 22-25",
				 text[good]);
	if ((unsigned char)text[good] > 0x7f)
		return error_set(error, -EINVAL, "ports are numbers and names in ASCII; write them as 22,80 or 22-25");
	if (text[good] != '\0')
		return error_set(error, -EINVAL,
				 "blanks and control characters do not belong among ports; write them as 22,80");
	do {
		size_t length = strcspn(text, ",");
		char item[ITEM_SIZE];
		int rc;

		if (length >= sizeof(item))
			return error_set(error, -EINVAL, "'%.20s...' is too long for a port or a service", text);
		memcpy(item, text, length);
		item[length] = '\0';
		rc = add_item(bitmap, item, error);
		if (rc < 0)
			return rc;
		text += length;
		text += *text == ',';
	} while (*text);
	return 0;
}

/* By words: there may be a list for each of many targets, with a port or two. */
static void list_ports(struct rp_ports *ports, const struct bitmap *bitmap)
{
	ports->count = 0;
	for (unsigned i = 0; i < BITMAP_WORDS; i++)
		for (uint64_t word = bitmap->words[i]; word != 0; word &= word - 1)
			ports->list[ports->count++] = (uint16_t)(i * 64 + (unsigned)__builtin_ctzll(word));
}

static int make_ports(struct rp_ports **ports, const struct bitmap *bitmap)
{
	uint32_t count = 0;

	for (unsigned i = 0; i < BITMAP_WORDS; i++)
		for (uint64_t word = bitmap->words[i]; word != 0; word &= word - 1)
			count++;
	*ports = malloc(sizeof(**ports) + count * sizeof((*ports)->list[0]));
	if (!*ports)
		return -ENOMEM;
	list_ports(*ports, bitmap);
	return 0;
}

int rp_ports_parse(struct rp_ports **ports, const char *text, struct rp_error *error)
{
	struct bitmap bitmap = {0};
	int rc = parse_list(&bitmap, text, error);

	return rc < 0 ? rc : make_ports(ports, &bitmap);
}

int rp_ports_top(struct rp_ports **ports, uint32_t count, struct rp_error *error)
{
	struct bitmap bitmap = {0};
	uint32_t found = 0;

	for (size_t i = 0; i < top_ports_count && found < count; i++, found++)
		bitmap_add(&bitmap, top_ports[i]);
	for (size_t i = 0; i < services_count && found < count; i++) {
		found += !bitmap_has(&bitmap, services[i].port);
		bitmap_add(&bitmap, services[i].port);
	}
	if (found < count || count == 0)
		return error_set(error, -EINVAL, "%" PRIu32 " ports are not ranked, %" PRIu32 " are; -p - means all",
				 count, found);
	return make_ports(ports, &bitmap);
}

int rp_ports_exclude(struct rp_ports *ports, const char *text, struct rp_error *error)
{
	struct bitmap excluded = {0}, left = {0};
	int rc = parse_list(&excluded, text, error);

	if (rc < 0)
		return rc;
	for (uint32_t i = 0; i < ports->count; i++)
		if (!bitmap_has(&excluded, ports->list[i]))
			bitmap_add(&left, ports->list[i]);
	list_ports(ports, &left);
	return 0;
}

int rp_ports_join(struct rp_ports **ports, const struct rp_ports *const *lists, size_t count)
{
	struct bitmap all = {0};

	for (size_t i = 0; i < count; i++)
		for (uint32_t port = 0; port < lists[i]->count; port++)
			bitmap_add(&all, lists[i]->list[port]);
	return make_ports(ports, &all);
}

void rp_ports_free(struct rp_ports *ports)
{
	free(ports);
}

uint32_t rp_ports_count(const struct rp_ports *ports)
{
	return ports->count;
}

uint16_t rp_ports_at(const struct rp_ports *ports, uint32_t index)
{
	return ports->list[index];
}

/* No port stands further back than if all from the first on were there: where they are, the first guess is right. */
int64_t rp_ports_find(const struct rp_ports *ports, uint16_t port)
{
	uint32_t low = 0, high = ports->count;

	if (ports->count > 0 && port >= ports->list[0] && (uint32_t)(port - ports->list[0]) < high) {
		high = (uint32_t)(port - ports->list[0]);
		if (ports->list[high] == port)
			return high;
	}
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (ports->list[middle] < port)
			low = middle + 1;
		else
			high = middle;
	}
	return low < ports->count && ports->list[low] == port ? (int64_t)low : -ENOENT;
}
