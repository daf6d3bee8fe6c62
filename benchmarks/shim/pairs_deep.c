/* malloc + free pairs under a deep stack of code without frame pointers, as fast as they go.
 *
 *   gcc -O2 -fomit-frame-pointer -fno-builtin -g -pthread -o pairs_deep pairs_deep.c
 *   ./pairs_deep [DEPTH [STACK [THREADS [SECONDS [WARM_UP [RATE]]]]]]
 *
 * DEPTH noinline frames of varied sizes (21), then start_thread and clone. STACK is what happens to
 * it between two pairs: `same` (or 0) nothing; `repush:N` the N innermost frames are left and
 * entered again; `alternate:N` so, and each time by the other of two call chains. What is done in
 * the first WARM_UP seconds (0) is not counted. RATE: pairs per second of all threads together, in
 * a burst per millisecond; 0: as fast as they go. */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { KINDS = 8, MOST_THREADS = 256, BLOCK_BYTES = 48 };

struct run {
	_Alignas(128) int turn; /* the frame that has so many further ones inside it leaves and enters them */
	int other, chain;
	uint64_t pairs, wall_nanos, cpu_nanos;
	uint64_t before_pairs, before_cpu, before_wall; /* what the warm-up took */
	uint64_t left, burst, next_nanos; /* pairs before the next pause */
};

typedef void frame(struct run *run, int left);

static frame *const frames[2][KINDS];
static int depth = 21, changed, alternate;
static volatile int stop;
static pthread_barrier_t start_line;
static struct run runs[MOST_THREADS];

static uint64_t nanos(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return t.tv_sec * 1000000000ull + t.tv_nsec;
}

/* Sleeps to the next millisecond; who is late does not catch up. */
static __attribute__((noinline, cold)) void pause_after_burst(struct run *run)
{
	uint64_t now = nanos(CLOCK_MONOTONIC);

	run->left = run->burst;
	run->next_nanos += 1000000;
	if (run->next_nanos < now)
		run->next_nanos = now;
	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME,
			&(struct timespec){ run->next_nanos / 1000000000, run->next_nanos % 1000000000 },
			NULL);
}

static inline void pair(struct run *run)
{
	free(malloc(BLOCK_BYTES));
	run->pairs++;
	if (__builtin_expect(--run->left == 0, 0))
		pause_after_burst(run);
}

static inline void go_in(struct run *run, int left)
{
	frames[run->chain][left % KINDS](run, left - 1);
}

/* What every frame does, whatever its size. */
static inline __attribute__((always_inline)) void inside(struct run *run, int left)
{
	if (left && left != run->turn) {
		go_in(run, left);
		return;
	}
	if (!left && run->turn) {
		pair(run);
		return;
	}
	while (!stop)
		if (left) {
			run->chain ^= run->other;
			go_in(run, left);
		} else {
			pair(run);
		}
}

/* rbp as a general register that holds no frame, as compilers use it. */
#ifdef __x86_64__
#define OWN_RBP __asm__ volatile("mov $4711, %%ebp" ::: "rbp", "rbx", "r14")
#else
#define OWN_RBP
#endif
#define FRAME(name, bytes, registers)                                                              \
	__attribute__((noinline)) static void name(struct run *run, int left)                      \
	{                                                                                          \
		volatile char space[bytes];                                                        \
                                                                                                   \
		registers;                                                                         \
		space[0] = left;                                                                   \
		inside(run, left);                                                                 \
		space[1] = space[0];                                                               \
	}

FRAME(a0, 8, ) FRAME(a1, 40, OWN_RBP) FRAME(a2, 16, ) FRAME(a3, 200, ) FRAME(a4, 24, OWN_RBP)
FRAME(a5, 72, ) FRAME(a6, 408, OWN_RBP) FRAME(a7, 136, ) FRAME(b0, 32, OWN_RBP) FRAME(b1, 8, )
FRAME(b2, 104, ) FRAME(b3, 56, OWN_RBP) FRAME(b4, 312, ) FRAME(b5, 16, ) FRAME(b6, 88, OWN_RBP)
FRAME(b7, 24, )

static frame *const frames[2][KINDS] = {
	{ a0, a1, a2, a3, a4, a5, a6, a7 },
	{ b0, b1, b2, b3, b4, b5, b6, b7 },
};

