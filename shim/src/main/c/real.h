/* SPDX-License-Identifier: Apache-2.0 */
/* The functions behind the hooks: what would have been called without this library. */
#ifndef UNFREED_REAL_H
#define UNFREED_REAL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include <link.h>

/*
 * Finds a name's definition: with a preloaded library the next in the order of search, with an
 * attached one the first. Null when nobody defines it. Calls no function of libc.
 */
void *real_function(const char *name);
/* This library among the loaded objects; null before the loader knows it. */
struct link_map *own_object(void);
/* Whether two functions belong to one object. */
bool same_object_defines(const char *name, const char *other);

/* A variable that holds the real function, looked for when first used. */
#define REAL(type, name)                                                                      \
	static __typeof__(type) *real_##name;                                                 \
	static inline __attribute__((always_inline)) __typeof__(type) *get_##name(void)       \
	{                                                                                     \
		if (__builtin_expect(!real_##name, 0))                                        \
			*(void **)&real_##name = real_function(#name);                        \
		return real_##name;                                                           \
	}

#endif
