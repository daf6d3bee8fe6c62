/* Modes: fibres, whose stacks go away under stacks that were read before. */
#include "workload.h"

#include <ucontext.h>

#define UNUSED __attribute__((unused))
#define NOINLINE __attribute__((noinline))
#define USE(place) __asm__ volatile("" : : "r"(place) : "memory")
#define STACK_BYTES ((size_t)1 << 16)
#define FIBRES 5

static ucontext_t home, fibres[FIBRES];
static int running, ended;

static void go_home(void)
{
	swapcontext(&fibres[running], &home);
}

/* Two call chains with frames of other sizes, so that the second finds the first one's words. */
NOINLINE static void chain_a(int left)
{
	char frame[48];

	USE(frame);
	keep(TAKE(malloc(31), 31));
	if (left)
		chain_a(left - 1);
	else
		go_home();
	keep(TAKE(malloc(37), 37));
	USE(frame);
}

NOINLINE static void chain_b(int left)
{
	char frame[120];

	USE(frame);
	if (left)
		chain_b(left - 1);
	keep(TAKE(malloc(41), 41));
	go_home();
	keep(TAKE(malloc(43), 43));
	USE(frame);
}

static void body_a(void)
{
	chain_a(17);
	ended = 1;
}

static void body_b(void)
{
	chain_b(11);
	ended = 1;
}

static void make(int i, void (*body)(void), void *stack)
{
	getcontext(&fibres[i]);
	fibres[i].uc_stack.ss_sp = stack;
	fibres[i].uc_stack.ss_size = STACK_BYTES;
	fibres[i].uc_link = &home;
	makecontext(&fibres[i], body, 0);
}

static void resume(int i)
{
	running = i;
	ended = 0;
	swapcontext(&home, &fibres[i]);
}

static void run_to_its_end(int i)
{
	do {
		resume(i);
		keep(TAKE(malloc(47), 47));
	} while (!ended);
}

/* Each stack is unmapped, now and then in the midst of its fibre, and mapped anew at the same place. */
static void mode_fibres(UNUSED char **argv)
{
	const int flags = MAP_PRIVATE | MAP_ANONYMOUS;
	void *place = NULL;
	int again = 0;

	for (int i = 0; i < 41; i++) {
		void *stack = MAP(mmap(place, STACK_BYTES, PROT_READ | PROT_WRITE,
				       flags | (place ? MAP_FIXED_NOREPLACE : 0), -1, 0), STACK_BYTES);

		again += stack == place;
		place = stack;
		make(0, i % 2 ? body_b : body_a, stack);
		if (i % 5 == 4)
			resume(0);
		else
			run_to_its_end(0);
		unmap(stack, STACK_BYTES);
		keep(TAKE(malloc(53), 53));
	}
	say("fibres stacks=41 at_the_same_place=%d\n", again);
	drop_thirds();
}

/* Stacks in blocks of the heap, several fibres in turn. */
static void mode_heap_fibres(UNUSED char **argv)
{
	for (int round = 0; round < 7; round++) {
		void *stacks[FIBRES];
		int left = FIBRES;
		char over[FIBRES] = { 0 };

		for (int i = 0; i < FIBRES; i++) {
			stacks[i] = TAKE(malloc(STACK_BYTES), STACK_BYTES);
			make(i, (i + round) % 2 ? body_b : body_a, stacks[i]);
		}
		for (int i = 0; left; i = (i + 1) % FIBRES) {
			if (over[i])
				continue;
			resume(i);
			over[i] = ended;
			left -= ended;
		}
		for (int i = 0; i < FIBRES; i++)
			DROP(stacks[(i + round) % FIBRES]);
	}
	drop_thirds();
}

const struct mode fibre_modes[] = {
	{ "fibres", mode_fibres, NULL },
	{ "heap_fibres", mode_heap_fibres, NULL },
	{ NULL, NULL, NULL },
};
