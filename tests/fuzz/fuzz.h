/* SPDX-License-Identifier: MIT */
/*
 * What every fuzz target shares. A target is one function of bytes that aborts when a promise is broken; who
 * calls it is libFuzzer or replay.c.
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/* Not assert(): it holds in every build. */
#define check(condition) ((condition) ? (void)0 : fuzz_fail(__FILE__, __LINE__, #condition))

static inline _Noreturn void fuzz_fail(const char *file, int line, const char *condition)
{
	fprintf(stderr, "%s:%d: broken: %s\n", file, line, condition);
	abort();
}

/* The bytes up to the first zero as a string of its own, so that a sanitizer sees a read behind its end. The caller
 * frees it. */
static inline char *fuzz_text(const uint8_t *bytes, size_t length)
{
	const uint8_t *zero = length > 0 ? memchr(bytes, 0, length) : NULL;
	size_t size = zero != NULL ? (size_t)(zero - bytes) : length;
	char *text = malloc(size + 1);

	check(text != NULL);
	if (size > 0)
		memcpy(text, bytes, size);
	text[size] = '\0';
	return text;
}

/* A sentence for a person: there is one, and nothing in it can steer a terminal. */
static inline void fuzz_check_sentence(const char *text)
{
	check(text[0] != '\0');
	for (; *text != '\0'; text++)
		check((unsigned char)*text >= ' ' && *text != 0x7f);
}

#endif
