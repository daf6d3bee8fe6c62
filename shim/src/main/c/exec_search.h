/* SPDX-License-Identifier: Apache-2.0 */
/* The files that an exec's other arguments stand for, found by system calls alone. */
#ifndef UNFREED_EXEC_SEARCH_H
#define UNFREED_EXEC_SEARCH_H

#include "state.h"

#include <limits.h>

/* The path of what execvp and its kind start; null when there is none. It may lie in room. */
HIDDEN const char *path_of_name(const char *name, char room[PATH_MAX]);
/* The path of what execveat starts, with AT_EMPTY_PATH or not; null when there is none. It may lie in room. */
HIDDEN const char *path_of_descriptor(int fd, const char *path, char room[PATH_MAX]);

#endif
