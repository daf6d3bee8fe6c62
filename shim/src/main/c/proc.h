/* SPDX-License-Identifier: Apache-2.0 */
/* What /proc says about this process, read by system calls alone. */
#ifndef UNFREED_PROC_H
#define UNFREED_PROC_H

#include "state.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The beginning of a file: bytes read, 0 when it is not there. */
HIDDEN long proc_read(const char *path, char *into, size_t bytes);
/* Whether memory is locked, and so what is mapped later may be filled and locked at once. */
HIDDEN bool proc_locks_memory(void);
/* Whether its clocks are set off against other processes' (a time namespace). */
HIDDEN bool proc_has_own_clocks(void);

/* The mappings, lowest first. */
struct maps {
	int fd;
	int length, at;
	char bytes[512];
};

struct mapping {
	uint64_t low, high;
};

/* False when /proc is not there. Then, and when it has been read, maps_close. */
HIDDEN bool maps_open(struct maps *maps);
/* False behind the last one. */
HIDDEN bool maps_next(struct maps *maps, struct mapping *mapping);
HIDDEN void maps_close(struct maps *maps);

/* The whole path of the file that is mapped at an address, as it was when it was opened; false where
 * there is none. */
HIDDEN bool maps_path(uint64_t address, char *path, size_t bytes);

/* Of a path that the kernel tells, takes away what it adds when the file is no longer there. */
HIDDEN void forget_deletion(char *path);

#endif
