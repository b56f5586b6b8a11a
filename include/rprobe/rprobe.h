/* SPDX-License-Identifier: MIT */
/*
 * librprobe: send IPv4 probes by raw socket, match what comes back, measure the round trip.
 *
 * A program opens the sockets, drops its privileges, fills a config, opens a session on a loop and runs
 * the loop; the listener hears of everything that happens:
 *
 *     rp_sockets_open(&sockets, RP_SOCKETS_ICMP, &error);
 *     rp_privileges_drop();
 *     rp_targets_new(&targets);
 *     rp_targets_add(targets, "192.0.2.1", NULL);
 *     rp_config_init(&config, sizeof config, RP_PROBE_ICMP_ECHO);
 *     config.targets = targets;
 *     rp_loop_new(&loop);
 *     rp_session_open(&session, loop, sockets, &config, &listener, NULL);
 *     rp_loop_run(loop);
 *
 * Conventions. Functions that can fail return 0 or a positive answer, else a negative errno value; where
 * a struct rp_error is taken it is filled on failure and may be NULL. Nothing prints, exits or reads the
 * environment, and nothing starts a process unless its description says so. Every free and close takes NULL;
 * sessions, watches, timers, loops and sockets may be closed from any callback. Times are int64_t nanoseconds. One
 * thread per loop.
 */
#ifndef RPROBE_RPROBE_H
#define RPROBE_RPROBE_H

#include <rprobe/config.h>
#include <rprobe/event.h>
#include <rprobe/packet.h>
#include <rprobe/stats.h>
#include <rprobe/target.h>

