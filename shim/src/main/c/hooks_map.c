/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mappings that a program makes by itself. What libc maps for its own purposes (arenas, thread
 * stacks) does not come by here.
 */
#include "hook.h"

#include <stdarg.h>
#include <sys/mman.h>
#include <unistd.h>

REAL(void *(void *, size_t, int, int, int, off_t), mmap)
REAL(int(void *, size_t), munmap)
REAL(void *(void *, size_t, size_t, int, ...), mremap)

static size_t whole_pages(size_t bytes)
{
	return (bytes + 4095) & ~(size_t)4095;
}

INLINE void *map(const uint64_t *frame, void *at, size_t bytes, int protection, int flags, int fd,
		 off_t offset)
{
	struct thread *thread = hook_enter(frame);
	void *mapped = get_mmap()(at, bytes, protection, flags, fd, offset);

	if (likely(thread)) {
		if (mapped != MAP_FAILED)
			put_taken(thread, frame, KIND_MAP, SPACE_MAPPING, mapped, whole_pages(bytes));
		hook_leave(thread);
	}
	return mapped;
}

EXPORT void *mmap(void *at, size_t bytes, int protection, int flags, int fd, off_t offset)
{
	return map(FRAME, at, bytes, protection, flags, fd, offset);
}

/* off_t has 64 bits either way. */
EXPORT void *mmap64(void *at, size_t bytes, int protection, int flags, int fd, off_t offset)
{
	return map(FRAME, at, bytes, protection, flags, fd, offset);
}

EXPORT int munmap(void *at, size_t bytes)
{
	struct thread *thread = hook_enter(FRAME);
	int result;

	if (likely(thread))
		put_leaving(thread, FRAME, KIND_INTENT, SPACE_MAPPING, at, whole_pages(bytes));
	result = get_munmap()(at, bytes);
	if (likely(thread)) {
		put_outcome(thread, result == 0, SPACE_MAPPING);
		hook_leave(thread);
	}
	return result;
}

EXPORT void *mremap(void *old, size_t old_bytes, size_t bytes, int flags, ...)
{
	struct thread *thread = hook_enter(FRAME);
	/* From length 0 it duplicates a shared mapping, and with DONTUNMAP the old range stays mapped. */
	bool releases = old_bytes > 0 && !(flags & MREMAP_DONTUNMAP);
	void *at = NULL, *mapped;
	va_list more;

	if (flags & (MREMAP_FIXED | MREMAP_DONTUNMAP)) {
		va_start(more, flags);
		at = va_arg(more, void *);
		va_end(more);
	}
	if (likely(thread) && releases)
		put_leaving(thread, FRAME, KIND_INTENT, SPACE_MAPPING, old, whole_pages(old_bytes));
	mapped = get_mremap()(old, old_bytes, bytes, flags, at);
	if (likely(thread)) {
		if (mapped != MAP_FAILED)
			put_taken(thread, FRAME, releases ? KIND_OUTCOME_OK : KIND_MAP, SPACE_MAPPING,
				  mapped, whole_pages(bytes));
		else if (releases)
			put_outcome(thread, false, SPACE_MAPPING);
		hook_leave(thread);
	}
	return mapped;
}
