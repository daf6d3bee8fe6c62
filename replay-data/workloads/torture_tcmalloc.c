/* Modes: tcmalloc's own entry points, in a program that is linked with it. */
#include "workload.h"

#include <gperftools/tcmalloc.h>

#define UNUSED __attribute__((unused))

static void mode_plain(UNUSED char **argv)
{
	for (int i = 0; i < 41; i++) {
		void *out;
		void *all[] = {
			TAKE(tc_malloc(31), 31),
			TAKE(tc_calloc(3, 37), 111),
			TAKE(tc_memalign(64, 41), 41),
			TAKE(tc_posix_memalign(&out, 128, 43) ? NULL : out, 43),
			TAKE(tc_valloc(47), 47),
			TAKE(tc_pvalloc(53), 53),
			TAKE(malloc(59), 59),
			TAKE(tc_malloc_skip_new_handler(61), 61),
		};

		(void)tc_malloc_size(all[0]);
		if (i % 3 == 0)
			continue;
		tc_free(dropping(all[0]));
		tc_free_sized(dropping(all[1]), 111);
		tc_cfree(dropping(all[2]));
		free(dropping(all[3]));
		tc_free(dropping(all[6]));
		tc_free(NULL);
	}
}

static void mode_realloc(UNUSED char **argv)
{
	for (int i = 0; i < 43; i++) {
		void *block = RESIZE(NULL, tc_realloc(NULL, 31), 31);

		block = RESIZE(block, tc_realloc(block, 1009 + i), 1009 + i);
		block = RESIZE(block, tc_realloc(block, 37), 37);
		if (i % 5 == 0)
			RESIZE(block, tc_realloc(block, 0), 0);
		else if (i % 3)
			tc_free(dropping(block));
	}
}

/* operator new and delete by their C names, which the header tells C++ only. */
void *tc_new(size_t), *tc_newarray(size_t), *tc_new_nothrow(size_t, void *);
void *tc_newarray_nothrow(size_t, void *);
void tc_delete(void *), tc_deletearray(void *), tc_delete_sized(void *, size_t);
void tc_deletearray_sized(void *, size_t), tc_delete_nothrow(void *, void *);
void tc_deletearray_nothrow(void *, void *);

static void mode_operators(UNUSED char **argv)
{
	static char nothrow[1];

	for (int i = 0; i < 47; i++) {
		void *all[] = {
			TAKE(tc_new(31), 31),
			TAKE(tc_newarray(37), 37),
			TAKE(tc_new_nothrow(41, nothrow), 41),
			TAKE(tc_newarray_nothrow(43, nothrow), 43),
			TAKE(tc_new(47), 47),
			TAKE(tc_newarray(53), 53),
		};

		if (i % 3 == 0)
			continue;
		tc_delete(dropping(all[0]));
		tc_deletearray(dropping(all[1]));
		tc_delete_nothrow(dropping(all[2]), nothrow);
		tc_deletearray_nothrow(dropping(all[3]), nothrow);
		tc_delete_sized(dropping(all[4]), 47);
		tc_deletearray_sized(dropping(all[5]), 53);
	}
}

int main(UNUSED int argc, char **argv)
{
	static const struct mode modes[] = { { "plain", mode_plain, NULL },
					     { "realloc", mode_realloc, NULL },
					     { "operators", mode_operators, NULL },
					     { NULL, NULL, NULL } };
	static const struct mode *const lists[] = { modes, NULL };

	return run_modes(lists, argv);
}
