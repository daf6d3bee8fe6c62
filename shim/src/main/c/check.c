/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "state.h"
#include "trie.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

typedef int (*unwind_callback)(void *context, void *argument);

static int (*backtrace)(unwind_callback, void *);
static uint64_t (*get_pc)(void *, int *);
static uint64_t (*get_cfa)(void *);
static int log_file = -1;

struct expected {
	struct place start;
	bool inside, whole;
	uint32_t count;
	uint64_t pc[MAX_DEPTH];
};

/* One check at a time, in pages of its own. */
static struct expected *expected;
static uint32_t busy;

bool check_init(void)
{
	void *libgcc = dlopen("libgcc_s.so.1", RTLD_NOW | RTLD_LOCAL);
	const char *file = getenv("UNFREED_SHIM_CHECK_LOG");

	if (!libgcc)
		return false;
	*(void **)&backtrace = dlsym(libgcc, "_Unwind_Backtrace");
	*(void **)&get_pc = dlsym(libgcc, "_Unwind_GetIPInfo");
	*(void **)&get_cfa = dlsym(libgcc, "_Unwind_GetCFA");
	if (file)
		log_file = open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (backtrace && get_pc && get_cfa)
		expected = own_pages(sizeof(*expected), false);
	return expected != NULL;
}

static int take_frame(void *context, void *argument)
{
	struct expected *e = argument;
	int exact = 0;
	uint64_t pc = get_pc(context, &exact) - !exact;

	/* In a frame's context the CFA that libgcc tells is the stack pointer there. */
	e->inside |= pc == e->start.pc && get_cfa(context) == e->start.sp;
	if (pc + 1 < 4096)
		return 0;
	if (e->inside && e->count < MAX_DEPTH)
		e->pc[e->count++] = pc;
	return 0;
}

static void tell(const char *format, ...)
{
	char line[256];
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	if (length > 0)
		syscall(SYS_write, log_file, line, (size_t)length < sizeof(line) ? (size_t)length : sizeof(line) - 1);
}

static void tell_difference(uint32_t node, uint32_t ours)
{
	tell("pid %d: %u frames, libgcc %u\n", getpid(), ours, expected->count);
	for (uint32_t i = 0; i < expected->count || node > NODE_INCOMPLETE; i++) {
		uint64_t own = node > NODE_INCOMPLETE ? nodes[node].address : 0;
		uint64_t other = i < expected->count ? expected->pc[i] : 0;
		Dl_info object = { 0 };

		dladdr((void *)(other ? other : own), &object);
		tell("%c %lx %lx %s+%lx %s\n", own == other ? ' ' : '!', own, other,
		     object.dli_fname ? object.dli_fname : "",
		     (other ? other : own) - (uint64_t)object.dli_fbase,
		     object.dli_sname ? object.dli_sname : "");
		if (node > NODE_INCOMPLETE)
			node = nodes[node].parent;
	}
}

COLD void check_stack(struct thread *thread, struct place start, uint32_t node)
{
	struct arena_process *slot = process_slot();
	uint32_t ours = 0, at = node;
	bool same = true;

	(void)thread;
	if (!expected || __atomic_exchange_n(&busy, 1, __ATOMIC_ACQUIRE))
		return;
	expected->start = start;
	expected->inside = false;
	expected->count = 0;
	backtrace(take_frame, expected);
	for (; at > NODE_INCOMPLETE; at = nodes[at].parent, ours++)
		same = same && ours < expected->count && nodes[at].address == expected->pc[ours];
	/* A stack that says it is incomplete may go on where libgcc stops, or stop where it goes on. */
	if (at == NODE_INCOMPLETE)
		__atomic_fetch_add(&slot->incomplete, 1, __ATOMIC_RELAXED);
	else if (!same || ours != expected->count) {
		if (__atomic_fetch_add(&slot->mismatches, 1, __ATOMIC_RELAXED) < 20 && log_file >= 0)
			tell_difference(node, ours);
	}
	__atomic_fetch_add(&slot->checks, 1, __ATOMIC_RELAXED);
	__atomic_store_n(&busy, 0, __ATOMIC_RELEASE);
}
