// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Records allocations and frees of processes (uprobes or system calls) and of the kernel
 * (tracepoints).
 * What an event is, and what is not: docs/contract.md, section 1. */
#include <stdbool.h>
#include <stddef.h>
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>
#include "kernel_types.h"
#include "unfreed.h"
#include "stack_maps.h"
#include "maps.h"
#include "objects.h"
#include "mappings.h"
#include "stacks.h"
#include "emit.h"
#include "unwind.h"
#include "user.h"
#include "syscalls.h"
#include "faults.h"
#include "process.h"
#include "kernel.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";
