/* SPDX-License-Identifier: MIT */
/* Finds out whether the file has the capability (an extended attribute), and what keeps it from counting. */
#include "io/denied.h"

#include <errno.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/error.h"

static bool is_nosuid(const char *path)
{
	struct statvfs system;

	return statvfs(path, &system) == 0 && (system.f_flag & ST_NOSUID) != 0;
}

int denied_explain(int result, struct rp_error *error)
{
	static const char what[] = "no permission to open a raw socket";
	char path[4096] = "";
	ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
	bool capable = length > 0 && getxattr(path, "security.capability", NULL, 0) > 0;

	if (result == -EMFILE || result == -ENFILE)
		return error_set(error, result, "cannot open a raw socket: %s; raise the limit, see: ulimit -n",
				 strerror(-result));
	if (result != -EPERM || length <= 0)
		return error_set(error, result, "cannot open a raw socket: %s", strerror(-result));
	if (prctl(PR_CAPBSET_READ, CAP_NET_RAW, 0, 0, 0) == 0)
		return error_set(error, result,
				 "%s: this container or service may not have CAP_NET_RAW; grant it there (docker: "
				 "--cap-add NET_RAW)",
				 what);
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1)
		return error_set(
			error, result,
			"%s: no_new_privs is set, and %s; start it without (systemd: NoNewPrivileges=no, Kubernetes: "
			"allowPrivilegeEscalation: true) or with CAP_NET_RAW in the ambient set",
			what,
			capable ? "the file's capability does not count below it"
				: "a file's capability would not count below it");
	if (capable && is_nosuid(path))
		return error_set(error, result,
				 "%s: the capability of %s does not count on a file system mounted nosuid; copy it to "
				 "another and grant it there",
				 what, path);
	if (capable)
		return error_set(error, result,
				 "%s: %s has a capability, but it does not count or is not cap_net_raw; see: getcap %s",
				 what, path, path);
	return error_set(error, result, "%s; allow it once with: sudo setcap cap_net_raw+p %s", what, path);
}
