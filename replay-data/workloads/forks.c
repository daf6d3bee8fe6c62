/* Modes: children of a program with threads. Each child that has an address space of its own tells its
 * own truth, in lines that begin `child PID`; frees of what it inherited are in its `free` alone. */
#include "workload.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>

#define UNUSED __attribute__((unused))
#define THREADS 3

extern char **environ;

/* Busy while the first thread forks; they count for themselves, as a fork may take the ledger's lock. */
static pthread_barrier_t start_line, finish_line;
static volatile int stop;

static void *be_busy(UNUSED void *argument)
{
	struct sum sum = { 0, 0, 0, 0 };
	const int line = __LINE__ + 4;

	pthread_barrier_wait(&start_line);
	while (!stop) {
		void *block = malloc(31);

		sum.allocs++;
		sum.bytes += 31;
		sum.frees++;
		sum.freed_bytes += 31;
		free(block);
	}
	summed(&sum, __FILE__, line);
	pthread_barrier_wait(&finish_line);
	for (;;)
		pause();
	return NULL;
}

static void prepare_threads(void)
{
	pthread_barrier_init(&start_line, NULL, THREADS + 1);
	pthread_barrier_init(&finish_line, NULL, THREADS + 1);
	for (int i = 0; i < THREADS; i++) {
		pthread_t thread;

		if (pthread_create(&thread, NULL, be_busy, NULL))
			_exit(4);
	}
}

static void calm_threads(void)
{
	stop = 1;
	pthread_barrier_wait(&finish_line);
}

static void wait_for(pid_t child, int wanted)
{
	int status;

	if (child < 0 || waitpid(child, &status, 0) != child || status != wanted << 8)
		_exit(4);
}

static void be_a_child(int from, int to)
{
	new_process();
	for (int i = 0; i < 29; i++)
		blocks[100 + i] = TAKE(malloc(37), 37);
	for (int i = 0; i < 7; i++)
		DROP(blocks[100 + i]);
	for (int i = from; i < to; i++)
		DROP(blocks[i]);
}

static void take_some(void)
{
	for (int i = 0; i < 19; i++)
		blocks[i] = TAKE(malloc(43), 43);
}

static void drop_some(void)
{
	for (int i = 0; i < 11; i++)
		DROP(blocks[i]);
}

/* What it did before is another image's, in the line `before`. */
static void exec_as_child(char **argv)
{
	char *again[] = { argv[0], "as_child", "--now", NULL };

	say("child %d before alloc=%lu alloc_bytes=%lu\n", getpid(), taken(), taken_bytes());
	execv("/proc/self/exe", again);
	_exit(4);
}

static void mode_fork_threads(char **argv)
{
	pthread_barrier_wait(&start_line);
	for (int round = 0; round < 13; round++) {
		pid_t child, grandchild;

		take_some();
		child = fork();
		if (!child) {
			be_a_child(0, 5);
			if (round % 4 == 0) {
				grandchild = fork();
				if (!grandchild) {
					be_a_child(5, 8);
					tell();
					_exit(11);
				}
				wait_for(grandchild, 11);
			}
			if (round % 3 == 1)
				exec_as_child(argv);
			tell();
			_exit(11);
		}
		wait_for(child, round % 3 == 1 ? 0 : 11);
		drop_some();
	}
	calm_threads();
}

/* In this address space until it ends or execs, so its work is in these totals until then. */
static void mode_vfork_threads(char **argv)
{
	char *again[] = { argv[0], "as_child", "--now", NULL };

	pthread_barrier_wait(&start_line);
	for (volatile int round = 0; round < 13; round++) {
		pid_t child;

		take_some();
		child = vfork();
		if (!child) {
			for (int i = 0; i < 17; i++)
				keep(TAKE(malloc(47), 47));
			if (round % 2)
				execv("/proc/self/exe", again);
			_exit(0);
		}
		wait_for(child, 0);
		for (int i = 0; i < 3; i++)
			DROP(TAKE(malloc(53), 53));
	}
	calm_threads();
}

static void mode_spawn(char **argv)
{
	char *again[] = { argv[0], "as_child", "--now", NULL };

	for (int round = 0; round < 7; round++) {
		pid_t child;

		take_some();
		if (posix_spawn(&child, "/proc/self/exe", NULL, NULL, again, environ))
			_exit(4);
		drop_some();
		wait_for(child, 0);
	}
}

static void mode_as_child(UNUSED char **argv)
{
	be_a_child(0, 0);
}

/* No fork handler runs for it. */
static void mode_raw_clone(UNUSED char **argv)
{
	for (int round = 0; round < 7; round++) {
		pid_t child;

		take_some();
		child = syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);
		if (!child) {
			be_a_child(0, 5);
			tell();
			_exit(13);
		}
		wait_for(child, 13);
		drop_some();
	}
}

const struct mode child_modes[] = {
	{ "fork_threads", mode_fork_threads, prepare_threads },
	{ "vfork_threads", mode_vfork_threads, prepare_threads },
	{ "spawn", mode_spawn, NULL },
	{ "as_child", mode_as_child, NULL },
	{ "raw_clone", mode_raw_clone, NULL },
	{ NULL, NULL, NULL },
};
