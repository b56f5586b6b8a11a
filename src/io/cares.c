/* SPDX-License-Identifier: MIT */
/* Hides c-ares: its function addresses, its options, its kinds of answers and errors. */
#include "io/cares.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#define CARES_NO_DEPRECATED
#include <ares.h>

#include "base/dlopen_note.h"
#include "base/ns.h"
#include "io/gai.h"

#define FUNCTIONS(X)                                                                                                   \
	X(ares_library_init)                                                                                           \
	X(ares_init_options)                                                                                           \
	X(ares_destroy)                                                                                                \
	X(ares_process_fd)                                                                                             \
	X(ares_timeout)                                                                                                \
	X(ares_gethostbyaddr)                                                                                          \
	X(ares_getaddrinfo)                                                                                            \
	X(ares_freeaddrinfo)

/* A lost datagram costs a second and not the default's five: nobody but the question waits for the answer. Tries of
 * one, two and four seconds outlast a slow server. */
#define TRY_MS 1000
#define TRIES  3

#define ADDRESSES_MAX 16

struct cares {
	void *library;
	ares_channel channel;
	int epoll_fd;
#define FIELD(name) __typeof__(&name) name;
	FUNCTIONS(FIELD)
#undef FIELD
};

/* A question under way. */
struct question {
	struct cares *cares;
	char *name; /* owned; NULL: it asks for one */
	void (*give_name)(void *user, const char *name);
	void (*give_addresses)(void *user, const struct rp_found *found);
	void *user;
};

/* POSIX has function addresses fit into a data pointer, ISO C has no cast for it. */
static int find(const struct cares *cares, const char *name, void *function)
{
	void *address = dlsym(cares->library, name);

	*(void **)function = address;
	return address ? 0 : -ELIBACC;
}

DLOPEN_NOTE(
	"[{\"feature\":\"names\",\"description\":\"Look names up while probes are sent\",\"priority\":\"recommended\","
	"\"soname\":[\"libcares.so.2\"]}]");

