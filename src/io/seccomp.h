/* SPDX-License-Identifier: MIT */
/* What the filter's maker at build time and its user at run time agree on. */
#ifndef IO_SECCOMP_H
#define IO_SECCOMP_H

/* Stands in the filter for the number of our own process, which only the run knows. No process has it: Linux counts
 * to 2^22. */
#define SEAL_OWN_PROCESS 0x7a51da7a

#endif
