/* SPDX-License-Identifier: Apache-2.0 */
/*
 * C++'s operators new and delete. libstdc++'s call malloc and free, which record them with the
 * operator as a frame of the stack; only an allocator that defines the operators itself is asked
 * here. The others are jumped to, so that no frame of ours is in between, and only by what was bound before
 * this library began: then their names are taken out of its table. A library that comes later with operators of its
 * own, which others do not see, is bound to those, as without us; they may be gone when the next one comes.
 */
#include "elf.h"
#include "hook.h"
#include "hooks.h"

#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

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

/* The operators' names as others find them, until now. */
#define NAME(name) #name,
static const char *const names[] = { OPERATORS(NAME) };
#define COUNT (sizeof(names) / sizeof(*names))

static void make_absent(Elf64_Sym *symbol)
{
	symbol->st_value = 0;
	symbol->st_shndx = SHN_UNDEF;
}

void hooks_leave_operators(void)
{
	const struct link_map *own = own_object();
	Elf64_Sym *found[COUNT];
	uintptr_t from = UINTPTR_MAX, to = 0;
	size_t count = 0;

	if (!own || allocator_defines_operators())
		return;
	for (size_t i = 0; i < COUNT; i++) {
		Elf64_Sym *symbol = (Elf64_Sym *)elf_definition(own, names[i]);

		if (!symbol)
			continue;
		found[count++] = symbol;
		from = (uintptr_t)symbol < from ? (uintptr_t)symbol : from;
		to = (uintptr_t)(symbol + 1) > to ? (uintptr_t)(symbol + 1) : to;
	}
	if (count == 0)
		return;
	from &= -(uintptr_t)getauxval(AT_PAGESZ);
	if (syscall(SYS_mprotect, from, to - from, PROT_READ | PROT_WRITE) != 0)
		return;
	for (size_t i = 0; i < count; i++)
		make_absent(found[i]);
	syscall(SYS_mprotect, from, to - from, PROT_READ);
}

bool was_left(struct thread *thread, const uint64_t *frame)
{
	const struct unwinder *unwinder = &thread->unwinder;

	if (thread->recording)
		return false;
	thread->recording = 1;
	stack_of(thread, frame);
	thread->recording = 0;
	if (unwinder->depth == 0 || unwinder->guessed)
		return false; /* nobody knows */
	for (uint32_t i = 0; i < unwinder->depth; i++)
		if (unwinder->frames[i].at.sp == thread->inside + 16 &&
		    unwinder->frames[i].at.pc == thread->throwing_from)
			return false;
	return true;
}

/* The hook itself must be the caller's callee: its frame says where the stack begins. */
#define OPERATOR_NEW(name, parameters, arguments)                                             \
	REAL(void *parameters, name)                                                          \
	EXPORT void *name parameters                                                          \
	{                                                                                     \
		if (!allocator_defines_operators())                                           \
			return get_##name() arguments;                                        \
		HOOK_TAKE_OR_THROW(get_##name() arguments, size);                                      \
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
