/* SPDX-License-Identifier: Apache-2.0 */
#include "cfi.h"

#include <string.h>

struct cie {
	uint64_t code_align;
	int64_t data_align;
	uint64_t return_register;
	uint8_t pointer_encoding;
	bool augmented, signal;
	const uint8_t *instructions, *end;
};

/* Bits of a number, padding included: a hostile file's may go on and on. */
#define LONGEST_NUMBER 140
#define LONGEST_CIE 4096

static uint64_t uleb(const uint8_t **p)
{
	uint64_t value = 0;
	unsigned int shift = 0;
	uint8_t byte;

	do {
		byte = *(*p)++;
		if (shift < 64)
			value |= (uint64_t)(byte & 0x7f) << shift;
		shift += 7;
	} while (byte & 0x80 && shift < LONGEST_NUMBER);
	return value;
}

static int64_t sleb(const uint8_t **p)
{
	uint64_t value = 0;
	unsigned int shift = 0;
	uint8_t byte;

	do {
		byte = *(*p)++;
		if (shift < 64)
			value |= (uint64_t)(byte & 0x7f) << shift;
		shift += 7;
	} while (byte & 0x80 && shift < LONGEST_NUMBER);
	if (shift < 64 && (byte & 0x40))
		value |= -(1ull << shift);
	return (int64_t)value;
}

static uint64_t fixed(const uint8_t **p, int bytes)
{
	uint64_t value = 0;

	memcpy(&value, *p, (size_t)bytes);
	*p += bytes;
	return value;
}

/* A pointer in one of the DW_EH_PE encodings; `data` is what datarel is relative to. */
static uint64_t encoded(const uint8_t **p, uint8_t encoding, uint64_t data)
{
	const uint8_t *at = *p;
	uint64_t value;

	if (encoding == 0xff)
		return 0;
	switch (encoding & 0xf) {
	case 0x1: value = uleb(p); break;
	case 0x2: value = fixed(p, 2); break;
	case 0x3: value = fixed(p, 4); break;
	case 0x9: value = (uint64_t)sleb(p); break;
	case 0xa: value = (uint64_t)(int16_t)fixed(p, 2); break;
	case 0xb: value = (uint64_t)(int32_t)fixed(p, 4); break;
	default: value = fixed(p, 8); break;
	}
	if (value == 0)
		return 0;
	if ((encoding & 0x70) == 0x10)
		value += (uint64_t)at;
	else if ((encoding & 0x70) == 0x30)
		value += data;
	return value;
}

/* Goes over a block; false when it is longer than what is left. */
static bool skip(const uint8_t **p, const uint8_t *end, uint64_t bytes)
{
	if (*p > end || bytes > (uint64_t)(end - *p))
		return false;
	*p += bytes;
	return true;
}

/* Within what is readable; single numbers may be read a few bytes behind it. */
static bool has(const struct cfi_range *within, const uint8_t *at, uint64_t bytes)
{
	/* As numbers: there is no object that all addresses are in. */
	uint64_t size = (uint64_t)within->end - (uint64_t)within->begin;
	uint64_t from = (uint64_t)at - (uint64_t)within->begin;

	return from < size && bytes <= size - from;
}

