/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A thread's ring: stamping and publishing records, and what happens when it is full.
 *
 * The collector merges rings by stamp. So that it knows up to when it has everything, a thread
 * says before it takes a stamp that one is pending, no earlier than its last, and clears that when
 * the record is published. The collector reads its own clock, issues membarrier, and merges up to
 * the least of that clock and all that is pending.
 */
#ifndef UNFREED_RING_H
#define UNFREED_RING_H

#include "state.h"

#include <time.h>

/* Room for one more record, when limit is reached; false: drop it. */
HIDDEN bool ring_make_room(struct thread *thread);
/* The collector is to take a turn soon. */
HIDDEN void ring_doorbell(void);
/* The same for who does not wait for it: once between two of its turns. */
HIDDEN void call_collector(struct thread *thread);
/* Whether somebody reads; notices a collector that died and ends the recording then. */
HIDDEN bool collector_lives(void);
/* Wakes the collector and waits for what it may do, longer from round to round (from 0). */
HIDDEN void wait_for_collector(int round);
HIDDEN uint64_t monotonic_nanos(void);

struct event {
	uint8_t kind, space;
	uint32_t stack;
	uint64_t address, size;
};

/* Stamped behind all that the thread has seen, and ahead of all that it does next. */
INLINE void ring_put(struct thread *thread, struct event event)
{
	struct arena_ring *ring = thread->ring;
	struct arena_record *record;
	uint64_t stamp;

	if (unlikely(thread->head == thread->limit)) {
		bool room = ring_make_room(thread);

		ring = thread->ring; /* which may be another one now */
		if (!room) {
			if (thread->live)
				__atomic_store_n(&ring->dropped, ring->dropped + 1, __ATOMIC_RELEASE);
			return;
		}
	}
	record = &thread->records[(thread->head - thread->base) & thread->mask];
	__atomic_store_n(&ring->pending, thread->last_stamp | 1, __ATOMIC_RELAXED);
	if (unlikely(arena_flags & ARENA_NO_MEMBARRIER))
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
	__asm__ volatile("" : : : "memory");
	if (likely(arena_flags & ARENA_TSC))
		stamp = stamp_now();
	else
		stamp = monotonic_nanos();
	if (unlikely(stamp < thread->last_stamp))
		stamp = thread->last_stamp;
	thread->last_stamp = stamp;
	record->stamp = stamp;
	record->address = event.address;
	record->size = event.size;
	record->stack = event.stack;
	record->kind = event.kind;
	record->space = event.space;
	record->flags = 0;
	__atomic_store_n(&ring->head, ++thread->head, __ATOMIC_RELEASE);
	__atomic_store_n(&ring->pending, 0, __ATOMIC_RELEASE);
}

#endif
