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

/* The thread that forks amid its own recording; inherited. */
static struct thread *amid;

static void keep_state(bool keep)
{
	pages_keep(keep);
	syscall(SYS_madvise, self, sizeof(*self), keep ? MADV_KEEPONFORK : MADV_WIPEONFORK);
}

static void before(void)
{
	if (self && self->recording) {
		keep_state(true);
		amid = self;
	}
}

static void in_parent(void)
{
	if (self && amid == self) {
		keep_state(false);
		amid = NULL;
	}
}

static void in_child(void)
{
	struct thread *kept = amid;

	amid = NULL;
	if (self && kept == self) {
		keep_state(false);
		process_disown();
		return;
	}
	if (kept) /* for another thread's fork at the same time */
		pages_wipe();
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
