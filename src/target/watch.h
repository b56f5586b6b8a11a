/* SPDX-License-Identifier: MIT */
/* Tells those who use a target set while it changes: a session looks at it again then. */
#ifndef TARGET_WATCH_H
#define TARGET_WATCH_H

#include <rprobe/packet.h>

struct watch {
	void (*changed)(void *user); /* targets are being added, or were removed: they are to be looked at later */
	void (*moved)(void *user, uint32_t target, struct rp_addr before);
	void *user;
	bool fixed; /* targets may only move */
	struct watch *next;
};

/* `*list` is NULL at first; watches are borrowed. */
void watch_add(struct watch **list, struct watch *watch);
void watch_remove(struct watch **list, struct watch *watch);

bool watch_is_fixed(const struct watch *list);
void watch_changed(const struct watch *list);

/* A watch may be removed meanwhile. */
void watch_moved(const struct watch *list, uint32_t target, struct rp_addr before);

#endif
