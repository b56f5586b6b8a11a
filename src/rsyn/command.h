/* SPDX-License-Identifier: MIT */
/* What is executed when the goal is reached: in the process that was started, and as if rsyn had never been there. */
#ifndef RSYN_COMMAND_H
#define RSYN_COMMAND_H

#include <sys/types.h>

/* The exit status with which the probing process asks for the command. */
#define COMMAND_DUE 3

/* Takes what follows "--" off the command line: the command, or NULL. To be called before it is parsed. */
char **command_cut(int *argc, char **argv);

/* What is added to the sentence about a name that was not found: where it is the name of a program, "--" was perhaps
 * forgotten. */
const char *command_hint(const char *name);

/* Forks. Returns in the child, which is to probe, the number of the process that was started: that one waits, becomes
 * the command when it is due, and else ends as the child did. To be called before anything is opened or changed. */
pid_t command_follow(const char *tool, char **command);

/* The child ends with the process that waits. To be called when the privileges are dropped: dropping undoes it. */
void command_tie(pid_t waiting);

#endif
