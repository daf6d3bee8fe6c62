/* Modes: many threads, and threads as fast as they can. Those that count for themselves, because the
 * ledger's lock would slow them, hand in their sums at the end. */
#include "workload.h"

#include <pthread.h>

#define UNUSED __attribute__((unused))
#define THREADS 8
#define SLOTS 128
#define MANY 4000

static pthread_barrier_t start_line, finish_line;
static void *slots[SLOTS];
static volatile int stop;

static pthread_t start_one(void *(*work)(void *), long i, size_t stack_bytes)
{
	pthread_attr_t attributes;
	pthread_t thread;

	pthread_attr_init(&attributes);
	if (stack_bytes)
		pthread_attr_setstacksize(&attributes, stack_bytes);
	if (pthread_create(&thread, &attributes, work, (void *)i))
		return 0;
	pthread_attr_destroy(&attributes);
	return thread;
}

static void start(void *(*work)(void *))
{
	pthread_barrier_init(&start_line, NULL, THREADS + 1);
	pthread_barrier_init(&finish_line, NULL, THREADS + 1);
	for (long i = 0; i < THREADS; i++)
		if (!start_one(work, i, 0))
			_exit(4);
}

/* A thread that ended would free what is its own; the truth is told while all of them still are. */
static void *stay(void)
{
	pthread_barrier_wait(&finish_line);
	for (;;)
		pause();
	return NULL;
}

static uint64_t next(uint64_t *random)
{
	*random ^= *random << 13;
	*random ^= *random >> 7;
	*random ^= *random << 17;
	return *random;
}

static uint64_t seed(long self)
{
	return 88172645463325252u + self * 7919;
}

/* Each puts a block where another's lies, which it frees. A block begins with its size. */
static void *hand_over(void *argument)
{
	uint64_t random = seed((long)argument);
	struct sum sum = { 0, 0, 0, 0 };
	const int line = __LINE__ + 6;

	pthread_barrier_wait(&start_line);
	while (!stop) {
		size_t bytes = 8 + next(&random) % 509, *mine, *old;

		mine = malloc(bytes);
		if (!mine)
			_exit(4);
		*mine = bytes;
		sum.allocs++;
		sum.bytes += bytes;
		old = __atomic_exchange_n(&slots[(random >> 32) % SLOTS], mine, __ATOMIC_ACQ_REL);
		if (!old)
			continue;
		sum.frees++;
		sum.freed_bytes += *old;
		free(old);
	}
	summed(&sum, __FILE__, line);
	return stay();
}

static void prepare_handover(void)
{
	start(hand_over);
}

static void mode_handover(char **argv)
{
	long seconds = number(argv, 2);

	pthread_barrier_wait(&start_line);
	sleep(seconds);
	stop = 1;
	pthread_barrier_wait(&finish_line);
	say("handover threads=%d seconds=%ld allocations=%lu\n", THREADS, seconds, taken());
}

static void *resize(void *argument)
{
	uint64_t random = seed((long)argument);
	void *live[7] = { NULL };

	pthread_barrier_wait(&start_line);
	for (int i = 0; i < 2003; i++) {
		void **slot = &live[next(&random) % 7];
		size_t bytes = 1 + (random >> 20) % (random % 11 ? 701 : 200003);

		*slot = RESIZE(*slot, realloc(*slot, bytes), bytes);
		if (random % 13 == 0)
			*slot = RESIZE(*slot, reallocarray(*slot, 3, 1 + bytes / 3), 3 * (1 + bytes / 3));
		if (random % 17 == 0) {
			DROP(*slot);
			*slot = NULL;
		}
	}
	return stay();
}

static void prepare_realloc_storm(void)
{
	start(resize);
}

static void *map_much(void *argument)
{
	const int flags = MAP_PRIVATE | MAP_ANONYMOUS;
	uint64_t random = seed((long)argument);
	size_t page = sysconf(_SC_PAGESIZE);

	pthread_barrier_wait(&start_line);
	for (int i = 0; i < 211; i++) {
		size_t pages = 2 + next(&random) % 7, more = 1 + (random >> 20) % 13;
		char *range = MAP(mmap(NULL, pages * page, PROT_READ, flags, -1, 0), pages * page);

		if (random % 3 == 0)
			range = REMAP(range, mremap(range, pages * page, more * page, MREMAP_MAYMOVE),
				      more * page);
		else
			more = pages;
		if (random % 5 == 0 && more > 1)
			unmap(range + page, (more - 1) * page);
		else if (i % 23)
			unmap(range, more * page);
	}
	return stay();
}

static void prepare_mmap_storm(void)
{
	start(map_much);
}

static void run(UNUSED char **argv)
{
	pthread_barrier_wait(&start_line);
	pthread_barrier_wait(&finish_line);
}

/* As many as there may be at the same time, each with its few blocks; then they end. */
static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;

static void *allocate_a_little(void *argument)
{
	long self = (long)argument;

	for (int i = 0; i < 5; i++)
		TAKE(malloc(31 + self % 7), 31 + self % 7);
	for (int i = 0; i < 3; i++)
		DROP(TAKE(calloc(1, 37), 37));
	pthread_mutex_lock(&gate);
	pthread_mutex_unlock(&gate);
	return NULL;
}

/* Those that the system refuses at first come in a second wave. */
static void mode_many_threads(UNUSED char **argv)
{
	static pthread_t threads[MANY];
	long made = 0, waves = 0;

	for (; made < MANY; waves++) {
		long first = made;

		pthread_mutex_lock(&gate);
		while (made < MANY && (threads[made] = start_one(allocate_a_little, made, 32 << 10)))
			made++;
		pthread_mutex_unlock(&gate);
		if (made == first)
			_exit(4);
		for (long i = first; i < made; i++)
			pthread_join(threads[i], NULL);
	}
	say("many_threads made=%ld waves=%ld\n", made, waves);
}

/* As many, one after the other. */
static void mode_thread_stream(UNUSED char **argv)
{
	for (long i = 0; i < MANY; i++) {
		pthread_t thread = start_one(allocate_a_little, i, 32 << 10);

		if (!thread)
			_exit(4);
		pthread_join(thread, NULL);
	}
}

/* What is told to glibc's allocator is no event; with another one preloaded it is told in vain. */
static void mode_mallopt(UNUSED char **argv)
{
	mallopt(M_MMAP_THRESHOLD, 1 << 13);
	mallopt(M_TRIM_THRESHOLD, 1 << 12);
	mallopt(M_PERTURB, 0x5a);
	for (int i = 0; i < 97; i++) {
		void *block = TAKE(malloc(101 * i), 101 * i);

		(void)malloc_usable_size(block);
		keep(block);
		if (i % 13 == 0)
			malloc_trim(0);
		if (i % 7 == 0)
			drop_thirds();
	}
	drop_thirds();
	malloc_trim(1 << 10);
}

const struct mode storm_modes[] = {
	{ "handover", mode_handover, prepare_handover },
	{ "realloc_storm", run, prepare_realloc_storm },
	{ "mmap_storm", run, prepare_mmap_storm },
	{ "many_threads", mode_many_threads, NULL },
	{ "thread_stream", mode_thread_stream, NULL },
	{ "mallopt", mode_mallopt, NULL },
	{ NULL, NULL, NULL },
};
