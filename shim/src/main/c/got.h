/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hooks by patching: the slots (.got, .got.plt, initialised pointers) through which loaded objects
 * reach a function are made to hold ours, and given back their own values later. For what symbol
 * order cannot reach: objects that were bound before this library came, and RTLD_DEEPBIND.
 *
 * Locks: the loader's list lock (as dl_iterate_phdr) while slots are written, its main lock (as
 * dlopen) between objects, one after the other, never the second inside the first. So not from a
 * hook of an allocator call, and not from a callback of dl_iterate_phdr. Memory comes from mmap.
 * Only the first link namespace is looked at. Each call keeps errno.
 */
#ifndef UNFREED_GOT_H
#define UNFREED_GOT_H

#include <link.h>

#define GOT_MAX_HOOKS 256

struct got_hook {
	const char *name;
	void *hook;
};

/* The hooks must live until got_restore_all. Each call: slots newly patched, or -errno. */

/* One object's slots. The caller sees to it that it is not unloaded meanwhile. */
__attribute__((visibility("hidden")))
int got_patch_object(const struct link_map *object, const struct got_hook *hooks, int count);

/*
 * Every object's slots, but ours, the loader's and the vdso's. Called again it hooks what lazy
 * binding, under way during the first call, wrote over.
 */
__attribute__((visibility("hidden")))
int got_patch_all(const struct got_hook *hooks, int count);

/*
 * After a dlopen: the objects that have come since got_patch_all, with the same hooks. 0 when
 * nothing is patched. It calls dlopen itself, so only after one that succeeded: a pending dlerror
 * would be lost.
 */
__attribute__((visibility("hidden")))
int got_patch_new(void);

/*
 * Each slot that still holds our hook gets its own value back; what was unloaded or written by
 * others is left alone. Slots restored, or -errno.
 */
__attribute__((visibility("hidden")))
int got_restore_all(void);

/* Slots that are patched now, as far as known. */
__attribute__((visibility("hidden")))
int got_slot_count(void);

#endif
