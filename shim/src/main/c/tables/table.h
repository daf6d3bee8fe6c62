/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All rules of an object's file, for an unwinder that cannot look into its call frame information:
 * the BPF program's. Files may be damaged or hostile: nothing outside of what was read is touched.
 * io.unfreed.bpf.unwind.TableBuilder calls this.
 */
#ifndef UNFREED_TABLE_H
#define UNFREED_TABLE_H

#include <stdint.h>

/* Code without call frame information has no caller: the dynamic linker's first instructions. */
#define TABLE_OF_LINKER 1

struct unfreed_table {
	uint64_t rows;
	uint32_t *starts;   /* offsets in the file, rising; a rule holds to the next one */
	uint16_t *codes;    /* its rule, in `rules` */
	uint64_t rule_count;
	uint64_t *rules;    /* as rule.h packs them, each once */
	uint64_t functions; /* with a description */
	uint64_t unreadable; /* of those, with instructions that this reader does not know */
};

/* 0, or -errno; -ENOEXEC for what is no ELF file of this machine. */
int unfreed_table_build(const char *path, uint32_t options, struct unfreed_table *table);

/* A node of a table as the BPF program searches it: its struct unfreed_node. */
#define TABLE_PLACES 64
struct unfreed_table_node {
	uint32_t start[TABLE_PLACES];
	uint16_t rule[TABLE_PLACES];
};

/*
 * Lays a table out as nodes, the leaves first, then each level above them to the single root.
 * numbers: of each of the table's rules. nodes: as many as the levels have together.
 */
void unfreed_table_lay_out(uint64_t rows, const uint32_t *starts, const uint16_t *codes,
			   const uint16_t *numbers, struct unfreed_table_node *nodes);

void unfreed_table_free(struct unfreed_table *table);

#endif
