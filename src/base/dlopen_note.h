/* SPDX-License-Identifier: MIT */
/* An ELF note that names a library loaded by dlopen(), so that tools of packagers find it (the FDO note of systemd's
 * "ELF dlopen metadata"; read it with readelf -n). One in a file; the text is JSON. */
#ifndef BASE_DLOPEN_NOTE_H
#define BASE_DLOPEN_NOTE_H

#include <stdint.h>

#define DLOPEN_NOTE(json)                                                                                              \
	static const struct {                                                                                          \
		uint32_t name_size, text_size, type;                                                                   \
		char name[4];                                                                                          \
		char text[sizeof(json)];                                                                               \
	} dlopen_note __attribute__((used, aligned(4), section(".note.dlopen"))) = {4, sizeof(json), 0x407c0c0a,       \
										    "FDO", json}

#endif
