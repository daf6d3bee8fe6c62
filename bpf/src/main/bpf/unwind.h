/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* User stacks by the rules that shim/src/main/c makes of call frame information: whole without frame
 * pointers. What a mapping's file is comes from the kernel at each new range, so there is nothing to
 * keep in step with a process; what is in a file comes from the reader, once for all processes.
 * Why so: docs/decisions/unwinding-in-bpf.md. */
#ifndef UNFREED_UNWIND_H
#define UNFREED_UNWIND_H

/* As rule.h of the library packs them. */
enum rule_kind {
	RULE_SP = 1,
	RULE_FP,
	RULE_DRAP,
	RULE_SIGNAL,
	RULE_END,
	RULE_NONE,
	RULE_COMPLEX,
	RULE_PLT,
};

#define RULE_FP_SAME ((__s32)0x80000000)

/* Bytes of a signal frame's ucontext. */
#define UCONTEXT_FP 120
#define UCONTEXT_SP 160
#define UCONTEXT_PC 168

/* A guessed caller's frame lies no further out than this. */
#define GUESSED_FRAME_BYTES (64ULL << 20)
#define LOWEST_CODE 4096
#define RETURNS_LOOKED_AT 16

struct place {
	__u64 ip, sp, fp;
};

static __always_inline struct place user_place(const struct pt_regs *regs)
{
	struct place at = { PROBE_ADDRESS(regs), STACK_POINTER(regs), FRAME_POINTER(regs) };

	return at;
}

/* Where a hijacked return goes: what a live uretprobe's return slot holds. 0 if unknown. */
static __always_inline __u64 return_trampoline(struct task_struct *task)
{
	struct xol_area *area = NULL;

	if (!bpf_core_field_exists(area->vaddr))
		return 0;
	area = BPF_CORE_READ(task, mm, uprobes_state.xol_area);
	return area ? BPF_CORE_READ(area, vaddr) : 0;
}

/* What is hijacked of a frame whose return slot lies at `slot`; 0 if nothing is. */
static __noinline __u64 hijacked_return(__u64 slot)
{
	struct return_instance *instance = NULL;
	struct task_struct *task = bpf_get_current_task_btf();

	if (!bpf_core_field_exists(instance->orig_ret_vaddr))
		return 0;
	instance = BPF_CORE_READ(task, utask, return_instances);
	for (int i = 0; i < RETURNS_LOOKED_AT && instance; i++) {
		if (BPF_CORE_READ(instance, stack) == slot)
			return BPF_CORE_READ(instance, orig_ret_vaddr);
		instance = BPF_CORE_READ(instance, next);
	}
	return 0;
}

/* The place in a node for an offset: six steps without a branch, which the verifier would follow
 * both ways. */
static __always_inline __u32 place_in(const struct unfreed_node *node, __u32 offset)
{
	__u64 at = 0, less;

#pragma unroll
	for (int step = UNFREED_NODE_PLACES / 2; step > 0; step /= 2) {
		less = (__u64)node->start[(at + step) & (UNFREED_NODE_PLACES - 1)] - offset - 1;
		barrier_var(less);
		at += (less >> 63) * step;
	}
	return at & (UNFREED_NODE_PLACES - 1);
}

/* Global functions are verified once, not for each way that leads to them. */
__noinline __u64 rule_in_table(struct unfreed_module *module, __u32 offset)
{
	struct unfreed_node *node;
	__u32 key, number = 0, place;
	void *nodes;
	__u64 *rule;

	if (!module)
		return 0;
	key = module->table;
	nodes = bpf_map_lookup_elem(&tables, &key);
	if (!nodes)
		return 0;
#pragma unroll
	for (int level = UNFREED_NODE_LEVELS - 1; level >= 0; level--) {
		if (level >= module->levels)
			continue;
		key = module->first[level] + number;
		node = bpf_map_lookup_elem(nodes, &key);
		if (!node)
			return 0;
		place = place_in(node, offset);
		if (level == 0) {
			key = node->rule[place];
			rule = bpf_map_lookup_elem(&rules, &key);
			return rule ? *rule : 0;
		}
		number = number * UNFREED_NODE_PLACES + place;
	}
	return 0;
}

