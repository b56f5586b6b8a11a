/* SPDX-License-Identifier: MIT */
/* An empty buffer borrows a literal for its text (capacity 0), so that init cannot fail and text is never NULL. */
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "base/unconst.h"

#define FIRST_CAPACITY 256

void strbuf_init(struct strbuf *buffer)
{
	*buffer = (struct strbuf){.text = unconst("")};
}

void strbuf_fini(struct strbuf *buffer)
{
	if (buffer->capacity)
		free(buffer->text);
	strbuf_init(buffer);
}

void strbuf_clear(struct strbuf *buffer)
{
	if (buffer->capacity)
		buffer->text[0] = '\0';
	buffer->length = 0;
	buffer->failed = false;
}

/* Makes room for `more` bytes and the terminator. */
static bool strbuf_reserve(struct strbuf *buffer, size_t more)
{
	size_t capacity = buffer->capacity ? buffer->capacity : FIRST_CAPACITY;
	char *text;

	if (buffer->failed)
		return false;
	if (more >= SIZE_MAX / 2 - buffer->length) {
		buffer->failed = true;
		return false;
	}
	while (capacity <= buffer->length + more)
		capacity *= 2;
	if (capacity == buffer->capacity)
		return true;
	text = realloc(buffer->capacity ? buffer->text : NULL, capacity);
	if (!text) {
		buffer->failed = true;
		return false;
	}
	buffer->text = text;
	buffer->capacity = capacity;
	return true;
}

void strbuf_add(struct strbuf *buffer, const char *text)
{
	strbuf_add_bytes(buffer, text, strlen(text));
}

void strbuf_add_bytes(struct strbuf *buffer, const void *bytes, size_t length)
{
	if (length == 0 || !strbuf_reserve(buffer, length))
		return;
	memcpy(buffer->text + buffer->length, bytes, length);
	buffer->length += length;
	buffer->text[buffer->length] = '\0';
}

void strbuf_add_char(struct strbuf *buffer, char c)
{
	strbuf_add_bytes(buffer, &c, 1);
}

void strbuf_addf(struct strbuf *buffer, const char *format, ...)
{
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (length < 0) {
		buffer->failed = true;
		return;
	}
	if (!strbuf_reserve(buffer, (size_t)length))
		return;
	va_start(args, format);
	vsnprintf(buffer->text + buffer->length, (size_t)length + 1, format, args);
	va_end(args);
	buffer->length += (size_t)length;
}

/* Bytes of the well-formed UTF-8 sequence (Unicode table 3-7) at `s`, or 0. */
static size_t utf8_length(const uint8_t *s)
{
	size_t length = s[0] < 0x80 ? 1 : s[0] < 0xc2 ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : s[0] < 0xf5 ? 4 : 0;

	for (size_t i = 1; i < length; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xf0 && s[1] < 0x90)) /* longer than need be */
		return 0;
	if ((s[0] == 0xed && s[1] > 0x9f) || (s[0] == 0xf4 && s[1] > 0x8f)) /* surrogate, over U+10FFFF */
		return 0;
	return length;
}

static void add_safe(struct strbuf *buffer, const char *text, const char *backslash)
{
	const uint8_t *s = (const uint8_t *)text;

	while (*s) {
		size_t length = utf8_length(s);
		bool control =
			(length == 1 && (*s < 0x20 || *s == 0x7f)) || (s[0] == 0xc2 && length == 2 && s[1] < 0xa0);

		if (*s == '\\')
			strbuf_add(buffer, backslash);
		else if (length && !control)
			strbuf_add_bytes(buffer, s, length);
		else
			for (size_t i = 0; i < (length ? length : 1); i++)
				strbuf_addf(buffer, "\\x%02x", s[i]);
		s += length ? length : 1;
	}
}

void strbuf_add_escaped(struct strbuf *buffer, const char *text)
{
	add_safe(buffer, text, "\\\\");
}

void strbuf_add_sentence(struct strbuf *buffer, const char *text)
{
	add_safe(buffer, text, "\\");
}

void strbuf_add_padded(struct strbuf *buffer, const char *text, size_t width)
{
	size_t length = strlen(text);

	strbuf_add_bytes(buffer, text, length);
	if (length >= width || !strbuf_reserve(buffer, width - length))
		return;
	memset(buffer->text + buffer->length, ' ', width - length);
	buffer->length += width - length;
	buffer->text[buffer->length] = '\0';
}
