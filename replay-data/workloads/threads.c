/* Modes: threads that free and reuse each other's addresses. */
#include "workload.h"

#include <pthread.h>

#define UNUSED __attribute__((unused))
#define THREADS 7
#define ROUNDS 211
#define HANDOVERS 1009

static pthread_barrier_t start_line, finish_line;
static void *slots[THREADS];

static void start(void *(*work)(void *), long threads)
{
	pthread_barrier_init(&start_line, NULL, threads + 1);
	pthread_barrier_init(&finish_line, NULL, threads + 1);
	for (long i = 0; i < threads; i++) {
		pthread_t thread;

		if (pthread_create(&thread, NULL, work, (void *)i))
			_exit(4);
	}
}

/* To the line where the truth is told; a thread that ended would free what is its own. */
static void stay(void)
{
	pthread_barrier_wait(&finish_line);
	for (;;)
		pause();
}

/* Each puts a block where another's lies, which it frees. */
static void *worker(void *argument)
{
	long self = (long)argument;

	pthread_barrier_wait(&start_line);
	for (int i = 0; i < ROUNDS; i++) {
		void *mine = TAKE(malloc(29 + i % 3), 29 + i % 3);

		DROP(__atomic_exchange_n(&slots[(self + i) % THREADS], mine, __ATOMIC_ACQ_REL));
	}
	stay();
	return NULL;
}

static void prepare_threads(void)
{
	start(worker, THREADS);
}

/* One allocates, another frees; the address is free again and the next block often has it. */
static void *giver(void *argument)
{
	if (argument)
		pthread_barrier_wait(&start_line);
	for (int i = 0; i < HANDOVERS; i++) {
		void *block = NULL;

		if (argument) {
			while (!(block = __atomic_exchange_n(&slots[0], NULL, __ATOMIC_ACQ_REL)))
				usleep(1);
			DROP(block);
			continue;
		}
		if (!i)
			pthread_barrier_wait(&start_line);
		block = TAKE(malloc(1021), 1021);
		while (!__atomic_compare_exchange_n(&slots[0], &(void *){ NULL }, block, 0,
						    __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
			usleep(1);
	}
	stay();
	return NULL;
}

static void prepare_reuse(void)
{
	start(giver, 2);
}

/* Leaves as much in its cache as that holds, and ends: libc frees it once more. */
#define CACHED 7
#define ENDING 8

static void *ender(UNUSED void *argument)
{
	void *blocks[CACHED];

	for (size_t size = 24; size <= 1032; size += 16) {
		for (int i = 0; i < CACHED; i++)
			blocks[i] = TAKE(malloc(size), size);
		for (int i = 0; i < CACHED; i++)
			DROP(blocks[i]);
	}
	return NULL;
}

static void run_ends(UNUSED char **argv)
{
	pthread_t threads[ENDING];

	for (int i = 0; i < ENDING; i++)
		if (pthread_create(&threads[i], NULL, ender, NULL))
			_exit(4);
	for (int i = 0; i < ENDING; i++)
		pthread_join(threads[i], NULL);
}

static void run(UNUSED char **argv)
{
	pthread_barrier_wait(&start_line);
	pthread_barrier_wait(&finish_line);
}

const struct mode thread_modes[] = {
	{ "threads", run, prepare_threads },
	{ "reuse", run, prepare_reuse },
	{ "ends", run_ends, NULL },
	{ NULL, NULL, NULL },
};