#ifdef __cplusplus
extern "C" {
#endif

struct rp_sockets;
struct rp_loop;
struct rp_session;
struct rp_resolver;

/* The library's version, "MAJOR.MINOR.PATCH". */
const char *rp_version(void);

/* ---- privileges and sockets ------------------------------------------------------------------- */

enum rp_sockets_kind {
	RP_SOCKETS_ICMP = 1, /* send anything, receive ICMP */
	RP_SOCKETS_TCP = 2,  /* besides, receive TCP */
	/* Where raw sockets are not allowed, the kernel's unprivileged ICMP socket will do
	 * (net.ipv4.ping_group_range): it sends and receives ICMP echo only, without IP options. */
	RP_SOCKETS_DATAGRAM = 4,
};

/* Opens the raw sockets (kinds or-ed). They deliver nothing until a session installs its packet filter.
 * CAP_NET_RAW that is permitted but not effective is made effective; all others are lost then. -EPERM without it:
 * `error` says what keeps the process from having it. */
int rp_sockets_open(struct rp_sockets **sockets, unsigned kinds, struct rp_error *error);
void rp_sockets_close(struct rp_sockets *sockets);

/* Keeps CAP_NET_RAW alone in every capability set, returns to the invoking user after a set-user-ID
 * start, and sets no_new_privs. Call it once, after rp_sockets_open() and before foreign input is read. */
int rp_privileges_drop(void);

/* The same for root, who becomes this user and group, with no supplementary group: so files are opened as that user. */
int rp_privileges_drop_to(uint32_t user, uint32_t group);

/* Gives up, for good, every system call but those of a run: a session on a loop whose descriptors, files and libraries
 * are open already, the listener's writing to open descriptors, and the end of the process. The others
 * fail with ENOSYS; those that only an exploit would make, as execve(), end the process. Call it after
 * rp_privileges_drop(), before rp_loop_run(). -ENOSYS where this build or the kernel knows no such filter. */
int rp_sandbox(void);

/* ---- what is done ----------------------------------------------------------------------------- */

/* Every field at its documented default for that probe type. `size` is sizeof *config: later versions add fields at
 * the end, and take those that a program does not know at their defaults. */
void rp_config_init(struct rp_config *config, size_t size, enum rp_probe_type probe);

/* nmap's timing templates, 0 (paranoid) to 5 (insane): the fields from max_retries to silent_patience. */
void rp_config_timing(struct rp_config *config, unsigned level);

/* ---- the loop --------------------------------------------------------------------------------- */

int rp_loop_new(struct rp_loop **loop);

/* Sessions, watches and timers are to be closed before. In a callback it takes effect when the callback has
 * returned. */
void rp_loop_free(struct rp_loop *loop);

/* Runs until every session on the loop is done, or rp_loop_quit(); 0, or the error that ended it. A loop without
 * sessions runs until rp_loop_quit(). -EBUSY from a callback. */
int rp_loop_run(struct rp_loop *loop);
void rp_loop_quit(struct rp_loop *loop);

/* To run the loop inside another one: the descriptor is readable (POLLIN) when there is something to do, and then
 * rp_loop_dispatch() is to be called. It stays the loop's. */
int rp_loop_fd(struct rp_loop *loop);

/* Does what there is to do, a bounded part of it, and waits for it until that time (monotonic) at most; 0: without
 * waiting. 0, or the error with which all sessions on the loop have ended. -EBUSY from a callback. */
int rp_loop_dispatch(struct rp_loop *loop, int64_t until);

/* Watches a descriptor: `ready` is called while one of the events is there, of POLLIN and POLLOUT or-ed (poll(2));
 * POLLERR and POLLHUP are always among them. It is to be closed before the descriptor. -EEXIST the descriptor is
 * watched already, -EPERM it is one that is always ready. */
struct rp_watch;
int rp_loop_watch(struct rp_loop *loop, struct rp_watch **watch, int fd, unsigned events,
		  void (*ready)(void *user, unsigned events), void *user);
int rp_watch_set(struct rp_watch *watch, unsigned events);
void rp_watch_close(struct rp_watch *watch);

/* A timer that expires once, at the time that it is set for (monotonic; INT64_MAX: never, as at first). One that is
 * due already expires with the next turn of the loop. Each is looked at in every turn: they are meant for tens, not
 * for thousands. */
struct rp_timer;
int rp_loop_timer(struct rp_loop *loop, struct rp_timer **timer, void (*expired)(void *user, int64_t now), void *user);
void rp_timer_set(struct rp_timer *timer, int64_t when);
void rp_timer_close(struct rp_timer *timer);

/* Blocks these signals in the calling thread, and has the loop call `handler` for each that comes. All or, with an
 * error, none is taken: -EINVAL no such signal, -ENOSPC there are more than the loop has room for. No other function
 * of the library touches signals. */
int rp_loop_signals(struct rp_loop *loop, const int *signals, size_t count, void (*handler)(void *user, int signal),
		    void *user);

/* ---- names -------------------------------------------------------------------------------------- */

/* What a lookup found; all of it lives until the callback returns. */
struct rp_found {
	const char *name;                /* as it was asked */
	const char *canonical;           /* its canonical name */
	const struct rp_addr *addresses; /* in the name server's order */
	unsigned count;                  /* 0: none was found, and the next two say why */
	int error;                       /* as of rp_targets_add() */
	const char *why;                 /* in the words of the system's resolver */
};

/* Looks names up now, several side by side in a child process that has ended when it returns, and calls `found` for
 * each, in their order: `why` is a sentence that names the name. -ENOMEM. */
int rp_resolver_look_up(const char *const *names, size_t count,
			void (*found)(void *user, size_t index, const struct rp_found *found), void *user);

/* Prepares lookups that nobody waits for while a loop runs: a child process, which is started now, asks the system's
 * resolver. It has no capability and no descriptor of this process, and takes no signals. The loop is borrowed. */
int rp_resolver_open(struct rp_resolver **names, struct rp_loop *loop, struct rp_error *error);
void rp_resolver_close(struct rp_resolver *names);

/* The name of an address, NULL while it is not known: the first call asks. It has the form of a hostname, and lives
 * until the next call. Some 250 addresses are remembered. */
const char *rp_resolver_of(struct rp_resolver *names, struct rp_addr address);

/* Asks for the addresses of a name after `delay`, and calls `found`. While that returns true it asks again, `every`
 * ns after the last answer; 0: once only. `found` may be called before this function returns, and must not close the
 * names. `name` is copied. */
int rp_resolver_find(struct rp_resolver *names, const char *name, int64_t delay, int64_t every,
		     bool (*found)(void *user, const struct rp_found *found), void *user);

/* Runs the loop until every question under way is answered, no longer than `patience`. */
int rp_resolver_settle(struct rp_resolver *names, int64_t patience);

/* ---- the session ------------------------------------------------------------------------------ */

/* Who hears of everything that happens. */
struct rp_listener {
	void (*event)(void *user, const struct rp_event *event);
	void *user;
};

/* Checks the config, finds the source address, installs the packet filter and joins the loop; the first probe leaves
 * when the loop runs. Copies `config` and `listener`; borrows what they point to. Several sessions may be on one
 * loop, each with sockets of its own: -EBUSY those are in use. -EINVAL the config contradicts itself, or was not
 * made by rp_config_init(), -E2BIG more hosts and ports than one scan holds, -ENODEV no such interface,
 * -EADDRNOTAVAIL the source is no address of this host, -EADDRINUSE the source port, or the identifier of a datagram
 * socket, is taken; -EOPNOTSUPP the datagram socket cannot do what the config asks for; -ENETUNREACH, -EHOSTUNREACH
 * and -EACCES the kernel has no way to the first target (the others are not tried). */
int rp_session_open(struct rp_session **session, struct rp_loop *loop, struct rp_sockets *sockets,
		    const struct rp_config *config, const struct rp_listener *listener, struct rp_error *error);

/* In a callback of the session it takes effect when the callback has returned, and what the session borrows must
 * live until then. No event follows. */
void rp_session_close(struct rp_session *session);

/* Ends the run now: probes in flight stay in flight, RP_EVENT_DONE follows. */
void rp_session_stop(struct rp_session *session);

/* The statistics of one target, or of the whole run when `target` is RP_ALL_TARGETS. In a scan of more than 65536
 * targets none has statistics of its own: they stay empty, with nothing sent. */
#define RP_ALL_TARGETS UINT32_MAX
void rp_session_stats(const struct rp_session *session, uint32_t target, struct rp_stats *stats);

/* The statistics of one port of a target, in a series over TCP. Empty where there are more than 65536 of them. */
void rp_session_port_stats(const struct rp_session *session, uint32_t target, uint16_t port, struct rp_stats *stats);

/* The round trips of one target, or of the whole run, as those buckets that hold any, in ascending order: how many
 * there are, of which the first `room` are written. 0 where none are kept (rp_stats.detailed). */
size_t rp_session_histogram(const struct rp_session *session, uint32_t target, struct rp_bucket *buckets, size_t room);

/* The time as the session's events show it: the next one's `time` and `wall` are no less than these. */
struct rp_stamp rp_session_time(struct rp_session *session);

/* What a person should know of a session that could be opened all the same. */
enum rp_session_note {
	RP_NOTE_BROADCAST = 1,    /* the only target is a broadcast address */
	RP_NOTE_SOURCE = 2,       /* the source towards it is no address of the interface that was asked for */
	RP_NOTE_MARK = 4,         /* the kernel does not allow the mark: packets have none */
	RP_NOTE_FEW_PORTS = 1024, /* few source ports for a fast series of TCP probes: its loss may show too high */
	/* What this kernel refuses, or a sandbox, and what is done instead. */
	RP_NOTE_NO_FILTER = 8,            /* packet filters: the program looks at every packet of this host itself */
	RP_NOTE_NO_DEPARTURE_STAMPS = 16, /* time stamps of what is sent: the user's clock */
	RP_NOTE_NO_ARRIVAL_STAMPS = 32,   /* time stamps of what arrives: the user's clock */
	RP_NOTE_NO_DROP_COUNT = 64,       /* to count what it drops because our buffer is full: it is lost */
	RP_NOTE_NO_QUEUE_ERRORS = 128,    /* to report a full queue: a packet that it drops is lost */
	RP_NOTE_NO_BUFFER = 256,          /* larger buffers: its own stay */
	RP_NOTE_NO_PRIORITY = 512, /* the type of service of a socket: rules and queues of this host do not see it */
};

/* These notes, or-ed. */
unsigned rp_session_notes(const struct rp_session *session);

/* The path that the session's packets take: "raw", or "datagram" of RP_SOCKETS_DATAGRAM. */
const char *rp_session_path(const struct rp_session *session);

/* The source address of probes to a target (RP_FAMILY_NONE: the kernel fills it in). */
struct rp_addr rp_session_source(const struct rp_session *session, uint32_t target);

#ifdef __cplusplus
}
#endif

#endif
