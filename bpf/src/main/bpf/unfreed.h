/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The wire between the BPF program and its reader: everything both sides must agree on.
 * io.unfreed.bpf.ring.RecordLayout mirrors it; RecordLayoutTest compares the two through BTF. */
#ifndef UNFREED_H
#define UNFREED_H

#define UNFREED_MAX_FRAMES 127

/* Of an event: its thread is ending. libc then frees the blocks in its cache, which were freed. */
#define UNFREED_THREAD_ENDS 1

/* One ring-buffer record is a header and what its type says. */
enum unfreed_record_type {
	UNFREED_EVENTS = 1, /* count events */
	UNFREED_STACK = 2, /* count frames */
	UNFREED_PROCESS = 3, /* count is 1 */
};

struct unfreed_header {
	__u16 type;
	__u16 count;
	__u32 tgid; /* whose address space; 0 is the kernel */
};

enum unfreed_kind {
	UNFREED_ALLOC = 1,
	UNFREED_FREE = 2,
	UNFREED_RELEASE_INTENT = 3,
	UNFREED_OUTCOME_OK = 4, /* address 0: released, nothing new */
	UNFREED_OUTCOME_FAILED = 5,
	UNFREED_MAP = 6,
};

enum unfreed_space {
	UNFREED_HEAP = 1,
	UNFREED_MAPPING = 2,
	UNFREED_SLAB = 3,
	UNFREED_PAGE = 4,
	UNFREED_PERCPU = 5,
};

/* A free of UNFREED_PAGE by a process (FN_MADVISE) has a size: all pages of the range that are there. */

/* Also the attach cookie of a user probe; from UNFREED_FN_TABLE a cookie stands for several. */
enum unfreed_function {
	FN_MALLOC = 1,
	FN_CALLOC = 2,
	FN_REALLOC = 3,
	FN_REALLOCARRAY = 4,
	FN_POSIX_MEMALIGN = 5,
	FN_ALIGNED_ALLOC = 6,
	FN_MEMALIGN = 7,
	FN_VALLOC = 8,
	FN_PVALLOC = 9,
	FN_FREE = 10,
	FN_CFREE = 11,
	FN_MMAP = 12,
	FN_MUNMAP = 13,
	FN_MREMAP = 14,
	FN_FREE_SIZED = 15,
	FN_FREE_ALIGNED_SIZED = 16,
	FN_NEW = 17,
	FN_DELETE = 18,
	FN_THREAD_END = 19, /* of libc: the thread that calls it is about to end */
	FN_BRK = 20, /* the system call: no function of libc's is at one address with it */
	FN_MADVISE = 21, /* the system call: pages go, their mapping stays */
	FN_PAGE_FAULT = 22,
	FN_KMALLOC = 32,
	FN_KFREE = 34,
	FN_KMEM_CACHE_ALLOC = 35,
	FN_KMEM_CACHE_FREE = 37,
	FN_PAGE_ALLOC = 38,
	FN_PAGE_FREE = 39,
	FN_PERCPU_ALLOC = 40,
	FN_PERCPU_FREE = 41,
};

/* A cookie of a group of probes: with the low 12 bits of the probe's address it is the key of the
 * map functions. */
#define UNFREED_FN_TABLE 4096

struct unfreed_event {
	__u64 time; /* CLOCK_MONOTONIC, ns: a free's enter, an allocation's exit */
	__u64 address;
	__u64 size; /* bytes requested; mappings rounded up to pages */
	__u32 stack; /* reference, 0 when none could be taken or none is needed */
	__u32 tid;
	__u8 kind;
	__u8 function;
	__u8 space;
	__u8 flags;
	__u32 reserved;
};

/* Where an address is mapped from, known at the moment of capture: the process may be gone when the
 * record is read. */
struct unfreed_frame {
	__u64 ip;
	__u64 inode; /* of the mapped file, 0 outside any, UNFREED_INODE_UNKNOWN */
	__u64 offset; /* in that file */
};

/* The mappings were just being changed by another thread: the reader looks them up by ip. */
#define UNFREED_INODE_UNKNOWN (~0ULL)

struct unfreed_stack {
	struct unfreed_header header;
	__u32 ref;
	__u32 generation; /* of the address space when it was taken */
	__u32 flags;
	__u32 reserved;
	struct unfreed_frame frames[UNFREED_MAX_FRAMES]; /* innermost first; count are sent */
};

#define UNFREED_STACK_KERNEL 1 /* frames are kernel addresses */
#define UNFREED_STACK_DEEP 2 /* as many frames as fit: cut at the outer end */
#define UNFREED_STACK_CUT 4 /* the next outer frame was no code: cut for want of frame pointers */
/* Bits 8 to 15: why the stack is not whole, 0 if it is (or nobody can tell: by frame pointers). */
#define UNFREED_STACK_WHY_SHIFT 8

enum unfreed_incomplete {
	UNFREED_NO_MAPPING = 1, /* an address that lies in no code */
	UNFREED_NO_TABLE = 2, /* in code that has no rules, or none yet: guessed by frame pointers */
	UNFREED_NO_RULE = 3, /* the rules do not have this place */
	UNFREED_READ_FAULT = 4, /* a word of the stack could not be read */
	UNFREED_TOO_DEEP = 5, /* more frames than fit */
	UNFREED_MAPPINGS_BUSY = 6, /* another thread was just changing the mappings */
};

enum unfreed_process_kind {
	UNFREED_FORK = 1, /* other: the child's tgid */
	UNFREED_VFORK = 2, /* other: the child's tgid; it borrows this address space until exec */
	UNFREED_EXEC = 3, /* other: the tid that called exec */
	UNFREED_EXIT = 4, /* status: as wait(2) has it */
	UNFREED_MODULES = 5, /* the dynamic linker mapped or unmapped an object */
	UNFREED_HELD = 6, /* as MODULES, and it waits: objects may need probes */
	UNFREED_LET_GO = 7, /* it waited in vain */
};

