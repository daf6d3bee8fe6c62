/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a fork leaves to its child. Usually zeroed state (state.h): it registers anew.
 *
 * 1. A signal interrupts this library's own code, amid a record.
 * 2. Its handler forks.
 * 3. In the child the handler returns, into that code.
 * It would go on with the parent's ring in its registers, and with state that is gone. So that
 * child keeps the state, gets empty pages of its own in the place of the arena, and is not recorded, which is told.
 */
#include "fork.h"
#include "pages.h"
#include "process.h"

#include <pthread.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Held while a thread forks amid its own recording: one at a time. Inherited. */
static uint32_t keeping;

/* Such forks of this thread under way: a signal's handler may fork amid another's fork. Inherited. */
static __thread uint32_t depth __attribute__((tls_model("initial-exec")));

static void keep_state(bool keep)
{
	pages_keep(keep);
	syscall(SYS_madvise, self, sizeof(*self), keep ? MADV_KEEPONFORK : MADV_WIPEONFORK);
}

static void before(void)
{
	if (self && self->recording && depth++ == 0) {
		lock(&keeping);
		keep_state(true);
	}
}

static void in_parent(void)
{
	if (depth && --depth == 0) {
		keep_state(false);
		unlock(&keeping);
	}
}

static void in_child(void)
{
	bool is_mine = depth > 0, is_kept = __atomic_load_n(&keeping, __ATOMIC_RELAXED) != 0;

	depth = 0;
	unlock(&keeping); /* whoever held it is not here */
	if (is_mine) {
		keep_state(false);
		process_disown();
		return;
	}
	if (is_kept) { /* for another thread's fork at the same time */
		pages_keep(false);
		pages_wipe();
	}
	if (self)
		thread_enter();
	else if (process_begin())
		process_enter();
}

void fork_watch(void)
{
	static bool watching;

	if (!watching)
		pthread_atfork(before, in_parent, in_child);
	watching = true;
}
