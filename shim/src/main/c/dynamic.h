/* SPDX-License-Identifier: Apache-2.0 */
/* The dynamic section of a program's file, read a few entries at a time: there may be little stack. */
#ifndef UNFREED_DYNAMIC_H
#define UNFREED_DYNAMIC_H

#include "program.h"

#define DYNAMIC_AT_ONCE 32

struct dynamic {
	const struct program *program;
	uint64_t from, end; /* of what is not read yet, in the file */
	long count, at;
	ElfW(Dyn) read[DYNAMIC_AT_ONCE];
};

/* Begins with the first entry; a program without the section has none. */
HIDDEN void dynamic_begin(struct dynamic *dynamic, const struct program *program);
/* Null behind the last one. */
HIDDEN const ElfW(Dyn) *dynamic_next(struct dynamic *dynamic);
/* Where in the file what is loaded at an address lies; 0 for nowhere. */
HIDDEN uint64_t program_offset(const struct program *program, uint64_t address);

#endif
