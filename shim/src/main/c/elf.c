// SPDX-License-Identifier: Apache-2.0
#include "elf.h"

#include <stdbool.h>
#include <string.h>

#define VERSION_HIDDEN 0x8000

/* glibc writes absolute addresses into the dynamic section, but not where it is read-only (vdso). */
static const void *address_in(const struct link_map *object, uintptr_t value)
{
	return (const void *)(value < object->l_addr ? value + object->l_addr : value);
}

void elf_tables(const struct link_map *object, struct elf_tables *tables)
{
	size_t plt_bytes = 0, bytes = 0;
	bool plt_is_rela = true;

	memset(tables, 0, sizeof(*tables));
	for (const Elf64_Dyn *d = object->l_ld; d && d->d_tag != DT_NULL; d++) {
		const void *address = address_in(object, d->d_un.d_ptr);

		switch (d->d_tag) {
		case DT_SYMTAB: tables->symbols = address; break;
		case DT_STRTAB: tables->strings = address; break;
		case DT_STRSZ: tables->string_bytes = d->d_un.d_val; break;
		case DT_VERSYM: tables->versions = address; break;
		case DT_GNU_HASH: tables->gnu_hash = address; break;
		case DT_HASH: tables->sysv_hash = address; break;
		case DT_JMPREL: tables->plt_relocations = address; break;
		case DT_PLTRELSZ: plt_bytes = d->d_un.d_val; break;
		case DT_PLTREL: plt_is_rela = d->d_un.d_val == DT_RELA; break;
		case DT_RELA: tables->relocations = address; break;
		case DT_RELASZ: bytes = d->d_un.d_val; break;
		default: break;
		}
	}
	if (tables->plt_relocations && plt_is_rela)
		tables->plt_relocation_count = plt_bytes / sizeof(Elf64_Rela);
	if (tables->relocations)
		tables->relocation_count = bytes / sizeof(Elf64_Rela);
}

const char *elf_symbol_name(const struct elf_tables *tables, uint32_t index)
{
	uint32_t offset = tables->symbols[index].st_name;

	return tables->string_bytes == 0 || offset < tables->string_bytes ? tables->strings + offset : "";
}

/* 2: the default version; 1: an old one, which only old programs refer to; 0: not this symbol. */
static int match(const struct elf_tables *tables, uint32_t index, const char *name)
{
	const Elf64_Sym *symbol = &tables->symbols[index];
	int type = ELF64_ST_TYPE(symbol->st_info);
	int bind = ELF64_ST_BIND(symbol->st_info);

	if (symbol->st_shndx == SHN_UNDEF || bind == STB_LOCAL)
		return 0;
	if (type != STT_FUNC && type != STT_OBJECT && type != STT_NOTYPE && type != STT_GNU_IFUNC)
		return 0;
	if (strcmp(elf_symbol_name(tables, index), name) != 0)
		return 0;
	return tables->versions && (tables->versions[index] & VERSION_HIDDEN) ? 1 : 2;
}

/* The better of two symbols, of which `best` was found first; 0 is none. */
static uint32_t better(const struct elf_tables *tables, uint32_t best, uint32_t index,
		       const char *name)
{
	int matched = match(tables, index, name);

	return matched == 0 || (best != 0 && matched < 2) ? best : index;
}

static uint32_t find_gnu(const struct elf_tables *tables, const char *name)
{
	uint32_t bucket_count = tables->gnu_hash[0], first = tables->gnu_hash[1];
	const uint32_t *buckets = tables->gnu_hash + 4 + 2 * tables->gnu_hash[2];
	const uint32_t *chain = buckets + bucket_count;
	uint32_t hash = 5381, best = 0, index;

	for (const unsigned char *c = (const unsigned char *)name; *c; c++)
		hash = hash * 33 + *c;
	index = bucket_count ? buckets[hash % bucket_count] : 0;
	if (index < first)
		return 0;
	for (;; index++) {
		uint32_t value = chain[index - first];

		if ((value | 1) == (hash | 1))
			best = better(tables, best, index, name);
		if (value & 1)
			return best;
	}
}

static uint32_t find_sysv(const struct elf_tables *tables, const char *name)
{
	uint32_t bucket_count = tables->sysv_hash[0], symbol_count = tables->sysv_hash[1];
	const uint32_t *buckets = tables->sysv_hash + 2, *chain = buckets + bucket_count;
	uint32_t hash = 0, best = 0, index;

	for (const unsigned char *c = (const unsigned char *)name; *c; c++) {
		uint32_t high;

		hash = (hash << 4) + *c;
		high = hash & 0xf0000000;
		hash = (hash ^ (high >> 24)) & ~high;
	}
	index = bucket_count ? buckets[hash % bucket_count] : 0;
	for (; index != 0 && index < symbol_count; index = chain[index])
		best = better(tables, best, index, name);
	return best;
}

/* Without a hash table nothing says how many symbols there are; linkers put the strings behind. */
static uint32_t find_unhashed(const struct elf_tables *tables, const char *name)
{
	uintptr_t from = (uintptr_t)tables->symbols, to = (uintptr_t)tables->strings;
	uint32_t best = 0;

	for (uint32_t i = 1; to > from && i < (to - from) / sizeof(Elf64_Sym); i++)
		best = better(tables, best, i, name);
	return best;
}

const Elf64_Sym *elf_definition(const struct link_map *object, const char *name)
{
	struct elf_tables tables;
	uint32_t index;

	elf_tables(object, &tables);
	if (!tables.symbols || !tables.strings)
		return NULL;
	if (tables.gnu_hash)
		index = find_gnu(&tables, name);
	else if (tables.sysv_hash)
		index = find_sysv(&tables, name);
	else
		index = find_unhashed(&tables, name);
	return index == 0 ? NULL : &tables.symbols[index];
}

void *elf_symbol(const struct link_map *object, const char *name)
{
	const Elf64_Sym *symbol = elf_definition(object, name);
	uintptr_t address;

	if (!symbol)
		return NULL;
	address = symbol->st_value + (symbol->st_shndx == SHN_ABS ? 0 : object->l_addr);
	if (ELF64_ST_TYPE(symbol->st_info) == STT_GNU_IFUNC)
		return ((void *(*)(void))address)();
	return (void *)address;
}
