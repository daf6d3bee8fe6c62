/* SPDX-License-Identifier: Apache-2.0 */
/* The program that a file is, or, of a script, the one that runs it: read by system calls alone. */
#ifndef UNFREED_PROGRAM_H
#define UNFREED_PROGRAM_H

#include "state.h"

#include <link.h>

enum program_kind {
	PROGRAM_UNKNOWN, /* cannot be read, or is no ELF file */
	PROGRAM_FOREIGN, /* an ELF file for another kind of processor than ours */
	PROGRAM_OURS
};

/* Small: who execs may be a signal's handler on a stack of a few pages. */
struct program {
	int fd;
	int segment_count;
	uint64_t segments_at;
};

/* Opens it, where there is one; then program_close must follow, whatever the answer. Null is no file. */
HIDDEN enum program_kind program_open(struct program *program, const char *path);
HIDDEN void program_close(struct program *program);
/* Reads all of a part of its file. */
HIDDEN bool program_read(const struct program *program, void *into, size_t bytes, uint64_t at);
/* Its next segment of a kind from index *at on, which is then behind it; false when there is none. */
HIDDEN bool program_next(const struct program *program, uint32_t kind, int *at, ElfW(Phdr) *segment);

#endif
