/* SPDX-License-Identifier: Apache-2.0 */
#include "hook.h"
#include "pages.h"
#include "process.h"
#include "ring.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

__thread struct thread *self __attribute__((tls_model("initial-exec")));

static uint64_t ring_records(void)
{
	return arena->ring_bytes / sizeof(struct arena_record);
}

/* Only grows, up to what the table holds. */
static uint64_t granted_rings(void)
{
	return __atomic_load_n(&arena->granted[TABLE_RINGS], __ATOMIC_RELAXED);
}

/* Waited for as long as there come more, and then for the agreed time. */
static int claim_ring(struct thread *thread)
{
	int index = claim(TABLE_RINGS, &process->ring_hint);
	uint64_t deadline, granted;

	if (index < 0 && (arena_flags & ARENA_DROP))
		call_collector(thread);
	if (index >= 0 || (arena_flags & ARENA_DROP) || thread->ring_in_vain == arena_epoch)
		return index;
	deadline = monotonic_nanos() + arena->wait_nanos;
	granted = granted_rings();
	for (int round = 0; index < 0 && monotonic_nanos() < deadline && collector_lives(); round++) {
		wait_for_collector(round);
		index = claim(TABLE_RINGS, &process->ring_hint);
		if (granted_rings() != granted) { /* others were first: it comes after them, slowly */
			granted = granted_rings();
			deadline = monotonic_nanos() + arena->wait_nanos;
		}
	}
	if (index < 0)
		thread->ring_in_vain = arena_epoch;
	return index;
}

static struct arena_record *records_of(int index)
{
	return (struct arena_record *)((char *)arena + arena->records_at +
				       (uint64_t)index * arena->ring_bytes);
}

/* The last store tells the collector of it: everything else is in place. */
static bool open_ring(struct thread *thread, int index)
{
	struct arena_ring *ring = &rings[index];
	uint64_t granted = ring->granted;

	if (granted == 0 || granted > ring_records() || (granted & (granted - 1)))
		return false;
	ring->process = process->slot;
	ring->tid = thread->tid;
	ring->head = ring->pending = ring->base = ring->tail = 0;
	ring->dropped = ring->nested = ring->waits = ring->wanted = 0;
	ring->dropped_at = UINT64_MAX;
	ring->capacity = granted;
	thread->ring = ring;
	thread->records = records_of(index);
	thread->head = thread->base = 0;
	thread->mask = granted - 1;
	thread->limit = granted / 2; /* where the collector is woken: see ring_make_room */
	__atomic_store_n(&ring->state, ARENA_READY, __ATOMIC_SEQ_CST);
	return true;
}

static bool take_ring(struct thread *thread)
{
	int index = claim_ring(thread);

	thread->last_stamp = 0;
	thread->unwinder.depth = 0; /* its nodes may be another arena's */
	thread->tid = (uint32_t)syscall(SYS_gettid); /* a vfork's child goes on with its parent's */
	return index >= 0 && open_ring(thread, index);
}

/* No handler may see half of it, or leave it half done. */
COLD bool thread_next_segment(struct thread *thread)
{
	const uint64_t all = ~0ull;
	struct arena_ring *full = thread->ring;
	bool open = false;
	uint64_t before;
	int index;

	if (thread->live != arena_epoch || !__atomic_load_n(&arena->granted[TABLE_SEGMENTS], __ATOMIC_RELAXED))
		return false;
	syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, &before, sizeof(before));
	index = claim(TABLE_SEGMENTS, &process->segment_hint);
	if (index >= 0)
		open = open_ring(thread, ARENA_RINGS + index);
	if (open) {
		thread->last_stamp++; /* what follows comes behind what is in the other one */
		__atomic_store_n(&full->state, ARENA_RELEASED, __ATOMIC_RELEASE);
	}
	syscall(SYS_rt_sigprocmask, SIG_SETMASK, &before, NULL, sizeof(before));
	if (index < 0)
		return false;
	__atomic_fetch_add(&arena->segment_bell, 1, __ATOMIC_RELEASE);
	syscall(SYS_futex, &arena->segment_bell, FUTEX_WAKE, 1, NULL, NULL, 0);
	return open;
}

COLD bool on_alternate_stack(void)
{
	stack_t now = { 0 };
	int error = errno;

	syscall(SYS_sigaltstack, NULL, &now);
	errno = error;
	return now.ss_flags & SS_ONSTACK;
}

/* Inherited by a fork, as keys and their values are. */
static uint32_t exit_keyed;
static int exit_key = -1;

/* At a thread's end; put again, so that destructors of the same round still find the ring. */
static void thread_ends(void *round)
{
	uintptr_t next = (uintptr_t)round + 1;

	if (next < PTHREAD_DESTRUCTOR_ITERATIONS)
		pthread_setspecific((pthread_key_t)exit_key, (void *)next);
	else
		thread_leave();
}

/* Only a key whose value needs no memory: pthread_setspecific allocates for others. */
#define FIRST_KEYS 32

static void watch_end(void)
{
	pthread_key_t key;

	if (!__atomic_exchange_n(&exit_keyed, 1, __ATOMIC_ACQ_REL) && pthread_key_create(&key, thread_ends) == 0) {
		if (key < FIRST_KEYS)
			__atomic_store_n(&exit_key, (int)key, __ATOMIC_RELEASE);
		else
			pthread_key_delete(key);
	}
	if (__atomic_load_n(&exit_key, __ATOMIC_ACQUIRE) >= 0)
		pthread_setspecific((pthread_key_t)exit_key, (void *)1);
}

static struct thread *enter(void)
{
	struct thread *thread = self;

	if (!process_begin() || !process_enter())
		return NULL;
	if (!thread) {
		thread = thread_pages(sizeof(*thread));
		self = thread;
	}
	if (!thread) {
		__atomic_fetch_add(&arena->unregistered, 1, __ATOMIC_RELAXED);
	} else if (thread->live != arena_epoch && !thread->recording) {
		thread->recording = 1;
		if (take_ring(thread)) {
			thread->live = arena_epoch;
			watch_end();
		} else if (__atomic_load_n(&arena->active, __ATOMIC_ACQUIRE)) {
			/* Else it waited beyond the recording's end: its call has not begun yet. */
			__atomic_fetch_add(&arena->unregistered, 1, __ATOMIC_RELAXED);
		}
		thread->recording = 0;
	}
	return thread && thread->live == arena_epoch ? thread : NULL;
}

/* A handler that allocated while its own thread registers would wait for itself. */
COLD struct thread *thread_enter(void)
{
	const uint64_t all = ~0ull;
	int error = errno;
	struct thread *thread;
	uint64_t before;

	if (process_is_idle())
		return NULL;
	syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, &before, sizeof(before));
	thread = enter();
	syscall(SYS_rt_sigprocmask, SIG_SETMASK, &before, NULL, sizeof(before));
	errno = error;
	return thread;
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
