/* SPDX-License-Identifier: MIT */
/* Looks one name up by getaddrinfo(), and says what is wrong in its words. */
#include "io/gai.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"

/* Musl knows no international names. */
#ifndef AI_IDN
#define AI_IDN      0
#define AI_CANONIDN 0
#endif

/* The words about IPv6 are the resolver's own. */
int gai_check(const char *text, struct rp_error *error)
{
	char address[INET6_ADDRSTRLEN] = "";
	size_t length = strcspn(text, "%"); /* an interface may stand behind an IPv6 address */
	struct in6_addr ipv6;

	if (text[0] == '\0')
		return error_set(error, -EINVAL, "the host is an empty string: an address or a name is needed");
	if (strchr(text, ':') == NULL && strpbrk(text, "/ ") == NULL)
		return 0;
	if (length < sizeof address)
		memcpy(address, text, length);
	if (inet_pton(AF_INET6, address, &ipv6) == 1)
		return error_set(error, -EINVAL, "%s: Address family for hostname not supported (give an IPv4 address)",
				 text);
	return error_set(error, -EINVAL, "'%s': neither an address nor a name of a host, which has no '%c' in it", text,
			 text[strcspn(text, ":/ ")]);
}

static int lookup_error(int code)
{
	switch (code) {
	case EAI_NONAME:
		return -ENOENT;
	case EAI_AGAIN:
	case EAI_FAIL:
		return -EAGAIN;
	case EAI_ADDRFAMILY:
	case EAI_NODATA:
		return -EAFNOSUPPORT;
	case EAI_MEMORY:
		return -ENOMEM;
	case EAI_SYSTEM:
		return errno > 0 ? -errno : -EIO; /* an error in any case */
	default:                                  /* foreign codes: the C library may know more */
		return -EINVAL;
	}
}

struct rp_addr gai_address(const struct sockaddr *address)
{
	struct sockaddr_in found;

	memcpy(&found, address, sizeof found);
	uint32_t value = ntohl(found.sin_addr.s_addr);
	return rp_addr_ipv4(value != INADDR_ANY ? value : INADDR_LOOPBACK);
}

/* Each once; their number, or -ENOMEM. */
static int read_addresses(const struct addrinfo *list, struct rp_addr **addresses)
{
	int count = 0;

	for (const struct addrinfo *one = list; one; one = one->ai_next)
		count++;
	*addresses = calloc((size_t)count, sizeof(**addresses));
	if (!*addresses)
		return -ENOMEM;
	count = 0;
	for (; list; list = list->ai_next) {
		bool again = false;

		(*addresses)[count] = gai_address(list->ai_addr);
		for (int i = 0; i < count; i++)
			again |= rp_addr_equal((*addresses)[i], (*addresses)[count]);
		count += !again;
	}
	return count;
}

/* Where no descriptor or no memory is left the resolver says that the name is not known. */
static int nothing_left(void)
{
	int error = errno == EMFILE || errno == ENFILE ? -errno : 0;
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	void *volatile memory = malloc(1);

	if (fd < 0 && (errno == EMFILE || errno == ENFILE))
		error = -errno;
	else if (error == 0 && memory == NULL)
		error = -ENOMEM;
	if (fd >= 0)
		close(fd);
	free(memory);
	return error;
}

int gai_ask(const char *name, struct rp_addr **addresses, char *canonical, size_t size, struct rp_error *error)
{
	const struct addrinfo hints = {
		.ai_family = AF_INET, .ai_socktype = SOCK_RAW, .ai_flags = AI_CANONNAME | AI_IDN | AI_CANONIDN};
	struct addrinfo *list;

	errno = 0;
	int code = getaddrinfo(name, NULL, &hints, &list);

	*addresses = NULL;
	if (code != 0) {
		int result = lookup_error(code);
		int exhausted = nothing_left();

		if (exhausted < 0)
			return error_set(error, exhausted, "%s", strerror(-exhausted));
		return error_set(error, result, "%s", code == EAI_SYSTEM ? strerror(-result) : gai_strerror(code));
	}
	int count = read_addresses(list, addresses);
	snprintf(canonical, size, "%s", list->ai_canonname ? list->ai_canonname : name);
	freeaddrinfo(list);
	return count >= 0 ? count : error_set(error, count, "%s", strerror(-count));
}
