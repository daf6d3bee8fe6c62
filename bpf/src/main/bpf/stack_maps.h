/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The maps of stacks, and of the rules they are unwound by: of every program here that takes any.
 * Each has a variable `config` of its own, with page_shift and unwind in it. */
#ifndef UNFREED_STACK_MAPS_H
#define UNFREED_STACK_MAPS_H

/* The order of records in this one buffer is the order of events. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 16 << 20); /* bytes; set by the reader before load */
} ring SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct unfreed_counters);
} counters SEC(".maps");

/* [0]: the last stack reference given, [1]: allocation calls counted by sampling. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, __u64);
} sequences SEC(".maps");

/* Rules by file. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8192);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct unfreed_object);
	__type(value, struct unfreed_module);
} modules SEC(".maps");

/* By sizes: of a type that only an inner map has the compiler tells no more than the name. */
struct unwind_nodes {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_INNER_MAP);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(struct unfreed_node));
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 8192);
	__type(key, __u32);
	__array(values, struct unwind_nodes);
} tables SEC(".maps");

/* Each rule once, for all files: nearly all rows of a distribution have one of a few thousand. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 65536);
	__type(key, __u32);
	__type(value, __u64);
} rules SEC(".maps");

/* Files whose rules are wanted; the reader takes them out when it has looked. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, struct unfreed_object);
	__type(value, struct unfreed_wanted);
} wanted SEC(".maps");

/* Rules of places met before. A program may be preempted by another one between the two words: the
 * key is stored mixed with the rule, so that what does not belong together is no hit. */
#define RULE_SLOTS 4096
struct remembered_rule {
	__u64 key;
	__u64 rule;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, RULE_SLOTS);
	__type(key, __u32);
	__type(value, struct remembered_rule);
} remembered SEC(".maps");

struct stack_key {
	__u64 hash1; /* two independent hashes of the frames */
	__u64 hash2;
	__u32 tgid;
	__u32 generation;
};

struct stack_seen {
	__u32 ref;
	__u32 sent; /* set after its submit succeeded */
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 262144); /* set by the reader before load */
	__type(key, struct stack_key);
	__type(value, struct stack_seen);
} stacks SEC(".maps");

/* Where a stack is taken and made a record of. */
struct stack_scratch {
	__u64 ips[UNFREED_MAX_FRAMES];
	__u64 code; /* what the addresses lie in, mixed: another library may have been there before */
	struct unfreed_stack record;
};

/* The last walk through a thread's stack, and what it learned. */
#define UNWIND_RANGES 8

struct unwind_range {
	__u64 start;
	__u64 bytes; /* 0: none */
	__u64 delta; /* from an address to the offset in the file */
	struct unfreed_module module;
};

struct unwind_state {
	__u32 tgid; /* whose ranges these are */
	__u32 generation;
	__u32 latest; /* the range that was used last */
	__u32 next; /* to be replaced */
	struct unwind_range ranges[UNWIND_RANGES];
};

#endif
