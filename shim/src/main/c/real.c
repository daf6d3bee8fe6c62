/* SPDX-License-Identifier: Apache-2.0 */
#include "real.h"
#include "elf.h"
#include "state.h"

extern ElfW(Dyn) _DYNAMIC[] __attribute__((visibility("hidden")));

struct link_map *own_object(void)
{
	for (struct link_map *map = _r_debug.r_map; map; map = map->l_next)
		if (map->l_ld == _DYNAMIC)
			return map;
	return NULL;
}

static struct link_map *defining(const char *name, void **address)
{
	struct link_map *own = own_object(), *map;
	bool attached = arena_flags & ARENA_ATTACHED;

	for (map = own && !attached ? own->l_next : _r_debug.r_map; map; map = map->l_next)
		if (map != own && (*address = elf_symbol(map, name)) != NULL)
			return map;
	/* In an object ahead of ours, or one that was loaded into a scope of its own. */
	for (map = _r_debug.r_map; map && map != own; map = map->l_next)
		if ((*address = elf_symbol(map, name)) != NULL)
			return map;
	*address = NULL;
	return NULL;
}

void *real_function(const char *name)
{
	void *address;

	defining(name, &address);
	return address;
}

bool same_object_defines(const char *name, const char *other)
{
	void *address;
	struct link_map *one = defining(name, &address);

	return one && one == defining(other, &address);
}
