// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Tracers of what makes a node slow: system calls, locks, block io, kernel memory. They count in
 * the kernel; nothing is sent but what is slower than a threshold. All are BTF tracepoints, which
 * need no tracefs. */
#include <stdbool.h>
#include <stddef.h>
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>
#include "kernel_types.h"
#include "unfreed.h"
#include "trace.h"
#include "trace_common.h"
#include "stack_maps.h"

/* What a walk through a stack keeps of its thread: here no call of an allocator goes with it. */
struct thread_call {
	struct unwind_state unwind;
	struct stack_scratch stack;
};

#include "objects.h"
/* A stack sent anew each time would be another row each time. */
#define STACKS_ARE_ROWS
#include "mappings.h"
#include "stacks.h"
#include "unwind.h"
#include "trace_calls.h"
#include "trace_stacks.h"
#include "trace_locks.h"
#include "trace_io.h"
#include "trace_memory.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";
