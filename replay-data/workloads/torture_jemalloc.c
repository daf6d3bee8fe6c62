/* Modes: jemalloc's own entry points, in a program that is linked with it. */
#include "workload.h"

#include <jemalloc/jemalloc.h>

#define UNUSED __attribute__((unused))

static void mode_plain(UNUSED char **argv)
{
	for (int i = 0; i < 53; i++) {
		void *aligned;

		keep(TAKE(malloc(31), 31));
		keep(TAKE(calloc(3, 37), 111));
		keep(RESIZE(NULL, realloc(NULL, 41), 41));
		keep(TAKE(aligned_alloc(64, 128), 128));
		keep(TAKE(posix_memalign(&aligned, 128, 43) ? NULL : aligned, 43));
		keep(TAKE(memalign(32, 47), 47));
		keep(TAKE(valloc(53), 53));
	}
	drop_thirds();
}

static void mode_mallocx(UNUSED char **argv)
{
	for (int i = 0; i < 61; i++) {
		void *block = TAKE(mallocx(31 + i, 0), 31 + i);
		void *zeroed = TAKE(mallocx(37, MALLOCX_ZERO | MALLOCX_TCACHE_NONE), 37);
		void *aligned = TAKE(mallocx(41, MALLOCX_ALIGN(256) | MALLOCX_ARENA(0)), 41);

		if (i % 3)
			block = RESIZE(block, rallocx(block, 1009 + i, 0), 1009 + i);
		if (i % 5 == 0)
			aligned = RESIZE(aligned, rallocx(aligned, 43, MALLOCX_ALIGN(512)), 43);
		must_fail(i % 7 || !rallocx(zeroed, SIZE_MAX / 2, 0), i % 7 == 0);
		(void)nallocx(47, 0);
		(void)sallocx(block, 0);
		if (i % 2)
			dallocx(dropping(zeroed), MALLOCX_TCACHE_NONE);
		else
			sdallocx(dropping(zeroed), 37, 0);
		if (i % 11 == 0)
			dallocx(dropping(aligned), 0);
	}
}

/* In place or not at all: told as a realloc that gives the same block, or that fails. */
#define IN_PLACE(block, bytes) (xallocx(block, bytes, 0, 0) >= (bytes) ? (block) : NULL)

static void mode_xallocx(UNUSED char **argv)
{
	for (int i = 0; i < 47; i++) {
		const size_t some = 16384 + 4096 * (i % 5), much = (size_t)1 << 40;
		void *block = TAKE(mallocx(16384, 0), 16384);

		RESIZE(block, IN_PLACE(block, some), some);
		RESIZE(block, IN_PLACE(block, much), much);
		if (i % 3 == 0)
			dallocx(dropping(block), 0);
	}
}

int main(UNUSED int argc, char **argv)
{
	static const struct mode modes[] = { { "plain", mode_plain, NULL },
					     { "mallocx", mode_mallocx, NULL },
					     { "xallocx", mode_xallocx, NULL },
					     { NULL, NULL, NULL } };
	static const struct mode *const lists[] = { modes, NULL };

	return run_modes(lists, argv);
}
