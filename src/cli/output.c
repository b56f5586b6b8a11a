/* SPDX-License-Identifier: MIT */
/* Hides partial writes. A closed pipe is SIGPIPE's business. */
#include "cli/output.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int output_write(int fd, struct strbuf *text)
{
	if (text->failed)
		return -ENOMEM;
	for (size_t done = 0; done < text->length;) {
		ssize_t n = write(fd, text->text + done, text->length - done);

		if (n >= 0)
			done += (size_t)n;
		else if (errno == EAGAIN)
			poll(&(struct pollfd){.fd = fd, .events = POLLOUT}, 1, -1);
		else if (errno != EINTR)
			return -errno;
	}
	strbuf_clear(text);
	return 0;
}

bool output_has_colors(int fd)
{
	const char *refusal = getenv("NO_COLOR"), *terminal = getenv("TERM");

	return isatty(fd) && (!refusal || !*refusal) && terminal && strcmp(terminal, "dumb") != 0;
}
