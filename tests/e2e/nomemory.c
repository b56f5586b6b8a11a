/* SPDX-License-Identifier: MIT */
/* Preloaded into a tool, fails its NOMEMORY_AT-th allocation, and all after it: memory is out from there on. */
#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

static void *(*real_malloc)(size_t);
static void *(*real_calloc)(size_t, size_t);
static void *(*real_realloc)(void *, size_t);
static long at = -1, count;

__attribute__((constructor)) static void prepare(void)
{
	const char *text = getenv("NOMEMORY_AT");

	*(void **)&real_malloc = dlsym(RTLD_NEXT, "malloc");
	*(void **)&real_calloc = dlsym(RTLD_NEXT, "calloc");
	*(void **)&real_realloc = dlsym(RTLD_NEXT, "realloc");
	at = text != NULL ? atol(text) : -1;
}

static bool is_out(void)
{
	if (at < 0 || count++ < at)
		return false;
	errno = ENOMEM;
	return true;
}

/* Before the constructor has run the loader's own calls go to the next malloc, too. */
void *malloc(size_t size)
{
	if (real_malloc == NULL)
		*(void **)&real_malloc = dlsym(RTLD_NEXT, "malloc");
	return is_out() ? NULL : real_malloc(size);
}

void *calloc(size_t number, size_t size)
{
	if (real_calloc == NULL)
		*(void **)&real_calloc = dlsym(RTLD_NEXT, "calloc");
	return is_out() ? NULL : real_calloc(number, size);
}

void *realloc(void *old, size_t size)
{
	if (real_realloc == NULL)
		*(void **)&real_realloc = dlsym(RTLD_NEXT, "realloc");
	return is_out() ? NULL : real_realloc(old, size);
}
