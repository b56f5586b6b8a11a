/* SPDX-License-Identifier: MIT */
/* Whose ports are which: hides whether all targets have the same. */
#include <stdlib.h>

#include <rprobe/rprobe.h>

const struct rp_ports *rp_ports_of(const struct rp_config *config, uint32_t target)
{
	return config->ports_of != NULL ? config->ports_of[target] : config->ports;
}

uint64_t *rp_ports_rows(const struct rp_config *config)
{
	uint32_t targets = rp_targets_count(config->targets);
	uint64_t *rows = malloc(((size_t)targets + 1) * sizeof *rows);
	uint64_t row = 0;

	for (uint32_t i = 0; rows != NULL && i <= targets; i++) {
		rows[i] = row;
		if (i < targets)
			row += config->probe == RP_PROBE_TCP_SYN ? rp_ports_count(rp_ports_of(config, i)) : 1;
	}
	return rows;
}
