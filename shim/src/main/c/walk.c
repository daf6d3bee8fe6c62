/* SPDX-License-Identifier: Apache-2.0 */
#include "walk.h"
#include "rules.h"
#include "state.h"
#include "trie.h"

#include <string.h>

struct registers {
	uint64_t value[DW_COUNT];
};

/* Room that a small stack does not have; one walk at a time. Wiped by a fork. */
static struct walking {
	uint32_t lock;
	struct cfi_work work;
	uint64_t pc[MAX_DEPTH];
} *walking;

enum outcome { WALK_ON, WALK_END, WALK_LOST };

static bool value_of(const struct cfi_register *rule, const struct registers *now, uint64_t cfa,
		     uint64_t before, uint64_t *value)
{
	switch (rule->how) {
	case CFI_SAME:
	case CFI_UNDEFINED: *value = before; return true;
	case CFI_OFFSET: *value = *(const uint64_t *)(cfa + (uint64_t)(int64_t)rule->offset); return true;
	case CFI_VAL_OFFSET: *value = cfa + (uint64_t)(int64_t)rule->offset; return true;
	case CFI_REGISTER:
		*value = rule->reg < DW_COUNT ? now->value[rule->reg] : 0;
		return rule->reg < DW_COUNT;
	default:
		if (!cfi_evaluate(rule->expression, rule->length, now->value, true, cfa, value))
			return false;
		if (rule->how == CFI_EXPRESSION)
			*value = *(const uint64_t *)*value;
		return true;
	}
}

/* From a frame to its caller. `exact`: the address is not behind a call. */
static enum outcome leave(struct registers *registers, bool *exact, uint32_t generation)
{
	const struct cfi_row *row = &walking->work.row;
	const struct registers now = *registers;
	bool signal = false;
	uint64_t cfa;

	if (row_at(now.value[DW_RA] - !*exact, generation, &walking->work, &signal) != CFI_FOUND)
		return WALK_LOST;
	if (row->registers[DW_RA].how == CFI_UNDEFINED)
		return WALK_END;
	if (row->cfa_is_expression) {
		if (!cfi_evaluate(row->cfa_expression, row->cfa_length, now.value, false, 0, &cfa))
			return WALK_LOST;
	} else {
		if (row->cfa_register >= DW_COUNT)
			return WALK_LOST;
		cfa = now.value[row->cfa_register] + (uint64_t)row->cfa_offset;
	}
	registers->value[DW_SP] = cfa;
	for (int i = 0; i < DW_COUNT; i++) {
		uint64_t before = i == DW_SP ? cfa : now.value[i];

		if (!value_of(&row->registers[i], &now, cfa, before, &registers->value[i]))
			return WALK_LOST;
	}
	*exact = signal;
	return registers->value[DW_RA] < 4096 ? WALK_END : WALK_ON;
}

static uint32_t walk_locked(struct registers *registers, struct place start, uint32_t generation)
{
	enum outcome outcome = WALK_ON;
	bool exact = true, inside = false;
	uint32_t count = 0, node;

	while (outcome == WALK_ON && count < MAX_DEPTH) {
		uint64_t pc = registers->value[DW_RA] - !exact;

		/* Our own frames come first. */
		inside |= pc == start.pc && registers->value[DW_SP] == start.sp;
		if (inside)
			walking->pc[count++] = pc;
		outcome = leave(registers, &exact, generation);
	}
	node = outcome == WALK_END ? NODE_NONE : NODE_INCOMPLETE;
	while (count-- > 0)
		node = trie_child(node, walking->pc[count], generation);
	return node;
}

COLD uint32_t walk_stack(struct thread *thread, struct place start, uint32_t generation)
{
	struct registers registers;
	uint32_t node;

	(void)thread;
	CAPTURE_REGISTERS(registers.value);
	__atomic_fetch_add(&process_slot()->complex_walks, 1, __ATOMIC_RELAXED);
	if (!__atomic_load_n(&walking, __ATOMIC_ACQUIRE)) {
		struct walking *pages = own_pages(sizeof(*walking), true), *none = NULL;

		if (!pages)
			return NODE_INCOMPLETE;
		__atomic_compare_exchange_n(&walking, &none, pages, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
	}
	lock(&walking->lock);
	node = walk_locked(&registers, start, generation);
	unlock(&walking->lock);
	return node;
}

void walk_unlock(void)
{
	if (walking)
		unlock(&walking->lock);
}
