/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Counting, filtering, stacks and submitting: shared by user probes and kernel tracepoints. */
#ifndef UNFREED_EMIT_H
#define UNFREED_EMIT_H

/* The reader polls; a wake-up per record would cost more than the record. */
#define SUBMIT_FLAGS BPF_RB_NO_WAKEUP

static __always_inline void count(enum unfreed_counter which)
{
	__u32 zero = 0;
	struct unfreed_counters *all = bpf_map_lookup_elem(&counters, &zero);

	/* Atomic: a program may be preempted by another on the same CPU. */
	if (all)
		__sync_fetch_and_add(&all->value[which], 1);
}

static __always_inline __u64 next(__u32 sequence)
{
	__u64 *last = bpf_map_lookup_elem(&sequences, &sequence);

	return last ? __sync_fetch_and_add(last, 1) + 1 : 0;
}

/* Whose memory an event is about. */
struct origin {
	__u32 tgid;
	__u32 tid;
	__u32 generation;
	__u16 execs;
	__u8 function;
	__u8 space;
};

/* What happened, without the stack. */
struct happening {
	__u64 time;
	__u64 address;
	__u64 size;
	__u32 stack;
	__u8 kind;
};

struct event_record {
	struct unfreed_header header;
	struct unfreed_event event;
};

/* The decision to emit was taken (and counted) by the caller. */
static __always_inline void submit(const struct origin *who, const struct happening *what)
{
	struct event_record *record = bpf_ringbuf_reserve(&ring, sizeof(*record), 0);

	if (!record) {
		count(C_RESERVE_FAILED);
		return;
	}
	record->header.type = UNFREED_EVENTS;
	record->header.count = 1;
	record->header.tgid = who->tgid;
	record->event.time = what->time;
	record->event.address = what->address;
	record->event.size = what->size;
	record->event.stack = what->stack;
	record->event.tid = who->tid;
	record->event.kind = what->kind;
	record->event.function = who->function;
	record->event.space = who->space;
	record->event.flags = 0;
	record->event.reserved = 0;
	bpf_ringbuf_submit(record, SUBMIT_FLAGS);
	count(C_SUBMITTED);
}

static __always_inline bool selected(__u64 size)
{
	if (!config.filtered)
		return true;
	if (size < config.min_size || size > config.max_size ||
	    (config.sample_rate > 1 && next(1) % config.sample_rate != 0)) {
		count(C_FILTERED);
		return false;
	}
	return true;
}

static __always_inline struct live_key live_key(const struct origin *who, __u64 address)
{
	struct live_key key = {
		.address = address,
		.tgid = who->tgid,
		.space = who->space,
		.execs = who->execs,
	};

	return key;
}

/* With filters: remembers a recorded block. False: the map is full and the event is lost. */
static __always_inline bool remember(const struct origin *who, __u64 address)
{
	struct live_key key = live_key(who, address);
	__u32 value = 1;

	return !config.filtered || !bpf_map_update_elem(&live, &key, &value, BPF_ANY);
}

/* With filters: forgets a block. False: it was never recorded, so its release is no event. */
static __always_inline bool forget(const struct origin *who, __u64 address)
{
	struct live_key key = live_key(who, address);

	/* A mapping may be released in pieces that start anywhere: its releases always pass. */
	if (!config.filtered || who->space == UNFREED_MAPPING)
		return true;
	if (!bpf_map_delete_elem(&live, &key))
		return true;
	count(C_FILTERED);
	return false;
}

/* Fills the scratch addresses; how many, 0 when none could be taken. */
static __always_inline __u32 take_stack(void *ctx, struct stack_scratch *scratch, __u64 flags)
{
	long bytes = bpf_get_stack(ctx, scratch->ips, sizeof(scratch->ips), flags);
	__u32 frames;

	if (bytes < (long)sizeof(__u64)) {
		count(C_STACK_FAILED);
		return 0;
	}
	frames = (__u32)bytes / sizeof(__u64);
	if (frames == 1)
		count(C_STACK_SHORT);
	scratch->record.flags = flags & BPF_F_USER_STACK ? 0 : UNFREED_STACK_KERNEL;
	if (frames >= UNFREED_MAX_FRAMES) {
		count(C_STACK_DEEP);
		scratch->record.flags |= UNFREED_STACK_DEEP;
	}
	return frames;
}

