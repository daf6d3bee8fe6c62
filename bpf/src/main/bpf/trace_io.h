/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Block requests, from the queue to the device and back. */
#ifndef UNFREED_TRACE_IO_H
#define UNFREED_TRACE_IO_H

#define OPERATION_BITS 0xff

struct under_way {
	__u64 inserted; /* 0: went straight to the device */
	__u64 issued;
	__u64 bytes;
	__u32 tgid;
	__u32 left_out; /* inserted by who is not traced, whoever issues it */
	char comm[16];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__type(key, __u64); /* the request's address */
	__type(value, struct under_way);
} requests SEC(".maps");

static __always_inline void note(struct request *request, bool issued)
{
	__u64 key = (__u64)request, now = bpf_ktime_get_ns();
	struct under_way *known = bpf_map_lookup_elem(&requests, &key), fresh = {};

	if (known) {
		if (issued) {
			known->issued = now;
			known->bytes = BPF_CORE_READ(request, __data_len); /* others may have been merged into it */
		}
		return;
	}
	fresh.tgid = bpf_get_current_pid_tgid() >> 32;
	fresh.left_out = !traced(fresh.tgid);
	if (fresh.left_out && issued)
		return;
	bpf_get_current_comm(fresh.comm, sizeof(fresh.comm));
	fresh.bytes = BPF_CORE_READ(request, __data_len);
	if (issued)
		fresh.issued = now;
	else
		fresh.inserted = now;
	if (bpf_map_update_elem(&requests, &key, &fresh, BPF_ANY) && !fresh.left_out)
		miss(T_MAP_FULL);
}

static __always_inline __u64 device_of(struct request *request)
{
	struct gendisk *disk = BPF_CORE_READ(request, q, disk);

	return disk ? (__u64)BPF_CORE_READ(disk, major) << 20 | BPF_CORE_READ(disk, first_minor) : 0;
}

SEC("tp_btf/block_rq_insert")
int BPF_PROG(io_insert, struct request *request)
{
	note(request, false);
	return 0;
}

SEC("tp_btf/block_rq_issue")
int BPF_PROG(io_issue, struct request *request)
{
	note(request, true);
	return 0;
}

/* Another request takes what it asks for, and completes alone: the next one at its place is a new one. */
SEC("tp_btf/block_rq_merge")
int BPF_PROG(io_merge, struct request *request)
{
	__u64 id = (__u64)request;

	bpf_map_delete_elem(&requests, &id);
	return 0;
}

SEC("tp_btf/block_rq_complete")
int BPF_PROG(io_complete, struct request *request, int error, unsigned int bytes)
{
	__u64 id = (__u64)request, now = bpf_ktime_get_ns();
	struct under_way *known = bpf_map_lookup_elem(&requests, &id);
	struct trace_key key = { .kind = TRACE_IO_SERVED };
	struct waited what = {};

	if (!known || bytes < BPF_CORE_READ(request, __data_len))
		return 0; /* a part */
	if (known->left_out) {
		bpf_map_delete_elem(&requests, &id);
		return 0;
	}
	key.tgid = known->tgid;
	key.subject = device_of(request);
	key.detail = BPF_CORE_READ(request, cmd_flags) & OPERATION_BITS;
	what.comm = known->comm;
	what.bytes = known->bytes;
	what.result = error ? -5 : 0;
	if (known->issued) {
		what.nanos = now - known->issued;
		add(&key, &what);
	}
	key.kind = TRACE_IO_QUEUED;
	what.nanos = now - (known->inserted ? known->inserted : known->issued);
	add(&key, &what);
	bpf_map_delete_elem(&requests, &id);
	return 0;
}

#endif
