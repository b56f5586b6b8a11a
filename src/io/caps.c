/* SPDX-License-Identifier: MIT */
/*
 * Drops privileges: CAP_NET_RAW is what is left, and nothing brings the rest back.
 *
 * libcap-ng sets the capability sets, locks them, and changes to another user. Three things are system calls here,
 * since libcap-ng reads /proc/PID/status for them, and needs capabilities that a file capability or a container does
 * not give: the bounding set, the return to the real user, and finding out what this process holds, which is tried
 * instead.
 */
#include "io/caps.h"

#include <rprobe/rprobe.h>

#include <cap-ng.h>
#include <errno.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <unistd.h>

/* Both take CAP_SETPCAP, which a file capability does not give: without it no_new_privs makes the bounding set
 * harmless. */
static void lock_bounding_set(void)
{
	unsigned long capability = 0;

	while (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0)
		capability++;
	if (capability > 0 && capng_lock() < 0)
		return; /* the set is empty all the same */
}

static int select_net_raw(bool keep)
{
	capng_clear(CAPNG_SELECT_BOTH);
	return keep && capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, CAP_NET_RAW) < 0 ? -EINVAL : 0;
}

/* The kernel takes out of the ambient set what is not inheritable: all of it. */
int caps_keep_net_raw(bool keep)
{
	int error = select_net_raw(keep);

	return error == 0 && capng_apply(CAPNG_SELECT_CAPS) < 0 ? -EPERM : error;
}

/* From a set-user-ID or set-group-ID start to the invoking user, with the permitted capabilities. The kernel allows it
 * without a capability; capng_change_id() wants CAP_SETUID and CAP_SETGID, which containers take from root. */
static int return_to_user(void)
{
	uid_t real, effective, saved;
	gid_t real_group, effective_group, saved_group;

	if (getauxval(AT_UID) == getauxval(AT_EUID) && getauxval(AT_GID) == getauxval(AT_EGID))
		return 0;
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

static int forbid_new_privileges(void)
{
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? -errno : 0;
}

int rp_privileges_drop(void)
{
	int error;

	lock_bounding_set();
	error = return_to_user();
	/* A process that does not hold it cannot keep it, and keeps nothing. */
	if (error == 0 && caps_keep_net_raw(true) < 0)
		error = caps_keep_net_raw(false);
	return error < 0 ? error : forbid_new_privileges();
}

int rp_privileges_drop_to(uint32_t user, uint32_t group)
{
	int error;

	lock_bounding_set();
	error = select_net_raw(true);
	if (error == 0 && capng_change_id((int)user, (int)group, CAPNG_DROP_SUPP_GRP) < 0)
		error = -EPERM;
	return error < 0 ? error : forbid_new_privileges();
}
