/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Life of the recorded processes: fork, exec, exit, and the dynamic linker's changes. */
#ifndef UNFREED_PROCESS_H
#define UNFREED_PROCESS_H

static __always_inline void emit_process(struct task_struct *task, __u32 tgid,
					 const struct unfreed_process *what)
{
	struct unfreed_process *record = bpf_ringbuf_reserve(&ring, sizeof(*record), 0);

	if (!record) {
		count(C_PROCESS_FAILED);
		return;
	}
	*record = *what;
	record->header.type = UNFREED_PROCESS;
	record->header.count = 1;
	record->header.tgid = tgid;
	record->time = bpf_ktime_get_ns();
	record->start_boottime = BPF_CORE_READ(task, group_leader, start_boottime);
	bpf_probe_read_kernel(record->comm, sizeof(record->comm), task->comm);
	bpf_ringbuf_submit(record, SUBMIT_FLAGS);
}

SEC("tp_btf/sched_process_fork")
int BPF_PROG(process_fork, struct task_struct *parent, struct task_struct *child)
{
	__u32 owner = parent->tgid, tgid = child->tgid;
	struct unfreed_target fresh = { .state = UNFREED_PAUSED };
	struct unfreed_process what = { .other = tgid };
	struct unfreed_target *target;

	if (owner == tgid)
		return 0; /* a thread */
	target = find_target(&owner);
	if (!target || target->state == UNFREED_WAIT_EXEC)
		return 0;
	if (parent->mm == child->mm) {
		bpf_map_update_elem(&borrowers, &tgid, &owner, BPF_ANY);
		what.kind = UNFREED_VFORK;
	} else {
		if (config.follow_children)
			bpf_map_update_elem(&targets, &tgid, &fresh, BPF_ANY);
		what.kind = UNFREED_FORK;
	}
	what.generation = target->generation;
	emit_process(child, owner, &what);
	return 0;
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(process_exec, struct task_struct *task, int old_pid)
{
	__u32 tgid = task->tgid;
	struct unfreed_target fresh = { .state = UNFREED_PAUSED };
	struct unfreed_process what = { .kind = UNFREED_EXEC, .other = old_pid };
	struct unfreed_target *target;
	struct thread_call *call;

	if (!bpf_map_delete_elem(&borrowers, &tgid) && config.follow_children)
		bpf_map_update_elem(&targets, &tgid, &fresh, BPF_NOEXIST);
	target = bpf_map_lookup_elem(&targets, &tgid);
	if (!target)
		return 0;
	/* The call the thread was in, if any, went with its address space. */
	call = bpf_task_storage_get(&calls, task, 0, 0);
	if (call)
		call->function = 0;
	if (target->state == UNFREED_WAIT_EXEC)
		target->state = UNFREED_RECORDING;
	target->execs++;
	what.generation = __sync_fetch_and_add(&target->generation, 1) + 1;
	emit_process(task, tgid, &what);
	return 0;
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(process_exit, struct task_struct *task)
{
	__u32 tgid = task->tgid;
	struct unfreed_process what = { .kind = UNFREED_EXIT };
	struct unfreed_target *target = bpf_map_lookup_elem(&targets, &tgid);
	struct thread_call *call;
	__u32 owner = tgid;

	call = bpf_task_storage_get(&calls, task, 0, 0);
	if (call && call->function && call->intent && find_target(&owner))
		count(C_MISSING_OUTCOME); /* the thread died inside its call */
	if (BPF_CORE_READ(task, signal, live.counter) != 0)
		return 0; /* other threads live on */
	bpf_map_delete_elem(&borrowers, &tgid);
	if (!target)
		return 0;
	what.generation = target->generation;
	what.status = BPF_CORE_READ(task, signal, group_exit_code);
	if (!what.status)
		what.status = task->exit_code;
	bpf_map_delete_elem(&targets, &tgid);
	emit_process(task, tgid, &what);
	return 0;
}

/* The dynamic linker's debugger hook: called before and after objects come or go. */
SEC("uprobe")
int modules_changed(struct pt_regs *ctx)
{
	__u32 tgid = bpf_get_current_pid_tgid() >> 32;
	struct unfreed_process what = { .kind = UNFREED_MODULES };
	struct unfreed_target *target = find_target(&tgid);

	if (!target || target->state == UNFREED_WAIT_EXEC)
		return 0;
	what.generation = __sync_fetch_and_add(&target->generation, 1) + 1;
	emit_process(bpf_get_current_task_btf(), tgid, &what);
	return 0;
}

#endif
