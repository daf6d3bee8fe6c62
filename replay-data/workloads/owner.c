/* Calls every function of own.c; linked with it as a library and, as owner_static, as one file. */
#include "workload.h"

void *own_malloc(size_t), *own_calloc(size_t, size_t), *own_realloc(void *, size_t);
void *own_aligned_alloc(size_t, size_t), *_Znwm(size_t), *_Znam(size_t);
void *_ZnwmSt11align_val_t(size_t, size_t);
void own_free(void *), own_free_sized(void *, size_t), own_free_aligned_sized(void *, size_t, size_t);
void _ZdlPv(void *), _ZdaPv(void *), _ZdlPvm(void *, size_t);

static void mode_sized(__attribute__((unused)) char **argv)
{
	for (int i = 0; i < 47; i++)
		blocks[i] = TAKE(own_malloc(31), 31);
	for (int i = 0; i < 23; i++)
		own_free_sized(dropping(blocks[i]), 31);
	for (int i = 0; i < 43; i++)
		blocks[i] = TAKE(own_aligned_alloc(64, 127), 127);
	for (int i = 0; i < 19; i++)
		own_free_aligned_sized(dropping(blocks[i]), 64, 127);
	for (int i = 0; i < 13; i++)
		blocks[i] = TAKE(own_calloc(7, 11), 77);
	for (int i = 0; i < 5; i++)
		blocks[i] = RESIZE(blocks[i], own_realloc(blocks[i], 89), 89);
	for (int i = 0; i < 3; i++)
		own_free(dropping(blocks[i]));
}

static void mode_operators(__attribute__((unused)) char **argv)
{
	for (int i = 0; i < 41; i++)
		blocks[i] = TAKE(_Znwm(53), 53);
	for (int i = 0; i < 11; i++)
		_ZdlPv(dropping(blocks[i]));
	for (int i = 11; i < 18; i++)
		_ZdlPvm(dropping(blocks[i]), 53);
	for (int i = 0; i < 29; i++)
		blocks[i] = TAKE(_Znam(71), 71);
	for (int i = 0; i < 17; i++)
		_ZdaPv(dropping(blocks[i]));
	for (int i = 0; i < 7; i++)
		blocks[i] = TAKE(_ZnwmSt11align_val_t(97, 128), 97);
}

int main(__attribute__((unused)) int argc, char **argv)
{
	static const struct mode modes[] = {
		{ "sized", mode_sized, NULL },
		{ "operators", mode_operators, NULL },
		{ NULL, NULL, NULL },
	};
	static const struct mode *const lists[] = { modes, NULL };

	return run_modes(lists, argv);
}
