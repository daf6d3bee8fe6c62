/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef UNFREED_MAPS_H
#define UNFREED_MAPS_H

const volatile struct unfreed_config config SEC(".rodata.config") = {
	.max_size = ~0ULL,
	.sample_rate = 1,
	.page_shift = 12,
};

/* Processes recorded. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, __u32); /* tgid */
	__type(value, struct unfreed_target);
} targets SEC(".maps");

/* Processes that run in another's address space until they exec (vfork, posix_spawn). */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, __u32); /* tgid of the borrower */
	__type(value, __u32); /* tgid of the owner */
} borrowers SEC(".maps");

/* Processes whose kernel allocations are left out: the collector. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u32); /* tgid */
	__type(value, __u32);
} excluded SEC(".maps");

/* 1 while a kernel session records. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} kernel_state SEC(".maps");

/* What a probe of a group is at. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u32); /* cookie + low 12 bits of the address */
	__type(value, __u32); /* enum unfreed_function */
} functions SEC(".maps");

#define OBJECT_LOOKED_AT 1
#define OBJECT_LINKER 2

/* Executable files whose allocators, if any, have their probes wherever they are mapped. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 65536);
	__type(key, struct unfreed_object);
	__type(value, __u32);
} objects SEC(".maps");

/* Two keys of the map holds that are no processes: the collector is gone; it did not answer. */
#define HOLDS_OVER 0
#define HOLDS_OFF (~0U)

/* Processes that wait for the probes of new objects. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u32); /* tgid */
	__type(value, __u32); /* 0: wait; else go on */
} holds SEC(".maps");

struct live_key {
	__u64 address;
	__u32 tgid;
	__u16 space;
	__u16 execs;
};

/* With filters: the blocks whose allocation was recorded. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1); /* set by the reader before load */
	__type(key, struct live_key);
	__type(value, __u32);
} live SEC(".maps");

struct holding {
	__u64 until; /* CLOCK_MONOTONIC, ns */
	__u64 sp; /* an address that can be read */
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct holding);
} waiting SEC(".maps");

#define ENDING_THREAD 1 /* it is, and not by exit() */
#define ENDING_INSIDE 2 /* the function that says so has not returned */

/* The outermost allocator call a thread is in. */
struct thread_call {
	__u64 sp; /* stack pointer at its enter */
	__u64 size;
	__u64 pointer; /* where posix_memalign puts its result */
	__u32 function; /* 0: in none */
	__u32 tail; /* calls that took over its frame and have not returned */
	__u32 paused; /* entered before recording started: pair, but emit nothing */
	__u32 intent; /* a release intent was emitted and waits for its outcome */
	__u64 old; /* what the intent releases */
	__u32 size_zero; /* realloc to size 0 */
	__u32 ending; /* of ENDING_*; survives the calls */
	struct unwind_state unwind; /* survives too */
	struct stack_scratch stack; /* user programs may be preempted, so not per CPU */
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct thread_call);
} calls SEC(".maps");

/* Tracepoints nest by interrupts, and only by them: a scratch per CPU and level. */
#define KERNEL_LEVELS 4
struct kernel_scratch {
	__u32 level;
	__u32 reserved;
	struct stack_scratch stack[KERNEL_LEVELS];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct kernel_scratch);
} kernel_scratch SEC(".maps");

#endif
