/* The programs of the corpus. labels.tsv says what each is, and whose blocks are meant. Rates are per run. */
#define _GNU_SOURCE
#include "programs.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "schedule.h"

#define ALLOCATOR(name) \
	NOINLINE static void *name(size_t bytes) \
	{ \
		void *block = malloc(bytes); \
		if (block) \
			memset(block, 1, bytes < 64 ? bytes : 64); \
		return block; \
	}

/* Healthy neighbours in some cases. */
ALLOCATOR(lru_entry)
ALLOCATOR(request_buffer)

static void *lru[512];
static int lru_next;

static void lru_put(size_t bytes)
{
	int slot = lru_next++ % 512;

	free(lru[slot]);
	lru[slot] = lru_entry(bytes);
}

ALLOCATOR(slow_leak)
static void slow_leak_call(double at)
{
	lru_put(40000);
	if (uniform() < 0.2)
		keep(slow_leak(64));
	(void)at;
}
static void slow_leak_under_lru(void) { arrivals(1500, 0, 1, slow_leak_call); }

ALLOCATOR(request_record)
static void request_call(double at)
{
	free_at(request_buffer(4096), at + exponential(0.001));
	keep(request_record(100));
}
static void leak_per_request(void) { arrivals(600, 0, 1, request_call); }

ALLOCATOR(session_new)
static void one_percent_call(double at)
{
	void *block = session_new(48);

	if (uniform() < 0.01)
		keep(block);
	else
		free_at(block, at + exponential(0.002));
}
static void one_percent(void) { arrivals(12000, 0, 1, one_percent_call); }

ALLOCATOR(job_new)
static void most_call(double at)
{
	void *block = job_new(48);

	if (uniform() < 0.99)
		keep(block);
	else
		free_at(block, at + exponential(0.002));
}
static void ninety_nine_percent(void) { arrivals(2500, 0, 1, most_call); }

ALLOCATOR(token_new)
static void tiny_call(double at)
{
	static int count;
	void *block = token_new(16);

	if (++count % 5000 == 17)
		keep(block);
	else
		free_at(block, at + exponential(0.0002));
}
static void one_of_five_thousand(void) { arrivals(100000, 0, 1, tiny_call); }

ALLOCATOR(metric_new)
static double flush_leaks;
static void flushed_call(double at)
{
	void *block = metric_new(150);

	if (uniform() < flush_leaks)
		keep(block);
	else
		free_at(block, (floor(at * 10) + 1) / 10);
}
static void flushed(void) { arrivals(4000, 0, 1, flushed_call); }
static void flushed_and_leaks(void)
{
	flush_leaks = 0.02;
	flushed();
}

ALLOCATOR(cache_page)
static void logarithmic(void)
{
	for (double t = 0.002; t < 1; t *= 1.02) {
		until(t);
		keep(cache_page(100));
	}
}

ALLOCATOR(intern)
static void interning_call(double at)
{
	if (uniform() < exp(-at * 6))
		keep(intern(40));
}
static void interning(void) { arrivals(6000, 0, 1, interning_call); }

ALLOCATOR(entry_new)
static void *entries[600];
static void evicting_call(double at)
{
	static int next;
	int slot = next++ % 600;

	free(entries[slot]);
	entries[slot] = entry_new(2000);
	(void)at;
}
static void fills_then_evicts(void) { arrivals(5000, 0, 1, evicting_call); }

static void random_call(double at)
{
	int slot = uniform() * 200;

	free(entries[slot]);
	entries[slot] = entry_new(500);
	(void)at;
}
static void random_eviction(void) { arrivals(8000, 0, 1, random_call); }

ALLOCATOR(ring_slot)
static void ring_call(double at)
{
	static int next;
	int slot = next++ % 64;

	free(entries[slot]);
	entries[slot] = ring_slot(256);
	(void)at;
}
static void ring(void) { arrivals(4000, 0, 1, ring_call); }

ALLOCATOR(pool_connection)
static void pool_call(double at)
{
	keep(pool_connection(8192));
	(void)at;
}
static void pool_fills(void)
{
	arrivals(2000, 0, 0.1, pool_call);
	until(1);
}

static void idle_call(double at)
{
	free_at(pool_connection(300), at + 0.03 + exponential(0.015));
}
static void idle_timeout(void) { arrivals(1500, 0, 1, idle_call); }

ALLOCATOR(message_new)
static double served, serving;
static void queue_call(double at)
{
	served = fmax(served, at) + serving / 8000;
	free_at(message_new(200), served);
}
static void producer_is_faster(void)
{
	serving = 1.25;
	arrivals(8000, 0, 1, queue_call);
}

static void backlog_drains(void)
{
	serving = 1;
	for (int i = 0; i < 3000; i++)
		queue_call(0);
	arrivals(5000, 0, 1, queue_call);
}

static void dies_call(double at)
{
	double end = at + exponential(0.002);

	free_at(message_new(120), end < 0.35 ? end : NEVER);
}
static void consumer_dies(void) { arrivals(5000, 0, 1, dies_call); }

