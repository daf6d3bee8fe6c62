/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the tracers' maps hold. io.unfreed.bpf.trace mirrors it; TraceLayoutTest compares the two. */
#ifndef UNFREED_TRACE_H
#define UNFREED_TRACE_H

#define TRACE_SLOTS 32

/* One thing whose waits are counted together, in one process. */
struct trace_key {
	__u64 subject; /* a system call's number, a lock's address, a device */
	__u64 detail; /* of a lock its flags and, in the upper half, its stack; of io the operation */
	__u32 tgid;
	__u32 kind; /* enum trace_kind */
};

enum trace_kind {
	TRACE_CALL = 1,
	TRACE_KERNEL_LOCK = 2,
	TRACE_FUTEX = 3,
	TRACE_FILE_LOCK = 4,
	TRACE_IO_SERVED = 5, /* from issue to completion */
	TRACE_IO_QUEUED = 6, /* from insert to completion */
};

/* Cumulative. Slot k counts what took from 2^k to 2^(k+1)-1 us; slot 0 also what took 0. */
struct trace_cell {
	__u64 count;
	__u64 errors;
	__u64 total_nanos;
	__u64 max_nanos;
	__u64 bytes;
	__u64 slots[TRACE_SLOTS];
	char comm[16];
};

struct trace_error {
	__u64 subject;
	__u32 tgid;
	__u32 number; /* errno, or one of the kernel's own up to 4095 */
};

/* One that took longer than the threshold. */
struct trace_event {
	struct trace_key key;
	__u64 time; /* CLOCK_MONOTONIC, ns, of its end */
	__u64 nanos;
	__s64 result;
	__u32 tid;
	__u32 reserved;
	char comm[16];
};

/* Kernel memory that a process asked for. */
struct trace_memory {
	__u64 allocations;
	__u64 allocated_bytes;
	__u64 frees;
	__u64 freed_bytes;
	char comm[16];
};

/* No stack could be taken. */
#define TRACE_NO_STACK 0xffffffffU

enum trace_counter {
	T_MAP_FULL, /* happenings that found no place in a map */
	T_UNPAIRED, /* ends without their begin, and begins without their end */
	T_EVENTS_LOST, /* exact events that found the queue full */
	T_COUNT,
};

struct trace_counters {
	__u64 value[T_COUNT];
};

struct trace_config {
	__u64 min_nanos; /* shorter waits are not counted: locks */
	__u64 slow_nanos; /* 0: no exact events */
	__u64 cgroup; /* 0: any */
	__u32 cgroup_level;
	__u32 some; /* only processes in the map of that name */
	__u32 collector; /* tgid: never traced */
	__u32 page_shift;
	__u32 unwind; /* user stacks by the rules of the code; else by frame pointers */
	__u32 reserved;
};

#endif
