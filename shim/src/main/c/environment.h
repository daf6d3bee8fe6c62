/* SPDX-License-Identifier: Apache-2.0 */
/* LD_PRELOAD and UNFREED_SHIM in the environments of this image and of those that follow it. */
#ifndef UNFREED_ENVIRONMENT_H
#define UNFREED_ENVIRONMENT_H

#include <stdbool.h>
#include <stddef.h>

/* Remembers what this image was started with. */
void environment_remember(void);
/* Takes what is ours out of the environment that this image was started with: its children are not recorded. */
void environment_clean(void);
/*
 * Gives the program an environment without ours, in memory of this library: its variables, which may be constants,
 * and their list, which other threads may read, stay as they are.
 */
void environment_leave(void);

/*
 * Whether the loader of a new image can open the library: not behind a chroot, say, or where nothing may be run
 * from there, of which it would complain to the program's standard error.
 */
bool environment_is_reachable(void);
/*
 * Room that environment_for_exec needs; 0 when it has nothing to change. On the stack: a child of
 * vfork shares its parent's memory, and nobody is left to give pages back when its exec succeeds.
 */
size_t environment_bytes(char *const *variables);
/* The same variables, with ours where they are missing, made in room; `wanted` false: without ours. */
char **environment_for_exec(char *const *variables, bool wanted, void *room);

#endif
