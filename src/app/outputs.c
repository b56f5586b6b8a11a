/* SPDX-License-Identifier: MIT */
/* Opens the files of the outputs, writes to them, and goes on with the others when one of them fails. */
#include "app/outputs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/die.h"
#include "app/files.h"
#include "app/stream.h"
#include "out/scan_table.h"

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

static const char *place_name(const struct output *output)
{
	return output->fd == STDOUT_FILENO ? "standard output" : output->path;
}

void outputs_add(struct outputs *outputs, const struct out_type *type, const char *path, const void *own)
{
	struct output *output = &outputs->list[outputs->count];

	if (outputs->count == OUTPUTS_MAX)
		die(outputs->tool, "more than %d outputs", OUTPUTS_MAX);
	*output = (struct output){.type = type, .path = path ? strdup(path) : NULL, .fd = STDOUT_FILENO, .own = own};
	if (path != NULL && strcmp(path, "-") != 0)
		output->fd = files_create(path);
	if (output->fd < 0)
		files_die(outputs->tool, "", path, errno, ">");
	for (unsigned i = 0; i < outputs->count; i++)
		if (outputs->list[i].fd == output->fd || is_same_place(outputs->list[i].fd, output->fd))
			die(outputs->tool, "two outputs cannot go to %s: give one of them a file of its own",
			    place_name(output));
	/* Where files cannot be locked nobody can say, and it is taken. */
	if (output->fd != STDOUT_FILENO && is_file(output->fd) && flock(output->fd, LOCK_EX | LOCK_NB) < 0 &&
	    errno == EWOULDBLOCK)
		die(outputs->tool, "%s: another process is writing to it", path);
	strbuf_init(&output->text);
	strbuf_init(&output->end);
	outputs->count++;
}

/* A reader that went away needs no sentence as long as nobody else is left: then SIGPIPE says it. */
static void output_fail(struct outputs *outputs, struct output *output, int error)
{
	output->dead = true;
	outputs->alive--;
	outputs->pipe_closed |= error == -EPIPE;
	if (error == -EPIPE && outputs->count == 1)
		return;
	outputs->failed = true;
	warn(outputs->tool, "cannot write %s: %s", output->fd == STDOUT_FILENO ? "the output" : output->path,
	     strerror(-error));
}

/* Where lines are wholes those that were written stay. Else nothing does, and the old end comes back: it stood there
 * before, so there is room for it. */
static void output_take_back(struct output *output, off_t begin, off_t written)
{
	if (output->type->end_here != NULL)
		written = 0;
	while (written > 0 && output->text.text[written - 1] != '\n')
		written--;
	begin += written;
	if (ftruncate(output->fd, begin + (off_t)output->end.length) == 0 &&
	    pwrite(output->fd, output->end.text, output->end.length, begin) == (ssize_t)output->end.length)
		lseek(output->fd, begin, SEEK_SET);
}

static int output_write_file(struct output *output, bool last)
{
	off_t begin = lseek(output->fd, 0, SEEK_CUR), behind = begin + (off_t)output->text.length;
	off_t old_end = begin + (off_t)output->end.length;
	struct strbuf end;

	strbuf_init(&end);
	if (output->type->end_here != NULL && !last)
		output->type->end_here(output->out, &end);
	off_t new_end = behind + (off_t)end.length;
	strbuf_add_bytes(&output->text, end.text, end.length);
	/* A shorter end leaves white space until it is cut off. */
	for (off_t at = new_end; at < old_end; at++)
		strbuf_add_char(&output->text, '\n');
	output->text.failed |= end.failed;
	int error = stream_write_file(output->fd, &output->text);
	if (error < 0) {
		off_t at = lseek(output->fd, 0, SEEK_CUR);
		output_take_back(output, begin, (at < behind ? at : behind) - begin);
		goto out;
	}
	lseek(output->fd, behind, SEEK_SET);
	if (new_end < old_end && ftruncate(output->fd, new_end) < 0)
		error = -errno;
	strbuf_clear(&output->end);
	strbuf_add_bytes(&output->end, end.text, end.length);
out:
	strbuf_fini(&end);
	return error;
}

static void output_write(struct outputs *outputs, struct output *output, bool last)
{
	if (output->text.length == 0 && !output->text.failed)
		return;
	if (outputs->before != NULL && isatty(output->fd))
		outputs->before(outputs->before_user);
	int error;

	if (output->seekable)
		error = output_write_file(output, last);
	else
		error = output->regular ? stream_write_file(output->fd, &output->text)
					: stream_write(output->fd, &output->text);
	if (error < 0)
		output_fail(outputs, output, error);
}

static void output_start(const struct outputs *outputs, struct output *output)
{
	int error = out_new(&output->out, output->type, &output->run);

	if (error == -ELIBACC)
		die(outputs->tool, "%s output needs the library libxml2, which is not installed", output->type->name);
	if (error < 0)
		die(outputs->tool, "%s output: %s", output->type->name, strerror(-error));
	output->regular = is_file(output->fd);
	output->seekable = output->regular && (fcntl(output->fd, F_GETFL) & O_APPEND) == 0;
	if (output->fd != STDOUT_FILENO && output->regular && ftruncate(output->fd, 0) < 0)
		die(outputs->tool, "%s: %s", output->path, strerror(errno));
}