/* The first of the DEPTH frames. */
static void *work(void *argument)
{
	struct run *run = argument;
	uint64_t wall, cpu;

	run->turn = changed;
	run->other = alternate;
	run->left = run->burst ? run->burst : UINT64_MAX;
	run->next_nanos = nanos(CLOCK_MONOTONIC);
	pthread_barrier_wait(&start_line);
	wall = nanos(CLOCK_MONOTONIC);
	cpu = nanos(CLOCK_THREAD_CPUTIME_ID);
	go_in(run, depth - 1);
	run->cpu_nanos = nanos(CLOCK_THREAD_CPUTIME_ID) - cpu;
	run->wall_nanos = nanos(CLOCK_MONOTONIC) - wall;
	return NULL;
}

static int read_stack(const char *stack)
{
	if (!strcmp(stack, "same") || !strcmp(stack, "0"))
		return 1;
	alternate = !strncmp(stack, "alternate:", 10);
	if (!alternate && strncmp(stack, "repush:", 7))
		return 0;
	changed = atoi(strchr(stack, ':') + 1);
	return changed > 0;
}

static void sleep_for(double seconds)
{
	nanosleep(&(struct timespec){ (time_t)seconds, (seconds - (time_t)seconds) * 1e9 }, NULL);
}

/* What the threads have done so far is not theirs. */
static uint64_t forget_warm_up(const pthread_t *ids, int threads, uint64_t began)
{
	uint64_t now = nanos(CLOCK_MONOTONIC);
	clockid_t clock;

	for (int i = 0; i < threads; i++) {
		pthread_getcpuclockid(ids[i], &clock);
		runs[i].before_pairs = __atomic_load_n(&runs[i].pairs, __ATOMIC_RELAXED);
		runs[i].before_cpu = nanos(clock);
		runs[i].before_wall = now - began;
	}
	return now;
}

int main(int argc, char **argv)
{
	const char *stack = argc > 2 ? argv[2] : "same";
	int threads = argc > 3 ? atoi(argv[3]) : 1, readable = read_stack(stack);
	double seconds = argc > 4 ? atof(argv[4]) : 2, warm_up = argc > 5 ? atof(argv[5]) : 0;
	double rate = argc > 6 ? atof(argv[6]) : 0;
	uint64_t began, from, pairs = 0, wall = 0, cpu = 0;
	static pthread_t ids[MOST_THREADS];

	depth = argc > 1 ? atoi(argv[1]) : depth;
	if (!readable || depth < 2 || changed > depth - 2 || threads < 1 || threads > MOST_THREADS) {
		fprintf(stderr, "usage: %s [DEPTH [same|repush:N|alternate:N [THREADS [SECONDS "
				"[WARM_UP [RATE]]]]]], DEPTH at least N + 2\n", argv[0]);
		return 2;
	}
	pthread_barrier_init(&start_line, NULL, threads + 1);
	for (int i = 0; i < threads; i++) {
		runs[i].burst = rate > 0 ? rate / threads / 1000 + 1 : 0;
		if (pthread_create(&ids[i], NULL, work, &runs[i]))
			return 1;
	}
	pthread_barrier_wait(&start_line);
	began = from = nanos(CLOCK_MONOTONIC);
	if (warm_up > 0) {
		sleep_for(warm_up);
		from = forget_warm_up(ids, threads, began);
	}
	sleep_for(seconds);
	stop = 1;
	for (int i = 0; i < threads; i++) {
		pthread_join(ids[i], NULL);
		pairs += runs[i].pairs - runs[i].before_pairs;
		wall += runs[i].wall_nanos - runs[i].before_wall;
		cpu += runs[i].cpu_nanos - runs[i].before_cpu;
	}
	printf("depth=%d stack=%s threads=%d pairs=%lu ns_per_pair=%.1f cpu_ns_per_pair=%.1f "
	       "pairs_per_second_per_thread=%.0f from=%lu to=%lu\n",
	       depth, stack, threads, pairs, (double)wall / pairs, (double)cpu / pairs,
	       pairs * 1e9 / wall, from, nanos(CLOCK_MONOTONIC));
	return 0;
}
