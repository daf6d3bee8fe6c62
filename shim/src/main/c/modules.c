/* SPDX-License-Identifier: Apache-2.0 */
#include "modules.h"
#include "elf.h"
#include "proc.h"
#include "state.h"

#include <elf.h>
#include <link.h>
#include <string.h>
#include <unistd.h>

/* struct dl_find_object of glibc's <dlfcn.h>, which older headers lack. */
struct found_object {
	unsigned long long flags;
	char *start, *end;
	struct link_map *map;
	const uint8_t *eh_frame_hdr;
	unsigned long long reserved[7];
};

static int (*find_object)(void *, struct found_object *);

/* What was noted, by process; wiped by a fork. */
#define KNOWN 1024
struct known {
	uint64_t start, end;
	struct link_map *map;
	int module; /* index in the arena; -1: found no room */
};
static struct known_modules {
	int count;
	struct known entries[KNOWN];
} *known;

bool modules_init(void)
{
	if (!known)
		known = own_pages(sizeof(*known), true);
	if (!find_object)
		for (struct link_map *map = _r_debug.r_map; map && !find_object; map = map->l_next)
			*(void **)&find_object = elf_symbol(map, "_dl_find_object");
	return known && find_object;
}

static void note_build_id(struct arena_module *module, const struct found_object *found)
{
	const ElfW(Ehdr) *elf = (const void *)found->start;
	const ElfW(Phdr) *segment;

	module->build_id_bytes = 0;
	if (memcmp(elf->e_ident, ELFMAG, SELFMAG))
		return;
	segment = (const void *)(found->start + elf->e_phoff);
	for (int i = 0; i < elf->e_phnum; i++) {
		const char *p = (const char *)(found->map->l_addr + segment[i].p_vaddr);
		const char *end = p + segment[i].p_memsz;

		if (segment[i].p_type != PT_NOTE)
			continue;
		while (p + sizeof(ElfW(Nhdr)) <= end) {
			const ElfW(Nhdr) *note = (const void *)p;
			const char *name = p + sizeof(*note);
			const char *text = name + ((note->n_namesz + 3) & ~3u);

			if (note->n_type == NT_GNU_BUILD_ID && note->n_namesz == 4 &&
			    !memcmp(name, "GNU", 4) && note->n_descsz <= sizeof(module->build_id)) {
				memcpy(module->build_id, text, note->n_descsz);
				module->build_id_bytes = note->n_descsz;
				return;
			}
			p = text + ((note->n_descsz + 3) & ~3u);
		}
	}
}

static bool same_code(const struct arena_module *noted, const struct arena_module *now)
{
	return noted->start == now->start && noted->end == now->end && noted->bias == now->bias &&
	       noted->build_id_bytes == now->build_id_bytes &&
	       !memcmp(noted->build_id, now->build_id, sizeof(now->build_id));
}

/* With the module that was noted in its place before, or null. */
static void note_path(struct arena_module *module, const struct found_object *found, const struct arena_module *noted)
{
	const char *name = found->map->l_name;
	size_t length;

	if (!name[0]) { /* the program */
		memcpy(module->path, process_slot()->executable, sizeof(module->path) - 1);
		return;
	}
	/* As dlopen was given it, or a search path: from a directory that may be another one by now. */
	if (name[0] != '/') {
		/* Many mappings are long to read, and there may be many dlclose calls. */
		if (noted && module->build_id_bytes && same_code(noted, module)) {
			memcpy(module->path, noted->path, sizeof(module->path));
			return;
		}
		if (maps_path(module->start, module->path, sizeof(module->path)))
			return;
	}
	length = strlen(name);
	if (length >= sizeof(module->path))
		length = sizeof(module->path) - 1;
	memcpy(module->path, name, length);
	module->path[length] = 0;
}

static void note(const struct found_object *found, uint32_t generation, struct known *entry)
{
	static struct arena_module now; /* under rules' lock */
	struct arena_module *before = entry->module < 0 ? NULL : &modules[entry->module];
	int index;

	memset(&now, 0, sizeof(now));
	now.start = (uint64_t)found->start;
	now.end = (uint64_t)found->end;
	now.bias = found->map->l_addr;
	note_build_id(&now, found);
	note_path(&now, found, before);
	if (before && same_code(before, &now) && !strcmp(before->path, now.path)) {
		__atomic_store_n(&before->last_generation, generation, __ATOMIC_RELEASE);
		return;
	}
	index = claim(TABLE_MODULES, &process->module_hint);
	entry->module = index;
	if (index < 0)
		return;
	now.state = ARENA_CLAIMED;
	now.process = process->slot;
	now.first_generation = now.last_generation = generation;
	modules[index] = now;
	__atomic_store_n(&modules[index].state, ARENA_READY, __ATOMIC_RELEASE);
}

static bool noted;

bool module_was_noted(void)
{
	return noted;
}

const uint8_t *module_at(uint64_t pc, uint32_t generation)
{
	struct found_object found;
	struct known *entry = NULL;

	noted = true;
	if (find_object((void *)pc, &found) != 0)
		return NULL;
	for (int i = 0; i < known->count && !entry; i++)
		if (known->entries[i].start == (uint64_t)found.start)
			entry = &known->entries[i];
	if (!entry) {
		entry = &known->entries[known->count < KNOWN ? known->count++ : KNOWN - 1];
		*entry = (struct known){ .start = (uint64_t)found.start, .module = -1 };
	}
	if (entry->module < 0 || entry->map != found.map || entry->end != (uint64_t)found.end ||
	    modules[entry->module].last_generation != generation) {
		entry->map = found.map;
		entry->end = (uint64_t)found.end;
		note(&found, generation, entry);
	}
	noted = entry->module >= 0;
	return found.eh_frame_hdr;
}

bool modules_are_gone(void)
{
	struct found_object found;
	bool gone = false;

	for (int i = 0; i < known->count; i++) {
		struct known *entry = &known->entries[i];

		if (entry->map && (find_object((void *)entry->start, &found) != 0 || found.map != entry->map)) {
			entry->map = NULL; /* noted anew when it is met again */
			gone = true;
		}
	}
	return gone;
}

void modules_forget(void)
{
	if (known)
		known->count = 0;
}

bool module_is_linker(uint64_t pc)
{
	struct found_object found;

	return find_object((void *)pc, &found) == 0 && (uint64_t)found.start == _r_debug.r_ldbase;
}
