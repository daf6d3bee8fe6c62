/* SPDX-License-Identifier: Apache-2.0 */
#include "process.h"
#include "ring.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

__thread struct thread *self __attribute__((tls_model("initial-exec")));

static uint64_t ring_records(void)
{
	return arena->ring_bytes / sizeof(struct arena_record);
}

static int claim_ring(void)
{
	int index = claim(TABLE_RINGS, &process->ring_hint);
	uint64_t deadline;

	if (index >= 0 || (arena_flags & ARENA_DROP))
		return index;
	deadline = monotonic_nanos() + arena->wait_nanos;
	for (int round = 0; index < 0 && monotonic_nanos() < deadline && collector_lives(); round++) {
		wait_for_collector(round);
		index = claim(TABLE_RINGS, &process->ring_hint);
	}
	return index;
}

static struct arena_record *records_of(int index)
{
	return (struct arena_record *)((char *)arena + arena->records_at +
				       (uint64_t)index * arena->ring_bytes);
}

static bool take_ring(struct thread *thread)
{
	int index = claim_ring();
	struct arena_ring *ring;
	uint64_t granted;

	if (index < 0)
		return false;
	ring = &rings[index];
	granted = ring->granted;
	if (granted == 0 || granted > ring_records() || (granted & (granted - 1)))
		return false;
	ring->process = process->slot;
	ring->tid = (uint32_t)syscall(SYS_gettid);
	ring->head = ring->pending = ring->base = ring->tail = 0;
	ring->dropped = ring->nested = ring->waits = ring->wanted = 0;
	ring->dropped_at = UINT64_MAX;
	ring->capacity = granted;
	thread->ring = ring;
	thread->records = records_of(index);
	thread->head = thread->base = 0;
	thread->mask = granted - 1;
	thread->limit = granted / 2; /* where the collector is woken: see ring_make_room */
	thread->last_stamp = 0;
	thread->unwinder.depth = 0; /* its nodes may be another arena's */
	__atomic_store_n(&ring->state, ARENA_READY, __ATOMIC_SEQ_CST);
	return true;
}

/* At a thread's end; put again, so that destructors of the same round still find the ring. */
static void thread_ends(void *round)
{
	uintptr_t next = (uintptr_t)round + 1;

	if (next < PTHREAD_DESTRUCTOR_ITERATIONS)
		pthread_setspecific((pthread_key_t)process->exit_key, (void *)next);
	else
		thread_leave();
}

/* Only a key whose value needs no memory: pthread_setspecific allocates for others. */
#define FIRST_KEYS 32

static void watch_end(void)
{
	pthread_key_t key;

	lock(&process->lock);
	if (!process->exit_keyed) {
		process->exit_keyed = 1;
		process->exit_key = -1;
		if (pthread_key_create(&key, thread_ends) == 0) {
			if (key < FIRST_KEYS)
				process->exit_key = (int)key;
			else
				pthread_key_delete(key);
		}
	}
	unlock(&process->lock);
	if (process->exit_key >= 0)
		pthread_setspecific((pthread_key_t)process->exit_key, (void *)1);
}

COLD struct thread *thread_enter(void)
{
	int error = errno;
	struct thread *thread = self;

	if (!process_begin() || !process_enter()) {
		errno = error;
		return NULL;
	}
	if (!thread) {
		thread = own_pages(sizeof(*thread), true);
		self = thread;
	}
	if (thread && thread->live != arena_epoch && !thread->recording) {
		thread->recording = 1;
		if (take_ring(thread)) {
			thread->live = arena_epoch;
			watch_end();
		} else {
			__atomic_fetch_add(&arena->unregistered, 1, __ATOMIC_RELAXED);
		}
		thread->recording = 0;
	}
	errno = error;
	return thread && thread->live == arena_epoch ? thread : NULL;
}

void thread_leave(void)
{
	struct thread *thread = self;
	int error = errno;

	if (!thread)
		return;
	self = NULL;
	if (thread->live == arena_epoch) {
		thread->live = 0;
		__atomic_store_n(&thread->ring->state, ARENA_RELEASED, __ATOMIC_RELEASE);
	}
	syscall(SYS_munmap, thread, sizeof(*thread));
	errno = error;
}
