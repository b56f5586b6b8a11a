/* SPDX-License-Identifier: MIT */
/* Opens the files that a user names, with that user's rights. */
#ifndef APP_FILES_H
#define APP_FILES_H

#include <stdbool.h>
#include <stdint.h>

/* Whether sudo has started this program, and who called sudo. To be asked before privileges are dropped. */
bool files_of_sudo(uint32_t *user, uint32_t *group);

/* Opens an output for writing, and makes the file where there is none; the descriptor, or -1 with errno. A link in
 * the last place is followed only if this user or root made it: in a shared directory a stranger's would lead over a
 * file of ours. */
int files_create(const char *path);

/* Ends the program: why the file of that option ("": an output) cannot be opened, and what to do. `redirection`: ">"
 * or "<". */
_Noreturn void files_die(const char *tool, const char *option, const char *path, int error, const char *redirection);

#endif
