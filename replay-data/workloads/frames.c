/* Modes: frames that are left by longjmp, of varying size, realigned, and very many. */
#include "workload.h"

#include <alloca.h>
#include <setjmp.h>

#define UNUSED __attribute__((unused))
#define NOINLINE __attribute__((noinline))

/* A use that the compiler cannot look through, so that a frame stays. */
#define USE(place) __asm__ volatile("" : : "r"(place) : "memory")

static jmp_buf outer, middle;

static void (*volatile leap)(struct __jmp_buf_tag *, int) = longjmp;

NOINLINE static void dive(int left, int far)
{
	char frame[40];

	USE(frame);
	keep(TAKE(malloc(31), 31));
	if (left)
		dive(left - 1, far);
	else
		leap(far ? outer : middle, 1);
	USE(frame);
}

NOINLINE static void dive_from_the_middle(int left)
{
	char frame[200];

	USE(frame);
	if (left > 5)
		dive_from_the_middle(left - 1);
	else if (!setjmp(middle))
		dive(left, 0);
	else
		keep(TAKE(malloc(37), 37));
	USE(frame);
}

static void mode_longjmp(UNUSED char **argv)
{
	for (volatile int i = 0; i < 53; i++) {
		if (!setjmp(outer))
			dive(i % 17, 1);
		keep(TAKE(malloc(41), 41));
		dive_from_the_middle(i % 11);
		keep(TAKE(calloc(1, 43), 43));
	}
	drop_thirds();
}

NOINLINE static void with_alloca(int left, size_t bytes)
{
	char *room = alloca(bytes);

	USE(room);
	keep(TAKE(malloc(53), 53));
	if (left)
		with_alloca(left - 1, bytes * 3 % 1009);
	room = alloca(bytes / 2 + 1);
	USE(room);
	keep(TAKE(malloc(59), 59));
}

NOINLINE static void with_array(int left, int length)
{
	char array[length + 1];

	USE(array);
	if (left)
		with_array(left - 1, length * 5 % 499);
	keep(TAKE(malloc(61), 61));
	USE(array);
}

static void mode_alloca(UNUSED char **argv)
{
	for (int i = 0; i < 29; i++) {
		with_alloca(i % 13, 7 + i);
		with_array(i % 7, 11 + i);
	}
	drop_thirds();
}

/* The compiler realigns the stack by a register of its own (DRAP): CFA = *(rbp + offset). */
NOINLINE static void with_alignment(int left, size_t bytes);

__attribute__((noinline, force_align_arg_pointer)) static void
with_arguments_on_the_stack(int left, size_t bytes, long c, long d, long e, long f, long g, long h)
{
	_Alignas(64) char line[64 + 32];
	char *room = alloca(bytes + g + h);

	USE(line);
	USE(room);
	keep(TAKE(malloc(67), 67));
	if (left)
		with_alignment(left - 1, bytes + c + d + e + f);
	keep(TAKE(malloc(71), 71));
	USE(line);
}

NOINLINE static void with_alignment(int left, size_t bytes)
{
	_Alignas(32) char line[96];
	char array[bytes % 300 + 1];

	USE(line);
	USE(array);
	keep(TAKE(malloc(73), 73));
	if (left)
		with_arguments_on_the_stack(left - 1, bytes, 3, 5, 7, 11, 13, 17);
	keep(TAKE(malloc(79), 79));
	USE(line);
}

static void mode_drap(UNUSED char **argv)
{
	for (int i = 0; i < 31; i++)
		with_alignment(i % 19, 23 + i);
	drop_thirds();
}

/* 700 levels; the same function comes back to five different lines. */
NOINLINE static void level(int left)
{
	char frame[24];

	USE(frame);
	keep(TAKE(malloc(83), 83));
	if (!left)
		return;
	switch (left % 5) {
	case 0:
		level(left - 1);
		break;
	case 1:
		level(left - 1);
		keep(TAKE(malloc(89), 89));
		break;
	case 2:
		keep(TAKE(malloc(97), 97));
		level(left - 1);
		break;
	case 3:
		with_alloca(0, left);
		level(left - 1);
		break;
	default:
		level(left - 1);
		with_array(0, left);
	}
	USE(frame);
}

static void mode_deep(UNUSED char **argv)
{
	level(700);
	drop_thirds();
	for (int i = 0; i < 7; i++)
		level(11 * i);
	drop_thirds();
}

/* Through frames of libc. */
static int compare(const void *a, const void *b)
{
	keep(TAKE(malloc(101), 101));
	return *(const int *)a - *(const int *)b;
}

static void mode_callback(UNUSED char **argv)
{
	for (int i = 0; i < 23; i++) {
		int numbers[7] = { 17, i, 3, 5 * i, 11, 2, 29 - i };

		qsort(numbers, 7, sizeof(*numbers), compare);
		bsearch(&numbers[i % 7], numbers, 7, sizeof(*numbers), compare);
	}
	drop_thirds();
}

const struct mode frame_modes[] = {
	{ "longjmp", mode_longjmp, NULL }, { "alloca", mode_alloca, NULL },
	{ "drap", mode_drap, NULL },	   { "deep", mode_deep, NULL },
	{ "callback", mode_callback, NULL }, { NULL, NULL, NULL },
};
