/* SPDX-License-Identifier: MIT */
/* What came of a run, for whoever asks: the counters of a target or a port, with the run of loss that goes on. */
#include "core/state.h"

static void read_stats(const struct stats *kept, struct rp_stats *stats)
{
	struct stats none;

	stats_init(&none, NULL);
	stats_read(kept != NULL ? kept : &none, stats);
}

static const struct stats *stats_of_target(const struct session *session, uint32_t target)
{
	if (target == RP_ALL_TARGETS)
		return &session->total;
	return session->targets != NULL && target < session->target_count ? &session->targets[target] : NULL;
}

size_t session_histogram(const struct session *session, uint32_t target, struct rp_bucket *buckets, size_t room)
{
	const struct stats *kept = stats_of_target(session, target);

	return kept != NULL && kept->detail != NULL ? histogram_buckets(&kept->detail->histogram, buckets, room) : 0;
}

void session_stats(const struct session *session, uint32_t target, struct rp_stats *stats)
{
	bool all = target == RP_ALL_TARGETS;

	read_stats(stats_of_target(session, target), stats);
	/* Only one series has a run of loss that goes on. */
	if (session->port_count > 1 || (all && session->target_count > 1))
		return;
	const struct rp_ports *ports = rp_grid_ports(session->grid, all ? 0 : target);
	if (rp_ports_count(ports) > 0)
		session_series_read(session, rp_grid_number(session->grid, all ? 0 : target, rp_ports_at(ports, 0)),
				    stats);
}

void session_port_stats(const struct session *session, uint32_t target, uint16_t port, struct rp_stats *stats)
{
	if (session->port_count == 1) {
		session_stats(session, target, stats);
		return;
	}
	const struct stats *kept = session_stats_of_port(session, target, port);
	read_stats(kept, stats);
	if (kept != NULL)
		session_series_read(session, kept - session->pairs, stats);
}
