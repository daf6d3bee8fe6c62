/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Who is traced, and where a wait is counted. */
#ifndef UNFREED_TRACE_COMMON_H
#define UNFREED_TRACE_COMMON_H

#define LARGEST_ERRNO 4095

const volatile struct trace_config config SEC(".rodata.config") = {
	.page_shift = 12,
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, struct trace_key);
	__type(value, struct trace_cell);
} cells SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, struct trace_error);
	__type(value, __u64);
} errors SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, 16384);
	__type(value, struct trace_event);
} events SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct trace_counters);
} trace_counters SEC(".maps");

/* Processes traced, if not all. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32); /* tgid */
	__type(value, __u32);
} some SEC(".maps");

static struct trace_cell no_cell;
static __u64 no_errors;

static __always_inline void miss(enum trace_counter which)
{
	__u32 zero = 0;
	struct trace_counters *all = bpf_map_lookup_elem(&trace_counters, &zero);

	if (all)
		__sync_fetch_and_add(&all->value[which], 1);
}

static __always_inline bool traced(__u32 tgid)
{
	if (tgid == config.collector)
		return false;
	if (config.some && !bpf_map_lookup_elem(&some, &tgid))
		return false;
	return !config.cgroup ||
	       bpf_get_current_ancestor_cgroup_id(config.cgroup_level) == config.cgroup;
}

static __always_inline __u32 slot_of(__u64 nanos)
{
	__u64 rest = nanos / 1000;
	__u32 slot = 0;

	if (rest >> 32)
		return TRACE_SLOTS - 1;
	if (rest >> 16) {
		rest >>= 16;
		slot += 16;
	}
	if (rest >> 8) {
		rest >>= 8;
		slot += 8;
	}
	if (rest >> 4) {
		rest >>= 4;
		slot += 4;
	}
	if (rest >> 2) {
		rest >>= 2;
		slot += 2;
	}
	return slot + (rest >> 1);
}

struct waited {
	__u64 nanos;
	__u64 bytes;
	__s64 result;
	const char *comm; /* whose it was, in the kernel's memory */
};

static __always_inline void raise(__u64 *most, __u64 nanos)
{
#pragma unroll
	for (int i = 0; i < 4; i++) {
		__u64 seen = *most;

		if (nanos <= seen || __sync_val_compare_and_swap(most, seen, nanos) == seen)
			return;
	}
}

static __always_inline void emit_slow(const struct trace_key *key, const struct waited *what)
{
	struct trace_event event = { .key = *key };

	event.time = bpf_ktime_get_ns();
	event.nanos = what->nanos;
	event.result = what->result;
	event.tid = (__u32)bpf_get_current_pid_tgid();
	bpf_probe_read_kernel(event.comm, sizeof(event.comm), what->comm);
	if (bpf_map_push_elem(&events, &event, 0))
		miss(T_EVENTS_LOST);
}

static __always_inline void add(const struct trace_key *key, const struct waited *what)
{
	struct trace_cell *cell = bpf_map_lookup_elem(&cells, key);
	__u32 slot = slot_of(what->nanos);

	if (!cell) {
		bpf_map_update_elem(&cells, key, &no_cell, BPF_NOEXIST);
		cell = bpf_map_lookup_elem(&cells, key);
		if (!cell) {
			miss(T_MAP_FULL);
			return;
		}
	}
	/* Each time: a process may change its name by exec. */
	bpf_probe_read_kernel(cell->comm, sizeof(cell->comm), what->comm);
	__sync_fetch_and_add(&cell->count, 1);
	__sync_fetch_and_add(&cell->total_nanos, what->nanos);
	__sync_fetch_and_add(&cell->bytes, what->bytes);
	if (what->result < 0 && what->result >= -LARGEST_ERRNO)
		__sync_fetch_and_add(&cell->errors, 1);
	raise(&cell->max_nanos, what->nanos);
	if (slot < TRACE_SLOTS)
		__sync_fetch_and_add(&cell->slots[slot], 1);
	if (config.slow_nanos && what->nanos >= config.slow_nanos)
		emit_slow(key, what);
}

static __always_inline void add_error(__u64 subject, __u32 tgid, __s64 result)
{
	struct trace_error key = { .subject = subject, .tgid = tgid, .number = -result };
	__u64 *times;

	if (result >= 0 || result < -LARGEST_ERRNO)
		return;
	times = bpf_map_lookup_elem(&errors, &key);
	if (!times) {
		bpf_map_update_elem(&errors, &key, &no_errors, BPF_NOEXIST);
		times = bpf_map_lookup_elem(&errors, &key);
	}
	if (times)
		__sync_fetch_and_add(times, 1);
	else
		miss(T_MAP_FULL);
}

#endif