static __always_inline __u64 settled(__u64 rule, __u32 offset)
{
	__u64 from = (__u64)((__s32)(__u32)rule >> 4);

	if ((rule & 15) != RULE_PLT)
		return rule;
	return (rule & 0xffffffff00000000ULL) | ((offset & 15) >= from ? 16 : 8) << 4 | RULE_SP;
}

static __always_inline __u64 rule_of(struct unwind_range *range, __u64 pc)
{
	__u32 offset = pc + range->delta, slot;
	__u64 key = (__u64)range->module.table << 32 | offset, rule;
	struct remembered_rule *known;

	slot = (key * 0x9e3779b97f4a7c15ULL >> 40) & (RULE_SLOTS - 1);
	known = bpf_map_lookup_elem(&remembered, &slot);
	if (known) {
		rule = *(volatile __u64 *)&known->rule;
		if ((*(volatile __u64 *)&known->key ^ rule) == key)
			return rule;
	}
	rule = settled(rule_in_table(&range->module, offset), offset);
	if (known && rule) {
		*(volatile __u64 *)&known->rule = rule;
		*(volatile __u64 *)&known->key = key ^ rule;
	}
	return rule;
}

/* The range of a known mapping that an address lies in, or -1. */
__noinline int known_range(struct unwind_state *state, __u64 pc)
{
	if (!state)
		return -1;
	for (int i = 0; i < UNWIND_RANGES; i++)
		if (pc - state->ranges[i].start < state->ranges[i].bytes)
			return i;
	return -1;
}

/* Looks a mapping up that is not known and, if its rules are there or never will be, remembers it.
 * Which range it is, or the negative reason why none. */
static __noinline long learn_range(struct unwind_state *state, __u32 tgid, __u64 pc)
{
	struct finding found = {};
	struct unfreed_module *module = NULL;
	struct unwind_range *range;
	struct unfreed_wanted want = { .ip = pc, .tgid = tgid };
	struct task_struct *task = bpf_get_current_task_btf();
	long error = find_mapping(pc, &found);
	__u32 at;

	if (error == -ENOENT || (!error && !found.code))
		return -UNFREED_NO_MAPPING;
	if (error)
		return -UNFREED_MAPPINGS_BUSY;
	if (!found.file && found.start == (__u64)BPF_CORE_READ(task, mm, context.vdso)) {
		found.file = true;
		found.page_offset = 0;
		found.object.size = UNFREED_VDSO_SIZE;
	}
	/* Kept, it would hide the next hijacked return. */
	if (!found.file && return_trampoline(task) - found.start < found.end - found.start)
		return -UNFREED_NO_TABLE;
	if (found.file) {
		module = bpf_map_lookup_elem(&modules, &found.object);
		if (!module) {
			bpf_map_update_elem(&wanted, &found.object, &want, BPF_NOEXIST);
			return -UNFREED_NO_TABLE;
		}
	}
	at = state->next & (UNWIND_RANGES - 1);
	range = &state->ranges[at];
	state->next = at + 1;
	range->bytes = 0;
	range->start = found.start;
	range->delta = (found.page_offset << config.page_shift) - found.start;
	if (module)
		range->module = *module;
	else
		range->module.levels = 0;
	range->bytes = found.end - found.start;
	return at;
}

struct walk {
	struct thread_call *call;
	__u64 pc; /* to look up: of a call, the byte before its return address */
	__u64 sp;
	__u64 fp;
	__u32 tgid;
	__u32 frames;
	__u32 why; /* enum unfreed_incomplete, the first reason; from it on the frames are guesses */
	bool ended;
#ifdef STACKS_ARE_ROWS
	__u64 code; /* the files of the frames, by their tables, and where they were mapped */
#endif
};