/* It keeps state of its own for the process's life, so it stays. */
static int load(struct cares *cares)
{
	int error = 0;

	cares->library = dlopen("libcares.so.2", RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
	if (!cares->library)
		return -ELIBACC;
#define FIND(name)                                                                                                     \
	if (error == 0)                                                                                                \
		error = find(cares, #name, &cares->name);
	FUNCTIONS(FIND)
#undef FIND
	return error;
}

/* What c-ares wants to know of a socket has changed; it is told before it is closed. */
static void watch_socket(void *user, ares_socket_t fd, int readable, int writable)
{
	const struct cares *cares = user;
	struct epoll_event event = {.events = (readable ? EPOLLIN : 0u) | (writable ? EPOLLOUT : 0u), .data.fd = fd};

	if (!readable && !writable)
		epoll_ctl(cares->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
	else if (epoll_ctl(cares->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0 && errno == EEXIST)
		epoll_ctl(cares->epoll_fd, EPOLL_CTL_MOD, fd, &event);
}

static int open_channel(struct cares *cares)
{
	/* HOSTALIASES in the environment would have us read any file. */
	struct ares_options options = {.flags = ARES_FLAG_NOALIASES,
				       .timeout = TRY_MS,
				       .tries = TRIES,
				       .sock_state_cb = watch_socket,
				       .sock_state_cb_data = cares};

	switch (cares->ares_init_options(&cares->channel, &options,
					 ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES |
						 ARES_OPT_SOCK_STATE_CB)) {
	case ARES_SUCCESS:
		return 0;
	case ARES_EFILE:
		return -EIO;
	default: /* foreign codes */
		return -ENOMEM;
	}
}

int cares_open(struct cares **result, int epoll_fd)
{
	struct cares *cares = calloc(1, sizeof *cares);
	int error;

	if (!cares)
		return -ENOMEM;
	cares->epoll_fd = epoll_fd;
	error = load(cares);
	if (error == 0 && cares->ares_library_init(ARES_LIB_INIT_ALL) != ARES_SUCCESS)
		error = -ENOMEM;
	if (error == 0)
		error = open_channel(cares);
	if (error < 0) {
		cares_close(cares);
		return error;
	}
	*result = cares;
	return 0;
}

/* The old settings are better than none. */
void cares_renew(struct cares *cares)
{
	ares_channel before = cares->channel;

	if (open_channel(cares) == 0)
		cares->ares_destroy(before);
	else
		cares->channel = before;
}

void cares_close(struct cares *cares)
{
	if (!cares)
		return;
	if (cares->channel)
		cares->ares_destroy(cares->channel);
	if (cares->library)
		dlclose(cares->library);
	free(cares);
}

void cares_ready(struct cares *cares, int fd, uint32_t events)
{
	ares_socket_t readable = events & (EPOLLIN | EPOLLERR | EPOLLHUP) ? fd : ARES_SOCKET_BAD;

	cares->ares_process_fd(cares->channel, readable, events & EPOLLOUT ? fd : ARES_SOCKET_BAD);
}

int64_t cares_patience(struct cares *cares)
{
	struct timeval time;

	if (!cares->ares_timeout(cares->channel, NULL, &time))
		return INT64_MAX;
	return time.tv_sec * NS_PER_S + time.tv_usec * NS_PER_US;
}

/* ---- questions -------------------------------------------------------------------------------- */

static void question_free(struct question *question)
{
	free(question->name);
	free(question);
}

static void take_name(void *user, int status, int timeouts, struct hostent *host)
{
	struct question *question = user;

	(void)timeouts;
	question->give_name(question->user, status == ARES_SUCCESS && host ? host->h_name : NULL);
	question_free(question);
}

void cares_ask_name(struct cares *cares, struct rp_addr address, void (*answer)(void *user, const char *name),
		    void *user)
{
	const struct in_addr value = {.s_addr = htonl(rp_addr_ipv4_value(address))};
	struct question *question = calloc(1, sizeof *question);

	if (!question) {
		answer(user, NULL);
		return;
	}
	*question = (struct question){.cares = cares, .give_name = answer, .user = user};
	cares->ares_gethostbyaddr(cares->channel, &value, sizeof value, AF_INET, take_name, question);
}

/* In the words of the system's resolver. */
static void set_error(struct rp_found *found, int status)
{
	int code = EAI_AGAIN;

	found->error = -EAGAIN;
	switch (status) {
	case ARES_ENOTFOUND:
	case ARES_ENONAME:
	case ARES_EBADNAME:
		found->error = -ENOENT;
		code = EAI_NONAME;
		break;
	case ARES_ENODATA:
	case ARES_SUCCESS: /* but no IPv4 address */
		found->error = -EAFNOSUPPORT;
		code = EAI_NODATA;
		break;
	case ARES_ENOMEM:
		found->error = -ENOMEM;
		code = EAI_MEMORY;
		break;
	case ARES_EDESTRUCTION:
	case ARES_ECANCELLED:
		found->error = -ECANCELED;
		break;
	default: /* the servers failed, refused or are silent */
		break;
	}
	found->why = gai_strerror(code);
}

static unsigned read_addresses(const struct ares_addrinfo *info, struct rp_addr addresses[ADDRESSES_MAX])
{
	unsigned count = 0;

	for (const struct ares_addrinfo_node *node = info->nodes; node && count < ADDRESSES_MAX; node = node->ai_next) {
		if (node->ai_family == AF_INET)
			addresses[count++] = gai_address(node->ai_addr);
	}
	return count;
}

static void take_addresses(void *user, int status, int timeouts, struct ares_addrinfo *info)
{
	struct question *question = user;
	struct rp_addr addresses[ADDRESSES_MAX];
	struct rp_found found = {.name = question->name, .canonical = question->name, .addresses = addresses};

	(void)timeouts;
	if (status == ARES_SUCCESS) {
		found.count = read_addresses(info, addresses);
		if (info->name)
			found.canonical = info->name;
		for (const struct ares_addrinfo_cname *alias = info->cnames; alias; alias = alias->next)
			if (alias->name)
				found.canonical = alias->name;
	}
	if (found.count == 0)
		set_error(&found, status);
	question->give_addresses(question->user, &found);
	if (info)
		question->cares->ares_freeaddrinfo(info);
	question_free(question);
}

void cares_ask_addresses(struct cares *cares, const char *name,
			 void (*answer)(void *user, const struct rp_found *found), void *user)
{
	/* In the servers' order: sorting would ask the kernel for a route to each address. */
	const struct ares_addrinfo_hints hints = {.ai_flags = ARES_AI_CANONNAME | ARES_AI_NOSORT, .ai_family = AF_INET};
	struct question *question = calloc(1, sizeof *question);
	char *copy = question ? strdup(name) : NULL;

	if (!copy) {
		free(question);
		answer(user, &(struct rp_found){.name = name, .error = -ENOMEM, .why = gai_strerror(EAI_MEMORY)});
		return;
	}
	*question = (struct question){.cares = cares, .name = copy, .give_addresses = answer, .user = user};
	cares->ares_getaddrinfo(cares->channel, name, NULL, &hints, take_addresses, question);
}
