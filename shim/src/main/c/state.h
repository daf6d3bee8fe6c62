/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The library's own state. Per process and per thread it lies in pages that a fork wipes
 * (MADV_WIPEONFORK): a child finds zeros, takes the slow way and registers anew, at no cost in the
 * fast one. What a fork may inherit (the arena's mapping, its settings) is in plain variables.
 * Nothing here is allocated with malloc.
 */
#ifndef UNFREED_STATE_H
#define UNFREED_STATE_H

#include "arena.h"
#include "cfi.h"
#include "unwind.h"

#include <stdbool.h>
#include <stddef.h>

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#define HIDDEN __attribute__((visibility("hidden")))
#define EXPORT __attribute__((visibility("default")))
#define COLD __attribute__((noinline, cold))
#define INLINE static inline __attribute__((always_inline))

/* One thread that is recorded. */
struct thread {
	uint32_t live;      /* epoch of the arena that its ring is in; 0: none */
	uint32_t recording; /* this library's own code runs: a signal's calls cannot be recorded */
	uintptr_t inside;   /* frame of the outermost hook that runs; 0: none */
	struct arena_ring *ring;
	struct arena_record *records;
	uint64_t head;
	uint64_t limit; /* the head at which the tail must be read again */
	uint64_t base;
	uint64_t mask;
	uint64_t last_stamp;
	uintptr_t throwing; /* frame of a hook that an exception may leave, and what called it */
	uint64_t throwing_from;
	uint64_t called; /* the collector's heartbeat when it was called last */
	uint32_t tid;
	uint32_t ring_in_vain; /* epoch in which a ring was waited for in vain */
	uint64_t stacks; /* for every Nth that is checked */
	uintptr_t stack_low, stack_high; /* known bounds of a stack; 0 when not looked up */
	struct unwinder unwinder;
};

/* One process image that is recorded. */
struct process {
	uint32_t registered;
	uint32_t refused;  /* not followed, or no room: nothing is recorded */
	uint32_t disowned; /* forked amid a record: refused, and so are its images */
	uint32_t slot;
	uint32_t lock;     /* registration */
	uint32_t generation;
	uint32_t closing;  /* dlclose calls under way: nothing cached is trusted */
	uint32_t node_chunk, node_next; /* under the trie's lock */
	uint32_t chunk_hint, ring_hint, segment_hint, module_hint;
	uint64_t chunks_in_vain; /* chunks granted, plus 1, when waiting for one was in vain */
};

extern HIDDEN __thread struct thread *self __attribute__((tls_model("initial-exec")));
extern HIDDEN struct process *process;       /* null until there is an arena */
extern HIDDEN struct arena_header *arena;    /* null: nothing is recorded */
extern HIDDEN struct arena_process *processes;
extern HIDDEN struct arena_ring *rings;
extern HIDDEN struct arena_module *modules;
extern HIDDEN struct arena_chunk *chunks;
extern HIDDEN struct arena_node *nodes;
extern HIDDEN uint32_t arena_flags;
extern HIDDEN uint32_t arena_epoch; /* rises with every arena that is taken up; from 1 */
extern HIDDEN uint32_t check_every; /* UNFREED_SHIM_CHECK; 0: never */

/* The calling thread when it is recorded, with a ring; null when it is not. Keeps errno. */
HIDDEN struct thread *thread_enter(void);
/* Goes on in a segment, and leaves the full ring to the collector; false when there is none. */
HIDDEN bool thread_next_segment(struct thread *thread);
/* The thread is over, or the recording. */
HIDDEN void thread_leave(void);
/* This image's slot in the arena. */
INLINE struct arena_process *process_slot(void)
{
	return &processes[process->slot];
}

/* Takes an entry of a table of the arena; -1 when there is none. */
HIDDEN int claim(enum arena_table table, uint32_t *hint);
/* Pages for ourselves; null when there are none. */
HIDDEN void *own_pages(size_t bytes, bool wiped_by_fork);

INLINE void lock(uint32_t *word)
{
	while (__atomic_exchange_n(word, 1, __ATOMIC_ACQUIRE))
		__builtin_ia32_pause();
}

INLINE void unlock(uint32_t *word)
{
	__atomic_store_n(word, 0, __ATOMIC_RELEASE);
}

#endif
