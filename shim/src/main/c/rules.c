/* SPDX-License-Identifier: Apache-2.0 */
#include "rules.h"
#include "modules.h"
#include "state.h"

#include <string.h>
#include <sys/mman.h>

/*
 * The table: open addressing, read without a lock, filled under one. An entry's key is its address
 * with the generation in the upper 16 bits; its value is written first. Only this generation's
 * entries move to a larger table, the table before is used again for the one after the next: a
 * reader that is so late sees other keys, or its own with the same value.
 */
struct entry {
	uint64_t key, rule;
};

struct rules {
	uint32_t lock;
	struct entry *table, *spare;
	uint64_t mask, spare_mask, used;
	struct cfi_work work; /* under the lock */
};

#define FIRST_ENTRIES 4096

static struct rules *rules;

static uint64_t key_of(uint64_t pc, uint32_t generation)
{
	return (pc & 0xffffffffffffull) | (uint64_t)generation << 48;
}

static uint64_t home(uint64_t key, uint64_t mask)
{
	return (key * 0x9e3779b97f4a7c15ull >> 32) & mask;
}

bool rules_init(void)
{
	if (!rules)
		rules = own_pages(sizeof(*rules), true);
	return rules != NULL;
}

static struct entry *look(struct entry *table, uint64_t mask, uint64_t key)
{
	uint64_t at = home(key, mask);

	for (;;) {
		uint64_t found = __atomic_load_n(&table[at].key, __ATOMIC_ACQUIRE);

		if (found == key || found == 0)
			return &table[at];
		at = (at + 1) & mask;
	}
}

static void put(struct entry *table, uint64_t mask, uint64_t key, uint64_t rule)
{
	struct entry *entry = look(table, mask, key);

	entry->rule = rule;
	__atomic_store_n(&entry->key, key, __ATOMIC_RELEASE);
}

static bool fresh_table(uint64_t entries, struct entry **table)
{
	if (rules->spare && rules->spare_mask + 1 == entries) {
		*table = rules->spare;
		memset(*table, 0, entries * sizeof(struct entry));
		return true;
	}
	*table = own_pages(entries * sizeof(struct entry), true);
	return *table != NULL;
}

static bool make_room(uint32_t generation)
{
	struct entry *old = rules->table, *table;
	uint64_t entries = old ? rules->mask + 1 : 0, current = 0;

	for (uint64_t i = 0; i < entries; i++)
		current += old[i].key >> 48 == (uint16_t)generation && old[i].key;
	if (entries == 0)
		entries = FIRST_ENTRIES;
	while (current * 4 >= entries)
		entries *= 4;
	if (!fresh_table(entries, &table))
		return false;
	for (uint64_t i = 0; old && i <= rules->mask; i++)
		if (old[i].key && old[i].key >> 48 == (uint16_t)generation)
			put(table, entries - 1, old[i].key, old[i].rule);
	rules->spare = old;
	rules->spare_mask = rules->mask;
	rules->used = current;
	/* Readers read the mask first: it is never larger than the table they then find. */
	__atomic_store_n(&rules->table, table, __ATOMIC_RELEASE);
	__atomic_store_n(&rules->mask, entries - 1, __ATOMIC_RELEASE);
	return true;
}

void rules_forget(void)
{
	lock(&rules->lock);
	if (rules->table)
		memset(rules->table, 0, (rules->mask + 1) * sizeof(struct entry));
	if (rules->spare)
		memset(rules->spare, 0, (rules->spare_mask + 1) * sizeof(struct entry));
	rules->used = 0;
	unlock(&rules->lock);
}

/* PLT stubs: CFA = rsp + 8, and 8 more behind the stub's push: known, since the address is. */
static bool is_plt(const struct cfi_row *row, uint64_t pc, int64_t *cfa_offset)
{
	const uint8_t *x = row->cfa_expression;

	if (row->cfa_length != 11 || x[0] != 0x77 || x[1] != 8 || x[2] != 0x80 || x[3] != 0 ||
	    x[4] != 0x3f || x[5] != 0x1a || x[7] != 0x2a || x[8] != 0x33 || x[9] != 0x24 ||
	    x[10] != 0x22)
		return false;
	*cfa_offset = 8 + ((pc & 15) >= (uint64_t)(x[6] - 0x30) ? 8 : 0);
	return true;
}

/* A one-byte SLEB128 offset, as compilers write for these; false for another expression. */
static bool is_based(const uint8_t *x, uint32_t length, uint8_t op, bool deref, int64_t *offset)
{
	uint32_t shift = 0, i = 1;
	uint64_t value = 0;

	if (length < 2 || x[0] != op)
		return false;
	do {
		value |= (uint64_t)(x[i] & 0x7f) << shift;
		shift += 7;
	} while (x[i++] & 0x80 && i < length && shift < 56);
	if (x[i - 1] & 0x40)
		value |= -(1ull << shift);
	*offset = (int64_t)value;
	return deref ? i + 1 == length && x[i] == 0x06 : i == length;
}

