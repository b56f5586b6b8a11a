/* SPDX-License-Identifier: MIT */
/* Arrays whose length comes from what is to be probed. More of it can be asked for than an address space of 32 bits
 * holds; calloc() alone would cut the number there, and return a small array. */
#ifndef BASE_ARRAY_H
#define BASE_ARRAY_H

#include <stdint.h>
#include <stdlib.h>

/* A zeroed array, or NULL when there is no room for it. free() releases it. */
static inline void *array_new(uint64_t count, size_t size)
{
	return count <= SIZE_MAX ? calloc((size_t)count, size) : NULL;
}

/* Makes room for one more element of that size behind `count`: the array, perhaps elsewhere; NULL where memory is
 * out, and then it stays as it is. */
static inline void *array_grow(void *list, size_t count, size_t *room, size_t size)
{
	size_t more = 2 * count + 16;

	if (count < *room)
		return list;
	list = realloc(list, more * size);
	if (list != NULL)
		*room = more;
	return list;
}

/* The array with room for `count`, of which the new ones are not set; NULL: there is none, and the array is as it
 * was. */
static inline void *array_resize(void *array, uint64_t count, size_t size)
{
	return count <= SIZE_MAX / size ? realloc(array, (size_t)count * size) : NULL;
}

#endif
