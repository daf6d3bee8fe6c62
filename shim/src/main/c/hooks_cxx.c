/* SPDX-License-Identifier: Apache-2.0 */
/*
 * C++'s operators new and delete. libstdc++'s call malloc and free, which record them with the
 * operator as a frame of the stack; only an allocator that defines the operators itself is asked
 * here. The others are jumped to, so that no frame of ours is in between.
 */
#include "hook.h"

/* std::align_val_t and const std::nothrow_t &, as the ABI passes them. */
typedef size_t align_val;
typedef const void *nothrow;

static bool allocator_defines_operators(void)
{
	static int known; /* 1: no, 2: yes */

	if (unlikely(!known))
		known = same_object_defines("_Znwm", "malloc") ? 2 : 1;
	return known == 2;
}

/* The hook itself must be the caller's callee: its frame says where the stack begins. */
#define OPERATOR_NEW(name, parameters, arguments)                                             \
	REAL(void *parameters, name)                                                          \
	EXPORT void *name parameters                                                          \
	{                                                                                     \
		if (!allocator_defines_operators())                                           \
			return get_##name() arguments;                                        \
		HOOK_TAKE(get_##name() arguments, size);                                      \
	}

#define OPERATOR_DELETE(name, parameters, arguments)                                          \
	REAL(void parameters, name)                                                           \
	EXPORT void name parameters                                                           \
	{                                                                                     \
		if (!allocator_defines_operators()) {                                         \
			get_##name() arguments;                                               \
			return;                                                               \
		}                                                                             \
		HOOK_GIVE(block, get_##name() arguments);                                     \
	}

OPERATOR_NEW(_Znwm, (size_t size), (size))
OPERATOR_NEW(_Znam, (size_t size), (size))
OPERATOR_NEW(_ZnwmRKSt9nothrow_t, (size_t size, nothrow n), (size, n))
OPERATOR_NEW(_ZnamRKSt9nothrow_t, (size_t size, nothrow n), (size, n))
OPERATOR_NEW(_ZnwmSt11align_val_t, (size_t size, align_val a), (size, a))
OPERATOR_NEW(_ZnamSt11align_val_t, (size_t size, align_val a), (size, a))
OPERATOR_NEW(_ZnwmSt11align_val_tRKSt9nothrow_t, (size_t size, align_val a, nothrow n), (size, a, n))
OPERATOR_NEW(_ZnamSt11align_val_tRKSt9nothrow_t, (size_t size, align_val a, nothrow n), (size, a, n))

OPERATOR_DELETE(_ZdlPv, (void *block), (block))
OPERATOR_DELETE(_ZdaPv, (void *block), (block))
OPERATOR_DELETE(_ZdlPvm, (void *block, size_t size), (block, size))
OPERATOR_DELETE(_ZdaPvm, (void *block, size_t size), (block, size))
OPERATOR_DELETE(_ZdlPvRKSt9nothrow_t, (void *block, nothrow n), (block, n))
OPERATOR_DELETE(_ZdaPvRKSt9nothrow_t, (void *block, nothrow n), (block, n))
OPERATOR_DELETE(_ZdlPvSt11align_val_t, (void *block, align_val a), (block, a))
OPERATOR_DELETE(_ZdaPvSt11align_val_t, (void *block, align_val a), (block, a))
OPERATOR_DELETE(_ZdlPvmSt11align_val_t, (void *block, size_t size, align_val a), (block, size, a))
OPERATOR_DELETE(_ZdaPvmSt11align_val_t, (void *block, size_t size, align_val a), (block, size, a))
OPERATOR_DELETE(_ZdlPvSt11align_val_tRKSt9nothrow_t, (void *block, align_val a, nothrow n), (block, a, n))
OPERATOR_DELETE(_ZdaPvSt11align_val_tRKSt9nothrow_t, (void *block, align_val a, nothrow n), (block, a, n))
