/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Life of the recorded processes: fork, exec, exit, and the dynamic linker's changes. */
#ifndef UNFREED_PROCESS_H
#define UNFREED_PROCESS_H

static __always_inline void fill_process(struct unfreed_process *record, struct task_struct *task,
					 __u32 tgid, const struct unfreed_process *what)
{
	*record = *what;
	record->header.type = UNFREED_PROCESS;
	record->header.count = 1;
	record->header.tgid = tgid;
	record->time = bpf_ktime_get_ns();
	record->start_boottime = BPF_CORE_READ(task, group_leader, start_boottime);
	bpf_probe_read_kernel(record->comm, sizeof(record->comm), task->comm);
}

static __always_inline bool emit_process(struct task_struct *task, __u32 tgid,
					 const struct unfreed_process *what)
{
	struct unfreed_process *record = bpf_ringbuf_reserve(&ring, sizeof(*record), 0);

	if (!record) {
		count(C_PROCESS_FAILED);
		return false;
	}
	fill_process(record, task, tgid, what);
	bpf_ringbuf_submit(record, SUBMIT_FLAGS);
	return true;
}

/* With the command line: the process may be gone when the record is read. */
static __always_inline void emit_exec(struct task_struct *task, __u32 tgid,
				      const struct unfreed_process *what)
{
	struct unfreed_exec *record = bpf_ringbuf_reserve(&ring, sizeof(*record), 0);
	__u64 start = BPF_CORE_READ(task, mm, arg_start);
	__u64 bytes = BPF_CORE_READ(task, mm, arg_end) - start;

	if (!record) {
		count(C_PROCESS_FAILED);
		return;
	}
	fill_process(&record->process, task, tgid, what);
	record->reserved = 0;
	identify(BPF_CORE_READ(task, mm, exe_file, f_inode), &record->program);
	record->args_bytes = bytes;
	if (bytes >= sizeof(record->args))
		bytes = sizeof(record->args) - 1;
	barrier_var(bytes); /* the mask says it again, to the verifier */
	if (bpf_probe_read_user(record->args, bytes & (sizeof(record->args) - 1), (void *)start))
		record->args_bytes = 0;
	bpf_ringbuf_submit(record, SUBMIT_FLAGS);
}

struct mapped {
	bool unknown; /* an executable mapping of a file not looked at yet */
	bool linker; /* one of a dynamic linker that is probed */
};

/* Looks through the executable mappings of the current process. */
static __always_inline struct mapped look_at_objects(struct task_struct *task)
{
	struct mapped found = {};
	struct bpf_iter_task_vma it;
	struct vm_area_struct *vma;
	struct unfreed_object key;
	__u32 *state;

	/* Mappings that are being changed cannot be looked through. */
	found.unknown = bpf_iter_task_vma_new(&it, task, 0) != 0;
	while ((vma = bpf_iter_task_vma_next(&it))) {
		if (!object_of(vma, &key))
			continue;
		state = bpf_map_lookup_elem(&objects, &key);
		if (!state)
			found.unknown = true;
		else if (*state & OBJECT_LINKER)
			found.linker = true;
	}
	bpf_iter_task_vma_destroy(&it);
	return found;
}

/* Remembers them as looked at; the one at ip is a dynamic linker that is probed. */
static __always_inline void remember_objects(struct task_struct *task, __u64 ip)
{
	struct bpf_iter_task_vma it;
	struct vm_area_struct *vma;
	struct unfreed_object key;
	__u32 state, *before;

	bpf_iter_task_vma_new(&it, task, 0);
	while ((vma = bpf_iter_task_vma_next(&it))) {
		if (!object_of(vma, &key))
			continue;
		state = OBJECT_LOOKED_AT;
		if (vma->vm_start <= ip && ip < vma->vm_end)
			state |= OBJECT_LINKER;
		before = bpf_map_lookup_elem(&objects, &key);
		if (before)
			state |= *before;
		bpf_map_update_elem(&objects, &key, &state, BPF_ANY);
	}
	bpf_iter_task_vma_destroy(&it);
}

/* What will be seen of a new image without anybody's help. The kernel takes the probes from a
 * program that gains privileges by its exec: then it has no perf events any more. */
static __always_inline __u32 known_at_exec(struct task_struct *task)
{
	struct mapped found;

	if (bpf_core_field_exists(task->perf_event_ctxp) && !BPF_CORE_READ(task, perf_event_ctxp))
		return 0;
	found = look_at_objects(task);
	return (found.linker ? UNFREED_EXEC_LINKED : 0) | (found.unknown ? 0 : UNFREED_EXEC_KNOWN);
}

/* Whether a whole host's recording concerns the current process. */
static __always_inline bool concerns(struct task_struct *task)
{
	char name[16] = {};

	if (!config.host || (__u32)(bpf_get_current_pid_tgid() >> 32) == config.collector)
		return false;
	if (config.cgroup &&
	    bpf_get_current_ancestor_cgroup_id(config.cgroup_level) != config.cgroup)
		return false;
	if (!config.name[0])
		return true;
	bpf_probe_read_kernel(name, sizeof(name), task->comm);
	for (int i = 0; i < 16; i++)
		if (name[i] != config.name[i])
			return false;
	return true;
}

