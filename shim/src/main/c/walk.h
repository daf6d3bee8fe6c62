/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The slow, general unwinder: every register by any rule, from here outwards. For stacks with a
 * frame whose CFA depends on another register than sp and the frame pointer
 * (_dl_runtime_resolve: rbx) or is an expression of its own.
 */
#ifndef UNFREED_WALK_H
#define UNFREED_WALK_H

#include <stdint.h>

#include "unwind.h"

/* The node of the stack that begins at `start`, a place in a caller of ours. */
uint32_t walk_stack(struct thread *thread, struct place start, uint32_t generation);

/* In the only thread of a child: whoever held the lock is not there. */
void walk_unlock(void);

#endif
