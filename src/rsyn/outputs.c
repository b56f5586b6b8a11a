/* SPDX-License-Identifier: MIT */
/* Hides which outputs are a scan's only, and what -oA stands for. */
#include "rsyn/outputs.h"

#include <string.h>
#include <unistd.h>

#include "app/die.h"
#include "app/stream.h"

/* Before any file is made. */
static void refuse_series(const struct rsyn_options *options)
{
	bool scans = options->all_files != NULL || options->common.format == APP_FORMAT_XML ||
		     options->common.format == APP_FORMAT_GREPPABLE;

	for (unsigned i = 0; i < options->common.file_count; i++)
		scans |= options->common.files[i].format == APP_FORMAT_XML ||
			 options->common.files[i].format == APP_FORMAT_GREPPABLE;
	if (rsyn_is_series(options) && scans)
		die(rsyn_tool.name,
		    "XML and greppable are formats of scans; a series (-c) can be had as JSON (-oJ) and CSV (-oC)");
}

static void add_all(struct app *app, const struct rsyn_options *options)
{
	static const struct {
		const char *ending;
		enum app_format format;
	} files[] = {
		{"nmap", APP_FORMAT_TEXT},
		{"xml", APP_FORMAT_XML},
		{"gnmap", APP_FORMAT_GREPPABLE},
		{"jsonl", APP_FORMAT_JSON},
	};
	struct strbuf path;

	if (strcmp(options->all_files, "-") == 0)
		die(rsyn_tool.name, "-oA needs the beginning of file names: standard output takes one format alone");
	strbuf_init(&path);
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		strbuf_clear(&path);
		strbuf_addf(&path, "%s.%s", options->all_files, files[i].ending);
		if (path.failed)
			die(rsyn_tool.name, "out of memory");
		app_add_output(app, files[i].format, path.text);
	}
	strbuf_fini(&path);
}

const char *rsyn_add_outputs(struct app *app, const struct rsyn_options *options)
{
	refuse_series(options);
	app->progress_hidden = options->common.quiet;
	app->run.scanner = options->xml_scanner ? "nmap" : NULL;
	app->run.color = options->color == RSYN_COLOR_ALWAYS ||
			 (options->color == RSYN_COLOR_AUTO && stream_has_colors(STDOUT_FILENO));
	if (options->all_files != NULL)
		add_all(app, options);
	return app_take_outputs(app, &options->common);
}
