/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Memory that a process asks the kernel for, by the system calls themselves: no function of the
 * process need be known. The calls of a thread do not nest, so its next exit is its call's. */
#ifndef UNFREED_SYSCALLS_H
#define UNFREED_SYSCALLS_H

/* Advice after which pages are gone; after others (MADV_FREE) they may be. */
#define MADV_DONTNEED 4
#define MADV_REMOVE 9
#define MADV_DONTNEED_LOCKED 24

static __always_inline __u64 whole_pages(__u64 bytes)
{
	__u64 page = (1ULL << config.page_shift) - 1;

	return (bytes + page) & ~page;
}

/* x86-64 numbers. */
static __always_inline __u32 memory_call(long number)
{
	switch (number) {
	case 9:
		return FN_MMAP;
	case 11:
		return FN_MUNMAP;
	case 12:
		return FN_BRK;
	case 25:
		return FN_MREMAP;
	case 28:
		return config.page_faults ? FN_MADVISE : 0;
	}
	return 0;
}

/* As read_arguments, from where a system call has them. The heap is a mapping that ends at the
 * break: moving that maps or unmaps what lies between. */
static __always_inline void read_memory_call(struct task_struct *task, struct pt_regs *regs,
					     struct thread_call *call)
{
	__u64 one = regs->di, two = regs->si, three = regs->dx, four = regs->r10;
	__u64 heap_end;

	call->size = 0;
	call->old = 0;
	call->pointer = 0;
	call->size_zero = 0;
	switch (call->function) {
	case FN_MMAP:
		call->size = whole_pages(two);
		call->size_zero = three & PROT_EXEC && (int)regs->r8 >= 0; /* code of a file */
		break;
	case FN_MUNMAP:
		call->old = one;
		call->size = whole_pages(two);
		break;
	case FN_MREMAP:
		call->old = two == 0 || four & MREMAP_DONTUNMAP ? 0 : one;
		call->pointer = whole_pages(two);
		call->size = whole_pages(three);
		break;
	case FN_BRK:
		heap_end = whole_pages(BPF_CORE_READ(task, mm, brk));
		call->pointer = heap_end;
		one = whole_pages(one);
		if (one >= BPF_CORE_READ(task, mm, start_brk) && one < heap_end) {
			call->old = one;
			call->size = heap_end - one;
		}
		break;
	case FN_MADVISE:
		if (three == MADV_DONTNEED || three == MADV_REMOVE || three == MADV_DONTNEED_LOCKED) {
			call->pointer = one;
			call->size = whole_pages(two);
		}
		break;
	}
}

/* The pages of a range are gone, and its mappings are as they were. */
static __always_inline void emit_dropped(struct thread_call *call, struct origin *who)
{
	struct happening what = {
		.address = call->pointer,
		.size = call->size,
		.kind = UNFREED_FREE,
	};

	who->space = UNFREED_PAGE;
	count(C_PRODUCED);
	what.time = bpf_ktime_get_ns();
	submit(who, &what);
}

/* In a recorded process from its start; the others by what they are. */
SEC("tp_btf/sys_enter")
int BPF_PROG(on_sys_enter, struct pt_regs *regs, long number)
{
	__u64 ids = bpf_get_current_pid_tgid();
	__u32 tgid = ids >> 32, function = memory_call(number);
	struct unfreed_target *target;
	struct task_struct *task;
	struct thread_call *call;
	struct origin who;

	if (!function)
		return 0;
	target = find_target(&tgid);
	if (!target || target->state == UNFREED_WAIT_EXEC)
		return 0;
	task = bpf_get_current_task_btf();
	if (BPF_CORE_READ(task, thread_info.status) & TS_COMPAT)
		return 0;
	call = bpf_task_storage_get(&calls, task, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (!call) {
		if (target->state == UNFREED_RECORDING)
			count(C_STATE_FAILED);
		return 0;
	}
	call->function = function;
	call->intent = 0;
	call->paused = target->state != UNFREED_RECORDING;
	read_memory_call(task, regs, call);
	if (call->paused)
		return 0;
	who = user_origin(tgid, (__u32)ids, target, function);
	emit_release(call, &who);
	return 0;
}

SEC("tp_btf/sys_exit")
int BPF_PROG(on_sys_exit, struct pt_regs *regs, long result)
{
	__u64 ids = bpf_get_current_pid_tgid(), address = 0;
	__u32 tgid = ids >> 32;
	struct unfreed_target *target;
	struct thread_call *call;
	struct origin who;
	struct place at;
	bool released = false, code;

	target = find_target(&tgid);
	if (!target || target->state == UNFREED_WAIT_EXEC)
		return 0;
	call = bpf_task_storage_get(&calls, bpf_get_current_task_btf(), 0, 0);
	if (!call || !call->function)
		return 0;
	if (memory_call(regs->orig_ax) != call->function) {
		if (!call->paused)
			count(C_EXIT_WITHOUT_ENTER);
		call->function = 0;
		return 0;
	}
	code = call->function == FN_MMAP && call->size_zero;
	switch (call->function) {
	case FN_MUNMAP:
		released = result == 0;
		break;
	case FN_BRK:
		result = whole_pages(result);
		if (call->old) {
			released = (__u64)result == call->old;
		} else if ((__u64)result > call->pointer) {
			address = call->pointer;
			call->size = result - call->pointer;
		}
		break;
	case FN_MADVISE:
		break;
	default:
		address = (unsigned long)result >= MAP_FAILED_FIRST ? 0 : result;
	}
	if (code && address)
		__sync_fetch_and_add(&target->generation, 1);
	if (!call->paused) {
		who = user_origin(tgid, (__u32)ids, target, call->function);
		at = user_place(regs);
		if (call->function != FN_MADVISE)
			emit_outcome(ctx, &at, call, &who, address, released);
		else if ((result == 0 || result == -ENOMEM) && call->size) /* of holes; the rest went */
			emit_dropped(call, &who);
	}
	call->function = 0;
	return 0;
}

#endif
