/* SPDX-License-Identifier: MIT */
/* The round trip of a datagram in fragments begins when the first of them leaves. */
#include "io/frag.h"

void frag_begin(struct frag *fragments, const struct rawsock_outgoing *whole, size_t mtu, uint16_t identification)
{
	fragments->cut = fragmenter_of(whole->bytes, whole->length,
				       mtu < sizeof fragments->packet ? mtu : sizeof fragments->packet, identification);
	fragments->next = (struct rawsock_outgoing){
		.destination = whole->destination, .bytes = fragments->packet, .timed = whole->timed};
	fragments->begun = false;
}

int frag_send(struct frag *fragments, struct rp_sockets *sockets, uint32_t *id)
{
	for (;;) {
		if (fragments->next.length == 0)
			fragments->next.length = fragmenter_next(&fragments->cut, fragments->packet);
		if (fragments->next.length == 0)
			break;
		int sent = rawsock_send(sockets, &fragments->next, 1);
		if (sent < 0)
			return sent;
		if (!fragments->begun)
			fragments->first_id = fragments->next.id;
		fragments->begun = true;
		fragments->next.timed = false;
		fragments->next.length = 0;
	}
	*id = fragments->first_id;
	return 1;
}
