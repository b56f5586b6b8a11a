/* SPDX-License-Identifier: MIT */
/* Hides the grammar of options that both tools have: addresses, classes of service, files, conditions. */
#include <stdio.h>
#include <strings.h>

#include <rprobe/rprobe.h>

#include "base/num.h"
#include "app/options.h"

#define FIRST_OF_MANY UINT32_C(0xe0000000) /* from here on addresses are no host's: groups, all */

int app_call_require(void *options, const char *argument, char *why, size_t size)
{
	struct strbuf *require = &((struct app_options *)options)->require;

	if (*argument == '\0') {
		snprintf(why, size, "a condition is needed, as loss<=1%%");
		return -1;
	}
	if (require->length > 0)
		strbuf_add_char(require, ',');
	strbuf_add(require, argument);
	return 0;
}

int app_call_timestamps(void *options, const char *argument, char *why, size_t size)
{
	(void)argument, (void)why, (void)size;
	((struct app_options *)options)->timestamps = APP_TIMESTAMPS_EPOCH;
	return 0;
}

int app_call_user_clock(void *options, const char *argument, char *why, size_t size)
{
	(void)argument, (void)why, (void)size;
	((struct app_options *)options)->clock = APP_CLOCK_USER;
	return 0;
}

/* ---- where probes leave ----------------------------------------------------------------------- */

static int refuse(char *why, size_t size, const char *sentence)
{
	snprintf(why, size, "%s", sentence);
	return -1;
}

int app_call_source(void *options, const char *argument, char *why, size_t size)
{
	struct app_options *common = options;
	struct rp_addr address;

	if (rp_addr_parse(argument, &address) < 0)
		return refuse(why, size, "an IPv4 address is needed, as 192.0.2.1");
	if (rp_addr_ipv4_value(address) == 0 || rp_addr_ipv4_value(address) >= FIRST_OF_MANY)
		return refuse(why, size, "answers to it would not come here; name an address of this host");
	common->source = address;
	return 0;
}

int app_call_interface(void *options, const char *argument, char *why, size_t size)
{
	struct app_options *common = options;
	struct rp_addr address;

	if (argument[0] == '\0')
		return refuse(why, size, "an interface's name or an address is needed");
	if (rp_addr_parse(argument, &address) < 0)
		common->interface = argument;
	else if (rp_addr_ipv4_value(address) == 0)
		common->any_source = true; /* as with bind() */
	else
		common->source = address;
	return 0;
}

/* In either case: documents write EF and AF21. */
static int dscp_value(const char *name)
{
	for (const struct choice *at = app_dscps; at->name != NULL; at++)
		if (strcasecmp(at->name, name) == 0)
			return at->value;
	return -1;
}

int app_call_tos(void *options, const char *argument, char *why, size_t size)
{
	struct app_options *common = options;
	int dscp = dscp_value(argument);
	int64_t value;

	if (dscp >= 0) {
		common->type_of_service = (uint8_t)(dscp << 2);
		return 0;
	}
	if (num_parse_i64(argument, INT64_MIN, INT64_MAX, &value) < 0) {
		snprintf(why, size, "bad TOS value: neither a number nor a name as ef, af21 or cs3");
		return -1;
	}
	if (value < 0 || value > UINT8_MAX) {
		snprintf(why, size, "the decimal value of TOS bits must be in range 0-255");
		return -1;
	}
	common->type_of_service = (uint8_t)value;
	return 0;
}

/* ---- outputs ---------------------------------------------------------------------------------- */

int app_call_json(void *options, const char *argument, char *why, size_t size)
{
	(void)argument, (void)why, (void)size;
	((struct app_options *)options)->format = APP_FORMAT_JSON;
	return 0;
}

int app_call_csv(void *options, const char *argument, char *why, size_t size)
{
	(void)argument, (void)why, (void)size;
	((struct app_options *)options)->format = APP_FORMAT_CSV;
	return 0;
}

int app_add_file(void *options, enum app_format format, const char *path, char *why, size_t size)
{
	struct app_options *common = options;

	if (common->file_count == APP_FILES_MAX)
		return refuse(why, size, "too many outputs");
	if (*path == '\0')
		return refuse(why, size, "a file name is needed, or - for standard output");
	if (path[0] == '-' && path[1] != '\0')
		return refuse(why, size, "is the file's name missing? one that begins so is written ./-NAME");
	common->files[common->file_count++] = (struct app_file){format, path};
	return 0;
}

int app_call_text_file(void *options, const char *argument, char *why, size_t size)
{
	return app_add_file(options, APP_FORMAT_TEXT, argument, why, size);
}

int app_call_json_file(void *options, const char *argument, char *why, size_t size)
{
	return app_add_file(options, APP_FORMAT_JSON, argument, why, size);
}

int app_call_csv_file(void *options, const char *argument, char *why, size_t size)
{
	return app_add_file(options, APP_FORMAT_CSV, argument, why, size);
}
