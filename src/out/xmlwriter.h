/* SPDX-License-Identifier: MIT */
/*
 * Writes XML with libxml2, which is loaded when the first writer is made: few runs need it, and it brings
 * libraries of its own that would slow the start of all. Names and values are UTF-8; out of memory
 * is reported by xmlwriter_take().
 */
#ifndef OUT_XMLWRITER_H
#define OUT_XMLWRITER_H

#include <stdint.h>

#include "base/strbuf.h"

struct xmlwriter;

/* -ELIBACC: libxml2 is not installed; -ENOMEM. */
int xmlwriter_new(struct xmlwriter **writer);
void xmlwriter_free(struct xmlwriter *writer);

/* <?xml ...?><!DOCTYPE root> */
void xmlwriter_begin_document(struct xmlwriter *writer, const char *root);
/* Ends what is still open. */
void xmlwriter_end_document(struct xmlwriter *writer);

void xmlwriter_begin(struct xmlwriter *writer, const char *element);
void xmlwriter_end(struct xmlwriter *writer);

/* Attributes of the element begun last. Bytes that XML cannot hold are written as \xNN. */
void xmlwriter_text(struct xmlwriter *writer, const char *name, const char *value);
void xmlwriter_number(struct xmlwriter *writer, const char *name, int64_t value);

/* Moves what was written so far to `text`. */
void xmlwriter_take(struct xmlwriter *writer, struct strbuf *text);

#endif
