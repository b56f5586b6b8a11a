/* SPDX-License-Identifier: MIT */
/* The process that asks the system's resolver, and the messages to it and back. */
#ifndef IO_RESOLVER_PROCESS_H
#define IO_RESOLVER_PROCESS_H

#include <rprobe/rprobe.h>
#include <sys/types.h>

#include "io/gai.h"

/* Questions under way at once, each in a thread of its own: more would overrun a name server. */
#define RESOLVER_ASKED_MAX 64

/* Addresses of one name. */
#define RESOLVER_ADDRESSES_MAX 4096

/* Longer ones are nobody's. */
#define RESOLVER_QUESTION_MAX 1024

struct resolver_process {
	int fd; /* -1: it is not there, or has ended */
	pid_t pid;
};

struct resolver_question {
	uint32_t id;
	uint32_t address;                 /* whose name is wanted, where `name` is empty */
	char name[RESOLVER_QUESTION_MAX]; /* whose addresses are wanted */
};

struct resolver_answer {
	uint32_t id;
	int32_t error;            /* as of rp_targets_add(), and 0 */
	uint32_t count;           /* of addresses */
	char text[GAI_NAME_SIZE]; /* the canonical name, the name of the address, or what is wrong */
	struct rp_addr addresses[RESOLVER_ADDRESSES_MAX];
};

/* Starts it. It has no capability, takes no signal of a terminal, and ends with this process. To be called while
 * there is little memory to be copied. 0, or a negative errno value. */
int resolver_process_open(struct resolver_process *process);

/* Ends it, and waits for that. */
void resolver_process_close(struct resolver_process *process);

/* No more than RESOLVER_ASKED_MAX at once. 0, or a negative errno value. */
int resolver_process_ask(const struct resolver_process *process, const struct resolver_question *question);

/* 1: the next answer; 0: there is none yet (only with MSG_DONTWAIT as `flags`); -EPIPE: it has ended. */
int resolver_process_read(const struct resolver_process *process, struct resolver_answer *answer, int flags);

#endif
