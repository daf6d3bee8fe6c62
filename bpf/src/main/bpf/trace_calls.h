/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* How long system calls take, and which errors they end with. A thread is in one call at a time:
 * a signal's handler runs when the call it interrupts has ended. */
#ifndef UNFREED_TRACE_CALLS_H
#define UNFREED_TRACE_CALLS_H

struct call {
	__u64 began;
	__u64 subject;
	__u64 number;
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct call);
} calls SEC(".maps");

static __always_inline int begin_call(__u64 number, __u64 subject)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct call *call;

	if (BPF_CORE_READ(task, thread_info.status) & TS_COMPAT)
		return 0;
	call = bpf_task_storage_get(&calls, task, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (!call) {
		miss(T_MAP_FULL);
		return 0;
	}
	call->number = number;
	call->subject = subject;
	call->began = bpf_ktime_get_ns();
	return 0;
}

/* A return from a signal, or from a function that is probed, ends as the call that was interrupted, which has no number any
 * more; a successful execveat ends as execve. */
#define NR_RT_SIGRETURN 15
#define NR_EXECVE 59
#define NR_EXECVEAT 322
#define NO_CALL (~0ULL)

/* The call that ends; NULL when its begin was not seen. */
static __always_inline struct call *end_call(struct task_struct *task, __u64 number)
{
	struct call *call = bpf_task_storage_get(&calls, task, 0, 0);

	if (!call || !call->began)
		return NULL;
	if (call->number != number &&
	    number != NO_CALL && !(call->number == NR_EXECVEAT && number == NR_EXECVE)) {
		call->began = 0;
		miss(T_UNPAIRED);
		return NULL;
	}
	return call;
}

/* A call that seccomp (or a debugger) refuses ends without having begun: it counts, and took no time. Of a thread that was not
 * seen before it may have begun before the trace did. */
static __always_inline bool is_refused(struct task_struct *task, __u64 number, __s64 result)
{
	struct call *call = bpf_task_storage_get(&calls, task, 0, 0);

	return call && !call->began && number != NO_CALL && result < 0 && result >= -LARGEST_ERRNO &&
	       !(BPF_CORE_READ(task, thread_info.status) & TS_COMPAT) && traced(task->tgid);
}

SEC("tp_btf/sys_enter")
int BPF_PROG(call_begin, struct pt_regs *regs, long number)
{
	return traced(bpf_get_current_pid_tgid() >> 32) ? begin_call(number, number) : 0;
}

SEC("tp_btf/sys_exit")
int BPF_PROG(call_end, struct pt_regs *regs, long result)
{
	struct task_struct *task = bpf_get_current_task_btf();
	bool refused = is_refused(task, regs->orig_ax, result);
	struct call *call = refused ? NULL : end_call(task, regs->orig_ax);
	struct trace_key key = { .tgid = task->tgid, .kind = TRACE_CALL };
	struct waited what = { .result = result, .comm = task->group_leader->comm };

	if (refused) {
		key.subject = regs->orig_ax;
	} else if (call) {
		if (call->number == NR_RT_SIGRETURN)
			what.result = 0; /* of the interrupted call */
		key.subject = call->subject;
		what.nanos = bpf_ktime_get_ns() - call->began;
		call->began = 0;
	} else {
		return 0;
	}
	add(&key, &what);
	add_error(key.subject, key.tgid, what.result);
	return 0;
}

#endif
