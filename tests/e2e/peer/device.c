/* SPDX-License-Identifier: MIT */
#include "device.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <net/route.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* A burst of so many probes waits in the device while this process is not scheduled. */
#define QUEUE_LENGTH 100000

static void set_address(struct sockaddr *where, uint32_t address)
{
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(address)};

	memcpy(where, &in, sizeof in);
}

static int configure(int fd, struct ifreq *request, uint32_t host, uint32_t network, uint32_t mask, uint32_t mtu)
{
	struct rtentry route = {.rt_flags = RTF_UP, .rt_dev = request->ifr_name};

	request->ifr_qlen = QUEUE_LENGTH;
	if (ioctl(fd, SIOCSIFTXQLEN, request) < 0)
		return -1;
	request->ifr_mtu = (int)mtu;
	if (ioctl(fd, SIOCSIFMTU, request) < 0)
		return -1;
	set_address(&request->ifr_addr, host);
	if (ioctl(fd, SIOCSIFADDR, request) < 0)
		return -1;
	set_address(&request->ifr_netmask, UINT32_MAX);
	if (ioctl(fd, SIOCSIFNETMASK, request) < 0)
		return -1;
	if (ioctl(fd, SIOCGIFFLAGS, request) < 0)
		return -1;
	request->ifr_flags |= IFF_UP;
	if (ioctl(fd, SIOCSIFFLAGS, request) < 0)
		return -1;
	set_address(&route.rt_dst, network & mask);
	set_address(&route.rt_genmask, mask);
	return ioctl(fd, SIOCADDRT, &route);
}

int device_open(const char *name, uint32_t host, uint32_t network, uint32_t mask, uint32_t mtu)
{
	struct ifreq request = {.ifr_flags = IFF_TUN | IFF_NO_PI};
	int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	int control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	snprintf(request.ifr_name, sizeof request.ifr_name, "%s", name);
	if (fd < 0 || control < 0 || ioctl(fd, TUNSETIFF, &request) < 0 ||
	    configure(control, &request, host, network, mask, mtu) < 0) {
		perror("peer: TUN device");
		if (fd >= 0)
			close(fd);
		fd = -1;
	}
	if (control >= 0)
		close(control);
	return fd;
}

long long device_dropped(const char *name)
{
	FILE *table = fopen("/proc/thread-self/net/dev", "re");
	long long dropped = -1;
	char line[512];

	while (table && fgets(line, sizeof line, table)) {
		char *colon = strchr(line, ':');
		char *start = line + strspn(line, " ");
		long long value;

		if (!colon || strlen(name) != (size_t)(colon - start) || strncmp(start, name, strlen(name)) != 0)
			continue;
		/* eight of received packets; then bytes, packets, errors, drops */
		if (sscanf(colon + 1, "%*d %*d %*d %*d %*d %*d %*d %*d %*d %*d %*d %lld", &value) == 1)
			dropped = value;
	}
	if (table)
		fclose(table);
	return dropped;
}