static __always_inline long range_at(struct walk *walk)
{
	struct unwind_state *state = &walk->call->unwind;
	struct unwind_range *latest = &state->ranges[state->latest & (UNWIND_RANGES - 1)];
	__u64 returned;
	long at;

	if (walk->pc - latest->start < latest->bytes)
		return state->latest & (UNWIND_RANGES - 1);
	at = known_range(state, walk->pc);
	if (at >= 0)
		return at;
	if (walk->frames && walk->pc + 1 == return_trampoline(bpf_get_current_task_btf())) {
		returned = hijacked_return(walk->sp - sizeof(__u64));
		if (returned) {
			walk->pc = returned - 1;
			at = known_range(state, walk->pc);
			if (at >= 0)
				return at;
		}
	}
	return learn_range(state, walk->tgid, walk->pc);
}

static __always_inline long stop(struct walk *walk, enum unfreed_incomplete why)
{
	if (!walk->why)
		walk->why = why;
	return 1;
}

/* To the caller of code without a rule, by the frame pointer if it can be one. */
static __always_inline long guess(struct walk *walk, enum unfreed_incomplete why)
{
	__u64 words[2];

	stop(walk, why);
	if (walk->fp <= walk->sp || walk->fp & 7 || walk->fp - walk->sp > GUESSED_FRAME_BYTES ||
	    bpf_probe_read_user(words, sizeof(words), (void *)walk->fp) || words[1] < LOWEST_CODE)
		return 1;
	walk->sp = walk->fp + sizeof(words);
	walk->fp = words[0];
	walk->pc = words[1] - 1;
	return 0;
}

static __always_inline long leave_signal(struct walk *walk)
{
	__u64 words[2]; /* sp, pc */

	if (bpf_probe_read_user(words, sizeof(words), (void *)(walk->sp + UCONTEXT_SP)) ||
	    bpf_probe_read_user(&walk->fp, sizeof(walk->fp), (void *)(walk->sp + UCONTEXT_FP)))
		return stop(walk, UNFREED_READ_FAULT);
	walk->sp = words[0];
	walk->pc = words[1];
	return 0;
}

/* To the caller by a rule of one of the plain kinds. */
static __always_inline long leave(struct walk *walk, __u64 rule)
{
	__s64 cfa_offset = (__s32)(__u32)rule >> 4;
	__s32 fp_offset = rule >> 32;
	__u32 kind = rule & 15;
	__u64 words[2], cfa, fp_at; /* the caller's fp, return address */
	bool failed;

	cfa = (kind == RULE_SP ? walk->sp : walk->fp) + cfa_offset;
	fp_at = cfa + fp_offset;
	if (kind == RULE_DRAP) {
		if (bpf_probe_read_user(&cfa, sizeof(cfa), (void *)cfa))
			return stop(walk, UNFREED_READ_FAULT);
		fp_at = walk->fp;
	}
	/* Behind a guess nothing is certain, but that callers' frames lie further out. */
	if (walk->why && (cfa <= walk->sp || cfa - walk->sp > GUESSED_FRAME_BYTES))
		return 1;
	if (kind != RULE_DRAP && fp_offset == -16) {
		failed = bpf_probe_read_user(words, sizeof(words), (void *)(cfa - 16));
		walk->fp = words[0];
	} else {
		failed = bpf_probe_read_user(&words[1], sizeof(words[1]), (void *)(cfa - 8));
		if (kind == RULE_DRAP || fp_offset != RULE_FP_SAME)
			failed |= bpf_probe_read_user(&walk->fp, sizeof(walk->fp), (void *)fp_at);
	}
	if (failed)
		return stop(walk, UNFREED_READ_FAULT);
	walk->sp = cfa;
	walk->pc = words[1] - 1;
	if (words[1] >= LOWEST_CODE)
		return 0;
	walk->ended = true;
	return 1;
}

