/* SPDX-License-Identifier: MIT */
/*
 * A ranking of TCP ports by hand, not by counting: what administrators ask for most, kind after kind as the
 * headings say, and within a kind the usual port before the alternatives. It is part of the manual's
 * promise: change it only with a line in the changelog, and append rather than move.
 */
#include "target/rank.h"

const uint16_t top_ports[] = {
	/* The ten that nearly everybody means. */
	80, 443, 22, 25, 53, 21, 3389, 445, 8080, 3306,
	/* Remote login and administration. */
	23, 5900, 5985, 5986, 2222, 5901, 10000, 8006,
	/* Mail. */
	587, 465, 993, 995, 143, 110,
	/* The web's other ports. */
	8443, 8000, 8888, 8081, 3000, 5000, 8008, 9000, 81, 8090, 9443, 4443, 7001, 8009,
	/* Files, names, directories, calls. */
	139, 135, 111, 2049, 389, 636, 88, 464, 3268, 3269, 873, 548, 990, 853, 3260, 20,
	/* Databases and caches. */
	5432, 1433, 1521, 27017, 6379, 9200, 11211, 5984, 9042, 8086, 50000, 3050, 9300, 7474, 26257,
	/* Messages. */
	1883, 8883, 5672, 5671, 15672, 9092, 61616, 4222, 5222, 5269, 6667, 6697,
	/* Containers, clusters, monitoring. */
	6443, 2375, 2376, 10250, 2379, 2380, 2181, 8500, 8200, 9090, 9100, 9093, 5601, 5666, 10050, 10051,
	/* Print, sound, pictures, telephones. */
	631, 515, 554, 1935, 5060, 5061, 1720, 2000, 32400,
	/* Ways around and through. */
	3128, 1080, 1723, 1194, 9050, 8118,
	/* Source code, development, routers, industry. */
	9418, 3690, 1099, 5555, 6000, 179, 8291, 8728, 7547, 502, 102, 44818, 20000,
	/* The old ones. */
	113, 119, 563, 79, 43, 37, 13, 7, 9, 19, 512, 513, 514};

const size_t top_ports_count = sizeof(top_ports) / sizeof(top_ports[0]);
