/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* User stacks of waits: unwound, and sent, as those of allocations are. */
#ifndef UNFREED_TRACE_STACKS_H
#define UNFREED_TRACE_STACKS_H

#define NR_MMAP 9

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct thread_call);
} walks SEC(".maps");

/* How often a process has mapped code of files: what was known of its mappings is old then. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, __u32); /* tgid */
	__type(value, __u32);
} code_changes SEC(".maps");

static __always_inline bool maps_code(struct pt_regs *regs, long result)
{
	return regs->orig_ax == NR_MMAP && regs->dx & PROT_EXEC && (int)regs->r8 >= 0 &&
	       (unsigned long)result < (unsigned long)-LARGEST_ERRNO;
}

static __always_inline void note_code(struct task_struct *task)
{
	__u32 tgid = task->tgid, one = 1, *times;

	if (!traced(tgid))
		return;
	times = bpf_map_lookup_elem(&code_changes, &tgid);
	if (times)
		__sync_fetch_and_add(times, 1);
	else
		bpf_map_update_elem(&code_changes, &tgid, &one, BPF_ANY);
}

/* Another one for each program that a process number stands for. */
static __always_inline __u32 image_of(struct task_struct *task)
{
	__u64 began = BPF_CORE_READ(task, group_leader, start_boottime);

	return (__u32)(began ^ began >> 32) + ((__u32)BPF_CORE_READ(task, self_exec_id) << 24);
}

/* The reference of the stack that the current thread left user code with. The same addresses may be
 * those of another library by now (dlclose, dlopen). What a whole stack lies in the walk has seen, so
 * that it stays one row whatever else the process maps; of what no table says, all code that came since
 * makes it another one. */
static __always_inline __u32 waiting_stack(void *ctx, struct pt_regs *regs, struct task_struct *task)
{
	struct thread_call *walk =
		bpf_task_storage_get(&walks, task, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
	struct origin who = { .tgid = task->tgid, .generation = image_of(task) };
	struct place at = user_place(regs);
	__u32 frames, ref, why, changed = 0, *changes;

	if (!walk) {
		count(C_STATE_FAILED);
		return TRACE_NO_STACK;
	}
	changes = bpf_map_lookup_elem(&code_changes, &who.tgid);
	if (changes)
		changed = *changes;
	if (config.unwind) {
		frames = unwind(walk, &at, who.tgid, who.generation + changed);
		count_incomplete(walk->stack.record.flags);
		why = walk->stack.record.flags >> UNFREED_STACK_WHY_SHIFT;
		if (why && why != UNFREED_TOO_DEEP)
			walk->stack.code += changed;
	} else {
		frames = take_stack(ctx, &walk->stack, BPF_F_USER_STACK);
		walk->stack.code = changed;
	}
	ref = stack_reference(&who, &walk->stack, frames, true);
	return ref ? ref : TRACE_NO_STACK;
}

#endif
