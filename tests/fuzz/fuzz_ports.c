/* SPDX-License-Identifier: MIT */
/* Sets of ports: in order, without repetition, and the same when written out and read again. */
#include "fuzz.h"

#include <errno.h>

#include <rprobe/rprobe.h>

#include "base/strbuf.h"

/* As numbers, or as ranges. */
static void write_ports(struct strbuf *text, const struct rp_ports *ports, bool ranges)
{
	uint32_t count = rp_ports_count(ports);

	for (uint32_t i = 0; i < count; i++) {
		uint32_t last = i;

		while (ranges && last + 1 < count && rp_ports_at(ports, last + 1) == rp_ports_at(ports, last) + 1)
			last++;
		strbuf_addf(text, "%s%u", i > 0 ? "," : "", rp_ports_at(ports, i));
		if (last > i)
			strbuf_addf(text, "-%u", rp_ports_at(ports, last));
		i = last;
	}
}

static void check_again(const struct rp_ports *ports, bool ranges)
{
	struct rp_ports *again = NULL;
	struct strbuf text;

	strbuf_init(&text);
	write_ports(&text, ports, ranges);
	check(!text.failed && rp_ports_parse(&again, text.text, NULL) == 0);
	check(rp_ports_count(again) == rp_ports_count(ports));
	for (uint32_t i = 0; i < rp_ports_count(ports); i++)
		check(rp_ports_at(again, i) == rp_ports_at(ports, i));
	rp_ports_free(again);
	strbuf_fini(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	char *text = fuzz_text(bytes, length);
	struct rp_ports *ports = NULL;
	struct rp_error error = {""};
	int result = rp_ports_parse(&ports, text, &error);

	if (result < 0) {
		check(result == -EINVAL && ports == NULL);
		fuzz_check_sentence(error.text);
		check(rp_ports_parse(&ports, text, NULL) == -EINVAL);
	} else {
		check(result == 0 && rp_ports_count(ports) > 0 && rp_ports_count(ports) <= 65536);
		for (uint32_t i = 1; i < rp_ports_count(ports); i++)
			check(rp_ports_at(ports, i) > rp_ports_at(ports, i - 1));
		check_again(ports, true);
		if (rp_ports_count(ports) <= 512)
			check_again(ports, false);
	}
	rp_ports_free(ports);
	free(text);
	return 0;
}
