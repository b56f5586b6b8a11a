/* SPDX-License-Identifier: MIT */
/* Hides the files of the outputs: how they are opened, and what happens when one of them fails. */
#include "tool/sinks.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/die.h"
#include "cli/output.h"
#include "tool/packets.h"

#define FILE_FLAGS (O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY)

/* A link is followed only if this user or root made it: in a shared directory a stranger's link leads the
 * output over a file of ours. */
static int open_file(const char *path)
{
	struct stat link;
	int fd = open(path, FILE_FLAGS | O_NOFOLLOW, 0666);

	if (fd >= 0 || errno != ELOOP)
		return fd;
	if (lstat(path, &link) < 0)
		return -1;
	if (link.st_uid != geteuid() && link.st_uid != 0) {
		errno = EPERM;
		return -1;
	}
	return open(path, FILE_FLAGS, 0666);
}

/* Devices may be shared (/dev/null); text of two outputs in one file or pipe is of use to nobody. */
static bool is_same_place(int a, int b)
{
	struct stat one, other;

	return fstat(a, &one) == 0 && fstat(b, &other) == 0 && !S_ISCHR(one.st_mode) && one.st_dev == other.st_dev &&
	       one.st_ino == other.st_ino;
}

static bool is_file(int fd)
{
	struct stat file;

	return fstat(fd, &file) == 0 && S_ISREG(file.st_mode);
}

static const char *place_name(const struct sink *sink)
{
	return sink->fd == STDOUT_FILENO ? "standard output" : sink->path;
}

void sinks_add(struct sinks *sinks, const char *format, const char *path)
{
	struct sink *sink = &sinks->list[sinks->count];

	if (sinks->count == SINKS_MAX)
		die(sinks->tool, "more than %d outputs", SINKS_MAX);
	*sink = (struct sink){.type = out_type_of(format), .path = path ? strdup(path) : NULL, .fd = STDOUT_FILENO};
	if (sink->type == NULL)
		die(sinks->tool, "this build has no %s output", format);
	if (path != NULL && strcmp(path, "-") != 0)
		sink->fd = open_file(path);
	if (sink->fd < 0)
		die(sinks->tool, "%s: %s", path, strerror(errno));
	for (unsigned i = 0; i < sinks->count; i++)
		if (sinks->list[i].fd == sink->fd || is_same_place(sinks->list[i].fd, sink->fd))
			die(sinks->tool, "two outputs cannot go to %s: give one of them a file of its own",
			    place_name(sink));
	/* Where files cannot be locked nobody can tell, and it is taken. */
	if (sink->fd != STDOUT_FILENO && is_file(sink->fd) && flock(sink->fd, LOCK_EX | LOCK_NB) < 0 &&
	    errno == EWOULDBLOCK)
		die(sinks->tool, "%s: another process is writing to it", path);
	strbuf_init(&sink->text);
	strbuf_init(&sink->end);
	sinks->count++;
}

/* A reader that went away needs no sentence as long as nobody else is left: then SIGPIPE tells it. */
static void sink_fail(struct sinks *sinks, struct sink *sink, int error)
{
	sink->dead = true;
	sinks->alive--;
	sinks->pipe_closed |= error == -EPIPE;
	if (error == -EPIPE && sinks->count == 1)
		return;
	sinks->failed = true;
	warn(sinks->tool, "cannot write %s: %s", sink->fd == STDOUT_FILENO ? "the output" : sink->path,
	     strerror(-error));
}

/* Where lines are wholes those that were written stay. Else nothing does, and the old end comes back: it stood there
 * before, so there is room for it. */
static void sink_take_back(struct sink *sink, off_t begin, off_t written)
{
	if (sink->type->end_here != NULL)
		written = 0;
	while (written > 0 && sink->text.text[written - 1] != '\n')
		written--;
	begin += written;
	if (ftruncate(sink->fd, begin + (off_t)sink->end.length) == 0 &&
	    pwrite(sink->fd, sink->end.text, sink->end.length, begin) == (ssize_t)sink->end.length)
		lseek(sink->fd, begin, SEEK_SET);
}

static int sink_write_file(struct sink *sink, bool last)
{
	off_t begin = lseek(sink->fd, 0, SEEK_CUR), behind = begin + (off_t)sink->text.length;
	off_t old_end = begin + (off_t)sink->end.length;
	struct strbuf end;

	strbuf_init(&end);
	if (sink->type->end_here != NULL && !last)
		sink->type->end_here(sink->out, &end);
	off_t new_end = behind + (off_t)end.length;
	strbuf_add_bytes(&sink->text, end.text, end.length);
	/* A shorter end leaves white space until it is cut off. */
	for (off_t at = new_end; at < old_end; at++)
		strbuf_add_char(&sink->text, '\n');
	sink->text.failed |= end.failed;
	int error = output_write_file(sink->fd, &sink->text);
	if (error < 0) {
		off_t at = lseek(sink->fd, 0, SEEK_CUR);
		sink_take_back(sink, begin, (at < behind ? at : behind) - begin);
		goto out;
	}
	lseek(sink->fd, behind, SEEK_SET);
	if (new_end < old_end && ftruncate(sink->fd, new_end) < 0)
		error = -errno;
	strbuf_clear(&sink->end);
	strbuf_add_bytes(&sink->end, end.text, end.length);
out:
	strbuf_fini(&end);
	return error;
}

