/* Modes: what is allocated when a thread or the process ends, and the ways to end. */
#include "workload.h"

#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>

#define UNUSED __attribute__((unused))
#define NOINLINE __attribute__((noinline))
#define USE(place) __asm__ volatile("" : : "r"(place) : "memory")

/* Destructors of thread keys allocate, and the first two rounds set the key again. */
static pthread_key_t key, second_key;

static void destroy(void *value)
{
	keep(TAKE(malloc(31), 31));
	DROP(TAKE(malloc(37), 37));
	if ((long)value < 3)
		pthread_setspecific(key, (void *)((long)value + 1));
}

static void destroy_block(void *value)
{
	DROP(value);
	keep(TAKE(calloc(1, 41), 41));
}

static void *leave_a_value(void *argument)
{
	keep(TAKE(malloc(43), 43));
	pthread_setspecific(key, (void *)1);
	pthread_setspecific(second_key, TAKE(malloc(47), 47));
	if ((long)argument % 3)
		pthread_exit(NULL);
	return NULL;
}

static void mode_keys(UNUSED char **argv)
{
	pthread_key_create(&key, destroy);
	pthread_key_create(&second_key, destroy_block);
	for (long i = 0; i < 23; i++) {
		pthread_t thread;

		if (pthread_create(&thread, NULL, leave_a_value, (void *)i))
			_exit(4);
		pthread_join(thread, NULL);
	}
	drop_thirds();
}

/* The last that runs of those here: exit handlers before destructors, 101 after the others. */
static int ending;

__attribute__((destructor(101))) static void tell_last(void)
{
	if (!ending)
		return;
	keep(TAKE(malloc(53), 53));
	tell();
}

__attribute__((destructor(1009))) static void destroy_early(void)
{
	if (ending)
		keep(TAKE(malloc(59), 59));
}

static void at_exit(void)
{
	keep(TAKE(malloc(61), 61));
	drop_thirds();
}

static void at_exit_and_again(void)
{
	keep(TAKE(malloc(67), 67));
	atexit(at_exit);
}

static void mode_exit(UNUSED char **argv)
{
	ending = 1;
	keep(TAKE(malloc(71), 71));
	for (int i = 0; i < 5; i++)
		atexit(i % 2 ? at_exit : at_exit_and_again);
	exit(0);
}

static void mode_quick_exit(UNUSED char **argv)
{
	keep(TAKE(malloc(73), 73));
	at_quick_exit(finish);
	for (int i = 0; i < 3; i++)
		at_quick_exit(at_exit);
	quick_exit(0);
}

/* Ends in the midst: from a deep frame, told before. */
static void end_by_exit(void)
{
	_exit(7);
}

static void end_by_kill(void)
{
	kill(getpid(), SIGKILL);
	for (;;)
		pause();
}

static void end_by_fault(void)
{
	raise(SIGSEGV);
}

NOINLINE static void end_inside(int left, void (*end)(void))
{
	char frame[104];

	USE(frame);
	keep(TAKE(malloc(79), 79));
	if (left) {
		end_inside(left - 1, end);
	} else {
		drop_thirds();
		tell();
		end();
	}
	USE(frame);
}

static void end_by(void (*end)(void))
{
	setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
	end_inside(23, end);
}

static void mode__exit(UNUSED char **argv)
{
	end_by(end_by_exit);
}

static void mode_abort(UNUSED char **argv)
{
	end_by(abort);
}

static void mode_killed(UNUSED char **argv)
{
	end_by(end_by_kill);
}

static void mode_segfault(UNUSED char **argv)
{
	end_by(end_by_fault);
}

/* The first thread ends before another that goes on and tells. */
static void *outlive(void *first)
{
	pthread_join(*(pthread_t *)first, NULL);
	for (int i = 0; i < 29; i++)
		keep(TAKE(malloc(83), 83));
	drop_thirds();
	finish();
}

static pthread_t first;

static void mode_main_ends(UNUSED char **argv)
{
	pthread_t thread;

	keep(TAKE(malloc(89), 89));
	first = pthread_self();
	if (pthread_create(&thread, NULL, outlive, &first))
		_exit(4);
	keep(TAKE(malloc(97), 97));
	pthread_exit(NULL);
}

const struct mode exit_modes[] = {
	{ "keys", mode_keys, NULL },	     { "exit", mode_exit, NULL },
	{ "quick_exit", mode_quick_exit, NULL }, { "_exit", mode__exit, NULL },
	{ "abort", mode_abort, NULL },	     { "killed", mode_killed, NULL },
	{ "segfault", mode_segfault, NULL }, { "main_ends", mode_main_ends, NULL },
	{ NULL, NULL, NULL },
};
