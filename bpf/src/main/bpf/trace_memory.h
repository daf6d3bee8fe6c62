/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Kernel memory by the process that asked for it. A free counts for that process, whoever frees;
 * what was allocated before is nobody's. */
#ifndef UNFREED_TRACE_MEMORY_H
#define UNFREED_TRACE_MEMORY_H

#define GFP_MOVABLE 0x08

struct owner {
	__u64 bytes;
	__u32 tgid;
	__u32 reserved;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1 << 19);
	__type(key, __u64); /* the block's address, or its page descriptor's */
	__type(value, struct owner);
} owners SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, __u32); /* tgid */
	__type(value, struct trace_memory);
} memory SEC(".maps");

static struct trace_memory no_memory;

static __always_inline int freed(__u64 address)
{
	struct owner *known = bpf_map_lookup_elem(&owners, &address);
	struct trace_memory *its;
	struct owner owner;

	if (!known)
		return 0;
	owner = *known;
	if (bpf_map_delete_elem(&owners, &address))
		return 0;
	its = bpf_map_lookup_elem(&memory, &owner.tgid);
	if (!its)
		return 0;
	__sync_fetch_and_add(&its->frees, 1);
	__sync_fetch_and_add(&its->freed_bytes, owner.bytes);
	return 0;
}

static __always_inline int allocated(__u64 address, __u64 bytes)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct owner owner = { .bytes = bytes, .tgid = task->tgid };
	struct trace_memory *mine;

	if (address <= ZERO_SIZE_PTR)
		return 0;
	/* Bulk frees and some others have no tracepoint: a block whose address comes again has gone. */
	freed(address);
	if (!traced(owner.tgid))
		return 0;
	mine = bpf_map_lookup_elem(&memory, &owner.tgid);
	if (!mine) {
		bpf_map_update_elem(&memory, &owner.tgid, &no_memory, BPF_NOEXIST);
		mine = bpf_map_lookup_elem(&memory, &owner.tgid);
	}
	if (!mine || bpf_map_update_elem(&owners, &address, &owner, BPF_ANY)) {
		miss(T_MAP_FULL);
		return 0;
	}
	bpf_probe_read_kernel(mine->comm, sizeof(mine->comm), task->group_leader->comm);
	__sync_fetch_and_add(&mine->allocations, 1);
	__sync_fetch_and_add(&mine->allocated_bytes, bytes);
	return 0;
}

SEC("tp_btf/kmalloc")
int BPF_PROG(memory_kmalloc, unsigned long site, const void *ptr, size_t req, size_t bytes_alloc)
{
	return allocated((__u64)ptr, bytes_alloc);
}

SEC("tp_btf/kfree")
int BPF_PROG(memory_kfree, unsigned long site, const void *ptr)
{
	return freed((__u64)ptr);
}

SEC("tp_btf/kmem_cache_alloc")
int BPF_PROG(memory_cache_alloc, unsigned long site, const void *ptr, struct kmem_cache *cache)
{
	return allocated((__u64)ptr, cache->size);
}

SEC("tp_btf/kmem_cache_free")
int BPF_PROG(memory_cache_free, unsigned long site, const void *ptr)
{
	return freed((__u64)ptr);
}

SEC("tp_btf/mm_page_alloc")
int BPF_PROG(memory_page_alloc, struct page *page, unsigned int order, unsigned int flags)
{
	__u64 address = 0;

	/* Pages of programs and of files: theirs, not the kernel's. */
	if (flags & GFP_MOVABLE)
		return 0;

	/* As a number: the verifier takes no pointer for a key. */
	bpf_probe_read_kernel(&address, sizeof(address), &page);
	return allocated(address, 1ULL << config.page_shift << (order & 31));
}

SEC("tp_btf/mm_page_free")
int BPF_PROG(memory_page_free, struct page *page, unsigned int order)
{
	__u64 address = 0;

	bpf_probe_read_kernel(&address, sizeof(address), &page);
	return freed(address);
}

#endif
