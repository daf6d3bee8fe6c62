/* SPDX-License-Identifier: Apache-2.0 */
/* Objects that go: what was remembered of their code must not be believed any more. */
#include "hook.h"
#include "process.h"

#include <dlfcn.h>

REAL(int(void *), dlclose)

/*
 * 1. A thread closes X; ld.so unmaps it and lets its lock go.
 * 2. Another thread loads Y at the same addresses and allocates in its constructor.
 * 3. The first thread comes back here.
 * Between 1 and 3 the rules of X would be taken for Y's: while a close is under way nobody uses
 * what is remembered, and afterwards it has another generation.
 */
EXPORT int dlclose(void *object)
{
	bool known = arena && process->registered;
	int result;

	if (known) {
		__atomic_fetch_add(&process->closing, 1, __ATOMIC_SEQ_CST);
		process_objects_changed();
	}
	result = get_dlclose()(object);
	if (known) {
		process_objects_changed();
		__atomic_fetch_sub(&process->closing, 1, __ATOMIC_SEQ_CST);
	}
	return result;
}
