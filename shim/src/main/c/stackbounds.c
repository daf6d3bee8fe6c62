/* SPDX-License-Identifier: Apache-2.0 */
#include "stackbounds.h"
#include "proc.h"
#include "state.h"

#include <errno.h>

static COLD void look(struct thread *thread, uint64_t sp)
{
	struct maps maps;
	struct mapping mapping;

	thread->stack_low = thread->stack_high = 0;
	if (!maps_open(&maps))
		return;
	while (maps_next(&maps, &mapping))
		if (sp >= mapping.low && sp < mapping.high) {
			thread->stack_low = mapping.low;
			thread->stack_high = mapping.high;
			break;
		}
	maps_close(&maps);
}

bool within_stack(struct thread *thread, uint64_t from, uint64_t to)
{
	if (to < from)
		return false;
	if (from < thread->stack_low || to > thread->stack_high) {
		int error = errno;

		/* A stack grows downwards and fibres come and go: once a look, not for every frame. */
		if (from < thread->stack_low || from >= thread->stack_high)
			look(thread, from);
		errno = error;
	}
	return from >= thread->stack_low && to <= thread->stack_high;
}