static bool read_cie(const uint8_t *at, const struct cfi_range *within, struct cie *cie)
{
	const uint8_t *p = at, *data_end;
	const char *augmentation;
	uint32_t length;
	uint8_t version;

	if (!has(within, at, 8))
		return false;
	length = (uint32_t)fixed(&p, 4);
	/* Its instructions run again for each function. */
	if (length < 8 || length > LONGEST_CIE || !has(within, at, 4 + (uint64_t)length))
		return false;
	cie->end = p + length;
	p += 4; /* the id */
	version = *p++;
	augmentation = (const char *)p;
	p = memchr(p, 0, (size_t)(cie->end - p));
	if (!p)
		return false;
	p++;
	if (version == 4)
		p += 2; /* sizes of addresses and segments */
	cie->code_align = uleb(&p);
	cie->data_align = sleb(&p);
	cie->return_register = version == 1 ? *p++ : uleb(&p);
	cie->pointer_encoding = 0;
	cie->augmented = augmentation[0] == 'z';
	cie->signal = false;
	if (!cie->augmented && augmentation[0] != 0)
		return false;
	if (cie->augmented) {
		uint64_t bytes = uleb(&p);

		data_end = p;
		if (!skip(&data_end, cie->end, bytes))
			return false;
		for (const char *a = augmentation + 1; *a; a++) {
			if (p > data_end)
				return false;
			if (*a == 'R') {
				cie->pointer_encoding = *p++;
			} else if (*a == 'P') {
				uint8_t encoding = *p++;

				encoded(&p, encoding, 0);
			} else if (*a == 'L') {
				p++;
			} else if (*a == 'S') {
				cie->signal = true;
			} else if (*a != 'B') {
				break; /* unknown: the length says where the instructions begin */
			}
		}
		p = data_end;
	}
	cie->instructions = p;
	return cie->return_register == DW_RA;
}

static void set(struct cfi_row *row, uint64_t reg, uint8_t how, int64_t offset)
{
	if (reg < DW_COUNT) {
		row->registers[reg].how = how;
		row->registers[reg].offset = (int32_t)offset;
	}
}

static bool set_expression(struct cfi_row *row, uint64_t reg, uint8_t how, const uint8_t **p,
			   const uint8_t *end)
{
	uint64_t length = uleb(p);

	if (reg < DW_COUNT) {
		row->registers[reg].how = how;
		row->registers[reg].expression = *p;
		row->registers[reg].length = (uint16_t)length;
	}
	return skip(p, end, length);
}

static void set_cfa(struct cfi_row *row, uint64_t reg, int64_t offset)
{
	row->cfa_is_expression = false;
	row->cfa_register = reg < DW_COUNT ? (uint8_t)reg : 0xff;
	row->cfa_offset = offset;
}

/* Where instructions have brought the location; over when it lies behind what is looked for. */
struct walk {
	uint64_t location, wanted;
	bool over;
	const uint8_t *end; /* of the instructions */
	const struct cfi_visitor *visitor; /* is shown every row that was passed; null for none */
	uint64_t start;
};

static void advance(struct walk *walk, const struct cfi_row *row, uint64_t delta)
{
	if (walk->visitor && delta)
		walk->visitor->row(walk->visitor->context, walk->location - walk->start, row);
	if (walk->location + delta > walk->wanted)
		walk->over = true;
	else
		walk->location += delta;
}

/* The instructions with their operand in the opcode's low bits or following; false: unknown. */
static bool extended(uint8_t op, const uint8_t **p, struct cfi_work *work, const struct cie *cie,
		     struct walk *walk, int *remembered)
{
	struct cfi_row *row = &work->row;
	int64_t align = cie->data_align;
	uint64_t reg;

