/* SPDX-License-Identifier: Apache-2.0 */
/* Hooks that are reached through patched slots: all of them where symbol order does not help. */
#ifndef UNFREED_HOOKS_H
#define UNFREED_HOOKS_H

#include <link.h>
#include <stdbool.h>

/* C++'s operators, as they are named. */
#define OPERATORS(each)                                                                       \
	each(_Znwm) each(_Znam)                                                               \
	each(_ZnwmRKSt9nothrow_t) each(_ZnamRKSt9nothrow_t) each(_ZnwmSt11align_val_t)        \
	each(_ZnamSt11align_val_t) each(_ZnwmSt11align_val_tRKSt9nothrow_t)                   \
	each(_ZnamSt11align_val_tRKSt9nothrow_t) each(_ZdlPv) each(_ZdaPv) each(_ZdlPvm)      \
	each(_ZdaPvm) each(_ZdlPvRKSt9nothrow_t) each(_ZdaPvRKSt9nothrow_t)                   \
	each(_ZdlPvSt11align_val_t) each(_ZdaPvSt11align_val_t) each(_ZdlPvmSt11align_val_t)  \
	each(_ZdaPvmSt11align_val_t) each(_ZdlPvSt11align_val_tRKSt9nothrow_t)                \
	each(_ZdaPvSt11align_val_tRKSt9nothrow_t)

/* Unless an allocator defines the operators: nobody finds ours any more. Before anything else of a hook. */
void hooks_leave_operators(void);
/* Patches every object of a process that was attached to; slots, or -errno. */
int hooks_patch_all(void);
/* With a preloaded library: for allocators that have functions of names that we do not define. */
void hooks_patch_own_names(void);
/* Whether what a dlopen with this mode brings has to be patched. */
bool hooks_wanted_for(int mode);
/* The objects behind one of the list, at once. */
void hooks_patch_behind(const struct link_map *last);
/* Later, when it is safe: there is something to patch. */
void hooks_patch_later(void);
bool hooks_to_patch(void);
void hooks_patch_now(void);
/* The last object of the list now. */
const struct link_map *hooks_last_object(void);

#endif
