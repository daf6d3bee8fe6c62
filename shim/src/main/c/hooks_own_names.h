/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Functions that allocators have under names of their own: jemalloc's *allocx, mimalloc's mi_*,
 * tcmalloc's tc_*. Programs ask whether these are there to learn which allocator they run with, so
 * this library must not define them: it is reached through patched slots only.
 */
#ifndef UNFREED_HOOKS_OWN_NAMES_H
#define UNFREED_HOOKS_OWN_NAMES_H

#include "got.h"

extern const struct got_hook own_names[];
extern const int own_names_count;

#endif
