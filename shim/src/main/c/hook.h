/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every hook does around the real call. Only the outermost hook of a thread is an event: what
 * an allocator calls inside itself is counted as nested. A hook that was left by longjmp or an
 * exception is recognised by the stack: whoever enters above its frame is outermost again.
 *
 * A free is recorded before the real call, an allocation after it, what can fail as intent and
 * outcome: at one address the free is then always stamped before the next allocation.
 */
#ifndef UNFREED_HOOK_H
#define UNFREED_HOOK_H

#include "real.h"
#include "ring.h"
#include "unwind.h"

#define FRAME ((uint64_t *)__builtin_frame_address(0))

/* Whether a signal's handler runs on a stack of its own, which may lie above the thread's. */
HIDDEN bool on_alternate_stack(void);

/* Whether an exception has left the hook that `inside` is the frame of; asked in a hook further down. */
HIDDEN bool was_left(struct thread *thread, const uint64_t *frame);

/* Counts what cannot be recorded: this library's own code was interrupted by a signal's handler. */
INLINE bool is_nested(struct thread *thread, const uint64_t *frame)
{
	if (likely(!thread->inside))
		return false;
	if ((uintptr_t)frame < thread->inside) {
		if (unlikely(thread->throwing == thread->inside) && was_left(thread, frame))
			return false;
		if (thread->recording)
			__atomic_store_n(&thread->ring->dropped, thread->ring->dropped + 1, __ATOMIC_RELEASE);
		else
			thread->ring->nested++;
		return true;
	}
	if (unlikely(thread->recording) && on_alternate_stack()) {
		__atomic_store_n(&thread->ring->dropped, thread->ring->dropped + 1, __ATOMIC_RELEASE);
		return true;
	}
	thread->recording = 0;
	return false;
}

/* The thread when this call is an event of it; then hook_leave must follow. */
INLINE struct thread *hook_enter(const uint64_t *frame)
{
	struct thread *thread = self;

	if (unlikely(!thread || thread->live != arena_epoch)) {
		thread = thread_enter();
		if (!thread)
			return NULL;
	}
	if (unlikely(!__atomic_load_n(&arena->active, __ATOMIC_RELAXED)))
		return NULL;
	if (unlikely(is_nested(thread, frame)))
		return NULL;
	thread->inside = (uintptr_t)frame;
	thread->throwing = 0;
	return thread;
}

INLINE void hook_leave(struct thread *thread)
{
	thread->inside = 0;
}

INLINE uint32_t stack_of(struct thread *thread, const uint64_t *frame)
{
	return unwind_stack(thread, (struct place){ frame[1] - 1, (uint64_t)(frame + 2), frame[0] });
}

/* False when another recording has begun since hook_enter: this call is none of its events. */
INLINE bool is_recorded(const struct thread *thread)
{
	return likely(thread->live == arena_epoch);
}

/* An allocation or an outcome with a new block, after the call. */
INLINE void put_taken(struct thread *thread, const uint64_t *frame, uint8_t kind, uint8_t space,
		      const void *block, size_t size)
{
	if (!is_recorded(thread))
		return;
	thread->recording = 1;
	ring_put(thread,
		 (struct event){ kind, space, stack_of(thread, frame), (uint64_t)block, size });
	thread->recording = 0;
}

/* A free or an intent, before the call. */
INLINE void put_leaving(struct thread *thread, const uint64_t *frame, uint8_t kind, uint8_t space,
			const void *block, size_t size)
{
	uint32_t stack = 0;

	thread->recording = 1;
	if (unlikely(arena_flags & ARENA_FREE_STACKS))
		stack = stack_of(thread, frame);
	ring_put(thread, (struct event){ kind, space, stack, (uint64_t)block, size });
	thread->recording = 0;
}

/* An outcome without a new block, after the call. */
INLINE void put_outcome(struct thread *thread, bool done, uint8_t space)
{
	if (!is_recorded(thread))
		return;
	thread->recording = 1;
	ring_put(thread,
		 (struct event){ done ? KIND_OUTCOME_OK : KIND_OUTCOME_FAILED, space, 0, 0, 0 });
	thread->recording = 0;
}

/* How a block is taken: `call` yields it, null for a failure; `begun` comes before the call when it is recorded. */
#define HOOK_TAKE_BEGUN(begun, call, bytes)                                                   \
	do {                                                                                  \
		struct thread *thread = hook_enter(FRAME);                                    \
		void *block;                                                                  \
		if (likely(thread)) {                                                         \
			begun;                                                                \
		}                                                                             \
		block = (call);                                                               \
		if (likely(thread)) {                                                         \
			if (likely(block))                                                    \
				put_taken(thread, FRAME, KIND_ALLOC, SPACE_HEAP, block, (bytes)); \
			hook_leave(thread);                                                   \
		}                                                                             \
		return block;                                                                 \
	} while (0)

#define HOOK_TAKE(call, bytes) HOOK_TAKE_BEGUN((void)0, call, bytes)

/* The same by a call that may end with an exception: what comes behind that is not inside of it. */
#define HOOK_TAKE_OR_THROW(call, bytes)                                                       \
	HOOK_TAKE_BEGUN((thread->throwing = (uintptr_t)FRAME, thread->throwing_from = FRAME[1] - 1), call, bytes)

/* How a block is taken by a call that yields an error and puts the block into *result. */
#define HOOK_TAKE_OUT(call, result, bytes)                                                    \
	do {                                                                                  \
		struct thread *thread = hook_enter(FRAME);                                    \
		int error = (call);                                                           \
		if (likely(thread)) {                                                         \
			if (error == 0 && *(result))                                          \
				put_taken(thread, FRAME, KIND_ALLOC, SPACE_HEAP, *(result), (bytes)); \
			hook_leave(thread);                                                   \
		}                                                                             \
		return error;                                                                 \
	} while (0)

/* How a block is given back by a call that cannot fail. */
#define HOOK_GIVE(block, call)                                                                \
	do {                                                                                  \
		struct thread *thread = (block) ? hook_enter(FRAME) : NULL;                   \
		if (likely(thread))                                                           \
			put_leaving(thread, FRAME, KIND_FREE, SPACE_HEAP, (block), 0);        \
		(call);                                                                       \
		if (likely(thread))                                                           \
			hook_leave(thread);                                                   \
	} while (0)

/* What is asked for by count and size; too much when that overflows, which no allocator has. */
INLINE size_t product(size_t count, size_t size)
{
	size_t bytes;

	return __builtin_mul_overflow(count, size, &bytes) ? SIZE_MAX : bytes;
}

/* How a block is resized. A null result has released the old one with bytes 0, and `always` if so said. */
#define HOOK_RESIZE(old, call, bytes, always)                                                 \
	do {                                                                                  \
		struct thread *thread = hook_enter(FRAME);                                    \
		void *block;                                                                  \
		if (likely(thread) && (old))                                                  \
			put_leaving(thread, FRAME, KIND_INTENT, SPACE_HEAP, (old), 0);        \
		block = (call);                                                               \
		if (likely(thread)) {                                                         \
			if (likely(block))                                                    \
				put_taken(thread, FRAME, (old) ? KIND_OUTCOME_OK : KIND_ALLOC, \
					  SPACE_HEAP, block, (bytes));                        \
			else if (old)                                                         \
				put_outcome(thread, (always) || (bytes) == 0, SPACE_HEAP);    \
			hook_leave(thread);                                                   \
		}                                                                             \
		return block;                                                                 \
	} while (0)

#endif