static __always_inline void hash_frames(const struct stack_scratch *scratch, __u32 frames,
					struct stack_key *key)
{
	__u64 one = frames, two = 0x9e3779b97f4a7c15ULL;
	__u32 i;

	for (i = 0; i < UNFREED_MAX_FRAMES; i++) {
		if (i >= frames)
			break;
		one = (one ^ scratch->ips[i]) * 0xff51afd7ed558ccdULL;
		one ^= one >> 32;
		two = (two + scratch->ips[i]) * 0xc4ceb9fe1a85ec53ULL;
		two ^= two >> 29;
	}
	key->hash1 = one;
	key->hash2 = two;
}

/* What filling a record needs; a loop helper, because the verifier would unroll a plain loop. */
struct placing {
	struct stack_scratch *scratch;
	bool user;
};

static long place_frame(struct task_struct *task, struct vm_area_struct *vma, void *data)
{
	struct unfreed_frame *frame = data;
	struct file *file = BPF_CORE_READ(vma, vm_file);

	if (file) {
		frame->inode = BPF_CORE_READ(file, f_inode, i_ino);
		frame->offset = frame->ip - BPF_CORE_READ(vma, vm_start) +
				(BPF_CORE_READ(vma, vm_pgoff) << config.page_shift);
	}
	return 0;
}

/* One frame of the record, with the file it is mapped from. */
static long fill_frame(__u32 index, void *data)
{
	struct placing *placing = data;
	struct unfreed_frame frame = {};

	if (index >= UNFREED_MAX_FRAMES)
		return 1;
	frame.ip = placing->scratch->ips[index];
	if (placing->user)
		bpf_find_vma(bpf_get_current_task_btf(), frame.ip, place_frame, &frame, 0);
	placing->scratch->record.frames[index] = frame;
	return 0;
}

/* The reference of the current stack; sends the stack until one submit of it succeeded.
 * Whoever finds sent == 0 sends, so every event follows its stack in the buffer. */
static __always_inline __u32 stack_reference(void *ctx, const struct origin *who,
					     struct stack_scratch *scratch, __u64 flags)
{
	struct stack_key key = { .tgid = who->tgid, .generation = who->generation };
	__u32 frames = take_stack(ctx, scratch, flags);
	struct stack_seen *seen, fresh = {};
	struct placing placing = { .scratch = scratch, .user = flags & BPF_F_USER_STACK };
	struct unfreed_stack *record;
	__u32 bytes;

	if (!frames)
		return 0;
	hash_frames(scratch, frames, &key);
	seen = bpf_map_lookup_elem(&stacks, &key);
	if (!seen) {
		fresh.ref = next(0);
		bpf_map_update_elem(&stacks, &key, &fresh, BPF_NOEXIST);
		seen = bpf_map_lookup_elem(&stacks, &key); /* another thread may have been first */
	}
	if (seen && seen->sent)
		return seen->ref;
	if (!seen)
		count(C_STACK_MAP_FULL);
	bpf_loop(frames, fill_frame, &placing, 0); /* a new stack only, so rare */
	record = &scratch->record;
	record->header.type = UNFREED_STACK;
	record->header.count = frames;
	record->header.tgid = who->tgid;
	record->ref = seen ? seen->ref : fresh.ref;
	record->generation = who->generation;
	record->reserved = 0;
	bytes = frames * sizeof(record->frames[0]);
	if (bytes > sizeof(record->frames))
		return 0; /* never: said for the verifier */
	bytes += offsetof(struct unfreed_stack, frames);
	if (bpf_ringbuf_output(&ring, record, bytes, SUBMIT_FLAGS)) {
		count(C_STACK_SEND_FAILED);
	} else {
		count(C_STACK_SENT);
		if (seen)
			seen->sent = 1;
	}
	return record->ref;
}

#endif
