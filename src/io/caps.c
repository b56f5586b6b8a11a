/* SPDX-License-Identifier: MIT */
/*
 * Privileges go down and never up. libcap-ng sets the capability sets; it is not asked to read them first,
 * because that costs it a dozen reads of /proc, and what we hold is found out by trying.
 */
#include <rprobe/rprobe.h>

#include <cap-ng.h>
#include <errno.h>
#include <sys/prctl.h>
#include <unistd.h>

/* Needs CAP_SETPCAP, which a file capability does not give: then the bounding set stays, and no_new_privs
 * makes it harmless. */
static void drop_bounding_set(void)
{
	for (unsigned long capability = 0; prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0; capability++)
		;
}

/* Returns from a set-user-ID or set-group-ID start to the invoking user, keeping the permitted capabilities. */
static int return_to_user(void)
{
	uid_t real, effective, saved;
	gid_t real_group, effective_group, saved_group;

	if (getresuid(&real, &effective, &saved) < 0 || getresgid(&real_group, &effective_group, &saved_group) < 0)
		return -errno;
	if ((effective_group != real_group || saved_group != real_group) &&
	    setresgid(real_group, real_group, real_group) < 0)
		return -errno;
	if (effective == real && saved == real)
		return 0;
	if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0 || setresuid(real, real, real) < 0 ||
	    prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0) < 0)
		return -errno;
	return 0;
}

static int keep_net_raw(bool keep)
{
	capng_clear(CAPNG_SELECT_CAPS);
	if (keep && capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, CAP_NET_RAW) < 0)
		return -EINVAL;
	/* The kernel takes out of the ambient set what is not inheritable: all of it. */
	return capng_apply(CAPNG_SELECT_CAPS) < 0 ? -EPERM : 0;
}

int rp_privileges_drop(void)
{
	int error;

	drop_bounding_set();
	error = return_to_user();
	if (error < 0)
		return error;
	/* A process that does not hold it cannot keep it, and keeps nothing. */
	if (keep_net_raw(true) < 0) {
		error = keep_net_raw(false);
		if (error < 0)
			return error;
	}
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? -errno : 0;
}
