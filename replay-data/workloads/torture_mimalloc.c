/* Modes: mimalloc's own entry points, in a program that is linked with it. */
#include "workload.h"

#include <mimalloc.h>

#define UNUSED __attribute__((unused))

static void mode_plain(UNUSED char **argv)
{
	for (int i = 0; i < 41; i++) {
		void *all[] = {
			TAKE(mi_malloc(31), 31),
			TAKE(mi_malloc_small(37), 37),
			TAKE(mi_zalloc(41), 41),
			TAKE(mi_zalloc_small(43), 43),
			TAKE(mi_calloc(3, 47), 141),
			TAKE(mi_mallocn(5, 53), 265),
			TAKE(mi_strdup("59 bytes, counted with its end, as the others of these are"), 59),
			TAKE(malloc(61), 61),
			TAKE(mi_new(67), 67),
			TAKE(mi_new_nothrow(71), 71),
			TAKE(mi_new_n(7, 11), 77),
		};

		if (i % 3 == 0)
			continue;
		mi_free(dropping(all[0]));
		mi_free_size(dropping(all[1]), 37);
		mi_cfree(dropping(all[2]));
		free(dropping(all[3]));
		mi_free(dropping(all[7]));
		mi_free(dropping(all[8]));
	}
}

static void mode_aligned(UNUSED char **argv)
{
	for (int i = 0; i < 37; i++) {
		void *out;
		void *all[] = {
			TAKE(mi_malloc_aligned(31, 64), 31),
			TAKE(mi_zalloc_aligned(37, 128), 37),
			TAKE(mi_calloc_aligned(3, 41, 256), 123),
			TAKE(mi_malloc_aligned_at(43, 64, 16), 43),
			TAKE(mi_memalign(32, 47), 47),
			TAKE(mi_aligned_alloc(64, 192), 192),
			TAKE(mi_posix_memalign(&out, 64, 53) ? NULL : out, 53),
			TAKE(mi_valloc(59), 59),
			TAKE(mi_new_aligned(61, 64), 61),
		};

		if (i % 3 == 0)
			continue;
		mi_free_aligned(dropping(all[0]), 64);
		mi_free_size_aligned(dropping(all[1]), 37, 128);
		mi_free(dropping(all[2]));
		mi_free(dropping(all[6]));
	}
}

static void mode_realloc(UNUSED char **argv)
{
	for (int i = 0; i < 43; i++) {
		void *block = RESIZE(NULL, mi_realloc(NULL, 31), 31);
		void *in_place;

		block = RESIZE(block, mi_realloc(block, 1009 + i), 1009 + i);
		block = RESIZE(block, mi_reallocn(block, 3, 701), 2103);
		block = RESIZE(block, mi_reallocf(block, 37), 37);
		block = RESIZE(block, mi_rezalloc(block, 509), 509);
		block = RESIZE(block, mi_recalloc(block, 7, 101), 707);
		block = RESIZE(block, mi_realloc_aligned(block, 811, 64), 811);
		block = RESIZE(block, mi_new_realloc(block, 907), 907);
		/* The same block, or a failure. */
		in_place = RESIZE(block, mi_expand(block, 907 - i), 907 - i);
		in_place = RESIZE(block, mi_expand(block, 1 << 20), 1 << 20);
		(void)in_place;
		must_fail(!mi_reallocn(block, SIZE_MAX / 4 + 1, 4), 1);
		if (i % 3)
			mi_free(dropping(block));
		else if (i % 2) /* gives the block back although there is no other */
			RESIZE(block, mi_reallocf(block, SIZE_MAX / 2), 0);
	}
}

/* Blocks of a heap that is deleted live on. The heap's own block is not told here: mimalloc 2.0 takes it by
 * mi_heap_malloc and frees it by mi_free, at the lines of mi_heap_new and mi_heap_delete or _destroy. */
static void mode_heaps(UNUSED char **argv)
{
	for (int i = 0; i < 7; i++) {
		mi_heap_t *heap = mi_heap_new();
		void *all[] = {
			TAKE(mi_heap_malloc(heap, 31), 31),
			TAKE(mi_heap_zalloc(heap, 37), 37),
			TAKE(mi_heap_calloc(heap, 3, 41), 123),
			TAKE(mi_heap_malloc_aligned(heap, 43, 64), 43),
			RESIZE(NULL, mi_heap_realloc(heap, NULL, 47), 47),
		};

		all[0] = RESIZE(all[0], mi_heap_realloc(heap, all[0], 1009), 1009);
		mi_heap_delete(heap);
		for (int k = 0; k < 4; k++)
			mi_free(dropping(all[k]));
	}
}

/* Blocks that go with their heap are not freed one by one: they live in the sites, and here is how many. */
static void mode_heap_destroy(UNUSED char **argv)
{
	mi_heap_t *heap = mi_heap_new();

	for (int i = 0; i < 29; i++)
		TAKE(mi_heap_malloc(heap, 31), 31);
	mi_heap_destroy(heap);
	say("destroyed blocks=29 bytes=899\n");
}

int main(UNUSED int argc, char **argv)
{
	static const struct mode modes[] = {
		{ "plain", mode_plain, NULL },	     { "aligned", mode_aligned, NULL },
		{ "realloc", mode_realloc, NULL },   { "heaps", mode_heaps, NULL },
		{ "heap_destroy", mode_heap_destroy, NULL }, { NULL, NULL, NULL },
	};
	static const struct mode *const lists[] = { modes, NULL };

	return run_modes(lists, argv);
}
