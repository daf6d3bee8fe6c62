/* Modes: every allocator function of libc, failing calls, calls inside calls. */
#include "workload.h"

#include <dlfcn.h>

#define UNUSED __attribute__((unused))

__attribute__((noinline)) void mode_malloc(UNUSED char **argv)
{
	for (int i = 0; i < 101; i++)
		blocks[i] = TAKE(malloc(13), 13);
	for (int i = 0; i < 53; i++)
		DROP(blocks[i]);
}

static void mode_calloc(UNUSED char **argv)
{
	for (int i = 0; i < 103; i++)
		blocks[i] = TAKE(calloc(3, 17), 51);
	for (int i = 0; i < 47; i++)
		DROP(blocks[i]);
	must_fail(!calloc(SIZE_MAX / 2, 3), 0);
}

static void mode_realloc(UNUSED char **argv)
{
	for (int i = 0; i < 67; i++) {
		blocks[i] = RESIZE(NULL, realloc(NULL, 19), 19);
		blocks[i] = RESIZE(blocks[i], realloc(blocks[i], 1009), 1009);
		blocks[i] = RESIZE(blocks[i], realloc(blocks[i], 7), 7);
	}
	for (int i = 0; i < 11; i++)
		blocks[i] = RESIZE(blocks[i], realloc(blocks[i], 0), 0);
	for (int i = 11; i < 24; i++)
		must_fail(!realloc(blocks[i], SIZE_MAX / 2), 1);
	for (int i = 24; i < 31; i++)
		DROP(blocks[i]);
}

static void mode_reallocarray(UNUSED char **argv)
{
	for (int i = 0; i < 31; i++) {
		blocks[i] = TAKE(reallocarray(NULL, 7, 11), 77);
		blocks[i] = RESIZE(blocks[i], reallocarray(blocks[i], 13, 17), 221);
		must_fail(!reallocarray(blocks[i], SIZE_MAX / 2, 3), 1);
		/* Of which the product, without its upper half, is 0. */
		must_fail(!reallocarray(blocks[i], SIZE_MAX / 4 + 1, 4), 1);
	}
}

static void mode_posix_memalign(UNUSED char **argv)
{
	for (int i = 0; i < 59; i++) {
		TAKE(posix_memalign(&blocks[i], 64, 37) ? NULL : blocks[i], 37);
		must_fail(posix_memalign(&blocks[100], 3, 37) == EINVAL, 0);
	}
	for (int i = 0; i < 17; i++)
		DROP(blocks[i]);
}

static void mode_aligned(UNUSED char **argv)
{
	for (int i = 0; i < 41; i++)
		blocks[i] = TAKE(aligned_alloc(64, 192), 192);
	for (int i = 0; i < 43; i++)
		blocks[100 + i] = TAKE(memalign(32, 97), 97);
	for (int i = 0; i < 19; i++)
		DROP(blocks[i]);
}

static void mode_pages(UNUSED char **argv)
{
	for (int i = 0; i < 7; i++)
		blocks[i] = TAKE(valloc(1511), 1511);
	for (int i = 0; i < 5; i++)
		blocks[10 + i] = TAKE(pvalloc(1709), 1709);
	for (int i = 0; i < 3; i++)
		DROP(blocks[i]);
}

/* cfree is in glibc for old programs only; where it is not, or would get the blocks of another
 * allocator, free stands in. (Names that nobody interposes tell.) */
static void (*old_free)(void *);
extern char mallctl __attribute__((weak)), tc_version __attribute__((weak));
extern char mi_version __attribute__((weak));

static void prepare_cfree(void)
{
	if (!&mallctl && !&tc_version && !&mi_version)
		old_free = (void (*)(void *))dlvsym(RTLD_DEFAULT, "cfree", "GLIBC_2.2.5");
	if (!old_free)
		old_free = free;
}

static void mode_cfree(UNUSED char **argv)
{
	for (int i = 0; i < 79; i++)
		blocks[i] = TAKE(malloc(23), 23);
	for (int i = 0; i < 37; i++)
		old_free(dropping(blocks[i]));
}

