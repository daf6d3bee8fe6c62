/* SPDX-License-Identifier: Apache-2.0 */
/* The library's beginning, and what the collector's side calls in a process that it attached to. */
#include "check.h"
#include "environment.h"
#include "fork.h"
#include "got.h"
#include "hooks.h"
#include "process.h"

#include <errno.h>

/* What the loading of libgcc allocates is not the program's: it counts as nested. */
static void begin_checks(void)
{
	struct thread *thread = thread_enter();

	if (thread)
		thread->inside = UINTPTR_MAX;
	if (!check_init())
		check_every = 0;
	if (thread)
		thread->inside = 0;
}

/* The first allocation may have come before; this is for programs without one, and for the rest. */
__attribute__((constructor)) static void begin(void)
{
	int error = errno;

	hooks_leave_operators();
	if (process_begin()) {
		environment_remember();
		if (!(arena_flags & ARENA_FOLLOW))
			environment_clean();
		fork_watch();
		process_enter();
		if (check_every)
			begin_checks();
		hooks_patch_own_names();
	}
	errno = error;
}

/* Not 0 while hooks are in place by attaching: whoever attaches looks at it. */
EXPORT uint32_t unfreed_shim_active;

EXPORT int unfreed_shim_attach(int fd)
{
	int result = process_attach(fd);

	if (result == 0 && !process_enter())
		result = -EBUSY;
	if (result == 0) {
		fork_watch();
		result = hooks_patch_all();
		unfreed_shim_active = result >= 0;
	}
	return result < 0 ? result : 0;
}

/* Slots get their own values back; the library stays, and does nothing any more. */
EXPORT int unfreed_shim_detach(void)
{
	int result = got_restore_all();

	unfreed_shim_active = 0;
	process_detach();
	return result < 0 ? result : 0;
}
