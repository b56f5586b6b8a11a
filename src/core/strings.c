/* SPDX-License-Identifier: MIT */
/*
 * The words for the values in an event, as every output prints them: nmap's where nmap has one. They are
 * part of the machine-readable formats, so they never change. A value out of range is "?".
 */
#include <rprobe/event.h>

const char *rp_event_name(enum rp_event_kind kind)
{
	static const char *const names[] = {
		[RP_EVENT_SENT] = "sent",
		[RP_EVENT_UNSENT] = "unsent",
		[RP_EVENT_REPLY] = "reply",
		[RP_EVENT_DUPLICATE] = "duplicate",
		[RP_EVENT_REPEATED] = "repeated",
		[RP_EVENT_LATE] = "late",
		[RP_EVENT_ERROR] = "error",
		[RP_EVENT_OVERDUE] = "overdue",
		[RP_EVENT_TIMEOUT] = "timeout",
		[RP_EVENT_OUTAGE] = "outage",
		[RP_EVENT_SUSPECT] = "suspect",
		[RP_EVENT_PORT] = "port",
		[RP_EVENT_HOST] = "host",
		[RP_EVENT_ADDRESS] = "address",
		[RP_EVENT_DONE] = "done",
	};

	return (size_t)kind < sizeof names / sizeof *names ? names[kind] : "?";
}

const char *rp_state_name(enum rp_state state)
{
	switch (state) {
	case RP_STATE_UNKNOWN:
		return "unknown";
	case RP_STATE_OPEN:
		return "open";
	case RP_STATE_CLOSED:
		return "closed";
	case RP_STATE_FILTERED:
		return "filtered";
	}
	return "?";
}

const char *rp_reason_name(enum rp_reason reason)
{
	switch (reason) {
	case RP_REASON_NONE:
		return "none";
	case RP_REASON_SYN_ACK:
		return "syn-ack";
	case RP_REASON_ACK:
		return "ack";
	case RP_REASON_RESET:
		return "reset";
	case RP_REASON_NO_RESPONSE:
		return "no-response";
	case RP_REASON_NET_UNREACH:
		return "net-unreach";
	case RP_REASON_HOST_UNREACH:
		return "host-unreach";
	case RP_REASON_PROTO_UNREACH:
		return "proto-unreach";
	case RP_REASON_PORT_UNREACH:
		return "port-unreach";
	case RP_REASON_NET_PROHIBITED:
		return "net-prohibited";
	case RP_REASON_HOST_PROHIBITED:
		return "host-prohibited";
	case RP_REASON_ADMIN_PROHIBITED:
		return "admin-prohibited";
	case RP_REASON_TIME_EXCEEDED:
		return "time-exceeded";
	case RP_REASON_PARAM_PROBLEM:
		return "param-prob";
	case RP_REASON_SOURCE_QUENCH:
		return "source-quench";
	case RP_REASON_FRAGMENTATION_NEEDED:
		return "frag-needed";
	case RP_REASON_SOURCE_ROUTE_FAILED:
		return "source-route-failed";
	case RP_REASON_NET_UNKNOWN:
		return "net-unknown";
	case RP_REASON_HOST_UNKNOWN:
		return "host-unknown";
	case RP_REASON_SOURCE_ISOLATED:
		return "source-isolated";
	case RP_REASON_NET_UNREACH_TOS:
		return "net-unreach-tos";
	case RP_REASON_HOST_UNREACH_TOS:
		return "host-unreach-tos";
	case RP_REASON_PRECEDENCE_VIOLATION:
		return "precedence-violation";
	case RP_REASON_PRECEDENCE_CUTOFF:
		return "precedence-cutoff";
	case RP_REASON_DEST_UNREACH:
		return "dest-unreach";
	case RP_REASON_REDIRECT:
		return "redirect";
	case RP_REASON_HOST_TIMEOUT:
		return "host-timeout";
	case RP_REASON_SEND_FAILED:
		return "send-failed";
	case RP_REASON_NO_ADDRESS:
		return "no-address";
	case RP_REASON_BAD_TARGET:
		return "bad-target";
	}
	return "?";
}

const char *rp_suspicion_name(enum rp_suspicion suspicion)
{
	switch (suspicion) {
	case RP_SUSPECT_NONE:
		return "none";
	case RP_SUSPECT_CHECKSUM:
		return "checksum";
	case RP_SUSPECT_TRUNCATED:
		return "truncated";
	case RP_SUSPECT_MALFORMED:
		return "malformed";
	case RP_SUSPECT_COOKIE:
		return "cookie";
	case RP_SUSPECT_ACKNOWLEDGMENT:
		return "acknowledgment";
	case RP_SUSPECT_SOURCE:
		return "source";
	case RP_SUSPECT_NEVER_SENT:
		return "never-sent";
	case RP_SUSPECT_QUOTE:
		return "quote";
	case RP_SUSPECT_UNVERIFIED:
		return "unverified";
	case RP_SUSPECT_FLAGS:
		return "flags";
	case RP_SUSPECT_UNPROVEN:
		return "unproven";
	case RP_SUSPECT_CHALLENGE:
		return "challenge-ack";
	case RP_SUSPECT_FORGOTTEN:
		return "forgotten";
	}
	return "?";
}

const char *rp_remark_name(enum rp_remark remark)
{
	switch (remark) {
	case RP_REMARK_CHALLENGED:
		return "challenge-ack";
	case RP_REMARK_BARE_RESET:
		return "bare-reset";
	case RP_REMARK_BARE_SYN:
		return "bare-syn";
	case RP_REMARK_UNVERIFIED:
		return "unverified-error";
	case RP_REMARK_SHORT_ACK:
		return "short-ack";
	case RP_REMARK_REDIRECT:
		return "redirect";
	case RP_REMARK_SOURCE_QUENCH:
		return "source-quench";
	case RP_REMARK_SYN_RESET:
		return "syn-ack-reset";
	case RP_REMARK_MAYBE_REPEATED:
		return "maybe-repeated";
	}
	return "?";
}

const char *rp_finding_name(enum rp_finding finding)
{
	switch (finding) {
	case RP_FINDING_ANSWERS_EVERYTHING:
		return "answers-everything";
	case RP_FINDING_EMPTY_SYN_ACKS:
		return "empty-syn-acks";
	case RP_FINDING_ICMP_LIMITED:
		return "icmp-rate-limited";
	case RP_FINDING_RST_LIMITED:
		return "rst-rate-limited";
	case RP_FINDING_ONE_MAKE:
		return "one-make";
	case RP_FINDING_MIXED_TTLS:
		return "mixed-ttls";
	case RP_FINDING_MAYBE_CLOSED:
		return "maybe-closed";
	case RP_FINDING_BANNED:
		return "likely-banned";
	}
	return "?";
}

const char *rp_clock_name(enum rp_clock clock)
{
	switch (clock) {
	case RP_CLOCK_HARDWARE:
		return "hardware";
	case RP_CLOCK_KERNEL:
		return "kernel";
	case RP_CLOCK_USER:
		return "user";
	}
	return "?";
}

const char *rp_end_name(enum rp_end end)
{
	switch (end) {
	case RP_END_COMPLETE:
		return "complete";
	case RP_END_DEADLINE:
		return "deadline";
	case RP_END_STOPPED:
		return "stopped";
	case RP_END_ERROR:
		return "error";
	case RP_END_REACHED:
		return "reached";
	case RP_END_ERRORS:
		return "too-many-errors";
	}
	return "?";
}
