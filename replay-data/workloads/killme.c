/* Allocates and frees until somebody kills it, and counts in a file what had returned by then.
 *
 *   killme FILE [THREADS [SECONDS]] [--now]
 *
 * FILE is mapped shared, so that it outlives a SIGKILL: struct ledger below, README.md. A thread
 * counts a call when it has returned, so of what a recording holds a thread's counters lack at most
 * one call. With SECONDS it ends by itself between two calls, and they lack nothing. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define MOST_THREADS 64
#define LIVE 61

/* Little-endian 64-bit words, 64 bytes a thread. */
struct counters {
	volatile uint64_t tid, allocs, alloc_bytes, frees, reallocs, realloc_bytes;
	volatile uint64_t last_block; /* that malloc, calloc, aligned_alloc or realloc returned */
	volatile uint64_t last_freed; /* that went to free, or to realloc as its old block */
};

struct ledger {
	char magic[8];
	volatile uint64_t tgid, threads, started;
	uint64_t unused[4];
	struct counters of[MOST_THREADS];
};

static struct ledger *ledger;
static pthread_barrier_t start_line;
static volatile int stop;

/* A barrier so that the compiler counts after the call, as the processor does. */
#define COUNT(field, by) (__atomic_signal_fence(__ATOMIC_SEQ_CST), c->field += (by))

static void *fresh(struct counters *c, uint64_t random)
{
	size_t bytes = 16 + (random >> 20) % 1009;
	void *block;

	if (random % 7 == 0)
		block = calloc(1, bytes);
	else if (random % 11 == 0)
		block = aligned_alloc(64, bytes &= ~(size_t)15);
	else
		block = malloc(bytes);
	if (!block)
		_exit(4);
	c->last_block = (uintptr_t)block;
	c->alloc_bytes += bytes;
	COUNT(allocs, 1);
	return block;
}

static void *again(struct counters *c, void *old, uint64_t random)
{
	size_t bytes = 16 + (random >> 20) % 2003;
	uintptr_t freed = (uintptr_t)old;
	void *block = realloc(old, bytes);

	if (!block)
		_exit(4);
	c->last_freed = freed;
	c->last_block = (uintptr_t)block;
	c->realloc_bytes += bytes;
	COUNT(reallocs, 1);
	return block;
}

static void drop(struct counters *c, void *block)
{
	uintptr_t freed = (uintptr_t)block;

	free(block);
	c->last_freed = freed;
	COUNT(frees, 1);
}

static void *work(void *argument)
{
	struct counters *c = argument;
	void *live[LIVE] = { NULL };
	uint64_t random = 88172645463325252u + (c - ledger->of) * 7919;

	c->tid = gettid();
	pthread_barrier_wait(&start_line);
	while (!stop) {
		void **slot = &live[random % LIVE];

		random ^= random << 13;
		random ^= random >> 7;
		random ^= random << 17;
		if (!*slot) {
			*slot = fresh(c, random);
		} else if (random % 13 == 0) {
			*slot = again(c, *slot, random);
		} else {
			drop(c, *slot);
			*slot = NULL;
		}
	}
	pthread_barrier_wait(&start_line);
	for (;;)
		pause();
	return NULL;
}

static void map_ledger(const char *path)
{
	int file = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);

	if (file < 0 || ftruncate(file, sizeof(*ledger)))
		_exit(3);
	ledger = mmap(NULL, sizeof(*ledger), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, file, 0);
	if (ledger == MAP_FAILED)
		_exit(3);
	close(file);
	memcpy(ledger->magic, "killme 1", 8);
	ledger->tgid = getpid();
}

int main(int argc, char **argv)
{
	int now = argc > 2 && !strcmp(argv[argc - 1], "--now");
	long threads = argc - now > 2 ? atol(argv[2]) : 4, seconds = argc - now > 3 ? atol(argv[3]) : 0;
	char line[64], c = 0;

	if (argc - now < 2 || threads < 1 || threads > MOST_THREADS) {
		dprintf(2, "usage: killme FILE [THREADS [SECONDS]] [--now]\n");
		return 2;
	}
	map_ledger(argv[1]);
	ledger->threads = threads;
	pthread_barrier_init(&start_line, NULL, threads + 1);
	for (long i = 0; i < threads; i++) {
		pthread_t thread;

		if (pthread_create(&thread, NULL, work, &ledger->of[i]))
			_exit(4);
	}
	if (write(1, line, snprintf(line, sizeof(line), "ready %d\n", getpid())) < 0)
		_exit(3);
	while (!now && c != '\n')
		if (read(0, &c, 1) != 1)
			_exit(2);
	ledger->started = 1;
	pthread_barrier_wait(&start_line);
	if (!seconds)
		for (;;)
			pause();
	nanosleep(&(struct timespec){ seconds, 0 }, NULL);
	stop = 1;
	pthread_barrier_wait(&start_line);
	_exit(0);
}
