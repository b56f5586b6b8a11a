/* SPDX-License-Identifier: MIT */
/*
 * Opens the files that a user names, with that user's rights. Root without its capabilities may write only where root
 * is the owner, and neither into a home directory nor over what sudo's caller has there; so below sudo the run is
 * sudo's caller's.
 */
#include "app/files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/num.h"
#include "app/die.h"

#define CREATE (O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY)

/* As many as the kernel follows. */
#define LINKS_MOST 40

/* ---- whose they are --------------------------------------------------------------------------- */

/* SUDO_COMMAND is the path and the arguments. Of a shell that sudo has started, all that runs below it inherits these
 * variables, but is root's. */
static bool is_this_program(const char *command)
{
	size_t length = strcspn(command, " "), base = length;

	while (base > 0 && command[base - 1] != '/')
		base--;
	return strlen(program_invocation_short_name) == length - base &&
	       strncmp(command + base, program_invocation_short_name, length - base) == 0;
}

/* These variables only take something from root. They are not believed in a set-user-ID start, whose environment is the
 * user's. */
bool files_of_sudo(uint32_t *user, uint32_t *group)
{
	const char *command = getenv("SUDO_COMMAND"), *uid = getenv("SUDO_UID"), *gid = getenv("SUDO_GID");
	int64_t user_number, group_number;

	if (command == NULL || uid == NULL || gid == NULL || getauxval(AT_SECURE) != 0 || getuid() != 0 ||
	    geteuid() != 0)
		return false;
	if (num_parse_i64(uid, 1, UINT32_MAX - 1, &user_number) < 0 ||
	    num_parse_i64(gid, 0, UINT32_MAX - 1, &group_number) < 0 || !is_this_program(command))
		return false;
	*user = (uint32_t)user_number;
	*group = (uint32_t)group_number;
	return true;
}

/* ---- opening ---------------------------------------------------------------------------------- */

static int open_folder(int folder, const char *path, const char *base)
{
	char name[PATH_MAX];

	snprintf(name, sizeof name, "%.*s", (int)(base - path), base > path ? path : "");
	return openat(folder, base > path ? name : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
}

/* The link itself is held while it is looked at and read, so no other one can take its place. */
static int read_link(int folder, const char *name, char target[PATH_MAX])
{
	int fd = openat(folder, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	ssize_t length = -1;
	struct stat link;

	if (fd < 0)
		return -1;
	if (fstat(fd, &link) == 0 && link.st_uid != geteuid() && link.st_uid != 0)
		errno = EPERM;
	else
		length = readlinkat(fd, "", target, PATH_MAX - 1);
	close(fd);
	if (length >= 0)
		target[length] = '\0';
	return length < 0 ? -1 : 0;
}

/* The links of /proc/self/fd are no paths; nobody can put others there. */
static bool is_proc(int folder)
{
	struct statfs system;

	return fstatfs(folder, &system) == 0 && system.f_type == PROC_SUPER_MAGIC;
}

/* One step: into the folder of the path, and the file there, or its link's target to go on with. */
static int step(int *folder, char path[PATH_MAX], bool *again)
{
	const char *slash = strrchr(path, '/'), *base = slash != NULL ? slash + 1 : path;
	int inner = open_folder(*folder, path, base), fd;

	if (*folder != AT_FDCWD)
		close(*folder);
	*folder = inner;
	if (inner < 0)
		return -1;
	fd = openat(inner, base, is_proc(inner) ? CREATE : CREATE | O_NOFOLLOW, 0666);
	if (fd >= 0 || errno != ELOOP)
		return fd;
	char target[PATH_MAX];
	*again = read_link(inner, base, target) == 0;
	if (*again)
		memcpy(path, target, strlen(target) + 1);
	return -1;
}

int files_create(const char *path)
{
	char name[PATH_MAX];
	int folder = AT_FDCWD, fd = open(path, CREATE | O_NOFOLLOW, 0666);
	bool again = fd < 0 && errno == ELOOP && strlen(path) < sizeof name;

	if (!again)
		return fd;
	memcpy(name, path, strlen(path) + 1);
	for (unsigned i = 0; again && i < LINKS_MOST; i++) {
		again = false;
		fd = step(&folder, name, &again);
	}
	int error = again ? ELOOP : errno;
	if (folder >= 0)
		close(folder);
	errno = error;
	return fd;
}

_Noreturn void files_die(const char *tool, const char *option, const char *path, int error, const char *redirection)
{
	const char *space = option[0] != '\0' ? " " : "", *why = NULL;

	if (error == EACCES && geteuid() == 0)
		why = "root keeps only CAP_NET_RAW here, which opens no files of other users";
	else if (error == EACCES && getauxval(AT_UID) == 0)
		why = "below sudo files are opened as the user who called it";
	if (why == NULL)
		die(tool, "%s%s%s: %s", option, space, path, strerror(error));
	die(tool, "%s%s%s: %s: %s; let the shell open it, with - in its place and %s FILE", option, space, path,
	    strerror(error), why, redirection);
}
