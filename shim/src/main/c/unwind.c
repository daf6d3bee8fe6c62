/* SPDX-License-Identifier: Apache-2.0 */
#include "unwind.h"
#include "check.h"
#include "rules.h"
#include "stackbounds.h"
#include "state.h"
#include "trie.h"
#include "walk.h"

enum step { STEP_ON, STEP_END, STEP_LOST, STEP_COMPLEX };

static uint64_t word(uint64_t address)
{
	return *(const uint64_t *)address;
}

static struct slot slot_at(uint64_t address)
{
	return (struct slot){ (const uint64_t *)address, word(address) };
}

/* The caller of a frame without call frame information, by its frame pointer if that can be one. */
static enum step follow_fp(struct thread *thread, struct place *at, struct fresh *fresh)
{
	fresh->uses_fp = true;
	if (at->fp <= at->sp || at->fp & 7 || !within_stack(thread, at->sp, at->fp + 16))
		return STEP_LOST;
	fresh->ra = slot_at(at->fp + 8);
	fresh->fp = slot_at(at->fp);
	fresh->has_ra = fresh->has_fp = true;
	at->sp = at->fp + 16;
	at->fp = fresh->fp.value;
	at->pc = fresh->ra.value - 1;
	return fresh->ra.value < 4096 ? STEP_LOST : STEP_ON;
}

static enum step leave_signal(struct place *at, struct fresh *fresh)
{
	const uint64_t *context = (const uint64_t *)at->sp;

	fresh->ra = slot_at((uint64_t)&context[UCONTEXT_PC]);
	fresh->cfa = slot_at((uint64_t)&context[UCONTEXT_SP]);
	fresh->fp = slot_at((uint64_t)&context[UCONTEXT_FP]);
	fresh->has_ra = fresh->has_cfa = fresh->has_fp = true;
	*at = (struct place){ fresh->ra.value, fresh->cfa.value, fresh->fp.value };
	return STEP_ON;
}

/* From a frame to its caller; what was read is in fresh. */
static enum step unwind_frame(struct thread *thread, uint64_t rule, bool guessed, struct place *at,
			      struct fresh *fresh)
{
	uint64_t cfa, fp_at;

	switch (rule_kind(rule)) {
	case RULE_SP: cfa = at->sp + (uint64_t)rule_cfa(rule); break;
	case RULE_FP:
		cfa = at->fp + (uint64_t)rule_cfa(rule);
		fresh->uses_fp = true;
		break;
	case RULE_DRAP:
		cfa = at->fp + (uint64_t)rule_cfa(rule);
		if (guessed && !within_stack(thread, cfa, cfa + 8))
			return STEP_LOST;
		fresh->cfa = slot_at(at->fp + (uint64_t)rule_cfa(rule));
		fresh->has_cfa = fresh->uses_fp = true;
		cfa = fresh->cfa.value;
		break;
	case RULE_SIGNAL: return guessed ? STEP_LOST : leave_signal(at, fresh);
	case RULE_END: return STEP_END;
	case RULE_NONE: return follow_fp(thread, at, fresh);
	default: return guessed ? STEP_LOST : STEP_COMPLEX;
	}
	/* Behind a guess nothing is certain: only the stack is read, and only outwards. */
	if (guessed && (cfa <= at->sp || !within_stack(thread, at->sp, cfa)))
		return STEP_LOST;
	fresh->ra = slot_at(cfa - 8);
	fresh->has_ra = true;
	if (rule_kind(rule) == RULE_DRAP || rule_fp(rule) != FP_SAME) {
		fp_at = rule_kind(rule) == RULE_DRAP ? at->fp : cfa + (uint64_t)(int64_t)rule_fp(rule);
		if (guessed && !within_stack(thread, fp_at, fp_at + 8))
			return STEP_LOST;
		fresh->fp = slot_at(fp_at);
		fresh->has_fp = true;
		at->fp = fresh->fp.value;
	}
	at->sp = cfa;
	at->pc = fresh->ra.value - 1;
	return fresh->ra.value < 4096 ? STEP_END : STEP_ON;
}

static bool is_at(const struct frame *frame, const struct place *at)
{
	return frame->at.sp == at->sp && frame->at.pc == at->pc &&
	       (!frame->needs_fp || frame->at.fp == at->fp);
}

/* The outermost slot that has been found changed, seen from slot `end` outwards; -1: none has. */
static int64_t changed_slot(const struct unwinder *unwinder, uint32_t end)
{
	for (int64_t i = (int64_t)end - 1; i >= 0; i--)
		if (*unwinder->slots[i].address != unwinder->slots[i].value)
			return i;
	return -1;
}

/*
 * Looks for `at` among the frames from index *candidate outwards. Found and verified: its index. A
 * changed word ends the trust in every frame inside of it: the search goes on outside.
 */
