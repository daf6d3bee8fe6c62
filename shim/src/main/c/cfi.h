/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Call frame information as compilers write it to .eh_frame: DWARF 5, section 6.4, and the Linux
 * Standard Base's "Exception Frames" for the augmentations.
 */
#ifndef UNFREED_CFI_H
#define UNFREED_CFI_H

#include "arch.h"

#include <stdbool.h>
#include <stdint.h>

enum cfi_how {
	CFI_SAME,
	CFI_UNDEFINED,
	CFI_OFFSET,     /* at CFA + offset */
	CFI_VAL_OFFSET, /* is CFA + offset */
	CFI_EXPRESSION, /* at what the expression yields */
	CFI_VAL_EXPRESSION,
	CFI_REGISTER
};

struct cfi_register {
	uint8_t how;
	uint8_t reg;
	uint16_t length; /* of the expression */
	int32_t offset;
	const uint8_t *expression;
};

/* How the caller's registers are found, at one place in a function. */
struct cfi_row {
	bool cfa_is_expression;
	uint8_t cfa_register;
	uint16_t cfa_length;
	int64_t cfa_offset;
	const uint8_t *cfa_expression;
	struct cfi_register registers[DW_COUNT];
};

#define CFI_REMEMBERED 6

/* Room for working a row out; too large for a small stack. */
struct cfi_work {
	struct cfi_row row, initial;
	struct cfi_row remembered[CFI_REMEMBERED];
};

enum cfi_result {
	CFI_FOUND,
	CFI_NO_ENTRY,  /* no function there */
	CFI_UNREADABLE /* there is, but nothing that this reader knows */
};

/*
 * The row for a lookup address, in work->row.
 * eh_frame_hdr: the object's PT_GNU_EH_FRAME segment as mapped. signal: set for a signal frame.
 */
enum cfi_result cfi_find(const uint8_t *eh_frame_hdr, uint64_t address, struct cfi_work *work,
			 bool *signal);

struct cfi_range {
	const uint8_t *begin, *end;
};

struct cfi_function {
	uint64_t start, length;
	bool relative; /* to where it was read; else an address as linked */
	bool signal;
};

/* Whom cfi_each shows what it finds. */
struct cfi_visitor {
	/* A function; false: it is not of interest. */
	bool (*begin)(void *context, const struct cfi_function *function);
	/* The row from an offset in it to the next row or its end; null when it cannot be read. */
	void (*row)(void *context, uint64_t offset, const struct cfi_row *row);
	void *context;
};

/*
 * Every row of a section that may be damaged: nothing is read outside of `within` but for 64 bytes
 * behind it, which are 0.
 */
void cfi_each(const struct cfi_range *eh_frame, const struct cfi_range *within,
	      struct cfi_work *work, const struct cfi_visitor *visitor);

/* A DWARF expression over registers, with `first` pushed before it starts; false when unreadable. */
bool cfi_evaluate(const uint8_t *code, uint32_t length, const uint64_t *registers, bool push_first,
		  uint64_t first, uint64_t *result);

#endif
