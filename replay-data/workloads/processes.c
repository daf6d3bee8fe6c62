/* Modes: fork, vfork, exec. */
#include "workload.h"

#include <pthread.h>

#define UNUSED __attribute__((unused))

void mode_malloc(char **argv);

/* The child's work is not in the totals: another process. */
static void mode_fork(UNUSED char **argv)
{
	pid_t child;

	for (int i = 0; i < 17; i++)
		blocks[i] = TAKE(malloc(83), 83);
	child = fork();
	if (!child) {
		for (int i = 0; i < 71; i++)
			blocks[100 + i] = malloc(89);
		for (int i = 0; i < 5; i++)
			free(blocks[i]);
		_exit(0);
	}
	waitpid(child, NULL, 0);
	for (int i = 0; i < 3; i++)
		DROP(blocks[i]);
}

/* As fork, but the child waits to be probed first, and its work is all there is. */
static void mode_fork_wait(char **argv)
{
	pid_t child = fork();

	if (child) {
		waitpid(child, NULL, 0);
		_exit(0);
	}
	say("child %d\n", getpid());
	wait_for_go();
	mode_malloc(argv);
}

/* The child's work is in the totals: it runs in this address space. */
static void mode_vfork(UNUSED char **argv)
{
	volatile int passes = 0;
	pid_t child = vfork();

	if (!child) {
		for (int i = 0; i < 19; i++)
			blocks[i] = TAKE(malloc(61), 61);
		DROP(blocks[0]);
		_exit(0);
	}
	passes++;
	waitpid(child, NULL, 0);
	for (int i = 1; i < 4; i++)
		DROP(blocks[i]);
}

static void mode_exec(char **argv)
{
	char *again[] = { argv[0], "malloc", "--now", NULL };

	for (int i = 0; i < 43; i++)
		blocks[i] = TAKE(malloc(47), 47);
	say("before alloc=%lu alloc_bytes=%lu\n", taken(), taken_bytes());
	execv("/proc/self/exe", again);
	_exit(4);
}

/* A thread that is not the first execs, and its new image waits to be probed anew. */
static void *execute(void *argv)
{
	char *again[] = { ((char **)argv)[0], "malloc", NULL };

	execv("/proc/self/exe", again);
	_exit(4);
	return NULL;
}

static void mode_thread_exec(char **argv)
{
	pthread_t thread;

	pthread_create(&thread, NULL, execute, argv);
	for (;;)
		pause();
}

const struct mode process_modes[] = {
	{ "fork", mode_fork, NULL },
	{ "fork_wait", mode_fork_wait, NULL },
	{ "vfork", mode_vfork, NULL },
	{ "exec", mode_exec, NULL },
	{ "thread_exec", mode_thread_exec, NULL },
	{ NULL, NULL, NULL },
};