static double day_leaks;
static void day_call(double at)
{
	void *block;

	if (uniform() > 0.55 + 0.45 * sin(at * 4 * 2 * M_PI))
		return;
	block = request_buffer(200);
	if (uniform() < day_leaks)
		keep(block);
	else
		free_at(block, at + exponential(0.002));
}
static void day_and_night(void) { arrivals(16000, 0, 1, day_call); }
static void day_and_night_leaks(void)
{
	day_leaks = 0.01;
	day_and_night();
}

ALLOCATOR(arena_new)
static void arena_call(double at)
{
	free_at(arena_new(65536), at + exponential(0.003));
}
static void arena_per_request(void) { arrivals(3000, 0, 1, arena_call); }

static void arena_kept(void)
{
	for (int i = 0; i < 16; i++)
		keep(arena_new(65536));
	arrivals(500, 0, 1, idle_call);
}

ALLOCATOR(image_buffer)
static void sizes_call(double at)
{
	free_at(image_buffer((size_t)exp(5 + 8 * uniform())), at + exponential(0.005));
}
static void sizes_change(void) { arrivals(4000, 0, 1, sizes_call); }

ALLOCATOR(text_new)
NOINLINE static void parse_header(double at)
{
	free_at(text_new(80), at + exponential(0.002));
	__asm__ volatile("");
}
NOINLINE static void parse_cookie(double at)
{
	keep(text_new(80));
	(void)at;
	__asm__ volatile("");
}
static void callers_call(double at)
{
	parse_header(at);
	if (uniform() < 0.1)
		parse_cookie(at);
}
static void one_of_two_callers(void) { arrivals(4000, 0, 1, callers_call); }

ALLOCATOR(table_row)
static void start_up(void)
{
	for (int i = 0; i < 800; i++)
		keep(table_row(100));
	arrivals(1000, 0, 1, arena_call);
}

static void leak_that_stops(void)
{
	arrivals(1500, 0, 0.4, pool_call);
	until(1);
}

static void leak_starts_late(void) { arrivals(2000, 0.5, 1, pool_call); }

ALLOCATOR(batch_item)
static void bursts(void)
{
	for (double t = 0.03; t < 1; t += 0.07) {
		until(t);
		for (int i = 0; i < 40; i++)
			keep(batch_item(64));
	}
	until(1);
}

ALLOCATOR(listener_new)
static void registered_call(double at)
{
	free_at(listener_new(96), at + exponential(0.003));
	keep(listener_new(96));
}
static void registered_twice(void) { arrivals(1500, 0, 1, registered_call); }

struct node {
	struct node *other;
	int references;
};
ALLOCATOR(node_new)
static void drop(struct node *node)
{
	if (--node->references == 0) {
		if (node->other)
			drop(node->other);
		free(node);
	}
}
static void cycle_call(double at)
{
	struct node *a = node_new(sizeof(*a)), *b = node_new(sizeof(*b));

	*a = (struct node){ NULL, 1 };
	*b = (struct node){ NULL, 1 };
	if (uniform() < 0.3) {
		a->other = b;
		b->other = a;
		a->references++;
		b->references++;
	}
	drop(a);
	drop(b);
	(void)at;
}
static void reference_cycle(void) { arrivals(2000, 0, 1, cycle_call); }

