// SPDX-License-Identifier: Apache-2.0
/* For each file: the table that is built of it against the recording library's own way to a rule,
 * which reads the file as the loader maps it, at nearly every address of its code.
 * Prints: path, addresses compared, rows, rules, differences. */
#include "rule.h"
#include "tables/table.h"

#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define PAGE 4096ull

static uint8_t *map_as_loaded(int fd, const Elf64_Ehdr *elf, const Elf64_Phdr *segments)
{
	uint64_t low = UINT64_MAX, high = 0;
	uint8_t *base;

	for (int i = 0; i < elf->e_phnum; i++) {
		if (segments[i].p_type != PT_LOAD)
			continue;
		if (segments[i].p_vaddr < low)
			low = segments[i].p_vaddr & -PAGE;
		if (segments[i].p_vaddr + segments[i].p_memsz > high)
			high = segments[i].p_vaddr + segments[i].p_memsz;
	}
	base = mmap(NULL, high - low + PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (base == MAP_FAILED)
		return NULL;
	for (int i = 0; i < elf->e_phnum; i++) {
		uint64_t within = segments[i].p_vaddr & (PAGE - 1);

		if (segments[i].p_type == PT_LOAD && segments[i].p_filesz &&
		    mmap(base + (segments[i].p_vaddr & -PAGE) - low, segments[i].p_filesz + within, PROT_READ,
			 MAP_PRIVATE | MAP_FIXED, fd, (off_t)(segments[i].p_offset - within)) == MAP_FAILED)
			return NULL;
	}
	return base - low;
}

static uint64_t rule_of_table(const struct unfreed_table *table, uint64_t offset)
{
	uint64_t low = 0, high = table->rows;

	while (low < high) {
		uint64_t middle = (low + high) / 2;

		if (table->starts[middle] <= offset)
			low = middle + 1;
		else
			high = middle;
	}
	return table->rules[table->codes[low - 1]];
}

static uint64_t compared, different;

static void compare(const uint8_t *bias, const uint8_t *hdr, const Elf64_Phdr *code,
		    const struct unfreed_table *table)
{
	static struct cfi_work work;
	uint32_t seed = 1;

	for (uint64_t at = code->p_vaddr; at < code->p_vaddr + code->p_filesz;) {
		uint64_t offset = at - code->p_vaddr + code->p_offset, expected, actual;
		bool signal = false;
		enum cfi_result result = cfi_find(hdr, (uint64_t)bias + at, &work, &signal);

		expected = result == CFI_FOUND ? rule_of_row(&work.row, signal)
					       : rule_pack(result == CFI_NO_ENTRY ? RULE_NONE : RULE_COMPLEX, 0, FP_SAME);
		actual = rule_of_table(table, offset);
		compared++;
		if (expected != actual && different++ < 5)
			fprintf(stderr, "at %lx: %lx, table %lx\n", at, expected, actual);
		seed = seed * 1103515245 + 12345;
		at += 1 + (seed >> 16) % 5;
	}
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		int fd = open(argv[i], O_RDONLY);
		const uint8_t *bias, *hdr = NULL;
		struct unfreed_table table;
		const Elf64_Phdr *segments;
		const Elf64_Ehdr *elf;
		struct stat file;

		if (fd < 0 || fstat(fd, &file) || unfreed_table_build(argv[i], 0, &table))
			return 1;
		elf = mmap(NULL, (size_t)file.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
		segments = (const void *)((const char *)elf + elf->e_phoff);
		bias = map_as_loaded(fd, elf, segments);
		compared = different = 0;
		for (int k = 0; k < elf->e_phnum; k++)
			if (segments[k].p_type == PT_GNU_EH_FRAME)
				hdr = bias + segments[k].p_vaddr;
		for (int k = 0; hdr && k < elf->e_phnum; k++)
			if (segments[k].p_type == PT_LOAD && segments[k].p_flags & PF_X)
				compare(bias, hdr, &segments[k], &table);
		printf("%s %lu %lu %lu %lu\n", argv[i], compared, table.rows, table.rule_count, different);
		unfreed_table_free(&table);
		close(fd);
	}
	return 0;
}
