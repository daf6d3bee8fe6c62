/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whole stacks, by verification. The flat list of (slot, value) that a thread's last stack was
 * read from is kept: the same words mean the same stack, and only the innermost frames that
 * changed are unwound until pc, sp (and the frame pointer, where an outer frame's CFA depends on
 * it) meet a frame that is verified.
 *
 * Slots are read from the inside out and no further than they agree: what the next slot's address
 * was worked out from has then just been verified, so that no word is read that a full unwind
 * would not read. A fibre's stack that has been unmapped is never touched.
 */
#ifndef UNFREED_UNWIND_H
#define UNFREED_UNWIND_H

#include <stdbool.h>
#include <stdint.h>

#define MAX_DEPTH 4096

/* A place in a call: lookup address of the code, and registers as they are there. */
struct place {
	uint64_t pc, sp, fp;
};

struct frame {
	struct place at;
	uint32_t node;
	uint32_t slots_end; /* slots of this frame and all outer ones */
	uint32_t needs_fp;  /* an outer CFA depends on the frame pointer as it is here */
};

struct slot {
	const uint64_t *address;
	uint64_t value;
};

/* A frame just unwound: the words that its caller was read from. */
struct fresh {
	struct place at;
	struct slot ra, fp, cfa;
	bool has_ra, has_fp, has_cfa, uses_fp;
};

struct unwinder {
	uint32_t depth;
	uint32_t generation;
	bool guessed; /* the frames contain one without call frame information: only the same stack is met */
	struct frame frames[2 * MAX_DEPTH]; /* outermost first */
	struct slot slots[3 * 2 * MAX_DEPTH];
	struct fresh fresh[MAX_DEPTH];      /* innermost first */
};

struct thread;

/* The node of the calling stack that begins (innermost) at a place. Keeps errno, calls no malloc. */
uint32_t unwind_stack(struct thread *thread, struct place at);

#endif
