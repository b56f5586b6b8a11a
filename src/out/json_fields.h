/* SPDX-License-Identifier: MIT */
/* Fields of the JSON lines. Each put adds one; after a failure jansson ignores further ones, and so does a NULL
 * object. */
#ifndef OUT_JSON_FIELDS_H
#define OUT_JSON_FIELDS_H

#include <jansson.h>

#include "out/out.h"

/* A line: what every line has; and its end, which adds it to the text and frees it. */
json_t *json_new_line(const char *event, int64_t wall);
void json_end_line(json_t *line, struct strbuf *text);

void json_put_integer(json_t *line, const char *key, int64_t value);
void json_put_true(json_t *line, const char *key, bool value); /* nothing for false */

/* Text of any bytes: what is not UTF-8 is escaped; NULL is null. */
void json_put_text(json_t *line, const char *key, const char *value);

/* Nanoseconds, as they are or in milliseconds; RP_TIME_NONE is null, or nothing for a "known" one. */
void json_put_time(json_t *line, const char *key, int64_t value);
void json_put_known_time(json_t *line, const char *key, int64_t value);
void json_put_ms(json_t *line, const char *key, int64_t value);

/* An address as text, of no family null; a port's service, nothing where it has none. */
void json_put_address(json_t *line, const char *key, struct rp_addr value);
void json_put_service(json_t *line, uint16_t port);

/* Whom a line is about; the address where the index is no target's. */
void json_put_target(json_t *line, const struct out_run *run, uint32_t index, struct rp_addr address);

/* What a packet says of its header; NULL: a null ttl, and nothing else. */
void json_put_ttl(json_t *line, const struct rp_packet *packet);
void json_put_tcp(json_t *line, const struct rp_packet *packet);
void json_put_icmp(json_t *line, const struct rp_packet *packet);

/* The counters and round trips of a target or run, and what only a series has. */
void json_put_counts(json_t *line, const struct rp_stats *stats);
void json_put_series(json_t *line, const struct rp_stats *stats);
/* A list of the words of these bits; nothing for none. */
void json_put_bits(json_t *line, const char *key, unsigned bits, const char *(*word)(unsigned bit));

#endif