NOINLINE static void *stack_new(void)
{
	void *stack = mmap(NULL, 1 << 18, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	__asm__ volatile("");
	return stack;
}
static void stacks_call(double at)
{
	keep(stack_new());
	(void)at;
}
static void threads_stacks(void) { arrivals(120, 0, 1, stacks_call); }

ALLOCATOR(thread_cache)
static void caches_call(double at)
{
	double end = at + 0.03 * (0.5 + uniform());

	for (int i = 0; i < 8; i++)
		free_at(thread_cache(1024), end);
}
static void thread_caches(void) { arrivals(500, 0, 1, caches_call); }

static void long_call(double at)
{
	free_at(session_new(700), at + 0.12 * (0.5 + uniform()));
}
static void long_sessions(void) { arrivals(1500, 0, 1, long_call); }

static void one_a_minute(void) { arrivals(10, 0, 1, pool_call); }

static void freed_at_exit(void)
{
	arrivals(1500, 0, 1, pool_call);
	free_kept();
}

static void pareto_call(double at)
{
	free_at(message_new(90), at + 0.0002 * pow(1 - uniform(), -1 / 1.8));
}
static void pareto(void) { arrivals(10000, 0, 1, pareto_call); }

ALLOCATOR(config_node)
static void reloads(void)
{
	double left = 500;

	for (double t = 0.002; t < 1; t += 0.06, left *= 0.6) {
		until(t);
		for (int i = 0; i < (int)left; i++)
			keep(config_node(80));
	}
	until(1);
}

NOINLINE static void *vector_grow(void *vector, size_t bytes)
{
	void *grown = realloc(vector, bytes);

	__asm__ volatile("");
	return grown;
}
static void vector_call(double at)
{
	static void *vector;
	static size_t bytes;

	vector = vector_grow(vector, bytes += 4000);
	(void)at;
}
static void vector_never_shrinks(void) { arrivals(400, 0, 1, vector_call); }

/* 200 functions that lose a record now and then. */
ALLOCATOR(record_new)
#define OP(n) NOINLINE static void op_##n(void) { keep(record_new(72)); __asm__ volatile(""); }
#define TEN(m, n) m(n##0) m(n##1) m(n##2) m(n##3) m(n##4) m(n##5) m(n##6) m(n##7) m(n##8) m(n##9)
#define HUNDRED(m, n) TEN(m, n##0) TEN(m, n##1) TEN(m, n##2) TEN(m, n##3) TEN(m, n##4) TEN(m, n##5) TEN(m, n##6) TEN(m, n##7) \
	TEN(m, n##8) TEN(m, n##9)
HUNDRED(OP, 1) HUNDRED(OP, 2)
#define NAME(n) op_##n,
static void (*const operations[])(void) = { HUNDRED(NAME, 1) HUNDRED(NAME, 2) };
NOINLINE static void dispatch(double at)
{
	operations[(int)(uniform() * 200)]();
	free_at(request_buffer(512), at + exponential(0.001));
}
static void two_hundred_stacks(void) { arrivals(1600, 0, 1, dispatch); }

static char *pool_memory;
NOINLINE static void *pool_map(void)
{
	void *pool = mmap(NULL, 1 << 22, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	__asm__ volatile("");
	return pool;
}
static void in_pool_call(double at)
{
	static size_t next;

	pool_memory[next = (next + 256) % (1 << 22)] = (char)(at * 100);
}
static void pool_in_one_mapping(void)
{
	pool_memory = pool_map();
	arrivals(2000, 0, 1, in_pool_call);
}

/* More events than a recorder that may drop some takes in time; among them are frees of sessions. */
ALLOCATOR(storm_item)
static void storm(void)
{
	for (int i = 0; i < 20000; i++)
		free(storm_item(16));
}
static void hidden_call(double at)
{
	static double next = 0.05;

	free_at(session_new(48), at + exponential(0.01));
	if (at >= next) {
		storm();
		next += 0.05;
	}
}
static void loss_hides_frees(void) { arrivals(4000, 0, 1, hidden_call); }

/* Says when it has run for a quarter: who is to attach does so then. */
static void late_call(double at)
{
	static int told;
	void *block = session_new(64);

	lru_put(4000);
	if (uniform() < 0.1)
		keep(block);
	else
		free_at(block, at + exponential(0.01));
	if (!told && at >= 0.25)
		told = write(STDOUT_FILENO, "late\n", 5) == 5;
}
static void attached_late(void) { arrivals(6000, 0, 1, late_call); }

/* What every program of any size holds beside: more bytes, and more blocks, than most of the leaks. */
ALLOCATOR(settings_page)
ALLOCATOR(settings_name)
void settings(void)
{
	for (int i = 0; i < 32; i++)
		keep(settings_page(2 << 20));
	for (int i = 0; i < 1500; i++)
		keep(settings_name(32));
}

const struct program programs[] = {
	{ "slow-leak-under-lru", slow_leak_under_lru }, { "leak-per-request", leak_per_request },
	{ "one-percent", one_percent }, { "ninety-nine-percent", ninety_nine_percent },
	{ "one-of-five-thousand", one_of_five_thousand }, { "flushed", flushed },
	{ "flushed-and-leaks", flushed_and_leaks }, { "logarithmic", logarithmic },
	{ "interning", interning }, { "fills-then-evicts", fills_then_evicts },
	{ "random-eviction", random_eviction }, { "ring", ring }, { "pool-fills", pool_fills },
	{ "idle-timeout", idle_timeout }, { "producer-is-faster", producer_is_faster },
	{ "backlog-drains", backlog_drains }, { "consumer-dies", consumer_dies },
	{ "day-and-night", day_and_night }, { "day-and-night-leaks", day_and_night_leaks },
	{ "arena-per-request", arena_per_request }, { "arena-kept", arena_kept },
	{ "sizes-change", sizes_change }, { "one-of-two-callers", one_of_two_callers },
	{ "start-up", start_up }, { "leak-that-stops", leak_that_stops },
	{ "leak-starts-late", leak_starts_late }, { "bursts", bursts },
	{ "registered-twice", registered_twice }, { "reference-cycle", reference_cycle },
	{ "threads-stacks", threads_stacks }, { "thread-caches", thread_caches },
	{ "long-sessions", long_sessions }, { "one-a-minute", one_a_minute },
	{ "freed-at-exit", freed_at_exit }, { "pareto", pareto }, { "reloads", reloads },
	{ "vector-never-shrinks", vector_never_shrinks }, { "two-hundred-stacks", two_hundred_stacks },
	{ "pool-in-one-mapping", pool_in_one_mapping },
	{ "loss-hides-frees", loss_hides_frees }, { "attached-late", attached_late },
};
const unsigned program_count = sizeof(programs) / sizeof(programs[0]);
const unsigned together_count = sizeof(programs) / sizeof(programs[0]) - 2;
