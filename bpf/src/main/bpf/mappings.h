/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a process maps where, from the kernel itself. */
#ifndef UNFREED_MAPPINGS_H
#define UNFREED_MAPPINGS_H

struct finding {
	__u64 start;
	__u64 end;
	__u64 page_offset;
	struct unfreed_object object;
	bool code;
	bool file;
};

static long take_mapping(struct task_struct *task, struct vm_area_struct *vma, void *data)
{
	struct finding *found = data;

	found->start = BPF_CORE_READ(vma, vm_start);
	found->end = BPF_CORE_READ(vma, vm_end);
	found->page_offset = BPF_CORE_READ(vma, vm_pgoff);
	found->code = BPF_CORE_READ(vma, vm_flags) & VM_EXEC;
	found->file = BPF_CORE_READ(vma, vm_file);
	if (found->file)
		identify(BPF_CORE_READ(vma, vm_file, f_inode), &found->object);
	return 0;
}

/* Kernel: lib/maple_tree.c. A node's address has its type in the low bits, which are no address's. */
#define MAPLE_NODE_MASK 255ULL
#define MAPLE_TYPE(entry) ((entry) >> 3 & 15)
#define MAPLE_IS_ROOT(entry) (((entry) & 3) == 2 && (entry) > 4096)
#define MAPLE_LEAF 1
#define MAPLE_ALLOC_RANGE 3
#define MAPLE_PIVOTS 15
#define MAPLE_ALLOC_PIVOTS 9
#define MAPLE_LEVELS 8
#define MAPLE_TRIES 4

/* What a node has for an address: the next node, or in a leaf the mapping. 0 if the node was replaced.
 * Global, so verified once; kernels verify those by themselves, also where nobody calls them. */
__noinline __u64 maple_step(__u64 entry, __u64 address)
{
	struct maple_range_64 *range = (void *)(entry & ~MAPLE_NODE_MASK);
	struct maple_arange_64 *alloc = (void *)range;
	bool allocs = MAPLE_TYPE(entry) == MAPLE_ALLOC_RANGE;
	__u64 pivots[MAPLE_PIVOTS] = {};
	__u32 place = 0, end;

	if (!bpf_core_type_exists(struct maple_range_64) ||
	    !bpf_core_type_exists(struct maple_arange_64))
		return 0;
	barrier_var(range);
	barrier_var(alloc);
	if (allocs) {
		bpf_core_read(pivots, MAPLE_ALLOC_PIVOTS * sizeof(__u64), &alloc->pivot);
		end = BPF_CORE_READ(alloc, meta.end);
	} else {
		bpf_core_read(pivots, sizeof(pivots), &range->pivot);
		/* A full node has a pointer where the others say where they end. */
		end = pivots[MAPLE_PIVOTS - 1] ? MAPLE_PIVOTS : BPF_CORE_READ(range, meta.end);
	}
	for (int i = 0; i < MAPLE_PIVOTS; i++)
		if (place == i && i < end && pivots[i] < address)
			place = i + 1;
	/* A dead node is its own parent. */
	if (((__u64)BPF_CORE_READ(range, parent) & ~MAPLE_NODE_MASK) == (__u64)range)
		return 0;
	entry = 0;
	if (allocs)
		bpf_probe_read_kernel(&entry, sizeof(entry), (void *)&alloc->slot[0] + place * sizeof(__u64));
	else
		bpf_probe_read_kernel(&entry, sizeof(entry), (void *)&range->slot[0] + place * sizeof(__u64));
	return entry;
}

/* The mapping at an address as the tree tells without its lock: newer kernels give nodes and mappings
 * back only when no program that began before runs any more (RCU), and of what was given back what is read
 * fails the looks behind. 0 if there is none or the tree changes. */
static __noinline __u64 mapping_in_tree(struct task_struct *task, __u64 address)
{
	__u64 entry, type;

	if (!bpf_core_field_exists(task->mm->mm_mt))
		return 0;
	entry = (__u64)BPF_CORE_READ(task, mm, mm_mt.ma_root);
	if (!MAPLE_IS_ROOT(entry))
		return 0;
	for (int level = 0; level < MAPLE_LEVELS; level++) {
		type = MAPLE_TYPE(entry);
		if (type < MAPLE_LEAF || type > MAPLE_ALLOC_RANGE)
			return 0;
		entry = maple_step(entry, address);
		if (type == MAPLE_LEAF)
			return entry;
	}
	return 0;
}

/* Without the lock, which somebody who changes the mappings holds, perhaps for as long as others keep
 * the CPU from him. What does not read the same twice, or does not hold the address, is no answer. */
static __noinline long find_unlocked(struct task_struct *task, __u64 address, struct finding *found)
{
	struct vm_area_struct *vma;

	for (int i = 0; i < MAPLE_TRIES; i++) {
		vma = (void *)mapping_in_tree(task, address);
		if (!vma)
			continue;
		take_mapping(task, vma, found);
		if (address - found->start < found->end - found->start &&
		    found->start == BPF_CORE_READ(vma, vm_start) &&
		    found->page_offset == BPF_CORE_READ(vma, vm_pgoff) &&
		    (__u64)vma == mapping_in_tree(task, address))
			return 0;
	}
	return -EBUSY;
}

/* Finds what the current process maps at an address. -ENOENT: nothing; -EBUSY: it is being changed
 * (with a tree, since 6.1, at this very address). */
static __noinline long find_mapping(__u64 address, struct finding *found)
{
	struct task_struct *task = bpf_get_current_task_btf();
	long error = bpf_find_vma(task, address, take_mapping, found, 0);

	return error && error != -ENOENT ? find_unlocked(task, address, found) : error;
}

#endif
