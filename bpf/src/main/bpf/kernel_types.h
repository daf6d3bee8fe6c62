/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The few kernel types the program reads, relocated by CO-RE at load: only names matter here. */
#ifndef UNFREED_KERNEL_TYPES_H
#define UNFREED_KERNEL_TYPES_H

#define ENOENT 2
#define ENOMEM 12
#define EBUSY 16
#define PROT_EXEC 4
#define SIGNAL_GROUP_EXIT 4 /* signal_struct.flags */
#define TS_COMPAT 2 /* thread_info.status: a 32-bit call, with other numbers */
#define ZERO_SIZE_PTR 16 /* what kmalloc(0) answers */

struct perf_event_context;

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct xol_area {
	unsigned long vaddr;
};

struct uprobes_state {
	struct xol_area *xol_area;
};

struct return_instance {
	unsigned long stack;
	unsigned long orig_ret_vaddr;
	struct return_instance *next;
};

struct uprobe_task {
	struct return_instance *return_instances;
};

typedef struct {
	void *vdso;
} mm_context_t;

struct file;

struct maple_pnode;

struct maple_metadata {
	unsigned char end;
};

struct maple_range_64 {
	struct maple_pnode *parent;
	unsigned long pivot[15];
	union {
		void *slot[16];
		struct {
			void *pad[15];
			struct maple_metadata meta;
		};
	};
};

struct maple_arange_64 {
	struct maple_pnode *parent;
	unsigned long pivot[9];
	void *slot[10];
	unsigned long gap[10];
	struct maple_metadata meta;
};

struct maple_tree {
	void *ma_root;
};

struct mm_struct {
	struct maple_tree mm_mt; /* since 6.1 */
	mm_context_t context;
	struct uprobes_state uprobes_state;
	unsigned long arg_start;
	unsigned long arg_end;
	struct file *exe_file;
	unsigned long start_brk;
	unsigned long brk;
};

typedef struct {
	int counter;
} atomic_t;

struct signal_struct {
	atomic_t live;
	int group_exit_code;
	unsigned int flags;
};

struct thread_info {
	__u32 status;
};

struct task_struct {
	struct thread_info thread_info;
	int pid;
	int tgid;
	int exit_code;
	struct mm_struct *mm;
	struct task_struct *group_leader;
	struct signal_struct *signal;
	struct uprobe_task *utask;
	__u64 start_boottime;
	__u64 self_exec_id;
	char comm[16];
	struct perf_event_context *perf_event_ctxp;
};

struct linux_binprm;

struct super_block {
	__u32 s_dev;
};

struct inode {
	unsigned long i_ino;
	long long i_size;
	struct super_block *i_sb;
	__u32 i_generation;
};

struct file {
	struct inode *f_inode;
};

struct vm_area_struct {
	unsigned long vm_start;
	unsigned long vm_end;
	unsigned long vm_pgoff;
	unsigned long vm_flags;
	struct file *vm_file;
};

struct seq_file;

struct bpf_iter_meta {
	struct seq_file *seq;
};

struct bpf_iter__task_vma {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
	struct vm_area_struct *vma;
};

struct kmem_cache {
	unsigned int size;
};

struct page {
	unsigned long flags;
};

struct gendisk {
	int major;
	int first_minor;
};

struct request_queue {
	struct gendisk *disk; /* since 5.17 */
};

struct request {
	struct request_queue *q;
	__u32 cmd_flags;
	unsigned int __data_len;
};

#pragma clang attribute pop

/* Kernel functions (kernel/bpf/task_iter.c), since 6.7; programs that call them are left out before. */
struct bpf_iter_task_vma {
	__u64 opaque[1];
};

extern int bpf_iter_task_vma_new(struct bpf_iter_task_vma *it, struct task_struct *task,
				 __u64 address) __ksym __weak;
extern struct vm_area_struct *bpf_iter_task_vma_next(struct bpf_iter_task_vma *it) __ksym __weak;
extern void bpf_iter_task_vma_destroy(struct bpf_iter_task_vma *it) __ksym __weak;

#if defined(__TARGET_ARCH_x86)
/* User registers as the kernel saves them: an ABI, so no relocation. */
struct pt_regs {
	unsigned long r15, r14, r13, r12, bp, bx, r11, r10, r9, r8;
	unsigned long ax, cx, dx, si, di, orig_ax, ip, cs, flags, sp, ss;
};
#define ARG1(ctx) ((ctx)->di)
#define ARG2(ctx) ((ctx)->si)
#define ARG3(ctx) ((ctx)->dx)
#define ARG4(ctx) ((ctx)->cx)
#define RESULT(ctx) ((ctx)->ax)
#define STACK_POINTER(ctx) ((ctx)->sp)
#define FRAME_POINTER(ctx) ((ctx)->bp)
#define PROBE_ADDRESS(ctx) ((ctx)->ip)
/* call pushed the return address: after the return the stack pointer is one word higher. */
#define CALL_PUSHED 8
#else
#error "unfreed.bpf.c knows the registers of x86-64 only so far"
#endif

#endif
