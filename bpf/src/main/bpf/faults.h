/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What makes pages of a process resident: its accesses to pages that are not there. */
#ifndef UNFREED_FAULTS_H
#define UNFREED_FAULTS_H

/* Of the error code: the page is there, and the access was not allowed (copy on write, above all). */
#define FAULT_OF_PRESENT 1

/* Interrupts are off, and then only one mapping can be looked up with the lock; where there is no tree
 * to walk without it, a thread's code is learned a fault at a time. */
SEC("tp_btf/page_fault_user")
int BPF_PROG(on_user_fault, unsigned long address, struct pt_regs *regs, unsigned long error_code)
{
	__u64 ids = bpf_get_current_pid_tgid();
	__u32 tgid = ids >> 32;
	struct happening what = { .kind = UNFREED_ALLOC, .size = 1ULL << config.page_shift };
	struct place at = user_place(regs);
	struct unfreed_target *target;
	struct thread_call *call;
	struct origin who;

	if (error_code & FAULT_OF_PRESENT)
		return 0;
	target = find_target(&tgid);
	if (!target || target->state != UNFREED_RECORDING)
		return 0;
	/* A page is no call that asks for bytes: only sampling chooses. */
	if (!sampled()) {
		count(C_FILTERED);
		return 0;
	}
	call = bpf_task_storage_get(&calls, bpf_get_current_task_btf(), 0,
				    BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (!call) {
		count(C_STATE_FAILED);
		return 0;
	}
	count(C_PRODUCED);
	who = user_origin(tgid, (__u32)ids, target, FN_PAGE_FAULT);
	who.space = UNFREED_PAGE;
	what.address = address & ~(what.size - 1);
	at.ip++; /* the instruction itself is meant, not the one before as of a call */
	what.stack = user_stack(ctx, &at, call, &who);
	what.time = bpf_ktime_get_ns();
	submit(&who, &what);
	return 0;
}

#endif