static long unwind_frame(__u32 index, void *data)
{
	struct walk *walk = data;
	struct unwind_state *state = &walk->call->unwind;
	struct unwind_range *range;
	long found;
	__u64 rule;

	if (index >= UNFREED_MAX_FRAMES)
		return 1;
	found = range_at(walk);
	/* Where the call returned to is told whatever it is. */
	if (index == 0 || found >= 0 || found == -UNFREED_NO_TABLE) {
		walk->call->stack.ips[index] = walk->pc + 1;
		walk->frames = index + 1;
	}
	if (found == -UNFREED_NO_TABLE)
		return guess(walk, UNFREED_NO_TABLE);
	if (found < 0)
		return stop(walk, -found);
	state->latest = found;
	range = &state->ranges[found & (UNWIND_RANGES - 1)];
	if (!range->module.levels)
		return guess(walk, UNFREED_NO_TABLE);
#ifdef STACKS_ARE_ROWS
	walk->code = (walk->code ^ range->module.table ^ range->delta << 16) * 0xff51afd7ed558ccdULL;
#endif
	rule = rule_of(range, walk->pc);
	switch (rule & 15) {
	case RULE_FP:
		if (!walk->fp)
			break; /* as Go's stacks begin */
	case RULE_SP:
	case RULE_DRAP:
		return leave(walk, rule);
	case RULE_SIGNAL:
		return walk->why ? 1 : leave_signal(walk);
	case RULE_NONE:
		return guess(walk, UNFREED_NO_RULE);
	case RULE_END:
		break;
	default:
		return stop(walk, UNFREED_NO_RULE);
	}
	walk->ended = true;
	return 1;
}

/* Fills the scratch addresses from the place on; how many. */
static __noinline __u32 unwind(struct thread_call *call, const struct place *from, __u32 tgid,
			       __u32 generation)
{
	struct walk walk = {
		.call = call,
		.pc = from->ip - 1,
		.sp = from->sp,
		.fp = from->fp,
		.tgid = tgid,
	};
	struct unwind_state *state = &call->unwind;

	if (state->tgid != tgid || state->generation != generation) {
		for (int i = 0; i < UNWIND_RANGES; i++)
			state->ranges[i].bytes = 0;
		state->tgid = tgid;
		state->generation = generation;
	}
	call->stack.record.flags = 0;
	bpf_loop(UNFREED_MAX_FRAMES, unwind_frame, &walk, 0);
	if (!walk.ended && !walk.why) {
		walk.why = UNFREED_TOO_DEEP;
		call->stack.record.flags = UNFREED_STACK_DEEP;
	}
	call->stack.record.flags |= walk.why << UNFREED_STACK_WHY_SHIFT;
#ifdef STACKS_ARE_ROWS
	call->stack.code = walk.code;
#endif
	return walk.frames;
}

static __always_inline void count_incomplete(__u32 flags)
{
	switch (flags >> UNFREED_STACK_WHY_SHIFT) {
	case UNFREED_NO_MAPPING:
		count(C_STACK_NO_MAPPING);
		break;
	case UNFREED_NO_TABLE:
		count(C_STACK_NO_TABLE);
		break;
	case UNFREED_NO_RULE:
		count(C_STACK_NO_RULE);
		break;
	case UNFREED_READ_FAULT:
		count(C_STACK_READ_FAULT);
		break;
	case UNFREED_TOO_DEEP:
		count(C_STACK_TOO_DEEP);
		break;
	case UNFREED_MAPPINGS_BUSY:
		count(C_STACK_MAPPINGS_BUSY);
		break;
	}
}

/* The reference of a recorded thread's stack. */
static __always_inline __u32 user_stack(void *ctx, const struct place *at, struct thread_call *call,
					const struct origin *who)
{
	__u32 frames;

	if (config.unwind) {
		frames = unwind(call, at, who->tgid, who->generation);
		count_incomplete(call->stack.record.flags);
	} else {
		frames = take_stack(ctx, &call->stack, BPF_F_USER_STACK);
	}
	return stack_reference(who, &call->stack, frames, true);
}

#endif
