/* SPDX-License-Identifier: MIT */
/*
 * Asks the system's resolver in a child process. Only getaddrinfo() and getnameinfo() know every source of names, and
 * they block: so each question has a thread. They open files and sockets, and load libraries, which a process that
 * probes no longer may.
 *
 * The first thread waits for the end of the process that asks, so that the child can end while all others are blocked.
 */
#include "io/resolver_process.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/caps.h"

#define STACK_SIZE (512 << 10)

struct pool {
	int fd;
	atomic_uint threads;
	atomic_int idle; /* threads that wait for a question */
};

/* ---- the child -------------------------------------------------------------------------------- */

static void find_addresses(const struct resolver_question *question, struct resolver_answer *answer)
{
	struct rp_addr *addresses;
	struct rp_error why = {""};
	int count = gai_ask(question->name, &addresses, answer->text, sizeof answer->text, &why);

	answer->error = count < 0 ? count : 0;
	answer->count = count < 0 ? 0 : count < RESOLVER_ADDRESSES_MAX ? (uint32_t)count : RESOLVER_ADDRESSES_MAX;
	if (count < 0)
		snprintf(answer->text, sizeof answer->text, "%.*s", (int)sizeof answer->text - 1, why.text);
	else
		memcpy(answer->addresses, addresses, answer->count * sizeof *addresses);
	free(addresses);
}

static void find_name(const struct resolver_question *question, struct resolver_answer *answer)
{
	const struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(question->address)};

	answer->count = 0;
	answer->error = 0;
	if (getnameinfo((const struct sockaddr *)&address, sizeof address, answer->text, sizeof answer->text, NULL, 0,
			NI_NAMEREQD) != 0)
		answer->error = -ENOENT;
}

static void *serve(void *user);

static bool start_thread(struct pool *pool)
{
	pthread_attr_t attributes;
	pthread_t thread;
	bool started = atomic_fetch_add(&pool->threads, 1) < RESOLVER_ASKED_MAX;

	if (!started)
		return false;
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK_SIZE);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	atomic_fetch_add(&pool->idle, 1);
	started = pthread_create(&thread, &attributes, serve, pool) == 0;
	if (!started)
		atomic_fetch_sub(&pool->idle, 1);
	pthread_attr_destroy(&attributes);
	return started;
}

/* Who takes the last place of an idle thread starts another. */
static void *serve(void *user)
{
	struct pool *pool = user;
	struct resolver_answer *answer = malloc(sizeof *answer);
	struct resolver_question question;

	while (answer != NULL) {
		ssize_t length = recv(pool->fd, &question, sizeof question, 0);

		if (length < (ssize_t)offsetof(struct resolver_question, name) + 1)
			break;
		question.name[RESOLVER_QUESTION_MAX - 1] = '\0';
		if (atomic_fetch_sub(&pool->idle, 1) == 1)
			start_thread(pool);
		if (question.name[0] != '\0')
			find_addresses(&question, answer);
		else
			find_name(&question, answer);
		answer->id = question.id;
		size_t size = offsetof(struct resolver_answer, addresses) + answer->count * sizeof answer->addresses[0];
		atomic_fetch_add(&pool->idle, 1);
		if (send(pool->fd, answer, size, MSG_NOSIGNAL) < 0)
			break;
	}
	free(answer);
	return NULL;
}

/* All that is open belongs to the run; the standard ones, lest a reader waits for the end of this process. */
static void close_all_but(int fd)
{
	int null = open("/dev/null", O_RDWR);

	for (int standard = 0; standard <= STDERR_FILENO; standard++)
		if (null >= 0)
			dup2(null, standard);
#ifdef SYS_close_range
	if ((fd == STDERR_FILENO + 1 || syscall(SYS_close_range, STDERR_FILENO + 1, fd - 1, 0) == 0) &&
	    syscall(SYS_close_range, fd + 1, ~0U, 0) == 0)
		return;
#endif
	for (int other = STDERR_FILENO + 1; other < sysconf(_SC_OPEN_MAX); other++)
		if (other != fd)
			close(other);
}

static _Noreturn void be_the_child(int fd, pid_t parent)
{
	struct pool pool = {.fd = fd};
	struct pollfd asker = {.fd = fd, .events = POLLRDHUP};
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	if (caps_keep_net_raw(false) < 0 || prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent)
		_exit(EXIT_FAILURE);
	close_all_but(fd);
	if (!start_thread(&pool)) {
		pool.idle = 2; /* so it never starts one; the questions are asked one after the other */
		serve(&pool);
	}
	while (poll(&asker, 1, -1) < 0)
		;
	_exit(EXIT_SUCCESS);
}

/* ---- who asks --------------------------------------------------------------------------------- */

int resolver_process_open(struct resolver_process *process)
{
	pid_t parent = getpid();
	int fds[2];

	*process = (struct resolver_process){.fd = -1, .pid = -1};
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
		return -errno;
	process->pid = fork();
	if (process->pid == 0)
		be_the_child(fds[1], parent);
	int error = process->pid < 0 ? -errno : 0;
	close(fds[1]);
	if (error < 0)
		close(fds[0]);
	else
		process->fd = fds[0];
	return error;
}

void resolver_process_close(struct resolver_process *process)
{
	if (process->fd >= 0)
		close(process->fd);
	process->fd = -1;
	while (process->pid > 0 && waitpid(process->pid, NULL, 0) < 0 && errno == EINTR)
		;
	process->pid = -1;
}

int resolver_process_ask(const struct resolver_process *process, const struct resolver_question *question)
{
	size_t size = offsetof(struct resolver_question, name) + strlen(question->name) + 1;

	return send(process->fd, question, size, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

int resolver_process_read(const struct resolver_process *process, struct resolver_answer *answer, int flags)
{
	ssize_t length;

	do
		length = recv(process->fd, answer, sizeof *answer, flags);
	while (length < 0 && errno == EINTR);
	if (length < 0 && errno == EAGAIN)
		return 0;
	return length < (ssize_t)offsetof(struct resolver_answer, addresses) ? -EPIPE : 1;
}