static uint64_t pack_row(const struct cfi_row *row, uint64_t pc, bool signal)
{
	static const uint8_t signal_cfa[] = SIGNAL_CFA_EXPRESSION;
	const struct cfi_register *fp = &row->registers[DW_FP], *ra = &row->registers[DW_RA];
	enum rule_kind kind;
	int64_t offset = row->cfa_offset, saved;

	if (signal)
		return row->cfa_is_expression && row->cfa_length == sizeof(signal_cfa) &&
			       !memcmp(row->cfa_expression, signal_cfa, sizeof(signal_cfa))
			       ? rule_pack(RULE_SIGNAL, 0, FP_SAME)
			       : rule_pack(RULE_COMPLEX, 0, FP_SAME);
	if (ra->how == CFI_UNDEFINED)
		return rule_pack(RULE_END, 0, FP_SAME);
	if (ra->how != CFI_OFFSET || ra->offset != -8)
		return rule_pack(RULE_COMPLEX, 0, FP_SAME);
	if (row->cfa_is_expression) {
		if (is_plt(row, pc, &offset))
			kind = RULE_SP;
		else if (is_based(row->cfa_expression, row->cfa_length, 0x70 + DW_FP, true, &offset) &&
			 fp->how == CFI_EXPRESSION &&
			 is_based(fp->expression, fp->length, 0x70 + DW_FP, false, &saved) && saved == 0)
			kind = RULE_DRAP;
		else
			return rule_pack(RULE_COMPLEX, 0, FP_SAME);
	} else if (row->cfa_register == DW_SP) {
		kind = RULE_SP;
	} else if (row->cfa_register == DW_FP) {
		kind = RULE_FP;
	} else {
		return rule_pack(RULE_COMPLEX, 0, FP_SAME);
	}
	if (offset < -(1 << 27) || offset >= 1 << 27)
		return rule_pack(RULE_COMPLEX, 0, FP_SAME);
	if (kind == RULE_DRAP)
		return rule_pack(kind, (int32_t)offset, 0);
	if (fp->how == CFI_SAME || fp->how == CFI_UNDEFINED)
		return rule_pack(kind, (int32_t)offset, FP_SAME);
	if (fp->how == CFI_OFFSET)
		return rule_pack(kind, (int32_t)offset, fp->offset);
	return rule_pack(RULE_COMPLEX, 0, FP_SAME);
}

enum cfi_result row_at(uint64_t pc, uint32_t generation, struct cfi_work *work, bool *signal)
{
	const uint8_t *header = module_at(pc, generation);

	return header ? cfi_find(header, pc, work, signal) : CFI_NO_ENTRY;
}

static uint64_t work_out(uint64_t pc, uint32_t generation)
{
	bool signal = false;

	__atomic_fetch_add(&process_slot()->slow_rules, 1, __ATOMIC_RELAXED);
	switch (row_at(pc, generation, &rules->work, &signal)) {
	case CFI_FOUND: return pack_row(&rules->work.row, pc, signal);
	case CFI_NO_ENTRY:
		return rule_pack(module_is_linker(pc) ? RULE_END : RULE_NONE, 0, FP_SAME);
	default: return rule_pack(RULE_COMPLEX, 0, FP_SAME);
	}
}

static COLD uint64_t rule_miss(uint64_t pc, uint32_t generation)
{
	uint64_t rule;

	lock(&rules->lock);
	rule = work_out(pc, generation);
	/* An object that found no place is to be noted at the next chance. */
	if (module_was_noted() && ((rules->table && rules->used * 2 < rules->mask) || make_room(generation))) {
		put(rules->table, rules->mask, key_of(pc, generation), rule);
		rules->used++;
	}
	unlock(&rules->lock);
	return rule;
}

uint64_t rule_anew(uint64_t pc, uint32_t generation)
{
	uint64_t rule;

	lock(&rules->lock);
	rule = work_out(pc, generation);
	unlock(&rules->lock);
	return rule;
}

uint64_t rule_at(uint64_t pc, uint32_t generation)
{
	uint64_t mask = __atomic_load_n(&rules->mask, __ATOMIC_ACQUIRE);
	struct entry *table = __atomic_load_n(&rules->table, __ATOMIC_ACQUIRE);
	uint64_t key = key_of(pc, generation), at = home(key, mask), rule;

	if (unlikely(!table))
		return rule_miss(pc, generation);
	for (;;) {
		uint64_t found = __atomic_load_n(&table[at].key, __ATOMIC_ACQUIRE);

		if (likely(found == key)) {
			rule = __atomic_load_n(&table[at].rule, __ATOMIC_ACQUIRE);
			if (likely(__atomic_load_n(&table[at].key, __ATOMIC_RELAXED) == key))
				return rule;
			return rule_miss(pc, generation);
		}
		if (found == 0)
			return rule_miss(pc, generation);
		at = (at + 1) & mask;
	}
}
