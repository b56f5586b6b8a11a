/* SPDX-License-Identifier: MIT */
/* The names of errno values, for JSON: strerrorname_np() is glibc's only. */
#ifndef BASE_ERRNO_NAME_H
#define BASE_ERRNO_NAME_H

/* "ENOENT" for ENOENT; NULL for what is no errno value. */
const char *errno_name(int error);

#endif
