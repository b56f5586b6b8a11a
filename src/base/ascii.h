/* SPDX-License-Identifier: MIT */
/* Which text is the same in every encoding. */
#ifndef BASE_ASCII_H
#define BASE_ASCII_H

#include <stdbool.h>

/* Whether every byte is ASCII. A host's name that is not can be looked up by the system's resolver alone, which
 * knows the locale. */
bool ascii_only(const char *text);

#endif
