/* SPDX-License-Identifier: MIT */
/* Looks names up and waits for it: one in this process, several side by side in a child. The public
 * rp_resolver_look_up(). */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "io/resolver_process.h"

struct lookup {
	int result;                /* how many addresses, or an error */
	struct rp_addr *addresses; /* owned */
	char *text;                /* owned: the canonical name, or what is wrong; NULL: no memory */
	bool asked;                /* there is a result */
};

static void keep(struct lookup *lookup, int result, const char *text)
{
	lookup->result = result;
	lookup->text = strdup(text);
	lookup->asked = true;
	if (!lookup->text)
		lookup->result = -ENOMEM;
}

static void look_up_here(struct lookup *lookup, const char *name)
{
	char canonical[GAI_NAME_SIZE];
	struct rp_error error = {""};
	int result = gai_ask(name, &lookup->addresses, canonical, sizeof canonical, &error);

	keep(lookup, result, result < 0 ? error.text : canonical);
}

/* What cannot be a name has its own sentence, and none else is asked for it. */
static bool refuse(struct lookup *lookup, const char *name)
{
	struct rp_error error = {""};
	int result = gai_check(name, &error);

	if (result < 0)
		keep(lookup, result, error.text);
	return result < 0;
}

static void take_answer(struct lookup *list, const struct resolver_answer *answer)
{
	struct lookup *lookup = &list[answer->id];

	keep(lookup, answer->error < 0 ? answer->error : (int)answer->count, answer->text);
	lookup->addresses = calloc(answer->count + 1, sizeof *lookup->addresses);
	if (lookup->addresses)
		memcpy(lookup->addresses, answer->addresses, answer->count * sizeof *lookup->addresses);
	else
		lookup->result = -ENOMEM;
}

/* What has no result at the end is looked up here. */
static void look_up_in_child(struct lookup *list, const char *const *names, size_t count)
{
	struct resolver_answer *answer = malloc(sizeof *answer);
	struct resolver_process process = {.fd = -1};
	struct resolver_question question = {0};
	size_t next = 0, asked = 0;

	if (answer && resolver_process_open(&process) == 0) {
		do {
			for (; next < count && asked < RESOLVER_ASKED_MAX; next++) {
				if (list[next].asked || strlen(names[next]) >= RESOLVER_QUESTION_MAX)
					continue;
				question.id = (uint32_t)next;
				memcpy(question.name, names[next], strlen(names[next]) + 1);
				if (resolver_process_ask(&process, &question) < 0)
					goto out;
				asked++;
			}
			if (asked > 0 && resolver_process_read(&process, answer, 0) < 0)
				goto out;
			if (asked > 0 && answer->id < count)
				take_answer(list, answer);
			asked -= asked > 0;
		} while (asked > 0 || next < count);
	}
out:
	resolver_process_close(&process);
	free(answer);
}

static void give(const struct lookup *lookup, const char *name, size_t index,
		 void (*found)(void *user, size_t index, const struct rp_found *found), void *user)
{
	struct rp_error why = {""};
	bool good = lookup->result > 0;
	const char *text = lookup->text ? lookup->text : strerror(ENOMEM);

	if (lookup->result != -EINVAL || gai_check(name, &why) == 0)
		error_set(&why, 0, "%s: %s", name, text);
	found(user, index,
	      &(struct rp_found){
		      .name = name,
		      .canonical = good ? text : name,
		      .addresses = lookup->addresses,
		      .count = good ? (unsigned)lookup->result : 0,
		      .error = good ? 0 : lookup->result,
		      .why = good ? NULL : why.text,
	      });
}

int rp_resolver_look_up(const char *const *names, size_t count,
			void (*found)(void *user, size_t index, const struct rp_found *found), void *user)
{
	struct lookup *list = calloc(count + 1, sizeof *list);
	size_t good = 0;

	if (!list)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		good += !refuse(&list[i], names[i]);
	if (good > 1)
		look_up_in_child(list, names, count);
	for (size_t i = 0; i < count; i++) {
		/* Side by side they may have been too many; one after the other they are not. */
		bool again = list[i].asked && (list[i].result == -EMFILE || list[i].result == -ENFILE);

		if (again) {
			free(list[i].text);
			free(list[i].addresses);
			list[i].addresses = NULL;
		}
		if (again || !list[i].asked)
			look_up_here(&list[i], names[i]);
		give(&list[i], names[i], i, found, user);
		free(list[i].addresses);
		free(list[i].text);
	}
	free(list);
	return 0;
}
