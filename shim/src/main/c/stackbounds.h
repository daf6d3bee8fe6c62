/* SPDX-License-Identifier: Apache-2.0 */
/* Whether words may be read as parts of the stack that a thread runs on. */
#ifndef UNFREED_STACKBOUNDS_H
#define UNFREED_STACKBOUNDS_H

#include <stdbool.h>
#include <stdint.h>

struct thread;

/* True when [from, to) lies in one mapping, by /proc/self/maps, which is read when it is new. */
bool within_stack(struct thread *thread, uint64_t from, uint64_t to);

#endif