static int64_t meet(const struct unwinder *unwinder, int64_t *candidate, const struct place *at)
{
	int64_t i = *candidate, changed;

	while (i >= 0 && unwinder->frames[i].at.sp < at->sp)
		i--;
	*candidate = i;
	if (i < 0 || !is_at(&unwinder->frames[i], at))
		return -1;
	changed = changed_slot(unwinder, unwinder->frames[i].slots_end);
	if (changed < 0)
		return i;
	while (i >= 0 && unwinder->frames[i].slots_end > changed)
		i--;
	*candidate = i;
	return -1;
}

static void keep_slot(struct unwinder *unwinder, uint32_t *end, const struct slot *slot)
{
	unwinder->slots[(*end)++] = *slot;
}

/* Puts the fresh frames on top of frame `met`; `root` is what they stand on when there is none. */
static uint32_t keep(struct unwinder *unwinder, int64_t met, uint32_t count, uint32_t root,
		     uint32_t generation)
{
	uint32_t at = (uint32_t)(met + 1), slots = 0, needs = 0, node = root;

	if (met >= 0) {
		slots = unwinder->frames[met].slots_end;
		needs = unwinder->frames[met].needs_fp;
		node = unwinder->frames[met].node;
	}
	while (count-- > 0) {
		const struct fresh *fresh = &unwinder->fresh[count];
		struct frame *frame = &unwinder->frames[at++];

		/* Read again from the end: the CFA's word first, it says where the others are. */
		if (fresh->has_fp && needs)
			keep_slot(unwinder, &slots, &fresh->fp);
		if (fresh->has_ra)
			keep_slot(unwinder, &slots, &fresh->ra);
		if (fresh->has_cfa)
			keep_slot(unwinder, &slots, &fresh->cfa);
		needs = fresh->uses_fp || (!fresh->has_fp && needs);
		node = trie_child(node, fresh->at.pc, generation);
		frame->at = fresh->at;
		frame->node = node;
		frame->slots_end = slots;
		frame->needs_fp = needs;
	}
	unwinder->depth = at > MAX_DEPTH ? 0 : at;
	return node;
}

static COLD uint32_t unwind_changed(struct thread *thread, struct place at, bool trusted,
				    uint32_t generation)
{
	struct unwinder *unwinder = &thread->unwinder;
	const struct place start = at;
	int64_t candidate = unwinder->guessed ? -1 : (int64_t)unwinder->depth - 1, met = -1;
	uint32_t count = 0, root = NODE_INCOMPLETE;
	enum step step = STEP_ON;
	bool incomplete = false;

	while (count < MAX_DEPTH) {
		struct fresh *fresh;
		uint64_t rule;

		met = meet(unwinder, &candidate, &at);
		if (met >= 0)
			break;
		fresh = &unwinder->fresh[count++];
		*fresh = (struct fresh){ .at = at };
		rule = trusted ? rule_at(at.pc, generation) : rule_anew(at.pc, generation);
		step = unwind_frame(thread, rule, incomplete, &at, fresh);
		if (step == STEP_COMPLEX) {
			unwinder->depth = 0;
			return walk_stack(thread, start, generation);
		}
		incomplete |= rule_kind(rule) == RULE_NONE;
		if (step != STEP_ON)
			break;
	}
	if (step == STEP_END && !incomplete)
		root = NODE_NONE;
	if (incomplete && met >= 0) { /* a guess inside of a whole stack: all of it is another one */
		unwinder->depth = 0;
		return unwind_changed(thread, start, trusted, generation);
	}
	root = keep(unwinder, met, count, root, generation);
	unwinder->guessed = incomplete;
	if (!trusted)
		unwinder->depth = 0;
	return root;
}

uint32_t unwind_stack(struct thread *thread, struct place at)
{
	struct unwinder *unwinder = &thread->unwinder;
	uint32_t generation = __atomic_load_n(&process->generation, __ATOMIC_ACQUIRE);
	bool trusted = __atomic_load_n(&process->closing, __ATOMIC_ACQUIRE) == 0;
	uint32_t node;

	if (unlikely(unwinder->generation != generation || !trusted)) {
		unwinder->depth = 0;
		unwinder->generation = generation;
	}
	if (likely(unwinder->depth)) {
		const struct frame *frame = &unwinder->frames[unwinder->depth - 1];

		if (likely(is_at(frame, &at)) && likely(changed_slot(unwinder, frame->slots_end) < 0)) {
			node = frame->node;
			goto found;
		}
	}
	node = unwind_changed(thread, at, trusted, generation);
found:
	if (unlikely(check_every) && ++thread->stacks % check_every == 0)
		check_stack(thread, at, node);
	return node;
}
