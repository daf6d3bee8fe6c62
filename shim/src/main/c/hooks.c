/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks.h"
#include "elf.h"
#include "got.h"
#include "hooks_own_names.h"
#include "process.h"
#include "real.h"

#include <dlfcn.h>
#include <string.h>

extern void *hook_dlsym(void *, const char *);

/* Exported functions, under their own names. Their addresses are taken by name, not by type. */
#define EXPORTED(each)                                                                        \
	each(malloc) each(calloc) each(realloc) each(reallocarray) each(posix_memalign)       \
	each(aligned_alloc) each(memalign) each(valloc) each(pvalloc) each(free) each(cfree)  \
	each(free_sized) each(free_aligned_sized) each(mmap) each(mmap64) each(munmap)        \
	each(mremap) each(mlockall) each(setrlimit) each(setrlimit64) each(getrlimit)         \
	each(getrlimit64) each(prlimit) each(prlimit64) each(dlopen) each(dlclose)            \
	each(iconv_close) each(system) each(popen)                                            \
	OPERATORS(each)

#define ENTRY(name) { #name, NULL },
static struct got_hook all[GOT_MAX_HOOKS] = { EXPORTED(ENTRY) };
#define ONE(name) +1
enum { EXPORTED_COUNT = 0 EXPORTED(ONE) };

static int all_count;
static bool patched_all, patched_own_names, later;

/* Our own definitions, found in our own table: a reference by name could mean somebody else's. */
static void prepare(void)
{
	const struct link_map *own = own_object();

	if (all_count)
		return;
	for (int i = 0; i < EXPORTED_COUNT; i++)
		all[i].hook = elf_symbol(own, all[i].name);
	all[EXPORTED_COUNT] = (struct got_hook){ "dlsym", (void *)hook_dlsym };
	for (int i = 0; i < own_names_count && EXPORTED_COUNT + 1 + i < GOT_MAX_HOOKS; i++)
		all[EXPORTED_COUNT + 1 + i] = own_names[i];
	all_count = EXPORTED_COUNT + 1 + own_names_count;
}

int hooks_patch_all(void)
{
	prepare();
	patched_all = true;
	return got_patch_all(all, all_count);
}

void hooks_patch_own_names(void)
{
	for (struct link_map *map = _r_debug.r_map; map; map = map->l_next)
		if (elf_symbol(map, "mallocx") || elf_symbol(map, "mi_malloc") ||
		    elf_symbol(map, "tc_malloc")) {
			patched_own_names = true;
			got_patch_all(own_names, own_names_count);
			return;
		}
}

bool hooks_wanted_for(int mode)
{
	return arena && process->registered &&
	       (patched_all || patched_own_names || (mode & RTLD_DEEPBIND));
}

const struct link_map *hooks_last_object(void)
{
	const struct link_map *map = _r_debug.r_map;

	while (map && map->l_next)
		map = map->l_next;
	return map;
}

void hooks_patch_behind(const struct link_map *last)
{
	if (patched_all || patched_own_names)
		got_patch_new();
	if (patched_all)
		return;
	prepare();
	for (const struct link_map *map = last ? last->l_next : NULL; map; map = map->l_next)
		got_patch_object(map, all, all_count);
}

void hooks_patch_later(void)
{
	__atomic_store_n(&later, true, __ATOMIC_RELEASE);
}

bool hooks_to_patch(void)
{
	return __atomic_load_n(&later, __ATOMIC_RELAXED);
}

void hooks_patch_now(void)
{
	if (__atomic_exchange_n(&later, false, __ATOMIC_ACQ_REL))
		got_patch_new();
}
