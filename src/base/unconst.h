/* SPDX-License-Identifier: MIT */
/* For interfaces that take a pointer without const and write nothing there, such as the kernel's; no cast elsewhere
 * drops a const. */
#ifndef BASE_UNCONST_H
#define BASE_UNCONST_H

#include <stdint.h>

static inline void *unconst(const void *pointer)
{
	return (void *)(uintptr_t)pointer;
}

#endif
