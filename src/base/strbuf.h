/* SPDX-License-Identifier: MIT */
/*
 * A growing string. Out of memory sets `failed` and further additions do nothing, so a formatter checks
 * once. The text is always terminated.
 */
#ifndef BASE_STRBUF_H
#define BASE_STRBUF_H

#include <stdbool.h>
#include <stddef.h>

struct strbuf {
	char *text; /* owned; valid until the next addition */
	size_t length;
	size_t capacity;
	bool failed;
};

void strbuf_init(struct strbuf *buffer);
void strbuf_fini(struct strbuf *buffer);
void strbuf_clear(struct strbuf *buffer); /* keeps the memory */
void strbuf_add(struct strbuf *buffer, const char *text);
void strbuf_add_bytes(struct strbuf *buffer, const void *bytes, size_t length);
void strbuf_add_char(struct strbuf *buffer, char c);
void strbuf_addf(struct strbuf *buffer, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Foreign text for a terminal: control bytes, DEL and C1 (also as UTF-8) become \xNN, '\' becomes \\;
 * well-formed UTF-8 passes. */
void strbuf_add_escaped(struct strbuf *buffer, const char *text);

/* The same for a sentence whose parts may be escaped already: '\' stays as it is. */
void strbuf_add_sentence(struct strbuf *buffer, const char *text);

/* `text` and blanks up to `width` columns (bytes). */
void strbuf_add_padded(struct strbuf *buffer, const char *text, size_t width);

#endif
