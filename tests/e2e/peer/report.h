/* SPDX-License-Identifier: MIT */
/* What the peer saw and did, as one JSON object; and what is true, one line for each address or port. */
#ifndef PEER_REPORT_H
#define PEER_REPORT_H

#include <stdio.h>

#include "world.h"

void report_write(FILE *file, const struct world *world, long long device_dropped);

/* `what`: an address or network, perhaps with ":PORT". -1: it is neither. */
int report_truth(FILE *file, const struct world *world, const char *what);

#endif
