/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* User allocators: one program at the enter and one at the exit of every probed function. */
#ifndef UNFREED_USER_H
#define UNFREED_USER_H

#define MREMAP_DONTUNMAP 4
#define MAP_FAILED_FIRST ((unsigned long)-4095)

/* The recorded process the current thread allocates for; a vfork child's is its parent. */
static __always_inline struct unfreed_target *find_target(__u32 *tgid)
{
	struct unfreed_target *target = bpf_map_lookup_elem(&targets, tgid);
	__u32 *owner;

	if (target)
		return target;
	owner = bpf_map_lookup_elem(&borrowers, tgid);
	if (!owner)
		return NULL;
	*tgid = *owner;
	return bpf_map_lookup_elem(&targets, tgid);
}

/* Is the call that `call` remembers still on the stack, below which a new one begins at sp?
 * A higher stack pointer means it was left by longjmp. So does a return slot that no longer
 * holds the trampoline. At an equal stack pointer only a tail call keeps it alive. */
static __always_inline bool still_in_call(struct task_struct *task, struct thread_call *call,
					  __u64 sp)
{
	__u64 trampoline, slot = 0;

	if (sp > call->sp)
		return false;
	trampoline = return_trampoline(task);
	if (trampoline && !bpf_probe_read_user(&slot, sizeof(slot), (void *)call->sp) &&
	    slot != trampoline)
		return false;
	if (sp == call->sp)
		call->tail++;
	return true;
}

/* What the call asks for and what it would release. */
static __always_inline void read_arguments(struct pt_regs *ctx, struct thread_call *call)
{
	__u64 page = (1ULL << config.page_shift) - 1;
	__u64 one = ARG1(ctx), two = ARG2(ctx), three = ARG3(ctx);

	call->size = 0;
	call->old = 0;
	call->pointer = 0;
	call->size_zero = 0;
	switch (call->function) {
	case FN_MALLOC:
	case FN_NEW:
	case FN_VALLOC:
	case FN_PVALLOC:
		call->size = one;
		break;
	case FN_CALLOC:
		call->size = one * two; /* an overflow fails, and a failing call is no event */
		break;
	case FN_REALLOC:
		call->old = one;
		call->size = two;
		call->size_zero = two == 0;
		break;
	case FN_REALLOCARRAY:
		call->old = one;
		call->size = two * three;
		call->size_zero = two == 0 || three == 0;
		break;
	case FN_POSIX_MEMALIGN:
		call->pointer = one;
		call->size = three;
		break;
	case FN_ALIGNED_ALLOC:
	case FN_MEMALIGN:
		call->size = two;
		break;
	case FN_MMAP:
		call->size = (two + page) & ~page;
		break;
	case FN_MUNMAP:
		call->old = one;
		call->size = (two + page) & ~page;
		break;
	case FN_MREMAP:
		/* From length 0 it duplicates a shared mapping, and with DONTUNMAP the old
		 * one stays: then nothing is released. */
		call->old = two == 0 || ARG4(ctx) & MREMAP_DONTUNMAP ? 0 : one;
		call->pointer = (two + page) & ~page;
		call->size = (three + page) & ~page;
		break;
	case FN_FREE:
	case FN_CFREE:
	case FN_FREE_SIZED:
	case FN_FREE_ALIGNED_SIZED:
	case FN_DELETE:
		call->old = one;
		break;
	}
}

/* Which function an enter probe is at; 0 never. */
static __always_inline __u32 entered_function(struct pt_regs *ctx, __u64 cookie)
{
	__u32 key = cookie | (PROBE_ADDRESS(ctx) & (UNFREED_FN_TABLE - 1)), *function;

	if (cookie < UNFREED_FN_TABLE)
		return cookie;
	function = bpf_map_lookup_elem(&functions, &key);
	return function ? *function : 0;
}

static __always_inline bool is_free(__u32 function)
{
	return function == FN_FREE || function == FN_CFREE || function == FN_FREE_SIZED ||
	       function == FN_FREE_ALIGNED_SIZED || function == FN_DELETE;
}

static __always_inline bool maps(__u32 function)
{
	return function == FN_MMAP || function == FN_MUNMAP || function == FN_MREMAP ||
	       function == FN_BRK;
}

static __always_inline struct origin user_origin(__u32 tgid, __u32 tid,
						 const struct unfreed_target *target,
						 __u32 function)
{
	struct origin who = {
		.tgid = tgid,
		.tid = tid,
		.generation = target->generation,
		.execs = target->execs,
		.function = function,
		.space = maps(function) ? UNFREED_MAPPING : UNFREED_HEAP,
	};

	return who;
}

/* A free is an event at its enter; a call that releases and may fail says its intent. */
static __always_inline void emit_release(struct thread_call *call, const struct origin *who)
{
	struct happening what = { .address = call->old };

	if (!call->old || !forget(who, call->old))
		return;
	if (is_free(call->function)) {
		what.kind = UNFREED_FREE;
		what.flags = call->ending & ENDING_THREAD ? UNFREED_THREAD_ENDS : 0;
	} else {
		what.kind = UNFREED_RELEASE_INTENT;
		call->intent = 1;
		if (call->function == FN_MUNMAP || call->function == FN_BRK)
			what.size = call->size;
		if (call->function == FN_MREMAP)
			what.size = call->pointer;
	}
	count(C_PRODUCED);
	what.time = bpf_ktime_get_ns();
	submit(who, &what);
}

