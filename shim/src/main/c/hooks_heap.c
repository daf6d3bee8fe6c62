/* SPDX-License-Identifier: Apache-2.0 */
/* The heap functions of the C library, which other allocators define under the same names. */
#include "hook.h"

#include <errno.h>

REAL(void *(size_t), malloc)
REAL(void *(size_t, size_t), calloc)
REAL(void *(void *, size_t), realloc)
REAL(void *(void *, size_t, size_t), reallocarray)
REAL(int(void **, size_t, size_t), posix_memalign)
REAL(void *(size_t, size_t), aligned_alloc)
REAL(void *(size_t, size_t), memalign)
REAL(void *(size_t), valloc)
REAL(void *(size_t), pvalloc)
REAL(void(void *), free)
REAL(void(void *), cfree)
REAL(void(void *, size_t), free_sized)
REAL(void(void *, size_t, size_t), free_aligned_sized)

EXPORT void *malloc(size_t size)
{
	HOOK_TAKE(get_malloc()(size), size);
}

EXPORT void *calloc(size_t count, size_t size)
{
	HOOK_TAKE(get_calloc()(count, size), product(count, size));
}

EXPORT void *realloc(void *old, size_t size)
{
	HOOK_RESIZE(old, get_realloc()(old, size), size, false);
}

EXPORT void *reallocarray(void *old, size_t count, size_t size)
{
	HOOK_RESIZE(old, get_reallocarray()(old, count, size), product(count, size), false);
}

EXPORT int posix_memalign(void **result, size_t alignment, size_t size)
{
	HOOK_TAKE_OUT(get_posix_memalign()(result, alignment, size), result, size);
}

EXPORT void *aligned_alloc(size_t alignment, size_t size)
{
	HOOK_TAKE(get_aligned_alloc()(alignment, size), size);
}

EXPORT void *memalign(size_t alignment, size_t size)
{
	HOOK_TAKE(get_memalign()(alignment, size), size);
}

EXPORT void *valloc(size_t size)
{
	HOOK_TAKE(get_valloc()(size), size);
}

EXPORT void *pvalloc(size_t size)
{
	HOOK_TAKE(get_pvalloc()(size), size);
}

EXPORT void free(void *block)
{
	HOOK_GIVE(block, get_free()(block));
}

/* Old programs call it; newer libraries have only free. */
EXPORT void cfree(void *block)
{
	void (*real)(void *) = get_cfree();

	HOOK_GIVE(block, (real ? real : get_free())(block));
}

/* C23; before glibc has them, an allocator may. */
EXPORT void free_sized(void *block, size_t size)
{
	if (get_free_sized())
		HOOK_GIVE(block, get_free_sized()(block, size));
	else
		HOOK_GIVE(block, get_free()(block));
}

EXPORT void free_aligned_sized(void *block, size_t alignment, size_t size)
{
	if (get_free_aligned_sized())
		HOOK_GIVE(block, get_free_aligned_sized()(block, alignment, size));
	else
		HOOK_GIVE(block, get_free()(block));
}
