/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The kernel's own allocators, by BTF tracepoints: no tracefs, and a recursion guard per program,
 * so that an interrupt's allocation of another kind is not missed. */
#ifndef UNFREED_KERNEL_H
#define UNFREED_KERNEL_H

/* The innermost frames are this program (another address at every load) and bpf_trace_runN. */
#define OWN_FRAMES 2

extern const void vmemmap_base __ksym __weak;

static __always_inline bool kernel_recording(void)
{
	__u32 zero = 0, *on = bpf_map_lookup_elem(&kernel_state, &zero);

	return on && *on;
}

static __always_inline struct origin kernel_origin(enum unfreed_function function,
						   enum unfreed_space space)
{
	struct origin who = {
		.tid = (__u32)bpf_get_current_pid_tgid(),
		.function = function,
		.space = space,
	};

	return who;
}

static __always_inline __u32 kernel_stack(void *ctx, const struct origin *who)
{
	__u32 zero = 0, level, ref = 0;
	struct kernel_scratch *scratch = bpf_map_lookup_elem(&kernel_scratch, &zero);

	if (!scratch)
		return 0;
	level = __sync_fetch_and_add(&scratch->level, 1);
	if (level < KERNEL_LEVELS)
		ref = stack_reference(who, &scratch->stack[level],
				      take_stack(ctx, &scratch->stack[level], OWN_FRAMES), false);
	else
		count(C_STACK_FAILED);
	__sync_fetch_and_add(&scratch->level, -1);
	return ref;
}

static __always_inline int kernel_alloc(void *ctx, struct origin who, __u64 address, __u64 size)
{
	__u32 tgid = bpf_get_current_pid_tgid() >> 32;
	struct happening what = { .address = address, .size = size, .kind = UNFREED_ALLOC };

	if (address <= ZERO_SIZE_PTR || !kernel_recording())
		return 0;
	if (bpf_map_lookup_elem(&excluded, &tgid)) {
		count(C_EXCLUDED);
		return 0;
	}
	if (!selected(size))
		return 0;
	count(C_PRODUCED);
	if (!remember(&who, address)) {
		count(C_LIVE_MAP_FULL);
		return 0;
	}
	what.stack = kernel_stack(ctx, &who);
	what.time = bpf_ktime_get_ns();
	submit(&who, &what);
	return 0;
}

static __always_inline int kernel_free(struct origin who, __u64 address)
{
	struct happening what = { .address = address, .kind = UNFREED_FREE };

	if (address <= ZERO_SIZE_PTR || !kernel_recording() || !forget(&who, address))
		return 0;
	count(C_PRODUCED);
	what.time = bpf_ktime_get_ns();
	submit(&who, &what);
	return 0;
}

/* Where the page descriptors of four-level page tables begin is a multiple of this apart. */
#define VMEMMAP_BYTES (1ULL << 40)
#define PAGE_DESCRIPTOR_BYTES 64

/* A page's physical address. Where the kernel does not tell the base of its descriptors (a kernel
 * without CONFIG_KALLSYMS_ALL) the number is as many pages off for every page. */
static __always_inline __u64 page_address(struct page *page)
{
	__u64 at = 0, base = 0, size = bpf_core_type_size(struct page);

	/* As a number: the verifier allows no such arithmetic on a pointer. */
	bpf_probe_read_kernel(&at, sizeof(at), &page);
	if (&vmemmap_base)
		bpf_probe_read_kernel(&base, sizeof(base), &vmemmap_base);
	if (!base || at < base)
		base = at & ~(VMEMMAP_BYTES - 1);
	return (at - base) / (size ? size : PAGE_DESCRIPTOR_BYTES) << config.page_shift;
}

SEC("tp_btf/kmalloc")
int BPF_PROG(on_kmalloc, unsigned long site, const void *ptr, size_t req, size_t bytes_alloc)
{
	return kernel_alloc(ctx, kernel_origin(FN_KMALLOC, UNFREED_SLAB), (__u64)ptr, bytes_alloc);
}

SEC("tp_btf/kmalloc_node")
int BPF_PROG(on_kmalloc_node, unsigned long site, const void *ptr, size_t req, size_t bytes_alloc)
{
	return kernel_alloc(ctx, kernel_origin(FN_KMALLOC, UNFREED_SLAB), (__u64)ptr, bytes_alloc);
}

SEC("tp_btf/kfree")
int BPF_PROG(on_kfree, unsigned long site, const void *ptr)
{
	return kernel_free(kernel_origin(FN_KFREE, UNFREED_SLAB), (__u64)ptr);
}

SEC("tp_btf/kmem_cache_alloc")
int BPF_PROG(on_cache_alloc, unsigned long site, const void *ptr, struct kmem_cache *cache)
{
	return kernel_alloc(ctx, kernel_origin(FN_KMEM_CACHE_ALLOC, UNFREED_SLAB), (__u64)ptr,
			    cache->size);
}

SEC("tp_btf/kmem_cache_alloc_node")
int BPF_PROG(on_cache_alloc_node, unsigned long site, const void *ptr, struct kmem_cache *cache)
{
	return kernel_alloc(ctx, kernel_origin(FN_KMEM_CACHE_ALLOC, UNFREED_SLAB), (__u64)ptr,
			    cache->size);
}

SEC("tp_btf/kmem_cache_free")
int BPF_PROG(on_cache_free, unsigned long site, const void *ptr)
{
	return kernel_free(kernel_origin(FN_KMEM_CACHE_FREE, UNFREED_SLAB), (__u64)ptr);
}

SEC("tp_btf/mm_page_alloc")
int BPF_PROG(on_page_alloc, struct page *page, unsigned int order)
{
	if (!page)
		return 0;
	return kernel_alloc(ctx, kernel_origin(FN_PAGE_ALLOC, UNFREED_PAGE), page_address(page),
			    1ULL << config.page_shift << (order & 31));
}

SEC("tp_btf/mm_page_free")
int BPF_PROG(on_page_free, struct page *page, unsigned int order)
{
	return kernel_free(kernel_origin(FN_PAGE_FREE, UNFREED_PAGE), page_address(page));
}

SEC("tp_btf/percpu_alloc_percpu")
int BPF_PROG(on_percpu_alloc, unsigned long site, bool reserved, bool atomic, size_t size,
	     size_t align, void *base, int off, void *ptr, size_t bytes_alloc)
{
	return kernel_alloc(ctx, kernel_origin(FN_PERCPU_ALLOC, UNFREED_PERCPU), (__u64)ptr,
			    bytes_alloc);
}

SEC("tp_btf/percpu_free_percpu")
int BPF_PROG(on_percpu_free, void *base, int off, void *ptr)
{
	return kernel_free(kernel_origin(FN_PERCPU_FREE, UNFREED_PERCPU), (__u64)ptr);
}

#endif
