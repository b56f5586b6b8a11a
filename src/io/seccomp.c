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

static int install(const struct sock_filter *filter, size_t length)
{
	struct sock_filter code[LENGTH(seal_run_and_names)]; /* the longest */
	const struct sock_fprog program = {.len = (unsigned short)length, .filter = code};

	memcpy(code, filter, length * sizeof code[0]);
	for (size_t i = 0; i < length; i++)
		if (code[i].k == SEAL_OWN_PROCESS)
			code[i].k = (uint32_t)getpid();
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0)
		return 0;
	/* So a kernel without filters answers. */
	return errno == EINVAL ? -ENOSYS : -errno;
}

int rp_sandbox(unsigned needs)
{
	if (needs & RP_SANDBOX_NAMES)
		return install(seal_run_and_names, LENGTH(seal_run_and_names));
	return install(seal_run, LENGTH(seal_run));
}

#else

int rp_sandbox(unsigned needs)
{
	(void)needs;
	return -ENOSYS;
}

#endif
