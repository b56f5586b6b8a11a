/* SPDX-License-Identifier: MIT */
/* XML without memory: libxml2 is given a heap that refuses one allocation after the other, and what comes is whole
 * or an error. */
#include <dlfcn.h>
#include <libxml/xmlmemory.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "out/xmlwriter.h"
#include "unit.h"

/* libxml2 itself loses an element when it has no memory for the list of those that are open. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:xmlTextWriterStart";
}

static long left; /* allocations until one is refused; negative: none is */

static void *give(size_t size)
{
	return left-- == 0 ? NULL : malloc(size);
}

static void *grow(void *memory, size_t size)
{
	return left-- == 0 ? NULL : realloc(memory, size);
}

static char *copy(const char *text)
{
	return left-- == 0 ? NULL : strdup(text);
}

static int write_document(struct strbuf *text)
{
	struct xmlwriter *writer;
	int error = xmlwriter_new(&writer);

	if (error < 0)
		return error;
	xmlwriter_begin_document(writer, "root");
	xmlwriter_begin(writer, "root");
	for (int i = 0; i < 200; i++) {
		xmlwriter_begin(writer, "port");
		xmlwriter_number(writer, "id", i);
		xmlwriter_text(writer, "name", "long & <long> enough for a buffer that grows");
		xmlwriter_end(writer);
		if (i % 50 == 0)
			xmlwriter_take(writer, text);
	}
	xmlwriter_end_document(writer);
	xmlwriter_take(writer, text);
	xmlwriter_free(writer);
	return 0;
}

TEST(each_allocation_refused_once)
{
	static const char *const names[] = {"libxml2.so.2", "libxml2.so.16"};
	void *library = NULL;
	struct strbuf whole, text;
	int stderr_before = dup(STDERR_FILENO), said[2];
	char byte;

	for (size_t i = 0; library == NULL && i < 2; i++)
		library = dlopen(names[i], RTLD_NOW | RTLD_GLOBAL);
	if (library == NULL)
		skip();
	int (*set_up)(xmlFreeFunc, xmlMallocFunc, xmlReallocFunc, xmlStrdupFunc);
	*(void **)&set_up = dlsym(library, "xmlMemSetup");
	assert_int_equal(set_up(free, give, grow, copy), 0);

	strbuf_init(&whole);
	left = 1000000;
	assert_int_equal(write_document(&whole), 0);
	long used = 1000000 - left;
	assert_false(whole.failed);
	assert_true(used > 100);
	assert_int_equal(pipe(said), 0);
	dup2(said[1], STDERR_FILENO);
	for (long refused = 0; refused < used; refused++) {
		strbuf_init(&text);
		left = refused;
		if (write_document(&text) == 0 && !text.failed && strcmp(text.text, whole.text) != 0)
			fail_msg("allocation %ld was refused, and nobody noticed", refused);
		strbuf_fini(&text);
	}
	dup2(stderr_before, STDERR_FILENO);
	close(said[1]);
	assert_int_equal(read(said[0], &byte, 1), 0);
	close(said[0]);
	close(stderr_before);
	strbuf_fini(&whole);
}
