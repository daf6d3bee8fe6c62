/* SPDX-License-Identifier: Apache-2.0 */
/* Rules remembered per address: worked out when first needed, never in advance (cc1plus alone has
 * 114 ms of it). */
#ifndef UNFREED_RULES_H
#define UNFREED_RULES_H

#include "cfi.h"
#include "rule.h"

#include <stdbool.h>
#include <stdint.h>

/* Prepares the table; false when there is no memory. */
bool rules_init(void);
/* The rule at a lookup address, remembered for a generation. */
uint64_t rule_at(uint64_t pc, uint32_t generation);
/* The same, worked out anew and not remembered. */
uint64_t rule_anew(uint64_t pc, uint32_t generation);
/* The row behind it, in work->row, and the object noted; as cfi_find. */
enum cfi_result row_at(uint64_t pc, uint32_t generation, struct cfi_work *work, bool *signal);
/* Generations begin anew: forget what could be mistaken for theirs. */
void rules_forget(void);

/* In the only thread of a child: whoever held the lock is not there. */
void rules_unlock(void);

#endif
