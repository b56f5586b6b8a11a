/* SPDX-License-Identifier: MIT */
/* What a run is asked for, by octets: any config that io/config would let pass, as far as the engine is concerned. */
#ifndef TESTS_FUZZ_WISH_H
#define TESTS_FUZZ_WISH_H

#include <rprobe/rprobe.h>

#include "base/bytes.h"

/* Fills a zeroed config; bytes that are missing count as 0. At most LEDGER_TARGETS targets and LEDGER_PORTS ports. */
void wish_take(struct rp_config *config, struct reader *input);
void wish_free(struct rp_config *config);

#endif
