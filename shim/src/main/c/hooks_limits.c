/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is about a program's whole address space, in which the arena is ours: 34 GB, nearly all of
 * them without memory. To lock them would give them memory, and a limit would be passed already.
 */
#include "hook.h"
#include "proc.h"
#include "process.h"

#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

typedef __rlimit_resource_t resource_t;

REAL(int(int), mlockall)
REAL(int(pid_t, resource_t, const struct rlimit *, struct rlimit *), prlimit)

/* Whether the program, without the arena, has more mapped than it may lock without a privilege. */
static bool is_past_limit(void)
{
	struct rlimit limit = { 0, 0 };
	char text[64];
	uint64_t pages = 0;

	text[proc_read("/proc/self/statm", text, sizeof(text) - 1)] = 0;
	for (const char *p = text; *p >= '0' && *p <= '9'; p++)
		pages = pages * 10 + (uint64_t)(*p - '0');
	get_prlimit()(0, RLIMIT_MEMLOCK, NULL, &limit);
	return pages * (uint64_t)sysconf(_SC_PAGESIZE) - process_range_bytes() > limit.rlim_cur;
}

/* What has no page (the end of a file, what nobody can access) gets none, and what is gone by now is not missed: as the kernel's. */
static void lock_others(struct maps *maps, unsigned flags)
{
	uint64_t ours = (uint64_t)process_range();
	struct mapping mapping;

	while (maps_next(maps, &mapping)) {
		bool kernels = (int64_t)mapping.low < 0;
		bool own = mapping.low >= ours && mapping.low < ours + process_range_bytes();

		if (!kernels && !own)
			syscall(SYS_mlock2, mapping.low, mapping.high - mapping.low, flags);
	}
}

/* All mappings but the arena, or none, as the real one. */
EXPORT int mlockall(int flags)
{
	const int known = MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT;
	struct maps maps;
	int result = 0;
	bool past;

	if (!(flags & MCL_CURRENT) || (flags & ~known) || !process_range_bytes())
		return get_mlockall()(flags);
	if (!maps_open(&maps)) /* what has no memory gets none */
		return get_mlockall()(flags | MCL_ONFAULT);
	past = is_past_limit();
	/* Without MCL_FUTURE it also ends what an earlier call said of mappings to come. */
	if (past || !(flags & MCL_FUTURE)) {
		/* Whether it has the privilege is the kernel's to say, which changes nothing if not. */
		if (get_mlockall()(MCL_CURRENT | MCL_ONFAULT) == 0)
			syscall(SYS_munlock, process_range(), process_range_bytes());
		else if (past)
			result = -1;
		else
			syscall(SYS_munlockall); /* what was locked is so again below */
	}
	if (result == 0 && (flags & MCL_FUTURE))
		result = get_mlockall()(flags & ~MCL_CURRENT);
	if (result == 0)
		lock_others(&maps, flags & MCL_ONFAULT ? MLOCK_ONFAULT : 0);
	maps_close(&maps);
	return result;
}

static rlim_t with_ours(rlim_t limit, rlim_t most)
{
	rlim_t sum = limit + process_range_bytes();

	if (limit == RLIM_INFINITY || sum < limit)
		return RLIM_INFINITY;
	return sum > most && limit <= most ? most : sum;
}

static rlim_t without_ours(rlim_t limit)
{
	return limit == RLIM_INFINITY || limit < process_range_bytes() ? limit : limit - process_range_bytes();
}

/* The program's part of the limit of address space is what it sets, and what it is told. */
static int limits(pid_t pid, resource_t resource, const struct rlimit *now, struct rlimit *before)
{
	struct rlimit old = { RLIM_INFINITY, RLIM_INFINITY }, set;
	bool shared = resource == RLIMIT_AS && process_range_bytes() && (pid == 0 || pid == getpid());
	int result;

	if (shared && now) {
		get_prlimit()(0, resource, NULL, &old);
		set.rlim_max = with_ours(now->rlim_max, old.rlim_max);
		set.rlim_cur = now->rlim_cur > now->rlim_max ? RLIM_INFINITY /* an error, as it was */
							     : with_ours(now->rlim_cur, set.rlim_max);
		now = &set;
	}
	result = get_prlimit()(pid, resource, now, before);
	if (shared && result == 0 && before) {
		before->rlim_cur = without_ours(before->rlim_cur);
		before->rlim_max = without_ours(before->rlim_max);
	}
	return result;
}

EXPORT int prlimit(pid_t pid, resource_t resource, const struct rlimit *now, struct rlimit *before)
{
	return limits(pid, resource, now, before);
}

EXPORT int setrlimit(resource_t resource, const struct rlimit *now)
{
	return limits(0, resource, now, NULL);
}

EXPORT int getrlimit(resource_t resource, struct rlimit *now)
{
	return limits(0, resource, NULL, now);
}

/* The same structure here. */
EXPORT int prlimit64(pid_t pid, resource_t resource, const struct rlimit64 *now, struct rlimit64 *before)
{
	return limits(pid, resource, (const struct rlimit *)now, (struct rlimit *)before);
}

EXPORT int setrlimit64(resource_t resource, const struct rlimit64 *now)
{
	return limits(0, resource, (const struct rlimit *)now, NULL);
}

EXPORT int getrlimit64(resource_t resource, struct rlimit64 *now)
{
	return limits(0, resource, NULL, (struct rlimit *)now);
}
