/* SPDX-License-Identifier: MIT */
/* Says why no raw socket could be opened, and what to do: setcap helps only where a file's capability counts. */
#ifndef APP_DENIED_H
#define APP_DENIED_H

#include <stdbool.h>

/* As the process was started; to be filled in before its privileges are dropped. */
struct denied {
	int error;         /* of the socket, -EPERM; 0: there is none */
	bool no_new_privs; /* a file's capability does not count below it */
	bool unbounded;    /* the bounding set has CAP_NET_RAW */
};

void denied_note(struct denied *denied, int error);

/* Ends the process. */
_Noreturn void denied_die(const struct denied *denied, const char *tool);

#endif
