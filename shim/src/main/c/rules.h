/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a frame's caller is found, packed into 8 bytes and remembered per address: almost every row
 * of call frame information is "CFA = rsp or rbp + offset, the frame pointer saved or not".
 * Worked out when first needed, never in advance (cc1plus alone has 114 ms of it).
 */
#ifndef UNFREED_RULES_H
#define UNFREED_RULES_H

#include "cfi.h"

#include <stdbool.h>
#include <stdint.h>

enum rule_kind {
	RULE_SP = 1,  /* CFA = sp + cfa_offset */
	RULE_FP,      /* CFA = fp + cfa_offset */
	RULE_DRAP,    /* CFA = *(fp + cfa_offset); the caller's fp lies at fp */
	RULE_SIGNAL,  /* a ucontext lies at sp */
	RULE_END,     /* no caller */
	RULE_NONE,    /* no call frame information */
	RULE_COMPLEX  /* none of these: walk with all registers */
};

#define FP_SAME INT32_MIN

static inline uint64_t rule_pack(enum rule_kind kind, int32_t cfa_offset, int32_t fp_offset)
{
	return (uint64_t)(uint32_t)fp_offset << 32 | ((uint32_t)cfa_offset << 4 & 0xfffffff0u) | kind;
}

static inline enum rule_kind rule_kind(uint64_t rule)
{
	return (enum rule_kind)(rule & 15);
}

static inline int64_t rule_cfa(uint64_t rule)
{
	return (int32_t)(uint32_t)rule >> 4;
}

/* Where the caller's frame pointer is saved, from the CFA; FP_SAME when it is not. */
static inline int32_t rule_fp(uint64_t rule)
{
	return (int32_t)(rule >> 32);
}

/* Prepares the table; false when there is no memory. */
bool rules_init(void);
/* The rule at a lookup address, remembered for a generation. */
uint64_t rule_at(uint64_t pc, uint32_t generation);
/* The same, worked out anew and not remembered. */
uint64_t rule_anew(uint64_t pc, uint32_t generation);
/* The row behind it, in work->row, and the object noted; as cfi_find. */
enum cfi_result row_at(uint64_t pc, uint32_t generation, struct cfi_work *work, bool *signal);
/* Generations begin anew: forget what could be mistaken for theirs. */
void rules_forget(void);

#endif
