/* SPDX-License-Identifier: MIT */
/* Installs a filter that the build made: seccomp_policy.c says what it lets through. */
#include <rprobe/rprobe.h>

#include <config.h>
#include <errno.h>

#if HAVE_SECCOMP

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "io/seccomp.h"
#include "seccomp_filter.inc"

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])

int rp_sandbox(void)
{
	struct sock_filter code[LENGTH(seal_run)];
	const struct sock_fprog program = {.len = LENGTH(seal_run), .filter = code};

	memcpy(code, seal_run, sizeof code);
	for (size_t i = 0; i < LENGTH(seal_run); i++)
		if (code[i].k == SEAL_OWN_PROCESS)
			code[i].k = (uint32_t)getpid();
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0)
		return 0;
	/* So a kernel without filters answers. */
	return errno == EINVAL ? -ENOSYS : -errno;
}

#else

int rp_sandbox(void)
{
	return -ENOSYS;
}

#endif
