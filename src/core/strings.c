/* SPDX-License-Identifier: MIT */
/*
 * The words for the values in an event, as every output prints them: nmap's where nmap has one. They are
 * part of the machine-readable formats, so they never change. A value out of range is "?".
 */
#include <rprobe/event.h>

#include <stddef.h>

#define COUNT(words) (sizeof(words) / sizeof(words)[0])

static const char *word(const char *const *words, size_t count, size_t value)
{
	return value < count && words[value] != NULL ? words[value] : "?";
}

/* Of the value of one bit. */
static const char *bit_word(const char *const *words, size_t count, unsigned bit)
{
	size_t place = 0;

	while (place < count && bit != 1u << place)
		place++;
	return word(words, count, place);
}

const char *rp_event_name(enum rp_event_kind kind)
{
	static const char *const words[] = {
		[RP_EVENT_SENT] = "sent",           [RP_EVENT_UNSENT] = "unsent",     [RP_EVENT_REPLY] = "reply",
		[RP_EVENT_DUPLICATE] = "duplicate", [RP_EVENT_REPEATED] = "repeated", [RP_EVENT_LATE] = "late",
		[RP_EVENT_ERROR] = "error",         [RP_EVENT_OVERDUE] = "overdue",   [RP_EVENT_TIMEOUT] = "timeout",
		[RP_EVENT_OUTAGE] = "outage",       [RP_EVENT_SUSPECT] = "suspect",   [RP_EVENT_PORT] = "port",
		[RP_EVENT_HOST] = "host",           [RP_EVENT_ADDRESS] = "address",   [RP_EVENT_DONE] = "done"};

	return word(words, COUNT(words), kind);
}

const char *rp_state_name(enum rp_state state)
{
	static const char *const words[] = {[RP_STATE_UNKNOWN] = "unknown",
					    [RP_STATE_OPEN] = "open",
					    [RP_STATE_CLOSED] = "closed",
					    [RP_STATE_FILTERED] = "filtered"};

	return word(words, COUNT(words), state);
}

const char *rp_reason_name(enum rp_reason reason)
{
	static const char *const words[] = {[RP_REASON_NONE] = "none",
					    [RP_REASON_SYN_ACK] = "syn-ack",
					    [RP_REASON_ACK] = "ack",
					    [RP_REASON_RESET] = "reset",
					    [RP_REASON_NO_RESPONSE] = "no-response",
					    [RP_REASON_NET_UNREACH] = "net-unreach",
					    [RP_REASON_HOST_UNREACH] = "host-unreach",
					    [RP_REASON_PROTO_UNREACH] = "proto-unreach",
					    [RP_REASON_PORT_UNREACH] = "port-unreach",
					    [RP_REASON_NET_PROHIBITED] = "net-prohibited",
					    [RP_REASON_HOST_PROHIBITED] = "host-prohibited",
					    [RP_REASON_ADMIN_PROHIBITED] = "admin-prohibited",
					    [RP_REASON_TIME_EXCEEDED] = "time-exceeded",
					    [RP_REASON_PARAM_PROBLEM] = "param-prob",
					    [RP_REASON_SOURCE_QUENCH] = "source-quench",
					    [RP_REASON_FRAGMENTATION_NEEDED] = "frag-needed",
					    [RP_REASON_SOURCE_ROUTE_FAILED] = "source-route-failed",
					    [RP_REASON_NET_UNKNOWN] = "net-unknown",
					    [RP_REASON_HOST_UNKNOWN] = "host-unknown",
					    [RP_REASON_SOURCE_ISOLATED] = "source-isolated",
					    [RP_REASON_NET_UNREACH_TOS] = "net-unreach-tos",
					    [RP_REASON_HOST_UNREACH_TOS] = "host-unreach-tos",
					    [RP_REASON_PRECEDENCE_VIOLATION] = "precedence-violation",
					    [RP_REASON_PRECEDENCE_CUTOFF] = "precedence-cutoff",
					    [RP_REASON_DEST_UNREACH] = "dest-unreach",
					    [RP_REASON_REDIRECT] = "redirect",
					    [RP_REASON_HOST_TIMEOUT] = "host-timeout",
					    [RP_REASON_SEND_FAILED] = "send-failed",
					    [RP_REASON_NO_ADDRESS] = "no-address",
					    [RP_REASON_BAD_TARGET] = "bad-target"};

	return word(words, COUNT(words), reason);
}

const char *rp_suspicion_name(enum rp_suspicion suspicion)
{
	static const char *const words[] = {[RP_SUSPECT_NONE] = "none",
					    [RP_SUSPECT_CHECKSUM] = "checksum",
					    [RP_SUSPECT_TRUNCATED] = "truncated",
					    [RP_SUSPECT_MALFORMED] = "malformed",
					    [RP_SUSPECT_COOKIE] = "cookie",
					    [RP_SUSPECT_ACKNOWLEDGMENT] = "acknowledgment",
					    [RP_SUSPECT_SOURCE] = "source",
					    [RP_SUSPECT_NEVER_SENT] = "never-sent",
					    [RP_SUSPECT_QUOTE] = "quote",
					    [RP_SUSPECT_UNVERIFIED] = "unverified",
					    [RP_SUSPECT_FLAGS] = "flags",
					    [RP_SUSPECT_UNPROVEN] = "unproven",
					    [RP_SUSPECT_CHALLENGE] = "challenge-ack",
					    [RP_SUSPECT_FORGOTTEN] = "forgotten"};

	return word(words, COUNT(words), suspicion);
}

const char *rp_remark_name(enum rp_remark remark)
{
	static const char *const words[] = {"challenge-ack",  "bare-reset",        "bare-syn",      "unverified-error",
					    "short-ack",      "redirect",          "source-quench", "syn-ack-reset",
					    "maybe-repeated", "untranslated-quote"};

	return bit_word(words, COUNT(words), remark);
}

const char *rp_finding_name(enum rp_finding finding)
{
	static const char *const words[] = {"answers-everything", "empty-syn-acks", "icmp-rate-limited",
					    "rst-rate-limited",   "one-make",       "mixed-ttls",
					    "maybe-closed",       "likely-banned"};

	return bit_word(words, COUNT(words), finding);
}

const char *rp_clock_name(enum rp_clock clock)
{
	static const char *const words[] = {
		[RP_CLOCK_HARDWARE] = "hardware", [RP_CLOCK_KERNEL] = "kernel", [RP_CLOCK_USER] = "user"};

	return word(words, COUNT(words), clock);
}

const char *rp_end_name(enum rp_end end)
{
	static const char *const words[] = {
		[RP_END_COMPLETE] = "complete", [RP_END_DEADLINE] = "deadline", [RP_END_STOPPED] = "stopped",
		[RP_END_ERROR] = "error",       [RP_END_REACHED] = "reached",   [RP_END_ERRORS] = "too-many-errors"};

	return word(words, COUNT(words), end);
}
