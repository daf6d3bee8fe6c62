// SPDX-License-Identifier: Apache-2.0
#include "got_patch.h"

#include "elf.h"
#include "got_records.h"

#include <errno.h>
#include <string.h>

static struct {
	const struct got_hook *hooks;
	int count;
	uint32_t hashes[GOT_MAX_HOOKS];
} hook_table;

static uint32_t hash(const char *name)
{
	uint32_t value = 5381;

	for (; *name; name++)
		value = value * 33 + (unsigned char)*name;
	return value;
}

void got_set_hooks(const struct got_hook *hooks, int count)
{
	if (count > GOT_MAX_HOOKS)
		count = GOT_MAX_HOOKS;
	for (int i = 0; i < count; i++)
		hook_table.hashes[i] = hash(hooks[i].name);
	hook_table.hooks = hooks;
	hook_table.count = count;
}

bool got_has_hooks(void)
{
	return hook_table.hooks != NULL;
}

static const struct got_hook *hook_for(const char *name)
{
	uint32_t value = hash(name);

	for (int i = 0; i < hook_table.count; i++)
		if (hook_table.hooks[i].hook && hook_table.hashes[i] == value && strcmp(hook_table.hooks[i].name, name) == 0)
			return &hook_table.hooks[i];
	return NULL;
}

/*
 * A pointer in initialised data may have been given another value since: it is only replaced while
 * it is what the loader wrote, a definition of that name, or the program's own PLT entry for it.
 */
static bool as_loaded(const struct image *image, const Elf64_Sym *symbol, const char *name,
		      const void *value)
{
	if (symbol->st_value != 0 && (uintptr_t)value == image->base + symbol->st_value)
		return true;
	for (const struct link_map *map = _r_debug.r_map; map; map = map->l_next)
		if (elf_symbol(map, name) == value)
			return true;
	return false;
}

/* 1 when the slot is hooked now and was not before, 0, or -errno. */
static int patch_slot(struct image *image, uint32_t object, void **address, void *original, void *hook)
{
	int error = image_open(image, address);
	struct got_slot *record;

	if (error)
		return error;
	record = got_slot_record(address, object);
	if (!record)
		return -ENOMEM;
	record->original = original;
	record->hook = hook;
	/* Lazy binding may write it at this moment: then that is what is to be replaced. */
	while (!__atomic_compare_exchange_n(address, &record->original, hook, false,
					    __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
		;
	return 1;
}

static int patch_relocation(struct image *image, const struct elf_tables *tables,
			    const Elf64_Rela *relocation, uint32_t object)
{
	uint32_t type = ELF64_R_TYPE(relocation->r_info), index = ELF64_R_SYM(relocation->r_info);
	void **address = (void **)(image->base + relocation->r_offset);
	const struct got_hook *hook;
	const char *name;
	void *value;

	if (index == 0 || (type != R_X86_64_JUMP_SLOT && type != R_X86_64_GLOB_DAT &&
			   !(type == R_X86_64_64 && relocation->r_addend == 0)))
		return 0;
	name = elf_symbol_name(tables, index);
	hook = hook_for(name);
	if (!hook || !image_has_slot(image, address))
		return 0;
	value = __atomic_load_n(address, __ATOMIC_ACQUIRE);
	/* Null: a weak reference to what is not there. The program asks for that. */
	if (!value || value == hook->hook)
		return 0;
	if (type == R_X86_64_64 && !as_loaded(image, &tables->symbols[index], name, value))
		return 0;
	return patch_slot(image, object, address, value, hook->hook);
}

static int patch_table(struct image *image, const struct elf_tables *tables, const Elf64_Rela *from,
		       size_t count, uint32_t object)
{
	int patched = 0;

	for (size_t i = 0; i < count; i++) {
		int result = patch_relocation(image, tables, &from[i], object);

		if (result < 0)
			return result;
		patched += result;
	}
	return patched;
}

int got_patch_image(struct image *image, const struct link_map *map)
{
	int object = got_index_of(map), plt, others = 0;
	struct elf_tables tables;

	if (object < 0)
		return -ENOMEM;
	elf_tables(map, &tables);
	if (!tables.symbols || !tables.strings)
		return 0;
	plt = patch_table(image, &tables, tables.plt_relocations, tables.plt_relocation_count,
			  (uint32_t)object);
	if (plt >= 0)
		others = patch_table(image, &tables, tables.relocations, tables.relocation_count,
				     (uint32_t)object);
	image_close(image);
	got_objects()[object].patched = true;
	return plt < 0 ? plt : others < 0 ? others : plt + others;
}
