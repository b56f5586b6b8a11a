/* SPDX-License-Identifier: MIT */
/* Hides which output a format means for a scan and for a series, and what -oA stands for. */
#include "rsyn/outputs.h"

#include <string.h>
#include <unistd.h>

#include "cli/die.h"
#include "cli/output.h"

/* Before any file is made. */
static void refuse_series(const struct rsyn_options *options)
{
	bool scans = options->all_files != NULL || options->format == RSYN_FORMAT_XML ||
		     options->format == RSYN_FORMAT_GREPPABLE;

	for (unsigned i = 0; i < options->file_count; i++)
		scans |= options->files[i].format == RSYN_FORMAT_XML ||
			 options->files[i].format == RSYN_FORMAT_GREPPABLE;
	if (rsyn_is_series(options) && scans)
		die(rsyn_tool.name,
		    "XML and greppable are formats of scans; a series (-c) can be had as JSON (-oJ) and CSV (-oC)");
}

static const char *output_name(const struct rsyn_options *options, int format)
{
	switch ((enum rsyn_format)format) {
	case RSYN_FORMAT_NONE:
	case RSYN_FORMAT_TEXT:
		return rsyn_is_series(options) ? "ping" : "scan";
	case RSYN_FORMAT_JSON:
		return "json";
	case RSYN_FORMAT_CSV:
		return "csv";
	case RSYN_FORMAT_XML:
		return "xml";
	case RSYN_FORMAT_GREPPABLE:
		return "greppable";
	}
	return NULL;
}

static void add_all(struct tool *tool, const struct rsyn_options *options)
{
	static const struct {
		const char *ending;
		enum rsyn_format format;
	} files[] = {
		{"nmap", RSYN_FORMAT_TEXT},
		{"xml", RSYN_FORMAT_XML},
		{"gnmap", RSYN_FORMAT_GREPPABLE},
		{"jsonl", RSYN_FORMAT_JSON},
	};
	struct strbuf path;

	if (strcmp(options->all_files, "-") == 0)
		die(rsyn_tool.name, "-oA needs the beginning of file names: standard output takes one format alone");
	if (*options->all_files == '-' || *options->all_files == '\0')
		die(rsyn_tool.name, "-oA: '%s' begins no file names: is BASE missing? as in -oA result",
		    options->all_files);
	strbuf_init(&path);
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		strbuf_clear(&path);
		strbuf_addf(&path, "%s.%s", options->all_files, files[i].ending);
		if (path.failed)
			die(rsyn_tool.name, "out of memory");
		tool_add_output(tool, output_name(options, files[i].format), path.text);
	}
	strbuf_fini(&path);
}

const char *outputs_add(struct tool *tool, const struct rsyn_options *options)
{
	bool stdout_taken = false;

	refuse_series(options);
	tool->progress_hidden = options->quiet;
	tool->run.scanner = options->xml_scanner ? "nmap" : NULL;
	tool->run.color = options->color == RSYN_COLOR_ALWAYS ||
			  (options->color == RSYN_COLOR_AUTO && output_has_colors(STDOUT_FILENO));
	for (unsigned i = 0; i < options->file_count; i++) {
		const struct rsyn_file *file = &options->files[i];

		tool_add_output(tool, output_name(options, (int)file->format), file->path);
		stdout_taken |= strcmp(file->path, "-") == 0;
	}
	if (options->all_files != NULL)
		add_all(tool, options);
	if (options->format == RSYN_FORMAT_NONE && stdout_taken)
		return NULL;
	return output_name(options, options->format);
}
