/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks_own_names.h"
#include "hook.h"

#include <string.h>

typedef const void *nothrow;

/* What takes a block, by the shape of its arguments; `bytes` in terms of them. */
#define TAKES(name, parameters, arguments, bytes)                                             \
	REAL(void *parameters, name)                                                          \
	static void *hook_##name parameters                                                   \
	{                                                                                     \
		HOOK_TAKE(get_##name() arguments, bytes);                                     \
	}
#define RESIZES(name, parameters, arguments, bytes)                                           \
	REAL(void *parameters, name)                                                          \
	static void *hook_##name parameters                                                   \
	{                                                                                     \
		HOOK_RESIZE(old, get_##name() arguments, bytes, false);                       \
	}
/* Those that give the old block back when there is no new one. */
#define RESIZES_OR_GIVES(name, parameters, arguments, bytes)                                  \
	REAL(void *parameters, name)                                                          \
	static void *hook_##name parameters                                                   \
	{                                                                                     \
		HOOK_RESIZE(old, get_##name() arguments, bytes, true);                        \
	}
#define GIVES(name, parameters, arguments)                                                    \
	REAL(void parameters, name)                                                           \
	static void hook_##name parameters                                                    \
	{                                                                                     \
		HOOK_GIVE(block, get_##name() arguments);                                     \
	}
#define TAKES_OUT(name)                                                                       \
	REAL(int(void **, size_t, size_t), name)                                              \
	static int hook_##name(void **result, size_t alignment, size_t size)                  \
	{                                                                                     \
		HOOK_TAKE_OUT(get_##name()(result, alignment, size), result, size);           \
	}
#define TAKES_TEXT(name, parameters, arguments)                                               \
	REAL(char *parameters, name)                                                          \
	static char *hook_##name parameters                                                   \
	{                                                                                     \
		struct thread *thread = hook_enter(FRAME);                                    \
		char *text = get_##name() arguments;                                          \
		if (likely(thread)) {                                                         \
			if (text)                                                             \
				put_taken(thread, FRAME, KIND_ALLOC, SPACE_HEAP, text, strlen(text) + 1); \
			hook_leave(thread);                                                   \
		}                                                                             \
		return text;                                                                  \
	}

/* jemalloc(3) */
TAKES(mallocx, (size_t size, int flags), (size, flags), size)
RESIZES(rallocx, (void *old, size_t size, int flags), (old, size, flags), size)
GIVES(dallocx, (void *block, int flags), (block, flags))
GIVES(sdallocx, (void *block, size_t size, int flags), (block, size, flags))
REAL(size_t(void *, size_t, size_t, int), xallocx)

/* In place or not at all: a realloc to the same address that can fail. */
static size_t hook_xallocx(void *block, size_t size, size_t extra, int flags)
{
	struct thread *thread = hook_enter(FRAME);
	size_t real;

	if (likely(thread))
		put_leaving(thread, FRAME, KIND_INTENT, SPACE_HEAP, block, 0);
	real = get_xallocx()(block, size, extra, flags);
	if (likely(thread)) {
		if (real >= size)
			put_taken(thread, FRAME, KIND_OUTCOME_OK, SPACE_HEAP, block, size);
		else
			put_outcome(thread, false, SPACE_HEAP);
		hook_leave(thread);
	}
	return real;
}

/* mimalloc */
TAKES(mi_malloc, (size_t size), (size), size)
TAKES(mi_malloc_small, (size_t size), (size), size)
TAKES(mi_zalloc, (size_t size), (size), size)
TAKES(mi_zalloc_small, (size_t size), (size), size)
TAKES(mi_valloc, (size_t size), (size), size)
TAKES(mi_pvalloc, (size_t size), (size), size)
TAKES(mi_new, (size_t size), (size), size)
TAKES(mi_new_nothrow, (size_t size), (size), size)
TAKES(mi_calloc, (size_t count, size_t size), (count, size), product(count, size))
TAKES(mi_mallocn, (size_t count, size_t size), (count, size), product(count, size))
TAKES(mi_new_n, (size_t count, size_t size), (count, size), product(count, size))
TAKES(mi_malloc_aligned, (size_t size, size_t alignment), (size, alignment), size)
TAKES(mi_zalloc_aligned, (size_t size, size_t alignment), (size, alignment), size)
TAKES(mi_new_aligned, (size_t size, size_t alignment), (size, alignment), size)
TAKES(mi_new_aligned_nothrow, (size_t size, size_t alignment), (size, alignment), size)
TAKES(mi_aligned_alloc, (size_t alignment, size_t size), (alignment, size), size)
TAKES(mi_memalign, (size_t alignment, size_t size), (alignment, size), size)
TAKES(mi_malloc_aligned_at, (size_t size, size_t alignment, size_t at), (size, alignment, at), size)
TAKES(mi_zalloc_aligned_at, (size_t size, size_t alignment, size_t at), (size, alignment, at), size)
TAKES(mi_calloc_aligned, (size_t count, size_t size, size_t alignment), (count, size, alignment),
      product(count, size))
TAKES(mi_calloc_aligned_at, (size_t count, size_t size, size_t alignment, size_t at),
      (count, size, alignment, at), product(count, size))
TAKES(mi_heap_malloc, (void *heap, size_t size), (heap, size), size)
TAKES(mi_heap_malloc_small, (void *heap, size_t size), (heap, size), size)
TAKES(mi_heap_zalloc, (void *heap, size_t size), (heap, size), size)
TAKES(mi_heap_calloc, (void *heap, size_t count, size_t size), (heap, count, size), product(count, size))
TAKES(mi_heap_mallocn, (void *heap, size_t count, size_t size), (heap, count, size), product(count, size))
TAKES(mi_heap_malloc_aligned, (void *heap, size_t size, size_t alignment), (heap, size, alignment),
      size)
TAKES(mi_heap_zalloc_aligned, (void *heap, size_t size, size_t alignment), (heap, size, alignment),
      size)
RESIZES(mi_realloc, (void *old, size_t size), (old, size), size)
RESIZES_OR_GIVES(mi_reallocf, (void *old, size_t size), (old, size), size)
RESIZES(mi_rezalloc, (void *old, size_t size), (old, size), size)
RESIZES(mi_new_realloc, (void *old, size_t size), (old, size), size)
RESIZES(mi_reallocn, (void *old, size_t count, size_t size), (old, count, size), product(count, size))
RESIZES(mi_reallocarray, (void *old, size_t count, size_t size), (old, count, size), product(count, size))
RESIZES(mi_recalloc, (void *old, size_t count, size_t size), (old, count, size), product(count, size))
RESIZES(mi_new_reallocn, (void *old, size_t count, size_t size), (old, count, size), product(count, size))
RESIZES(mi_realloc_aligned, (void *old, size_t size, size_t alignment), (old, size, alignment), size)
RESIZES(mi_rezalloc_aligned, (void *old, size_t size, size_t alignment), (old, size, alignment), size)
RESIZES(mi_heap_realloc, (void *heap, void *old, size_t size), (heap, old, size), size)
RESIZES_OR_GIVES(mi_heap_reallocf, (void *heap, void *old, size_t size), (heap, old, size), size)
RESIZES(mi_heap_rezalloc, (void *heap, void *old, size_t size), (heap, old, size), size)
RESIZES(mi_heap_reallocn, (void *heap, void *old, size_t count, size_t size), (heap, old, count, size),
	product(count, size))
RESIZES(mi_expand, (void *old, size_t size), (old, size), size)
GIVES(mi_free, (void *block), (block))
GIVES(mi_cfree, (void *block), (block))
GIVES(mi_free_size, (void *block, size_t size), (block, size))
GIVES(mi_free_aligned, (void *block, size_t alignment), (block, alignment))
GIVES(mi_free_size_aligned, (void *block, size_t size, size_t alignment), (block, size, alignment))
TAKES_OUT(mi_posix_memalign)
TAKES_TEXT(mi_strdup, (const char *from), (from))
TAKES_TEXT(mi_strndup, (const char *from, size_t most), (from, most))
TAKES_TEXT(mi_heap_strdup, (void *heap, const char *from), (heap, from))
TAKES_TEXT(mi_heap_strndup, (void *heap, const char *from, size_t most), (heap, from, most))

/* gperftools' tcmalloc */
TAKES(tc_malloc, (size_t size), (size), size)
TAKES(tc_malloc_skip_new_handler, (size_t size), (size), size)
TAKES(tc_calloc, (size_t count, size_t size), (count, size), product(count, size))
TAKES(tc_memalign, (size_t alignment, size_t size), (alignment, size), size)
TAKES(tc_valloc, (size_t size), (size), size)
TAKES(tc_pvalloc, (size_t size), (size), size)
TAKES(tc_new, (size_t size), (size), size)
TAKES(tc_newarray, (size_t size), (size), size)
TAKES(tc_new_nothrow, (size_t size, nothrow n), (size, n), size)
TAKES(tc_newarray_nothrow, (size_t size, nothrow n), (size, n), size)
TAKES(tc_new_aligned, (size_t size, size_t alignment), (size, alignment), size)
TAKES(tc_newarray_aligned, (size_t size, size_t alignment), (size, alignment), size)
TAKES(tc_new_aligned_nothrow, (size_t size, size_t alignment, nothrow n), (size, alignment, n), size)
TAKES(tc_newarray_aligned_nothrow, (size_t size, size_t alignment, nothrow n), (size, alignment, n),
      size)
RESIZES(tc_realloc, (void *old, size_t size), (old, size), size)
GIVES(tc_free, (void *block), (block))
GIVES(tc_cfree, (void *block), (block))
GIVES(tc_free_sized, (void *block, size_t size), (block, size))
GIVES(tc_delete, (void *block), (block))
GIVES(tc_deletearray, (void *block), (block))
GIVES(tc_delete_sized, (void *block, size_t size), (block, size))
GIVES(tc_deletearray_sized, (void *block, size_t size), (block, size))
GIVES(tc_delete_nothrow, (void *block, nothrow n), (block, n))
GIVES(tc_deletearray_nothrow, (void *block, nothrow n), (block, n))
GIVES(tc_delete_aligned, (void *block, size_t alignment), (block, alignment))
GIVES(tc_deletearray_aligned, (void *block, size_t alignment), (block, alignment))
GIVES(tc_delete_sized_aligned, (void *block, size_t size, size_t alignment), (block, size, alignment))
GIVES(tc_deletearray_sized_aligned, (void *block, size_t size, size_t alignment),
      (block, size, alignment))
GIVES(tc_delete_aligned_nothrow, (void *block, size_t alignment, nothrow n), (block, alignment, n))
GIVES(tc_deletearray_aligned_nothrow, (void *block, size_t alignment, nothrow n), (block, alignment, n))
TAKES_OUT(tc_posix_memalign)

#define NAMED(name) { #name, (void *)hook_##name }

const struct got_hook own_names[] = {
	NAMED(mallocx), NAMED(rallocx), NAMED(dallocx), NAMED(sdallocx), NAMED(xallocx),
	NAMED(mi_malloc), NAMED(mi_malloc_small), NAMED(mi_zalloc), NAMED(mi_zalloc_small),
	NAMED(mi_valloc), NAMED(mi_pvalloc), NAMED(mi_new), NAMED(mi_new_nothrow), NAMED(mi_calloc),
	NAMED(mi_mallocn), NAMED(mi_new_n), NAMED(mi_malloc_aligned), NAMED(mi_zalloc_aligned),
	NAMED(mi_new_aligned), NAMED(mi_new_aligned_nothrow), NAMED(mi_aligned_alloc),
	NAMED(mi_memalign), NAMED(mi_malloc_aligned_at), NAMED(mi_zalloc_aligned_at),
	NAMED(mi_calloc_aligned), NAMED(mi_calloc_aligned_at), NAMED(mi_heap_malloc),
	NAMED(mi_heap_malloc_small), NAMED(mi_heap_zalloc), NAMED(mi_heap_calloc),
	NAMED(mi_heap_mallocn), NAMED(mi_heap_malloc_aligned), NAMED(mi_heap_zalloc_aligned),
	NAMED(mi_realloc), NAMED(mi_reallocf), NAMED(mi_rezalloc), NAMED(mi_new_realloc),
	NAMED(mi_reallocn), NAMED(mi_reallocarray), NAMED(mi_recalloc), NAMED(mi_new_reallocn),
	NAMED(mi_realloc_aligned), NAMED(mi_rezalloc_aligned), NAMED(mi_heap_realloc),
	NAMED(mi_heap_reallocf), NAMED(mi_heap_rezalloc), NAMED(mi_heap_reallocn), NAMED(mi_expand),
	NAMED(mi_free), NAMED(mi_cfree), NAMED(mi_free_size), NAMED(mi_free_aligned),
	NAMED(mi_free_size_aligned), NAMED(mi_posix_memalign), NAMED(mi_strdup), NAMED(mi_strndup),
	NAMED(mi_heap_strdup), NAMED(mi_heap_strndup), NAMED(tc_malloc),
	NAMED(tc_malloc_skip_new_handler), NAMED(tc_calloc), NAMED(tc_memalign), NAMED(tc_valloc),
	NAMED(tc_pvalloc), NAMED(tc_new), NAMED(tc_newarray), NAMED(tc_new_nothrow),
	NAMED(tc_newarray_nothrow), NAMED(tc_new_aligned), NAMED(tc_newarray_aligned),
	NAMED(tc_new_aligned_nothrow), NAMED(tc_newarray_aligned_nothrow), NAMED(tc_realloc),
	NAMED(tc_free), NAMED(tc_cfree), NAMED(tc_free_sized), NAMED(tc_delete),
	NAMED(tc_deletearray), NAMED(tc_delete_sized), NAMED(tc_deletearray_sized),
	NAMED(tc_delete_nothrow), NAMED(tc_deletearray_nothrow), NAMED(tc_delete_aligned),
	NAMED(tc_deletearray_aligned), NAMED(tc_delete_sized_aligned),
	NAMED(tc_deletearray_sized_aligned), NAMED(tc_delete_aligned_nothrow),
	NAMED(tc_deletearray_aligned_nothrow), NAMED(tc_posix_memalign),
};
const int own_names_count = sizeof(own_names) / sizeof(own_names[0]);