SEC("uprobe")
int call_enter(struct pt_regs *ctx)
{
	__u64 ids = bpf_get_current_pid_tgid();
	__u32 tgid = ids >> 32, function;
	struct unfreed_target *target = find_target(&tgid);
	struct task_struct *task;
	struct thread_call *call;
	struct origin who;
	bool recording;

	if (!target || target->state == UNFREED_WAIT_EXEC)
		return 0;
	function = entered_function(ctx, bpf_get_attach_cookie(ctx));
	recording = target->state == UNFREED_RECORDING;
	task = bpf_get_current_task_btf();
	call = bpf_task_storage_get(&calls, task, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (!call) {
		if (recording)
			count(C_STATE_FAILED);
		return 0;
	}
	if (function == FN_THREAD_END) {
		/* The main thread calls it from exit(), before what was registered with atexit. */
		call->ending = ENDING_INSIDE |
			       ((__u32)ids != (__u32)(ids >> 32) ? ENDING_THREAD : 0);
		return 0;
	}
	if (call->function) {
		if (still_in_call(task, call, STACK_POINTER(ctx))) {
			if (recording && !call->paused)
				count(C_NESTED);
			return 0;
		}
		if (recording && !call->paused) {
			count(C_STALE);
			if (call->intent)
				count(C_MISSING_OUTCOME);
		}
	}
	call->sp = STACK_POINTER(ctx);
	call->function = function;
	call->tail = 0;
	call->intent = 0;
	call->paused = !recording;
	read_arguments(ctx, call);
	if (!recording)
		return 0;
	who = user_origin(tgid, (__u32)ids, target, function);
	emit_release(call, &who);
	return 0;
}

/* Where the call's new block is; 0 when the call failed or gives none. */
static __always_inline __u64 read_result(struct pt_regs *ctx, struct thread_call *call)
{
	unsigned long result = RESULT(ctx);
	__u64 address = 0;

	switch (call->function) {
	case FN_POSIX_MEMALIGN:
		if ((int)result != 0)
			return 0;
		if (bpf_probe_read_user(&address, sizeof(address), (void *)call->pointer))
			count(C_READ_FAILED);
		return address;
	case FN_MMAP:
	case FN_MREMAP:
		return result >= MAP_FAILED_FIRST ? 0 : result;
	case FN_MUNMAP:
		return 0;
	default:
		return result;
	}
}

/* Did a call that returned no new block release the old one all the same? */
static __always_inline bool only_released(struct pt_regs *ctx, struct thread_call *call)
{
	if (call->function == FN_MUNMAP)
		return (int)RESULT(ctx) == 0;
	return call->function != FN_MREMAP && call->size_zero;
}

/* address: of the new block, 0 for none; released: the old one went all the same. */
static __always_inline void emit_outcome(void *ctx, const struct place *at, struct thread_call *call,
					 const struct origin *who, __u64 address, bool released)
{
	struct happening what = { .address = address };
	bool wanted = what.address && selected(call->size);

	if (!wanted && !call->intent)
		return;
	count(C_PRODUCED);
	if (call->intent) {
		bool done = what.address || released;

		what.kind = done ? UNFREED_OUTCOME_OK : UNFREED_OUTCOME_FAILED;
		if (!done)
			remember(who, call->old); /* its place was just made free */
	} else {
		what.kind = who->space == UNFREED_MAPPING ? UNFREED_MAP : UNFREED_ALLOC;
	}
	if (wanted && who->space == UNFREED_HEAP && !remember(who, what.address)) {
		count(C_LIVE_MAP_FULL);
		if (!call->intent)
			return;
		/* The release is still told; the new block is what is lost. */
		wanted = false;
		count(C_PRODUCED);
	}
	if (wanted) {
		what.size = call->size;
		what.stack = user_stack(ctx, at, call, who);
	} else {
		what.address = 0;
	}
	what.time = bpf_ktime_get_ns();
	submit(who, &what);
}

SEC("uretprobe")
int call_exit(struct pt_regs *ctx)
{
	__u64 ids = bpf_get_current_pid_tgid();
	__u32 tgid = ids >> 32, function = bpf_get_attach_cookie(ctx);
	struct unfreed_target *target = find_target(&tgid);
	struct place at = user_place(ctx);
	struct thread_call *call;
	struct origin who;

	if (!target || target->state == UNFREED_WAIT_EXEC)
		return 0;
	call = bpf_task_storage_get(&calls, bpf_get_current_task_btf(), 0, 0);
	if (!call || !call->function) {
		if (call && call->ending & ENDING_INSIDE)
			call->ending &= ~ENDING_INSIDE;
		else if (target->state == UNFREED_RECORDING)
			count(C_EXIT_WITHOUT_ENTER);
		return 0;
	}
	if (STACK_POINTER(ctx) != call->sp + CALL_PUSHED)
		return 0; /* a nested call */
	if (call->tail) {
		call->tail--; /* the callee of a tail call returns first */
		return 0;
	}
	if (function < UNFREED_FN_TABLE && function != call->function) {
		count(C_EXIT_WITHOUT_ENTER);
		return 0;
	}
	if (!call->paused && !is_free(call->function)) {
		who = user_origin(tgid, (__u32)ids, target, call->function);
		emit_outcome(ctx, &at, call, &who, read_result(ctx, call), only_released(ctx, call));
	}
	call->function = 0; /* last: until here the call is what the helpers read */
	return 0;
}

#endif
