/* SPDX-License-Identifier: MIT */
/* Wraps the allocator (the linker's --wrap) and counts calls while it is asked to. */
#include "alloc.h"

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);

static struct alloc counted;
static bool counting;

static void count(size_t size)
{
	counted.calls += counting;
	counted.bytes += counting ? size : 0;
}

void *__wrap_malloc(size_t size)
{
	count(size);
	return __real_malloc(size);
}

void *__wrap_calloc(size_t number, size_t size)
{
	count(number * size);
	return __real_calloc(number, size);
}

void *__wrap_realloc(void *old, size_t size)
{
	count(size);
	return __real_realloc(old, size);
}

bool alloc_count(bool on)
{
	bool was = counting;

	counting = on;
	return was;
}

struct alloc alloc_take(void)
{
	struct alloc taken = counted;

	counted = (struct alloc){0};
	return taken;
}
