/* Modes: mappings, whole, in pieces and failing. */
#include "workload.h"

#include <fcntl.h>
#include <sys/resource.h>

#define UNUSED __attribute__((unused))
#define ANYWHERE NULL
#define WRITABLE PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0

static void mode_mmap(UNUSED char **argv)
{
	for (int i = 0; i < 23; i++) {
		char *range = MAP(mmap(ANYWHERE, 5 * 4096 + 1, WRITABLE), 5 * 4096 + 1);

		if (i < 7)
			unmap(range, 6 * 4096); /* whole */
		else if (i < 12)
			unmap(range + 4096, 4096); /* a hole */
		else if (i < 14)
			unmap(range + 1, 4096); /* fails: not on a page */
	}
	must_fail(mmap(ANYWHERE, 0, WRITABLE) == MAP_FAILED, 0);
}

static void mode_mremap(UNUSED char **argv)
{
	for (int i = 0; i < 13; i++) {
		char *range = MAP(mmap(ANYWHERE, 3 * 4096, WRITABLE), 3 * 4096);

		range = REMAP(range, mremap(range, 3 * 4096, 11 * 4096, MREMAP_MAYMOVE), 11 * 4096);
		must_fail(mremap(range + 1, 4096, 8192, MREMAP_MAYMOVE) == MAP_FAILED, 1);
	}
}

/* The old range stays mapped. */
static void mode_mremap_keep(UNUSED char **argv)
{
	for (int i = 0; i < 11; i++) {
		char *range = MAP(mmap(ANYWHERE, 3 * 4096, WRITABLE), 3 * 4096);
		char *shared = MAP(mmap(ANYWHERE, 7 * 4096, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0), 7 * 4096);

		MAP(mremap(range, 3 * 4096, 3 * 4096, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, NULL), 3 * 4096);
		MAP(mremap(shared, 0, 5 * 4096, MREMAP_MAYMOVE), 5 * 4096);
		must_fail(mremap(shared, 0, 4096, 0) == MAP_FAILED, 0);
	}
}

static long locked_kilobytes(void)
{
	char text[4096] = "";
	int file = open("/proc/self/status", O_RDONLY);

	if (read(file, text, sizeof(text) - 1) < 0)
		return -1;
	close(file);
	return atol(strstr(text, "VmLck:") + 6);
}

/* Two pages of a file that has one. */
static void map_beyond_the_end(void)
{
	char name[] = "/tmp/unfreed-locked-XXXXXX";
	int file = mkstemp(name);

	unlink(name);
	must_fail(ftruncate(file, 4096) == 0, 0);
	MAP(mmap(ANYWHERE, 2 * 4096, PROT_READ, MAP_SHARED, file, 0), 2 * 4096);
	close(file);
}

/* Behind an mlockall without MCL_FUTURE, whatever was said before. */
static void tell_of_later_mappings(void)
{
	const size_t bytes = 1 << 20;
	long before = locked_kilobytes();

	MAP(mmap(ANYWHERE, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), bytes);
	say("later mappings are %s\n", locked_kilobytes() < before + 512 ? "not locked" : "locked");
}

/* All that is mapped, which is some megabytes: who is recorded has no more of it locked. */
static void mode_locked(UNUSED char **argv)
{
	TAKE(malloc(101), 101);
	map_beyond_the_end();
	must_fail(mlockall(MCL_CURRENT | 1024) != 0, 0);
	if (mlockall(MCL_CURRENT | MCL_FUTURE) != 0)
		say("locked nothing: %s\n", strerror(errno));
	TAKE(malloc(103), 103);
	say("locked %s\n", locked_kilobytes() < 100000 ? "little" : "much");
	if (mlockall(MCL_CURRENT) != 0)
		say("locked nothing: %s\n", strerror(errno));
	tell_of_later_mappings();
	munlockall();
}

/* Without a privilege: all within a limit that has room for it, then nothing more within a small one. */
static void mode_locked_limited(UNUSED char **argv)
{
	const struct rlimit small = { 65536, 65536 };
	char *page = TAKE(aligned_alloc(4096, 4096), 4096);
	long before;

	if (mlockall(MCL_CURRENT | MCL_FUTURE) != 0 || mlockall(MCL_CURRENT) != 0)
		say("locked nothing: %s\n", strerror(errno));
	tell_of_later_mappings();
	munlockall();
	setrlimit(RLIMIT_MEMLOCK, &small);
	must_fail(mlock(page, 4096) == 0, 0);
	before = locked_kilobytes();
	must_fail(mlockall(MCL_CURRENT | MCL_FUTURE) != 0 && errno == ENOMEM, 0);
	say("still locked %ld of %ld\n", locked_kilobytes(), before);
}

/* A limit of the address space is the program's own. */
static void mode_limited(UNUSED char **argv)
{
	struct rlimit before, now = { 1 << 30, 1 << 30 };

	getrlimit(RLIMIT_AS, &before);
	now.rlim_max = before.rlim_max;
	setrlimit(RLIMIT_AS, &now);
	for (int i = 0; i < 17; i++)
		TAKE(malloc(1000003), 1000003);
	must_fail(malloc((size_t)2 << 30) == NULL, 0);
	getrlimit(RLIMIT_AS, &now);
	must_fail(now.rlim_cur == 1 << 30 && now.rlim_max == before.rlim_max, 0);
	setrlimit(RLIMIT_AS, &before);
}

const struct mode map_modes[] = {
	{ "mmap", mode_mmap, NULL },
	{ "mremap", mode_mremap, NULL },
	{ "mremap_keep", mode_mremap_keep, NULL },
	{ "locked", mode_locked, NULL },
	{ "locked_limited", mode_locked_limited, NULL },
	{ "limited", mode_limited, NULL },
	{ NULL, NULL, NULL },
};
