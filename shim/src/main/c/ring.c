/* SPDX-License-Identifier: Apache-2.0 */
#include "ring.h"
#include "proc.h"

#include <errno.h>
#include <linux/futex.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* A collector that has shown no sign for so long does not read any more, whatever kill(2) says. */
#define SILENCE_NANOS 30000000000ull
#define WAIT_MILLIS 20
#define PATIENCE 8

uint64_t monotonic_nanos(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000ull + (uint64_t)now.tv_nsec;
}

static void futex_wait(uint32_t *word, uint32_t value, long millis)
{
	struct timespec timeout = { millis / 1000, millis % 1000 * 1000000 };

	syscall(SYS_futex, word, FUTEX_WAIT, value, &timeout, NULL, 0);
}

static bool same_pid_namespace(void)
{
	struct stat own;

	return stat("/proc/self/ns/pid", &own) == 0 && own.st_ino == arena->collector_pid_namespace;
}

static bool is_dead(void)
{
	uint64_t beat = __atomic_load_n(&arena->heartbeat, __ATOMIC_ACQUIRE), now = monotonic_nanos();

	if (now > beat && now - beat > SILENCE_NANOS && !proc_has_own_clocks())
		return true;
	return syscall(SYS_kill, arena->collector_pid, 0) < 0 && errno == ESRCH && same_pid_namespace();
}

bool collector_lives(void)
{
	if (!__atomic_load_n(&arena->active, __ATOMIC_ACQUIRE))
		return false;
	if (!is_dead())
		return true;
	__atomic_store_n(&arena->active, 0, __ATOMIC_RELEASE);
	return false;
}

void ring_doorbell(void)
{
	__atomic_fetch_add(&arena->doorbell, 1, __ATOMIC_RELEASE);
	syscall(SYS_futex, &arena->doorbell, FUTEX_WAKE, 1, NULL, NULL, 0);
}

void call_collector(struct thread *thread)
{
	uint64_t beat = __atomic_load_n(&arena->heartbeat, __ATOMIC_RELAXED);

	if (thread->called != beat) {
		thread->called = beat;
		ring_doorbell();
	}
}

void wait_for_collector(int round)
{
	long millis = round < 6 ? 1L << round : 64;
	struct timespec pause = { 0, millis * 1000000 };

	/* Once: thousands of threads that wait must not keep the collector from its work. */
	if (round == 0)
		ring_doorbell();
	syscall(SYS_nanosleep, &pause, NULL);
}

/* Nothing is in the ring: from here on it may be larger. */
static void grow(struct thread *thread)
{
	struct arena_ring *ring = thread->ring;
	uint64_t granted = __atomic_load_n(&ring->granted, __ATOMIC_ACQUIRE);

	if (granted > thread->mask + 1 && (granted & (granted - 1)) == 0) {
		thread->base = thread->head;
		thread->mask = granted - 1;
		ring->base = thread->base;
		ring->capacity = granted;
	}
}

static bool has_room(struct thread *thread)
{
	uint64_t tail = __atomic_load_n(&thread->ring->tail, __ATOMIC_ACQUIRE);

	if (tail > thread->head || thread->head - tail > thread->mask + 1)
		tail = thread->head; /* the collector would never write that */
	if (tail == thread->head)
		grow(thread);
	thread->limit = tail + thread->mask + 1;
	return thread->limit != thread->head;
}

/* Whether the ring was found empty, and so has grown if there was more to be had. */
static bool is_empty(const struct thread *thread)
{
	return thread->limit - (thread->mask + 1) == thread->head;
}

/*
 * A ring that could be larger is waited for until it is empty, which the collector's turn makes it;
 * some room is enough for one that cannot, or when that takes too long.
 */
static bool wait_for_room(struct thread *thread)
{
	struct arena_ring *ring = thread->ring;
	uint64_t deadline = monotonic_nanos() + arena->wait_nanos;
	uint64_t most = arena->ring_bytes / sizeof(struct arena_record);

	__atomic_store_n(&ring->waits, ring->waits + 1, __ATOMIC_RELAXED);
	for (int round = 0; thread->live == arena_epoch && collector_lives(); round++) {
		uint32_t wake = __atomic_load_n(&ring->wake, __ATOMIC_ACQUIRE);

		__atomic_store_n(&ring->waiting, 1, __ATOMIC_SEQ_CST);
		if (has_room(thread) && (thread->mask + 1 >= most || is_empty(thread) || round >= PATIENCE))
			return true;
		if (thread_next_segment(thread)) {
			__atomic_store_n(&ring->waiting, 0, __ATOMIC_RELAXED);
			return true;
		}
		if (monotonic_nanos() > deadline)
			return has_room(thread);
		ring_doorbell();
		futex_wait(&ring->wake, wake, WAIT_MILLIS);
	}
	return false;
}

COLD bool ring_make_room(struct thread *thread)
{
	int error = errno;
	bool room = has_room(thread);

	if (room) {
		uint64_t half = (thread->mask + 1) / 2;

		/* Half full, nobody has read since and there is no other: time to wake the collector. */
		if (thread->head - (thread->limit - 2 * half) < half)
			thread->limit -= half;
		else if (!__atomic_load_n(&arena->segments_free, __ATOMIC_RELAXED))
			ring_doorbell();
	} else if (thread_next_segment(thread)) {
		room = true;
	} else {
		__atomic_store_n(&thread->ring->wanted, (thread->mask + 1) * 4, __ATOMIC_RELAXED);
		if (arena_flags & ARENA_DROP)
			call_collector(thread);
		/* Once in vain is enough: until the tail moves, the next ones do not wait. */
		if (!(arena_flags & ARENA_DROP) && thread->ring->dropped_at != thread->head) {
			room = wait_for_room(thread);
			thread->ring->dropped_at = thread->head;
		}
		__atomic_store_n(&thread->ring->waiting, 0, __ATOMIC_RELAXED);
		if (!room && !__atomic_load_n(&arena->active, __ATOMIC_ACQUIRE))
			thread->live = 0;
	}
	errno = error;
	return room;
}
