/* SPDX-License-Identifier: MIT */
/*
 * The outputs of one run, side by side: each a format and a descriptor, written and flushed after every event that
 * makes text. One that cannot be written any more is reported once and left; the others go on.
 *
 * Between two writes a file is whole, and so it is on a full disk and, mostly, after SIGKILL: behind each text stands
 * what would end the document, to be written over by the next text; and a text that does not fit is taken back.
 */
#ifndef APP_OUTPUTS_H
#define APP_OUTPUTS_H

#include "out/out.h"
#include "app/excess.h"

#define OUTPUTS_MAX 8

struct output {
	const struct out_type *type;
	struct out *out; /* NULL before outputs_start() */
	struct out_run run;
	struct strbuf text;
	char *path; /* owned; "-" is stdout, and so is NULL: the output that nobody asked for by name */
	int fd;
	bool regular;      /* a file ... */
	bool seekable;     /* ... in which text can be taken back */
	struct strbuf end; /* what stands behind the text, to be written over */
	const void *own;   /* its switches */
	bool dead;         /* written no more */
	unsigned events;   /* that it has something to do for */
	struct excess excess;
};

struct outputs {
	const char *tool;
	struct output list[OUTPUTS_MAX];
	unsigned count;
	unsigned alive;
	struct out_results results[2]; /* of each name, and of outputs that merge */
	struct scan_table *tables[2];  /* likewise, of a scan; NULL: none of them needs it */
	bool merging;                  /* one of them reports an address once */
	bool failed;                   /* one of them could not be written */
	bool pipe_closed;              /* one of them lost its reader */
	/* Called before text goes to a terminal; NULL: nobody minds. */
	void (*before)(void *user);
	void *before_user;
};

/* Adds an output of that type, with switches of its own, to a file, or to stdout for "-" and NULL; a file keeps what
 * it holds until the run begins. Ends the process when the file cannot be, or when another output, or process,
 * writes there. */
void outputs_add(struct outputs *outputs, const struct out_type *type, const char *path, const void *own);

/* Makes every output with what it needs to know of the run, and writes its head; `merged` is the config for those
 * that merge. Only the output without a path is `quiet`: what was asked for by name is written whole. Ends the
 * process when an output cannot be. */
void outputs_start(struct outputs *outputs, const struct out_run *run, const struct out_results *results,
		   const struct rp_grid *merged);

/* Hands the event to those outputs that report an address once (`merge`), or to the others; after DONE each is
 * finished. */
void outputs_event(struct outputs *outputs, const struct rp_event *event, bool merge);

/* The counters so far are due: to every output that has a place for them. */
void outputs_interim(struct outputs *outputs, int64_t wall);

void outputs_close(struct outputs *outputs);

#endif
