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
	case CFI_FOUND: return rule_settled(rule_of_row(&rules->work.row, signal), pc);
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

void rules_unlock(void)
{
	if (rules)
		unlock(&rules->lock);
}