	switch (op) {
	case 0x00: return true; /* nop */
	case 0x01: { /* set_loc */
		uint64_t at = encoded(p, cie->pointer_encoding, 0);

		advance(walk, row, at - walk->location);
		return true;
	}
	case 0x02: advance(walk, row, fixed(p, 1) * cie->code_align); return true;
	case 0x03: advance(walk, row, fixed(p, 2) * cie->code_align); return true;
	case 0x04: advance(walk, row, fixed(p, 4) * cie->code_align); return true;
	case 0x05: reg = uleb(p); set(row, reg, CFI_OFFSET, (int64_t)uleb(p) * align); return true;
	case 0x06:
		reg = uleb(p);
		if (reg < DW_COUNT)
			row->registers[reg] = work->initial.registers[reg];
		return true;
	case 0x07: set(row, uleb(p), CFI_UNDEFINED, 0); return true;
	case 0x08: set(row, uleb(p), CFI_SAME, 0); return true;
	case 0x09:
		reg = uleb(p);
		set(row, reg, CFI_REGISTER, 0);
		if (reg < DW_COUNT)
			row->registers[reg].reg = (uint8_t)uleb(p);
		else
			uleb(p);
		return true;
	case 0x0a:
		if (*remembered == CFI_REMEMBERED)
			return false;
		work->remembered[(*remembered)++] = *row;
		return true;
	case 0x0b:
		if (*remembered == 0)
			return false;
		*row = work->remembered[--*remembered];
		return true;
	case 0x0c: reg = uleb(p); set_cfa(row, reg, (int64_t)uleb(p)); return true;
	case 0x0d: set_cfa(row, uleb(p), row->cfa_offset); return true;
	case 0x0e: row->cfa_offset = (int64_t)uleb(p); return true;
	case 0x0f:
		row->cfa_is_expression = true;
		row->cfa_length = (uint16_t)uleb(p);
		row->cfa_expression = *p;
		return skip(p, walk->end, row->cfa_length);
	case 0x10: reg = uleb(p); return set_expression(row, reg, CFI_EXPRESSION, p, walk->end);
	case 0x11: reg = uleb(p); set(row, reg, CFI_OFFSET, sleb(p) * align); return true;
	case 0x12: reg = uleb(p); set_cfa(row, reg, sleb(p) * align); return true;
	case 0x13: row->cfa_offset = sleb(p) * align; return true;
	case 0x14: reg = uleb(p); set(row, reg, CFI_VAL_OFFSET, (int64_t)uleb(p) * align); return true;
	case 0x15: reg = uleb(p); set(row, reg, CFI_VAL_OFFSET, sleb(p) * align); return true;
	case 0x16: reg = uleb(p); return set_expression(row, reg, CFI_VAL_EXPRESSION, p, walk->end);
	case 0x2e: uleb(p); return true; /* GNU_args_size */
	case 0x2f: reg = uleb(p); set(row, reg, CFI_OFFSET, -(int64_t)uleb(p) * align); return true;
	default: return false;
	}
}

static bool run(const uint8_t *p, const uint8_t *end, struct cfi_work *work, const struct cie *cie,
		struct walk *walk)
{
	int remembered = 0;

	walk->end = end;
	while (p < end && !walk->over) {
		uint8_t op = *p++;
		uint8_t low = op & 0x3f;

		switch (op >> 6) {
		case 1: advance(walk, &work->row, low * cie->code_align); break;
		case 2: set(&work->row, low, CFI_OFFSET, (int64_t)uleb(&p) * cie->data_align); break;
		case 3:
			if (low < DW_COUNT)
				work->row.registers[low] = work->initial.registers[low];
			break;
		default:
			if (!extended(op, &p, work, cie, walk, &remembered))
				return false;
		}
	}
	return true;
}

/* The description that begins last at or before an address, by the sorted table of the header. */
static const uint8_t *find_entry(const uint8_t *header, uint64_t address)
{
	const uint8_t *p = header + 4;
	const int32_t *table;
	uint64_t count, low = 0, high;
	int64_t key = (int64_t)(address - (uint64_t)header);

	/* version 1, a table of datarel sdata4 pairs: what linkers write */
	if (header[0] != 1 || header[3] != 0x3b)
		return NULL;
	encoded(&p, header[1], (uint64_t)header);
	count = encoded(&p, header[2], (uint64_t)header);
	table = (const int32_t *)p;
	high = count;
	while (low < high) {
		uint64_t middle = (low + high) / 2;

		if (table[2 * middle] <= key)
			low = middle + 1;
		else
			high = middle;
	}
	return low == 0 ? NULL : header + table[2 * (low - 1) + 1];
}

/* The description of a function, and the entry that it shares with others. */
struct fde {
	struct cie cie;
	uint64_t start, length;
	const uint8_t *instructions, *end;
};