static void sink_write(struct sinks *sinks, struct sink *sink, bool last)
{
	if (sink->text.length == 0 && !sink->text.failed)
		return;
	if (sinks->before != NULL && isatty(sink->fd))
		sinks->before(sinks->before_user);
	int error;

	if (sink->seekable)
		error = sink_write_file(sink, last);
	else
		error = sink->regular ? output_write_file(sink->fd, &sink->text) : output_write(sink->fd, &sink->text);
	if (error < 0)
		sink_fail(sinks, sink, error);
}

static void sink_start(const struct sinks *sinks, struct sink *sink)
{
	int error = sink->type->open(&sink->out, &sink->run);

	if (error == -ELIBACC)
		die(sinks->tool, "%s output needs the library libxml2, which is not installed", sink->type->name);
	if (error < 0)
		die(sinks->tool, "%s output: %s", sink->type->name, strerror(-error));
	sink->regular = is_file(sink->fd);
	sink->seekable = sink->regular && (fcntl(sink->fd, F_GETFL) & O_APPEND) == 0;
	if (sink->fd != STDOUT_FILENO && sink->regular && ftruncate(sink->fd, 0) < 0)
		die(sinks->tool, "%s: %s", sink->path, strerror(errno));
}

void sinks_start(struct sinks *sinks, const struct out_run *run)
{
	for (unsigned i = 0; i < sinks->count; i++) {
		struct sink *sink = &sinks->list[i];

		sink->run = *run;
		if (sink->type->merges)
			sink->run.config = run->merged;
		sinks->merging |= sink->type->merges;
		sink->shows_packets = (sink->type == &out_ping || sink->type == &out_scan) &&
				      (run->hexdump || run->decode != OUT_DECODE_NONE);
		sink->run.quiet = run->quiet && sink->path == NULL;
		sink->run.color = run->color && sink->fd == STDOUT_FILENO;
		sink_start(sinks, sink);
		sinks->alive++;
	}
	for (unsigned i = 0; i < sinks->count; i++) {
		struct sink *sink = &sinks->list[i];

		sink->type->start(sink->out, &sink->text);
		sink_write(sinks, sink, false);
	}
}

/* A second is over. */
static void sink_omitted(struct sink *sink, const struct rp_event *event)
{
	struct out_omitted omitted;

	if (excess_take(&sink->excess, event, &omitted) && sink->type->omitted != NULL)
		sink->type->omitted(sink->out, &omitted, &sink->text);
}

static void sink_event(struct sinks *sinks, struct sink *sink, const struct rp_event *event)
{
	bool done = event->kind == RP_EVENT_DONE;

	if (excess_due(&sink->excess, event))
		sink_omitted(sink, event);
	sink->run.muted = !excess_allows(&sink->excess, event);
	sink->type->event(sink->out, event, &sink->text);
	if (sink->shows_packets)
		packets_add(&sink->text, &sink->run, event);
	if (done)
		sink->type->finish(sink->out, &sink->text);
	if (sink->text.length > 0 || sink->text.failed)
		sink_write(sinks, sink, done);
}

void sinks_event(struct sinks *sinks, const struct rp_event *event, bool merge)
{
	for (unsigned i = 0; i < sinks->count; i++) {
		struct sink *sink = &sinks->list[i];

		if (!sink->dead && sink->type->merges == merge)
			sink_event(sinks, sink, event);
	}
}

void sinks_interim(struct sinks *sinks, int64_t wall)
{
	for (unsigned i = 0; i < sinks->count; i++) {
		struct sink *sink = &sinks->list[i];

		if (sink->dead || sink->type->interim == NULL)
			continue;
		sink->type->interim(sink->out, wall, &sink->text);
		sink_write(sinks, sink, false);
	}
}

void sinks_close(struct sinks *sinks)
{
	for (unsigned i = 0; i < sinks->count; i++) {
		struct sink *sink = &sinks->list[i];

		if (sink->out != NULL)
			sink->type->close(sink->out);
		/* Some file systems tell only now that the disk is full. */
		if (sink->fd != STDOUT_FILENO && close(sink->fd) < 0 && !sink->dead && errno != EINTR)
			sink_fail(sinks, sink, -errno);
		strbuf_fini(&sink->text);
		strbuf_fini(&sink->end);
		free(sink->path);
	}
	sinks->count = 0;
}