/* One table for all outputs of names, one for those that merge. */
static void make_table(struct outputs *outputs, const struct output *output)
{
	bool merges = output->type->merges;

	if (output->type->scan == NULL || !output->run.scan || outputs->tables[merges])
		return;
	outputs->tables[merges] = scan_table_new(&output->run);
	if (outputs->tables[merges] == NULL)
		die(outputs->tool, "out of memory");
	outputs->results[merges].scan = outputs->tables[merges];
}

void outputs_start(struct outputs *outputs, const struct out_run *run, const struct out_results *results,
		   const struct rp_grid *merged)
{
	outputs->results[false] = outputs->results[true] = *results;
	outputs->results[true].grid = merged;
	for (unsigned i = 0; i < outputs->count; i++) {
		struct output *output = &outputs->list[i];

		output->run = *run;
		output->run.results = &outputs->results[output->type->merges];
		output->run.own = output->own;
		output->run.quiet = run->quiet && output->path == NULL;
		outputs->merging |= output->type->merges;
		make_table(outputs, output);
		output_start(outputs, output);
		outputs->alive++;
	}
	for (unsigned i = 0; i < outputs->count; i++) {
		struct output *output = &outputs->list[i];

		if (output->type->start != NULL)
			output->type->start(output->out, &output->text);
		output_write(outputs, output, false);
		if (output->type->event != NULL)
			output->events =
				output->type->events != NULL ? output->type->events(output->out) : OUT_EVENTS_ALL;
	}
}

/* A second is over. */
static void output_omitted(struct output *output, const struct rp_event *event)
{
	struct out_omitted omitted;

	if (excess_take(&output->excess, event, &omitted) && output->type->omitted != NULL)
		output->type->omitted(output->out, &omitted, &output->text);
}

static void output_event(struct outputs *outputs, struct output *output, const struct rp_event *event)
{
	bool done = event->kind == RP_EVENT_DONE;

	if (output->events & OUT_EVENT(event->kind)) {
		if (excess_due(&output->excess, event))
			output_omitted(output, event);
		output->run.muted = !excess_allows(&output->excess, event);
		output->type->event(output->out, event, &output->text);
	} else {
		output->excess.sent += event->kind == RP_EVENT_SENT;
	}
	if (done && output->type->finish != NULL)
		output->type->finish(output->out, &output->text);
	if (output->text.length > 0 || output->text.failed)
		output_write(outputs, output, done);
}

/* The outputs that share a table. */
struct sharers {
	struct outputs *outputs;
	bool merges;
};

static void report_to_each(void *user, const struct scan_news *news)
{
	const struct sharers *sharers = user;

	for (unsigned i = 0; i < sharers->outputs->count; i++) {
		struct output *output = &sharers->outputs->list[i];

		if (!output->dead && output->type->scan != NULL && output->type->merges == sharers->merges)
			output->type->scan(output->out, news, &output->text);
	}
}

static void table_event(struct outputs *outputs, const struct rp_event *event, bool merges)
{
	struct scan_table *table = outputs->tables[merges];
	struct sharers sharers = {outputs, merges};

	if (table == NULL)
		return;
	int error = scan_table_event(table, event, report_to_each, &sharers);
	if (event->kind == RP_EVENT_DONE)
		scan_table_finish(table, report_to_each, &sharers);
	for (unsigned i = 0; error < 0 && i < outputs->count; i++)
		outputs->list[i].text.failed = true;
}

void outputs_event(struct outputs *outputs, const struct rp_event *event, bool merge)
{
	table_event(outputs, event, merge);
	for (unsigned i = 0; i < outputs->count; i++) {
		struct output *output = &outputs->list[i];

		if (!output->dead && output->type->merges == merge)
			output_event(outputs, output, event);
	}
}

void outputs_interim(struct outputs *outputs, int64_t wall)
{
	for (unsigned i = 0; i < outputs->count; i++) {
		struct output *output = &outputs->list[i];

		if (output->dead || output->type->interim == NULL)
			continue;
		output->type->interim(output->out, wall, &output->text);
		output_write(outputs, output, false);
	}
}

void outputs_close(struct outputs *outputs)
{
	for (unsigned i = 0; i < outputs->count; i++) {
		struct output *output = &outputs->list[i];

		out_free(output->out, output->type);
		/* Some file systems report only now that the disk is full. */
		if (output->fd != STDOUT_FILENO && close(output->fd) < 0 && !output->dead && errno != EINTR)
			output_fail(outputs, output, -errno);
		strbuf_fini(&output->text);
		strbuf_fini(&output->end);
		free(output->path);
	}
	scan_table_free(outputs->tables[false]);
	scan_table_free(outputs->tables[true]);
	outputs->tables[false] = outputs->tables[true] = NULL;
	outputs->count = 0;
}