static void mode_failing(UNUSED char **argv)
{
	for (int i = 0; i < 29; i++) {
		must_fail(!malloc(SIZE_MAX / 2), 0);
		must_fail(!aligned_alloc(64, SIZE_MAX / 2), 0);
		free(NULL);
	}
	blocks[0] = TAKE(malloc(0), 0);
	blocks[1] = TAKE(malloc(0), 0);
	DROP(blocks[0]);
}

/* Blocks beyond the mmap threshold: malloc and free call mmap and munmap inside. */
static void mode_nested(UNUSED char **argv)
{
	for (int i = 0; i < 37; i++)
		blocks[i] = TAKE(malloc((1 << 25) + 8191), (1 << 25) + 8191);
	for (int i = 0; i < 13; i++)
		blocks[i] = RESIZE(blocks[i], realloc(blocks[i], (1 << 25) + 65537), (1 << 25) + 65537);
	for (int i = 0; i < 31; i++)
		DROP(blocks[i]);
}

/* Addresses that the linker put into data, and one that was copied before. Whoever patches tables of a running
 * program does not reach the copy. */
static struct {
	void *(*take)(size_t);
	void *(*take_zeroed)(size_t, size_t);
	void (*drop)(void *);
} table = { malloc, calloc, free };
static void *(*copied)(size_t);

static void prepare_pointers(void)
{
	void *(*volatile own)(size_t) = malloc;

	copied = own;
	__asm__ volatile("" : : "r"(&table) : "memory");
}

static void mode_pointers(UNUSED char **argv)
{
	for (int i = 0; i < 61; i++) {
		blocks[3 * i] = TAKE(table.take(43), 43);
		blocks[3 * i + 1] = TAKE(table.take_zeroed(5, 11), 55);
		blocks[3 * i + 2] = TAKE(copied(59), 59);
	}
	for (int i = 0; i < 101; i++)
		table.drop(dropping(blocks[i]));
}

/* C23's, where some object has them; free stands in otherwise. */
void free_sized(void *block, size_t bytes) __attribute__((weak));
void free_aligned_sized(void *block, size_t alignment, size_t bytes) __attribute__((weak));

static void mode_free_sized(UNUSED char **argv)
{
	for (int i = 0; i < 73; i++)
		blocks[i] = TAKE(malloc(41), 41);
	for (int i = 0; i < 31; i++)
		if (free_sized)
			free_sized(dropping(blocks[i]), 41);
		else
			DROP(blocks[i]);
	for (int i = 0; i < 61; i++)
		blocks[i] = TAKE(aligned_alloc(64, 128), 128);
	for (int i = 0; i < 29; i++)
		if (free_aligned_sized)
			free_aligned_sized(dropping(blocks[i]), 64, 128);
		else
			DROP(blocks[i]);
}

/* Pairs as fast as they go, for rates and small ring buffers. */
static void mode_storm(UNUSED char **argv)
{
	for (int i = 0; i < 50021; i++) {
		blocks[i % 97] = TAKE(malloc(16 + i % 89), 16 + i % 89);
		if (i % 7)
			DROP(blocks[i % 97]);
	}
}

const struct mode heap_modes[] = {
	{ "malloc", mode_malloc, NULL },
	{ "calloc", mode_calloc, NULL },
	{ "realloc", mode_realloc, NULL },
	{ "reallocarray", mode_reallocarray, NULL },
	{ "posix_memalign", mode_posix_memalign, NULL },
	{ "aligned", mode_aligned, NULL },
	{ "pages", mode_pages, NULL },
	{ "cfree", mode_cfree, prepare_cfree },
	{ "failing", mode_failing, NULL },
	{ "nested", mode_nested, NULL },
	{ "pointers", mode_pointers, prepare_pointers },
	{ "free_sized", mode_free_sized, NULL },
	{ "storm", mode_storm, NULL },
	{ NULL, NULL, NULL },
};
