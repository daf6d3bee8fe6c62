/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Waits for locks: of the kernel (contention tracepoints, Linux 5.19), futexes, locks of files. */
#ifndef UNFREED_TRACE_LOCKS_H
#define UNFREED_TRACE_LOCKS_H

/* include/trace/events/lock.h */
#define LCB_F_SPIN 1
#define LCB_F_MUTEX 32

#define NR_FCNTL 72
#define NR_FLOCK 73
#define NR_FUTEX 202
#define NR_FUTEX_WAITV 449
#define NR_FUTEX_WAIT 455

#define LOCK_UN 8
#define LOCK_NB 4
#define F_SETLKW 7
#define F_OFD_SETLKW 38

struct wait {
	__u64 began;
	__u64 lock;
	__u64 flags;
};

/* A thread sleeps for one lock at a time, and spins meanwhile for the one that guards who else does. */
struct waits {
	struct wait outer, inner;
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct waits);
} sleeping SEC(".maps");

/* And a CPU spins for one; that of an interrupt meanwhile is not seen. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct wait);
} spinning SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_STACK_TRACE);
	__uint(max_entries, 16384);
	__type(key, __u32);
	__uint(value_size, UNFREED_MAX_FRAMES * sizeof(__u64));
} kernel_stacks SEC(".maps");

/* How long it took; false when that does not count. */
static __always_inline bool ended(struct wait *wait, __u64 *nanos)
{
	*nanos = bpf_ktime_get_ns() - wait->began;
	wait->began = 0;
	return *nanos >= config.min_nanos;
}

static __always_inline void add_wait(struct trace_key *key, const struct wait *wait, __u64 nanos,
				     __u32 stack)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct waited what = { .nanos = nanos, .comm = task->group_leader->comm };

	key->tgid = task->tgid;
	key->subject = wait->lock;
	key->detail = (__u32)wait->flags | (__u64)stack << 32;
	add(key, &what);
}

/* Without a flag: a queued spinlock, or a semaphore, which has such a lock itself. */
static __always_inline struct wait *begun_by_thread(__u64 lock, unsigned int flags)
{
	struct waits *its = bpf_task_storage_get(&sleeping, bpf_get_current_task_btf(), 0,
						 BPF_LOCAL_STORAGE_GET_F_CREATE);

	if (!its)
		return NULL;
	return !flags && its->outer.began && its->outer.lock != lock ? &its->inner : &its->outer;
}

static __always_inline struct wait *awaited_by_thread(__u64 lock)
{
	struct waits *its = bpf_task_storage_get(&sleeping, bpf_get_current_task_btf(), 0, 0);

	if (!its)
		return NULL;
	if (its->inner.began && its->inner.lock == lock)
		return &its->inner;
	return its->outer.began && its->outer.lock == lock ? &its->outer : NULL;
}

SEC("tp_btf/contention_begin")
int BPF_PROG(lock_begin, void *lock, unsigned int flags)
{
	__u32 zero = 0;
	struct wait *wait;

	if (!traced(bpf_get_current_pid_tgid() >> 32))
		return 0;
	/* A mutex spins for a while and then says that it sleeps: one wait. */
	if (flags & LCB_F_SPIN && !(flags & LCB_F_MUTEX))
		wait = bpf_map_lookup_elem(&spinning, &zero);
	else
		wait = begun_by_thread((__u64)lock, flags);
	if (!wait) {
		miss(T_MAP_FULL);
		return 0;
	}
	if (wait->began && wait->lock == (__u64)lock)
		return 0;
	if (wait->began && flags & LCB_F_SPIN && !(flags & LCB_F_MUTEX))
		return 0; /* an interrupt's */
	wait->lock = (__u64)lock;
	wait->flags = flags;
	wait->began = bpf_ktime_get_ns();
	return 0;
}

SEC("tp_btf/contention_end")
int BPF_PROG(lock_end, void *lock, int result)
{
	struct trace_key key = { .kind = TRACE_KERNEL_LOCK };
	struct wait *wait;
	__u32 zero = 0;
	__u64 nanos;
	long stack;

	wait = bpf_map_lookup_elem(&spinning, &zero);
	if (!wait || !wait->began || wait->lock != (__u64)lock)
		wait = awaited_by_thread((__u64)lock);
	if (!wait)
		return 0;
	if (!ended(wait, &nanos))
		return 0;
	stack = bpf_get_stackid(ctx, &kernel_stacks, 2); /* without this program and what calls it */
	add_wait(&key, wait, nanos, stack < 0 ? TRACE_NO_STACK : stack);
	return 0;
}

/* What a system call waits for, as a kind of trace; 0 when it does not wait for a lock. */
static __always_inline __u32 waits_for(struct pt_regs *regs, long number)
{
	__u64 operation = regs->si;

	switch (number) {
	case NR_FUTEX:
		operation &= 0x7f;
		/* WAIT, LOCK_PI, WAIT_BITSET, WAIT_REQUEUE_PI, LOCK_PI2 */
		return operation == 0 || operation == 6 || operation == 9 || operation == 11 ||
				       operation == 13 ?
			       TRACE_FUTEX :
			       0;
	case NR_FUTEX_WAITV:
	case NR_FUTEX_WAIT:
		return TRACE_FUTEX;
	case NR_FLOCK:
		return operation & (LOCK_NB | LOCK_UN) ? 0 : TRACE_FILE_LOCK;
	case NR_FCNTL:
		return operation == F_SETLKW || operation == F_OFD_SETLKW ? TRACE_FILE_LOCK : 0;
	}
	return 0;
}

SEC("tp_btf/sys_enter")
int BPF_PROG(wait_begin, struct pt_regs *regs, long number)
{
	if (!waits_for(regs, number) || !traced(bpf_get_current_pid_tgid() >> 32))
		return 0;
	return begin_call(number, regs->di);
}

SEC("tp_btf/sys_exit")
int BPF_PROG(wait_end, struct pt_regs *regs, long result)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct call *call = bpf_task_storage_get(&calls, task, 0, 0);
	struct trace_key key = {};
	struct wait wait = {};
	__u64 nanos;

	if (maps_code(regs, result))
		note_code(task);
	if (!call || !call->began)
		return 0;
	key.kind = call->number == NR_FLOCK || call->number == NR_FCNTL ? TRACE_FILE_LOCK :
									   TRACE_FUTEX;
	wait.began = call->began;
	wait.lock = call->subject;
	call->began = 0;
	if (ended(&wait, &nanos))
		add_wait(&key, &wait, nanos, waiting_stack(ctx, regs, task));
	return 0;
}

#endif
