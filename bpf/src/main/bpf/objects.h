/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Files that are mapped as code, and what tells one from another. */
#ifndef UNFREED_OBJECTS_H
#define UNFREED_OBJECTS_H

#define VM_EXEC 4

static __always_inline void identify(struct inode *inode, struct unfreed_object *key)
{
	key->inode = BPF_CORE_READ(inode, i_ino);
	key->size = BPF_CORE_READ(inode, i_size);
	key->device = BPF_CORE_READ(inode, i_sb, s_dev);
	key->generation = BPF_CORE_READ(inode, i_generation);
}

/* The file of an executable mapping; false when there is none. */
static __always_inline bool object_of(struct vm_area_struct *vma, struct unfreed_object *key)
{
	if (!(vma->vm_flags & VM_EXEC) || !vma->vm_file)
		return false;
	identify(BPF_CORE_READ(vma, vm_file, f_inode), key);
	return true;
}

/* Writes the executable mappings of a task, for a reader that wants their objects' identities as the
 * programs here see them: stat(2) says other ones of some file systems. Ends with one of zeros. */
SEC("iter/task_vma")
int list_objects(struct bpf_iter__task_vma *ctx)
{
	struct task_struct *task = ctx->task;
	struct vm_area_struct *vma = ctx->vma;
	struct unfreed_mapping mapping = {};

	if (!vma)
		/* The end: the kernel has been seen to go on and on. */
		bpf_seq_write(ctx->meta->seq, &mapping, sizeof(mapping));
	if (!task || !vma || !object_of(vma, &mapping.object))
		return 0;
	mapping.start = vma->vm_start;
	mapping.end = vma->vm_end;
	mapping.tgid = task->tgid;
	bpf_seq_write(ctx->meta->seq, &mapping, sizeof(mapping));
	return 0;
}

#endif
