/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A loaded object's dynamic section, read where the loader put it. Takes no lock and allocates
 * nothing; the caller sees to it that the object stays loaded.
 */
#ifndef UNFREED_ELF_H
#define UNFREED_ELF_H

#include <elf.h>
#include <link.h>
#include <stddef.h>
#include <stdint.h>

/* What the dynamic section says; null and 0 where it says nothing. */
struct elf_tables {
	const Elf64_Sym *symbols;
	const char *strings;
	size_t string_bytes;
	const Elf64_Half *versions;
	const uint32_t *gnu_hash;
	const uint32_t *sysv_hash;
	const Elf64_Rela *plt_relocations;
	size_t plt_relocation_count;
	const Elf64_Rela *relocations;
	size_t relocation_count;
};

__attribute__((visibility("hidden")))
void elf_tables(const struct link_map *object, struct elf_tables *tables);

/* The symbol of that name that the object defines, in its table; null if it defines none. */
__attribute__((visibility("hidden")))
const Elf64_Sym *elf_definition(const struct link_map *object, const char *name);

/*
 * The address of a function or variable that the object defines, of its default version if there
 * are several; null if it defines none. A resolver (IFUNC) is called for the address it chooses.
 */
__attribute__((visibility("hidden")))
void *elf_symbol(const struct link_map *object, const char *name);

/* The name of a symbol, by its index in the table; "" when that is damaged. */
__attribute__((visibility("hidden")))
const char *elf_symbol_name(const struct elf_tables *tables, uint32_t index);

#endif