/* The status of an exec. */
#define UNFREED_EXEC_LINKED 1 /* its dynamic linker is probed and will show its objects */
#define UNFREED_EXEC_KNOWN 2 /* every object mapped so far was looked at before */

struct unfreed_process {
	struct unfreed_header header;
	__u64 time;
	__u64 start_boottime; /* of the process, ns */
	__u32 kind;
	__u32 other;
	__u32 status;
	__u32 generation; /* after this change */
	char comm[16];
};

/* A file; an inode number alone may be given again. */
struct unfreed_object {
	__u64 inode;
	__u64 size;
	__u32 device;
	__u32 generation;
};

/* Rules of a file, in two maps: an inner array of nodes, the leaves first, then those of each level
 * above them, the root last. A node's place i is for what begins at start[i], to the next start; the
 * unused ones at its end have the highest start. In a leaf it is the number of a rule, above them
 * the node of the next level below that is numbered as all places of the level are. */
#define UNFREED_NODE_PLACES 64
#define UNFREED_NODE_LEVELS 4

struct unfreed_node {
	__u32 start[UNFREED_NODE_PLACES]; /* offsets in the file */
	__u16 rule[UNFREED_NODE_PLACES];
};

struct unfreed_module {
	__u32 table; /* in the outer map */
	__u32 levels; /* 0: the file has no rules */
	__u32 first[UNFREED_NODE_LEVELS]; /* node of each level, the leaves' first */
};

/* Code without rules was met: where to find its file. */
struct unfreed_wanted {
	__u64 ip;
	__u32 tgid;
	__u32 reserved;
};

/* An executable mapping, as the program list_objects writes it. */
struct unfreed_mapping {
	__u64 start;
	__u64 end;
	struct unfreed_object object;
	__u32 tgid;
	__u32 reserved;
};

/* The vdso is in no file: the object with inode 0 and this size. */
#define UNFREED_VDSO_SIZE 1

#define UNFREED_ARGS 512

/* An UNFREED_PROCESS record of kind UNFREED_EXEC. */
struct unfreed_exec {
	struct unfreed_process process;
	__u32 args_bytes; /* of all arguments, which args may hold only the start of; 0: unreadable */
	__u32 reserved;
	struct unfreed_object program;
	char args[UNFREED_ARGS]; /* each ends with a zero byte */
};

/* Targets, by tgid. */
enum unfreed_target_state {
	UNFREED_WAIT_EXEC = 1, /* recording starts at its next exec */
	UNFREED_PAUSED = 2, /* probes are being attached: calls are paired, none is an event */
	UNFREED_RECORDING = 3,
};

struct unfreed_target {
	__u16 state;
	__u16 execs; /* tells the blocks of an address space from those of the one before */
	__u32 generation;
};

enum unfreed_counter {
	C_PRODUCED, /* decided to emit an event */
	C_SUBMITTED,
	C_RESERVE_FAILED, /* events that found the ring buffer full */
	C_LIVE_MAP_FULL, /* events dropped because the map of recorded addresses was full */
	C_STATE_FAILED, /* calls dropped because no thread state could be had */
	C_READ_FAILED, /* allocations dropped because the result could not be read */
	C_EXIT_WITHOUT_ENTER, /* allocations not paired with their call */
	C_MISSING_OUTCOME, /* release intents whose call never returned */
	C_STALE, /* outermost calls left by longjmp or the like */
	C_NESTED, /* calls inside an allocator call: no events */
	C_EXCLUDED, /* kernel allocations while the collector was current: no events */
	C_FILTERED, /* calls that size filters or sampling left out: no events */
	C_STACK_SENT,
	C_STACK_SEND_FAILED, /* retried with the next event of that stack */
	C_STACK_FAILED, /* no stack could be taken: the event has reference 0 */
	C_STACK_MAP_FULL, /* the stack was sent, but will be sent again */
	C_STACK_SHORT, /* one frame only: code without frame pointers */
	C_STACK_DEEP, /* cut at UNFREED_MAX_FRAMES */
	C_STACK_CUT, /* allocations whose outer frames were no code: without frame pointers */
	C_PROCESS_FAILED, /* process records that found the ring buffer full */
	C_STACK_NO_MAPPING, /* allocations with incomplete stacks, as enum unfreed_incomplete */
	C_STACK_NO_TABLE,
	C_STACK_NO_RULE,
	C_STACK_READ_FAULT,
	C_STACK_TOO_DEEP,
	C_STACK_MAPPINGS_BUSY,
	C_COUNT,
};

struct unfreed_counters {
	__u64 value[C_COUNT];
};

struct unfreed_config {
	__u64 min_size; /* inclusive */
	__u64 max_size; /* inclusive */
	__u32 sample_rate; /* record calls N, 2N, ...; 1 is every call */
	__u32 filtered; /* any of the three is set: keep the map of recorded addresses */
	__u32 follow_children;
	__u32 page_shift;
	__u32 inherited; /* children have their parent's probes from the start */
	__u32 collector; /* tgid: when it exits nobody is held any longer */
	__u32 syscalls; /* system calls are recorded, and no function is probed */
	__u32 host; /* and so is every process with the name or in the cgroup below, from its exec */
	__u64 cgroup; /* 0: any */
	__u32 cgroup_level; /* of that one in the tree, the root being 0 */
	__u32 unwind; /* user stacks by the rules of the code; else by frame pointers */
	char name[16]; /* empty: any */
	__u32 page_faults; /* with syscalls: what makes pages resident, and madvise that drops them */
	__u32 reserved;
};

#endif