static bool read_fde(const uint8_t *entry, const struct cfi_range *within, struct fde *fde)
{
	const uint8_t *p = entry;
	uint32_t bytes, cie_distance;

	if (!has(within, entry, 8))
		return false;
	bytes = (uint32_t)fixed(&p, 4);
	if (bytes < 4 || bytes == 0xffffffff || !has(within, entry, 4 + (uint64_t)bytes))
		return false;
	fde->end = p + bytes;
	cie_distance = (uint32_t)fixed(&p, 4);
	if (!read_cie(p - 4 - cie_distance, within, &fde->cie))
		return false;
	fde->start = encoded(&p, fde->cie.pointer_encoding, 0);
	fde->length = encoded(&p, fde->cie.pointer_encoding & 0xf, 0);
	if (fde->cie.augmented) {
		uint64_t augmentation = uleb(&p);

		if (!skip(&p, fde->end, augmentation))
			return false;
	}
	fde->instructions = p;
	return true;
}

/* The row that a function begins with. */
static bool begin(const struct fde *fde, struct cfi_work *work)
{
	struct walk walk = { .wanted = UINT64_MAX };

	memset(&work->row, 0, sizeof(work->row));
	if (!run(fde->cie.instructions, fde->cie.end, work, &fde->cie, &walk))
		return false;
	work->initial = work->row;
	return true;
}

enum cfi_result cfi_find(const uint8_t *eh_frame_hdr, uint64_t address, struct cfi_work *work,
			 bool *signal)
{
	static const struct cfi_range anywhere = { NULL, (const uint8_t *)UINTPTR_MAX };
	const uint8_t *entry = find_entry(eh_frame_hdr, address);
	struct walk walk = { .wanted = address };
	struct fde fde;

	if (!entry)
		return CFI_NO_ENTRY;
	if (!read_fde(entry, &anywhere, &fde))
		return CFI_UNREADABLE;
	if (address < fde.start || address - fde.start >= fde.length)
		return CFI_NO_ENTRY;
	*signal = fde.cie.signal;
	if (!begin(&fde, work))
		return CFI_UNREADABLE;
	walk.location = fde.start;
	return run(fde.instructions, fde.end, work, &fde.cie, &walk) ? CFI_FOUND : CFI_UNREADABLE;
}

static void visit(const uint8_t *entry, const struct cfi_range *within, struct cfi_work *work,
		  const struct cfi_visitor *visitor)
{
	struct walk walk = { .wanted = UINT64_MAX, .visitor = visitor };
	struct cfi_function function;
	struct fde fde;

	if (!read_fde(entry, within, &fde))
		return;
	function.start = fde.start;
	function.length = fde.length;
	function.relative = (fde.cie.pointer_encoding & 0x70) == 0x10;
	function.signal = fde.cie.signal;
	if (!visitor->begin(visitor->context, &function))
		return;
	walk.location = walk.start = fde.start;
	if (begin(&fde, work) && run(fde.instructions, fde.end, work, &fde.cie, &walk))
		visitor->row(visitor->context, walk.location - walk.start, &work->row);
	else
		visitor->row(visitor->context, walk.location - walk.start, NULL);
}

void cfi_each(const struct cfi_range *eh_frame, const struct cfi_range *within,
	      struct cfi_work *work, const struct cfi_visitor *visitor)
{
	const uint8_t *at = eh_frame->begin;

	while (has(within, at, 8) && at < eh_frame->end) {
		const uint8_t *entry = at, *id;
		uint32_t bytes = (uint32_t)fixed(&at, 4);

		if (bytes == 0)
			continue; /* ends what one linked file brought; more may follow */
		if (!has(within, entry, 4 + (uint64_t)bytes))
			return;
		id = at;
		at += bytes;
		if (bytes >= 4 && fixed(&id, 4) != 0)
			visit(entry, within, work, visitor);
	}
}

#define OPERANDS 32

