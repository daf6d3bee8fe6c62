/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Stacks: taken, sent once, and referred to from then on. */
#ifndef UNFREED_STACKS_H
#define UNFREED_STACKS_H

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

/* The last sixteenth of the buffer is kept for process records: an exit must not be lost. */
static __always_inline bool has_room(void)
{
	__u64 size = bpf_ringbuf_query(&ring, BPF_RB_RING_SIZE);

	return bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA) < size - size / 16;
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

struct hashing {
	struct stack_scratch *scratch;
	__u64 one;
	__u64 two;
};

static long hash_frame(__u32 index, void *data)
{
	struct hashing *hash = data;
	__u64 ip;

	if (index >= UNFREED_MAX_FRAMES)
		return 1;
	ip = hash->scratch->ips[index];
	hash->one = (hash->one ^ ip) * 0xff51afd7ed558ccdULL;
	hash->one ^= hash->one >> 32;
	hash->two = (hash->two + ip) * 0xc4ceb9fe1a85ec53ULL;
	hash->two ^= hash->two >> 29;
	return 0;
}

/* Loop helpers here and below, because the verifier would unroll plain loops. */
static __always_inline void hash_frames(struct stack_scratch *scratch, __u32 frames,
					struct stack_key *key)
{
	struct hashing hash = { .scratch = scratch, .two = 0x9e3779b97f4a7c15ULL };

	/* One that is not whole is another one. */
	hash.one = frames | (__u64)scratch->record.flags << 32;
	hash.two ^= scratch->code;
	bpf_loop(frames, hash_frame, &hash, 0);
	key->hash1 = hash.one;
	key->hash2 = hash.two;
}

struct placing {
	struct stack_scratch *scratch;
	struct unfreed_frame frame;
	__u32 kept;
	bool user;
};

/* One frame of the record, with the file it is mapped from; stops at what is no code, but for the
 * innermost, which is where the call returned to. */
static long fill_frame(__u32 index, void *data)
{
	struct placing *placing = data;
	struct unfreed_frame *frame = &placing->frame;
	struct finding found = {};
	long error = 0;

	if (index >= UNFREED_MAX_FRAMES)
		return 1;
	frame->ip = placing->scratch->ips[index];
	frame->inode = 0;
	frame->offset = 0;
	if (placing->user) {
		error = find_mapping(frame->ip, &found);
		if (index > 0 && (error == -ENOENT || (!error && !found.code)))
			return 1;
		if (error == -EBUSY) {
			frame->inode = UNFREED_INODE_UNKNOWN;
		} else if (!error && found.file) {
			frame->inode = found.object.inode;
			frame->offset = frame->ip - found.start +
					(found.page_offset << config.page_shift);
		}
	}
	placing->scratch->record.frames[index] = placing->frame;
	placing->kept = index + 1;
	return 0;
}

/* The reference of the stack in the scratch; sends the stack until one submit of it succeeded.
 * Whoever finds sent == 0 sends, so every event follows its stack in the buffer.
 * Code without frame pointers makes the walk end in garbage that differs from call to call: a stack
 * not seen before is cut at the first frame that is no code, and looked up again. */
static __always_inline __u32 stack_reference(const struct origin *who,
					     struct stack_scratch *scratch, __u32 frames, bool user)
{
	struct stack_key key = { .tgid = who->tgid, .generation = who->generation };
	struct placing placing = { .scratch = scratch, .user = user };
	struct unfreed_stack *record = &scratch->record;
	struct stack_seen *seen, fresh = {};
	__u32 bytes;

	if (!frames)
		return 0;
	hash_frames(scratch, frames, &key);
	seen = bpf_map_lookup_elem(&stacks, &key);
	if (seen && seen->sent)
		return seen->ref;
	bpf_loop(frames, fill_frame, &placing, 0);
	if (placing.kept < frames) {
		frames = placing.kept;
		count(C_STACK_CUT);
		record->flags |= UNFREED_STACK_CUT;
		hash_frames(scratch, frames, &key);
		seen = bpf_map_lookup_elem(&stacks, &key);
		if (seen && seen->sent)
			return seen->ref;
	}
	if (!seen) {
		fresh.ref = next(0);
		bpf_map_update_elem(&stacks, &key, &fresh, BPF_NOEXIST);
		seen = bpf_map_lookup_elem(&stacks, &key); /* another thread may have been first */
	}
	if (!seen)
		count(C_STACK_MAP_FULL);
#ifdef STACKS_ARE_ROWS
	if (!seen)
		return 0;
#endif
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
	if (!has_room() || bpf_ringbuf_output(&ring, record, bytes, SUBMIT_FLAGS)) {
		count(C_STACK_SEND_FAILED);
	} else {
		count(C_STACK_SENT);
		if (seen)
			seen->sent = 1;
	}
	return record->ref;
}

#endif
