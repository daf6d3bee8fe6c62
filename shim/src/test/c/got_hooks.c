// SPDX-License-Identifier: Apache-2.0
// What stands for the shim in got_test: hooks that count and pass on, and got.c's functions, which
// are hidden, by exported names.
#include "got.h"

#include <stdlib.h>

int hook_mallocs, hook_frees, hook_reallocs;

static void *hook_malloc(size_t bytes)
{
	__atomic_fetch_add(&hook_mallocs, 1, __ATOMIC_RELAXED);
	return malloc(bytes);
}

static void hook_free(void *block)
{
	__atomic_fetch_add(&hook_frees, 1, __ATOMIC_RELAXED);
	free(block);
}

static void *hook_realloc(void *block, size_t bytes)
{
	__atomic_fetch_add(&hook_reallocs, 1, __ATOMIC_RELAXED);
	return realloc(block, bytes);
}

static const struct got_hook hooks[] = {
	{ "malloc", (void *)hook_malloc },
	{ "free", (void *)hook_free },
	{ "realloc", (void *)hook_realloc },
	{ "nobody_allocates", (void *)hook_malloc },
};

int patch_object(const struct link_map *object)
{
	return got_patch_object(object, hooks, 4);
}

int patch_all(void)
{
	return got_patch_all(hooks, 4);
}

int patch_new(void)
{
	return got_patch_new();
}

int restore_all(void)
{
	return got_restore_all();
}

int slot_count(void)
{
	return got_slot_count();
}
