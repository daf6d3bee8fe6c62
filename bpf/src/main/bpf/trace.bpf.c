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
#include "trace.h"
#include "trace_common.h"
#include "trace_calls.h"
#include "trace_locks.h"
#include "trace_io.h"
#include "trace_memory.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";
