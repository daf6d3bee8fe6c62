/* SPDX-License-Identifier: Apache-2.0 */
#include "rule.h"

#include <string.h>

/* PLT stubs: CFA = rsp + 8, and 8 more behind the stub's push, from this byte of it on. */
static bool is_plt(const struct cfi_row *row, int64_t *from)
{
	const uint8_t *x = row->cfa_expression;

	if (row->cfa_length != 11 || x[0] != 0x77 || x[1] != 8 || x[2] != 0x80 || x[3] != 0 ||
	    x[4] != 0x3f || x[5] != 0x1a || x[7] != 0x2a || x[8] != 0x33 || x[9] != 0x24 ||
	    x[10] != 0x22)
		return false;
	*from = x[6] - 0x30;
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

uint64_t rule_of_row(const struct cfi_row *row, bool signal)
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
		if (is_plt(row, &offset))
			kind = RULE_PLT;
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
