/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a frame's caller is found, packed into 8 bytes: almost every row of call frame information is
 * "CFA = rsp or rbp + offset, the frame pointer saved or not". The recording library's unwinder and
 * the BPF program's (bpf/src/main/bpf/unwind.h has the same numbers) go by these.
 */
#ifndef UNFREED_RULE_H
#define UNFREED_RULE_H

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
	RULE_COMPLEX, /* none of these: walk with all registers */
	RULE_PLT      /* CFA = sp + 8, and 8 more from byte cfa_offset of each 16; see rule_settled */
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

/* The rule of a row. */
uint64_t rule_of_row(const struct cfi_row *row, bool signal);

/* The rule at an address of a row whose rule depends on that. */
static inline uint64_t rule_settled(uint64_t rule, uint64_t pc)
{
	if (rule_kind(rule) != RULE_PLT)
		return rule;
	return rule_pack(RULE_SP, 8 + ((pc & 15) >= (uint64_t)rule_cfa(rule) ? 8 : 0), rule_fp(rule));
}

#endif
