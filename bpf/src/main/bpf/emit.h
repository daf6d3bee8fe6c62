/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Filtering and submitting: shared by user probes and kernel tracepoints. */
#ifndef UNFREED_EMIT_H
#define UNFREED_EMIT_H

/* What happened, without the stack. */
struct happening {
	__u64 time;
	__u64 address;
	__u64 size;
	__u32 stack;
	__u8 kind;
	__u8 flags;
};

struct event_record {
	struct unfreed_header header;
	struct unfreed_event event;
};

/* The decision to emit was taken (and counted) by the caller. */
static __always_inline void submit(const struct origin *who, const struct happening *what)
{
	struct event_record *record = NULL;

	if (has_room())
		record = bpf_ringbuf_reserve(&ring, sizeof(*record), 0);
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
	record->event.flags = what->flags;
	record->event.reserved = 0;
	bpf_ringbuf_submit(record, SUBMIT_FLAGS);
	count(C_SUBMITTED);
}

static __always_inline bool sampled(void)
{
	return config.sample_rate <= 1 || next(1) % config.sample_rate == 0;
}

static __always_inline bool selected(__u64 size)
{
	if (!config.filtered)
		return true;
	if (size < config.min_size || size > config.max_size ||
	    (!config.page_faults && !sampled())) {
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

#endif