bool cfi_evaluate(const uint8_t *code, uint32_t length, const uint64_t *registers, bool push_first,
		  uint64_t first, uint64_t *result)
{
	const uint8_t *p = code, *end = code + length;
	uint64_t stack[OPERANDS], a, b;
	int top = 0;

	if (push_first)
		stack[top++] = first;
	while (p < end) {
		uint8_t op = *p++;

		if (top >= OPERANDS - 2)
			return false;
		if (op >= 0x30 && op <= 0x4f) { /* lit */
			stack[top++] = op - 0x30u;
		} else if (op >= 0x70 && op <= 0x8f) { /* breg */
			if (op - 0x70 >= DW_COUNT)
				return false;
			stack[top] = registers[op - 0x70] + (uint64_t)sleb(&p);
			top++;
		} else if (op >= 0x08 && op <= 0x11) { /* const */
			switch (op) {
			case 0x08: stack[top] = fixed(&p, 1); break;
			case 0x09: stack[top] = (uint64_t)(int8_t)fixed(&p, 1); break;
			case 0x0a: stack[top] = fixed(&p, 2); break;
			case 0x0b: stack[top] = (uint64_t)(int16_t)fixed(&p, 2); break;
			case 0x0c: stack[top] = fixed(&p, 4); break;
			case 0x0d: stack[top] = (uint64_t)(int32_t)fixed(&p, 4); break;
			case 0x0e: case 0x0f: stack[top] = fixed(&p, 8); break;
			case 0x10: stack[top] = uleb(&p); break;
			default: stack[top] = (uint64_t)sleb(&p); break;
			}
			top++;
		} else if (op == 0x06 || op == 0x12 || op == 0x13 || op == 0x1f || op == 0x20 ||
			   op == 0x23 || op == 0x19) {
			if (top < 1)
				return false;
			a = stack[top - 1];
			switch (op) {
			case 0x06: stack[top - 1] = *(const uint64_t *)a; break; /* deref */
			case 0x12: stack[top++] = a; break;                      /* dup */
			case 0x13: top--; break;                                 /* drop */
			case 0x1f: stack[top - 1] = -a; break;
			case 0x20: stack[top - 1] = ~a; break;
			case 0x19: stack[top - 1] = (int64_t)a < 0 ? -a : a; break;
			default: stack[top - 1] = a + uleb(&p); break;           /* plus_uconst */
			}
		} else {
			if (top < 2)
				return false;
			b = stack[--top];
			a = stack[top - 1];
			switch (op) {
			case 0x14: stack[top] = b; stack[top + 1] = a; top += 2; break; /* over */
			case 0x16: stack[top - 1] = b; stack[top++] = a; break;         /* swap */
			case 0x1a: stack[top - 1] = a & b; break;
			case 0x1c: stack[top - 1] = a - b; break;
			case 0x1e: stack[top - 1] = a * b; break;
			case 0x21: stack[top - 1] = a | b; break;
			case 0x22: stack[top - 1] = a + b; break;
			case 0x24: stack[top - 1] = b < 64 ? a << b : 0; break;
			case 0x25: stack[top - 1] = b < 64 ? a >> b : 0; break;
			case 0x26: stack[top - 1] = (uint64_t)((int64_t)a >> (b < 64 ? b : 63)); break;
			case 0x27: stack[top - 1] = a ^ b; break;
			case 0x29: stack[top - 1] = a == b; break;
			case 0x2a: stack[top - 1] = (int64_t)a >= (int64_t)b; break;
			case 0x2b: stack[top - 1] = (int64_t)a > (int64_t)b; break;
			case 0x2c: stack[top - 1] = (int64_t)a <= (int64_t)b; break;
			case 0x2d: stack[top - 1] = (int64_t)a < (int64_t)b; break;
			case 0x2e: stack[top - 1] = a != b; break;
			default: return false;
			}
		}
	}
	if (top < 1)
		return false;
	*result = stack[top - 1];
	return true;
}
