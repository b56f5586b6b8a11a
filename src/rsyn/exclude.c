/* SPDX-License-Identifier: MIT */
/* Reads what is excluded. Unlike a bad target, which no other suffers from, what is not understood here ends the
 * process. */
#include "rsyn/exclude.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "app/die.h"
#include "rsyn/opts.h"

static _Noreturn void refuse(const char *path, const struct listfile_entry *word, const char *why)
{
	if (word->line > 0)
		die(rsyn_tool.name, "--excludefile %s, line %" PRIu32 ": %s", path, word->line, why);
	die(rsyn_tool.name, "--exclude: %s", why);
}

/* An IPv6 address or network, of which nothing can be probed. */
static bool is_ipv6(const char *text)
{
	char address[INET6_ADDRSTRLEN + 2] = "";
	size_t begin = text[0] == '[', length = strcspn(text + begin, "]%/");
	struct in6_addr ipv6;

	if (length >= sizeof address)
		return false;
	memcpy(address, text + begin, length);
	return inet_pton(AF_INET6, address, &ipv6) == 1;
}

struct excluding {
	struct rp_targets *excluded;
	const char *path;
	const struct listfile_entry **words; /* the names that are asked for */
};

/* A name that has no IPv4 address is fulfilled, as an IPv6 address is. */
static void take_answer(void *user, size_t index, const struct rp_found *found)
{
	const struct excluding *excluding = user;

	if (found->count == 0 && found->error != -EAFNOSUPPORT)
		refuse(excluding->path, excluding->words[index], found->why);
	for (unsigned i = 0; i < found->count; i++)
		if (rp_targets_add_name(excluding->excluded, found->addresses[i], found->name, found->canonical) < 0)
			die(rsyn_tool.name, "out of memory");
}

void exclude_words(struct rp_targets **excluded, const char *path, const struct listfile *words)
{
	const char **names = calloc(words->count + 1, sizeof *names);
	struct excluding excluding = {.path = path, .words = calloc(words->count + 1, sizeof(*excluding.words))};
	size_t count = 0;

	if (names == NULL || excluding.words == NULL || (*excluded == NULL && rp_targets_new(excluded) < 0))
		die(rsyn_tool.name, "out of memory");
	excluding.excluded = *excluded;
	for (size_t i = 0; i < words->count; i++) {
		const struct listfile_entry *word = &words->list[i];
		struct rp_error why = {""};
		int result;

		/* The rest of 192.0.2.1,7-9 would be 0.0.0.7, or nothing, and 192.0.2.7 be probed. */
		if (word->text[strspn(word->text, "0123456789-*")] == '\0') {
			error_set(&why, 0, "'%s': a comma stands between whole addresses, as in 192.0.2.1,192.0.2.7-9",
				  word->text);
			refuse(path, word, why.text);
		}
		if (is_ipv6(word->text))
			continue;
		result = rp_targets_add_numeric(*excluded, word->text, &why);
		if (result < 0)
			refuse(path, word, why.text);
		if (result == 0)
			continue;
		excluding.words[count] = word;
		names[count++] = word->text;
	}
	if (count > 0 && rp_resolver_look_up(names, count, take_answer, &excluding) < 0)
		die(rsyn_tool.name, "out of memory");
	free(excluding.words);
	free(names);
}
