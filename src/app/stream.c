/* SPDX-License-Identifier: MIT */
/*
 * Writes text to a descriptor and waits out partial writes. SIGPIPE is left to the caller. Where a loop has blocked the
 * signals that end the process, they also end it while it waits here for a reader that takes nothing.
 */
#include "app/stream.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* As much as a pipe that is ready takes without waiting. */
#define CHUNK 4096

/* ppoll() lets no signal in when the descriptor is ready, so text is never lost to one that waits. */
static void wait_writable(int fd)
{
	struct pollfd watched = {.fd = fd, .events = POLLOUT};
	sigset_t mask;

	if (poll(&watched, 1, 0) != 0)
		return;
	sigprocmask(SIG_BLOCK, NULL, &mask);
	sigdelset(&mask, SIGINT);
	sigdelset(&mask, SIGTERM);
	sigdelset(&mask, SIGHUP);
	ppoll(&watched, 1, NULL, &mask);
}

static int write_in_chunks(int fd, struct strbuf *text, size_t chunk, void (*wait)(int fd))
{
	if (text->failed)
		return -ENOMEM;
	for (size_t done = 0; done < text->length;) {
		size_t left = text->length - done;

		wait(fd);
		ssize_t n = write(fd, text->text + done, left < chunk ? left : chunk);

		if (n >= 0)
			done += (size_t)n;
		else if (errno != EINTR && errno != EAGAIN)
			return -errno;
	}
	strbuf_clear(text);
	return 0;
}

int stream_write(int fd, struct strbuf *text)
{
	return write_in_chunks(fd, text, CHUNK, wait_writable);
}

static void never_wait(int fd)
{
	(void)fd;
}

int stream_write_file(int fd, struct strbuf *text)
{
	return write_in_chunks(fd, text, SIZE_MAX, never_wait);
}

bool stream_has_colors(int fd)
{
	const char *refusal = getenv("NO_COLOR"), *terminal = getenv("TERM");

	return isatty(fd) && (!refusal || !*refusal) && terminal && strcmp(terminal, "dumb") != 0;
}