SEC("tp_btf/sched_process_fork")
int BPF_PROG(process_fork, struct task_struct *parent, struct task_struct *child)
{
	__u32 owner = parent->tgid, tgid = child->tgid;
	struct unfreed_target fresh = {};
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
		fresh.state = config.inherited ? target->state : UNFREED_PAUSED;
		what.status = fresh.state;
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
	struct unfreed_target fresh = { .state = config.inherited ? UNFREED_RECORDING :
								    UNFREED_PAUSED };
	struct unfreed_process what = { .kind = UNFREED_EXEC, .other = old_pid };
	struct unfreed_target *target;
	struct thread_call *call;

	if (!bpf_map_delete_elem(&borrowers, &tgid) && config.follow_children)
		bpf_map_update_elem(&targets, &tgid, &fresh, BPF_NOEXIST);
	else if (concerns(task))
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
	if (config.syscalls)
		what.status = UNFREED_EXEC_KNOWN; /* there is nothing to probe */
	else if (config.inherited)
		what.status = known_at_exec(task);
	emit_exec(task, tgid, &what);
	return 0;
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(process_exit, struct task_struct *task)
{
	__u32 tgid = task->tgid;
	struct unfreed_process what = { .kind = UNFREED_EXIT };
	struct unfreed_target *target = bpf_map_lookup_elem(&targets, &tgid);
	struct thread_call *call;
	__u32 owner = tgid, over = HOLDS_OVER, one = 1;

	call = bpf_task_storage_get(&calls, task, 0, 0);
	if (call && call->function && call->intent && find_target(&owner))
		count(C_MISSING_OUTCOME); /* the thread died inside its call */
	if (BPF_CORE_READ(task, signal, live.counter) != 0)
		return 0; /* other threads live on */
	bpf_map_delete_elem(&borrowers, &tgid);
	if (tgid == config.collector)
		bpf_map_update_elem(&holds, &over, &one, BPF_ANY);
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

/* On busy machines 2 s were too short for those that attach, once in some fifty runs at a load of ten. */
#define HOLD_NANOS 5000000000ULL

/* The answer that lets it go on and says that its objects need not be looked at again. */
#define HOLD_REMEMBER 1

/* This waits, and another process's wait may come in between on the same CPU, so neither this nor
 * objects_changed keeps anything on its stack over a round: kernels since 6.13 give programs with
 * more than 64 bytes of stack one per CPU, also those that may sleep. */
static long still_held(__attribute__((unused)) __u32 round, __attribute__((unused)) void *data)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct holding *holding = bpf_task_storage_get(&waiting, task, 0, 0);
	__u32 over = HOLDS_OVER, tgid = bpf_get_current_pid_tgid() >> 32;
	__u32 *answer = bpf_map_lookup_elem(&holds, &tgid);
	__u64 word;

	if (!holding || !answer || *answer || bpf_map_lookup_elem(&holds, &over))
		return 1;
	if (BPF_CORE_READ(task, signal, flags) & SIGNAL_GROUP_EXIT)
		return 1; /* it was killed */
	/* Its way through the kernel gives the CPU to others (cond_resched), as those that are to
	 * attach the probes. */
	bpf_copy_from_user_task(&word, sizeof(word), (void *)holding->sp, task, 0);
	return bpf_ktime_get_ns() > holding->until;
}

/* Tells what the linker did; whether to wait. */
static __noinline bool begin_hold(struct pt_regs *ctx)
{
	__u32 tgid = bpf_get_current_pid_tgid() >> 32, own = tgid, off = HOLDS_OFF, no = 0;
	struct task_struct *task = bpf_get_current_task_btf();
	struct unfreed_process what = { .kind = UNFREED_MODULES };
	struct unfreed_target *target = find_target(&tgid);
	struct holding *holding;

	if (!target || target->state == UNFREED_WAIT_EXEC)
		return false;
	what.generation = __sync_fetch_and_add(&target->generation, 1) + 1;
	if (own == tgid && target->state == UNFREED_RECORDING && look_at_objects(task).unknown)
		what.kind = bpf_map_lookup_elem(&holds, &off) ? UNFREED_LET_GO : UNFREED_HELD;
	if (what.kind != UNFREED_HELD) {
		emit_process(task, tgid, &what);
		return false;
	}
	holding = bpf_task_storage_get(&waiting, task, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (!holding || bpf_map_update_elem(&holds, &tgid, &no, BPF_ANY))
		return false;
	holding->sp = STACK_POINTER(ctx);
	holding->until = bpf_ktime_get_ns() + HOLD_NANOS;
	return emit_process(task, tgid, &what);
}

static __noinline int end_hold(struct pt_regs *ctx)
{
	__u32 tgid = bpf_get_current_pid_tgid() >> 32, off = HOLDS_OFF, no = 0;
	struct task_struct *task = bpf_get_current_task_btf();
	struct unfreed_process what = { .kind = UNFREED_LET_GO };
	struct unfreed_target *target = bpf_map_lookup_elem(&targets, &tgid);
	__u32 *answer = bpf_map_lookup_elem(&holds, &tgid);

	if (answer && *answer == HOLD_REMEMBER) {
		remember_objects(task, PROBE_ADDRESS(ctx));
	} else if (!answer || !*answer) {
		bpf_map_update_elem(&holds, &off, &no, BPF_ANY);
		what.generation = target ? target->generation : 0;
		emit_process(task, tgid, &what);
	}
	bpf_map_delete_elem(&holds, &tgid);
	return 0;
}

/* As modules_changed, and where objects are new it waits until they have their probes: the linker
 * calls this before any code of theirs runs. It waits here, in the kernel and by looking again and
 * again, because a signal or a tracer would be seen by others; never longer than HOLD_NANOS, and
 * once that has happened nobody waits until the reader has taken notice. */
SEC("uprobe.s")
int objects_changed(struct pt_regs *ctx)
{
	if (begin_hold(ctx)) {
		/* At most so many rounds, which may be over before the time is. */
		if (bpf_loop(1 << 23, still_held, NULL, 0) == 1 << 23)
			bpf_loop(1 << 23, still_held, NULL, 0);
		end_hold(ctx);
	}
	return 0;
}

#endif
