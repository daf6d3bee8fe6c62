/* Modes: mappings, whole, in pieces and failing. */
#include "workload.h"

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

const struct mode map_modes[] = {
	{ "mmap", mode_mmap, NULL },
	{ "mremap", mode_mremap, NULL },
	{ NULL, NULL, NULL },
};
