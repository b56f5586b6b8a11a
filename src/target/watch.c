/* SPDX-License-Identifier: MIT */
/* Keeps who uses a target set while it changes: one session as a rule. */
#include "target/watch.h"

#include <stddef.h>

void watch_add(struct watch **list, struct watch *watch)
{
	watch->next = *list;
	*list = watch;
}

void watch_remove(struct watch **list, struct watch *watch)
{
	while (*list != NULL && *list != watch)
		list = &(*list)->next;
	if (*list != NULL)
		*list = watch->next;
}

bool watch_is_fixed(const struct watch *list)
{
	while (list != NULL && !list->fixed)
		list = list->next;
	return list != NULL;
}

void watch_changed(const struct watch *list)
{
	for (; list != NULL; list = list->next)
		list->changed(list->user);
}

void watch_moved(const struct watch *list, uint32_t target, struct rp_addr before)
{
	for (const struct watch *next; list != NULL; list = next) {
		next = list->next;
		list->moved(list->user, target, before);
	}
}
