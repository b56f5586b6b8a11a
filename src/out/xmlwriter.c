/* SPDX-License-Identifier: MIT */
/* Loads libxml2 and writes XML with its writer. */
#include "out/xmlwriter.h"

#include <dlfcn.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <libxml/xmlwriter.h>

#include "base/dlopen_note.h"

#define FUNCTIONS(X)                                                                                                   \
	X(xmlSetGenericErrorFunc)                                                                                      \
	X(xmlBufferCreate)                                                                                             \
	X(xmlBufferFree)                                                                                               \
	X(xmlBufferContent)                                                                                            \
	X(xmlBufferLength)                                                                                             \
	X(xmlBufferEmpty)                                                                                              \
	X(xmlNewTextWriterMemory)                                                                                      \
	X(xmlFreeTextWriter)                                                                                           \
	X(xmlTextWriterSetIndent)                                                                                      \
	X(xmlTextWriterStartDocument)                                                                                  \
	X(xmlTextWriterWriteDTD)                                                                                       \
	X(xmlTextWriterEndDocument)                                                                                    \
	X(xmlTextWriterStartElement)                                                                                   \
	X(xmlTextWriterEndElement)                                                                                     \
	X(xmlTextWriterWriteAttribute)                                                                                 \
	X(xmlTextWriterFlush)

struct xmlwriter {
	void *library;
	xmlBufferPtr buffer;
	xmlTextWriterPtr writer;
	bool failed;
#define FIELD(name) __typeof__(&name) name;
	FUNCTIONS(FIELD)
#undef FIELD
};

/* POSIX has function addresses fit into a data pointer, ISO C has no cast for it. */
static int find(const struct xmlwriter *writer, const char *name, void *function)
{
	void *address = dlsym(writer->library, name);

	*(void **)function = address;
	return address ? 0 : -ELIBACC;
}

DLOPEN_NOTE("[{\"feature\":\"xml\",\"description\":\"XML output\",\"priority\":\"recommended\","
	    "\"soname\":[\"libxml2.so.2\",\"libxml2.so.16\"]}]");

/* What is used here is the same in both. The library keeps state of its own for the process's life, so it stays. */
static int load(struct xmlwriter *writer)
{
	static const char *const names[] = {"libxml2.so.2", "libxml2.so.16"};
	int error = 0;

	for (size_t i = 0; !writer->library && i < sizeof(names) / sizeof(names[0]); i++)
		writer->library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
	if (!writer->library)
		return -ELIBACC;
#define FIND(name)                                                                                                     \
	if (error == 0)                                                                                                \
		error = find(writer, #name, &writer->name);
	FUNCTIONS(FIND)
#undef FIND
	return error;
}

/* Not every error comes back from the call that has it; and none is for stderr in the library's words. */
static void note_error(void *user, const char *format, ...)
{
	struct xmlwriter *writer = user;

	(void)format;
	writer->failed = true;
}

/* What it says from now on is about this one. */
static xmlTextWriterPtr use(struct xmlwriter *writer)
{
	writer->xmlSetGenericErrorFunc(writer, note_error);
	return writer->writer;
}

int xmlwriter_new(struct xmlwriter **writer)
{
	struct xmlwriter *w = calloc(1, sizeof(*w));
	int error = w ? load(w) : -ENOMEM;

	if (error < 0)
		goto out;
	error = -ENOMEM;
	use(w);
	w->buffer = w->xmlBufferCreate();
	if (!w->buffer)
		goto out;
	w->writer = w->xmlNewTextWriterMemory(w->buffer, 0);
	if (!w->writer)
		goto out;
	if (w->failed)
		goto out;
	error = 0;
	*writer = w;
	w = NULL;
out:
	xmlwriter_free(w);
	return error;
}

void xmlwriter_free(struct xmlwriter *writer)
{
	if (!writer)
		return;
	if (writer->writer)
		writer->xmlFreeTextWriter(writer->writer);
	if (writer->buffer)
		writer->xmlBufferFree(writer->buffer);
	if (writer->xmlSetGenericErrorFunc)
		writer->xmlSetGenericErrorFunc(NULL, NULL);
	if (writer->library)
		dlclose(writer->library);
	free(writer);
}

static void keep(struct xmlwriter *writer, int written)
{
	writer->failed |= written < 0;
}

void xmlwriter_begin_document(struct xmlwriter *writer, const char *root)
{
	keep(writer, writer->xmlTextWriterSetIndent(use(writer), 1));
	keep(writer, writer->xmlTextWriterStartDocument(use(writer), "1.0", "UTF-8", NULL));
	keep(writer, writer->xmlTextWriterWriteDTD(use(writer), (const xmlChar *)root, NULL, NULL, NULL));
}

void xmlwriter_end_document(struct xmlwriter *writer)
{
	keep(writer, writer->xmlTextWriterEndDocument(use(writer)));
}

void xmlwriter_begin(struct xmlwriter *writer, const char *element)
{
	keep(writer, writer->xmlTextWriterStartElement(use(writer), (const xmlChar *)element));
}

void xmlwriter_end(struct xmlwriter *writer)
{
	keep(writer, writer->xmlTextWriterEndElement(use(writer)));
}

void xmlwriter_text(struct xmlwriter *writer, const char *name, const char *value)
{
	struct strbuf safe;

	strbuf_init(&safe);
	strbuf_add_escaped(&safe, value);
	if (safe.failed)
		writer->failed = true;
	else
		keep(writer, writer->xmlTextWriterWriteAttribute(use(writer), (const xmlChar *)name,
								 (const xmlChar *)safe.text));
	strbuf_fini(&safe);
}

void xmlwriter_number(struct xmlwriter *writer, const char *name, int64_t value)
{
	char text[32];

	snprintf(text, sizeof(text), "%" PRId64, value);
	keep(writer, writer->xmlTextWriterWriteAttribute(use(writer), (const xmlChar *)name, (const xmlChar *)text));
}

void xmlwriter_take(struct xmlwriter *writer, struct strbuf *text)
{
	keep(writer, writer->xmlTextWriterFlush(use(writer)));
	strbuf_add_bytes(text, writer->xmlBufferContent(writer->buffer),
			 (size_t)writer->xmlBufferLength(writer->buffer));
	writer->xmlBufferEmpty(writer->buffer);
	text->failed |= writer->failed;
}
