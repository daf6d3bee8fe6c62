/* SPDX-License-Identifier: Apache-2.0 */
/* The self-check: with UNFREED_SHIM_CHECK=N every Nth stack is compared with libgcc's unwinder. */
#ifndef UNFREED_CHECK_H
#define UNFREED_CHECK_H

#include <stdbool.h>
#include <stdint.h>

#include "unwind.h"

/* Loads libgcc_s, outside of any hook; false when there is none. */
bool check_init(void);
/* Compares; counts in the process's slot; the first differences go to UNFREED_SHIM_CHECK_LOG. */
void check_stack(struct thread *thread, struct place start, uint32_t node);

#endif
