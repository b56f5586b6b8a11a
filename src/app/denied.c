/* SPDX-License-Identifier: MIT */
/* Finds out whether the file has the capability (an extended attribute), and what keeps it from counting. */
#include "app/denied.h"

#include <errno.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "app/die.h"

void denied_note(struct denied *denied, int error)
{
	denied->error = error;
	denied->no_new_privs = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
	denied->unbounded = prctl(PR_CAPBSET_READ, CAP_NET_RAW, 0, 0, 0) != 0;
}

static bool is_nosuid(const char *path)
{
	struct statvfs system;

	return statvfs(path, &system) == 0 && (system.f_flag & ST_NOSUID) != 0;
}

_Noreturn void denied_die(const struct denied *denied, const char *tool)
{
	static const char what[] = "no permission to open a raw socket";
	char path[4096] = "";
	ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);

	if (denied->error == -EMFILE || denied->error == -ENFILE)
		die(tool, "cannot open a raw socket: %s; raise the limit, see: ulimit -n", strerror(-denied->error));
	if (denied->error != -EPERM || length <= 0)
		die(tool, "cannot open a raw socket: %s", strerror(-denied->error));
	bool capable = getxattr(path, "security.capability", NULL, 0) > 0;
	if (!denied->unbounded)
		die(tool,
		    "%s: this container or service may not have CAP_NET_RAW; grant it there (docker: --cap-add "
		    "NET_RAW)",
		    what);
	if (denied->no_new_privs)
		die(tool,
		    "%s: no_new_privs is set, and %s; start it without (systemd: NoNewPrivileges=no, Kubernetes: "
		    "allowPrivilegeEscalation: true) or with CAP_NET_RAW in the ambient set",
		    what,
		    capable ? "the file's capability does not count below it"
			    : "a file's capability would not count below it");
	if (capable && is_nosuid(path))
		die(tool,
		    "%s: the capability of %s does not count on a file system mounted nosuid; copy it to another and "
		    "grant it there",
		    what, path);
	if (capable)
		die(tool, "%s: %s has a capability, but it does not count or is not cap_net_raw+ep; see: getcap %s",
		    what, path, path);
	die(tool, "%s; allow it once with: sudo setcap cap_net_raw+ep %s", what, path);
}
