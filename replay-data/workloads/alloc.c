/* One mode per allocator function and per difficulty; prints exactly what it did. README.md. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

struct totals {
	unsigned long alloc, alloc_bytes, free, intent, moved, moved_bytes, released, failed, map,
		map_bytes;
};

static struct totals did;
static void *blocks[4096];

static void say(const char *format, ...)
{
	static char line[1024];
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	if (write(1, line, length) != length)
		_exit(3);
}

static void finish(void)
{
	say("expect alloc=%lu alloc_bytes=%lu free=%lu intent=%lu moved=%lu moved_bytes=%lu "
	    "released=%lu failed=%lu map=%lu map_bytes=%lu\n",
	    did.alloc, did.alloc_bytes, did.free, did.intent, did.moved, did.moved_bytes,
	    did.released, did.failed, did.map, did.map_bytes);
	_exit(0);
}

static void wait_for_go(void)
{
	char c = 0;

	while (c != '\n')
		if (read(0, &c, 1) != 1)
			_exit(2);
}

static void *allocated(void *block, size_t bytes)
{
	if (!block)
		_exit(4);
	did.alloc++;
	did.alloc_bytes += bytes;
	return block;
}

static void release(void *block)
{
	if (block)
		did.free++;
	free(block);
}

/* A realloc whose outcome is known; old blocks make it an intent and an outcome. */
static void *resize(void *old, size_t bytes)
{
	void *new = realloc(old, bytes);

	if (!old)
		return allocated(new, bytes);
	did.intent++;
	if (new) {
		did.moved++;
		did.moved_bytes += bytes;
	} else if (!bytes) {
		did.released++;
	} else {
		did.failed++;
	}
	return new;
}

__attribute__((noinline)) static void mode_malloc(void)
{
	for (int i = 0; i < 101; i++)
		blocks[i] = allocated(malloc(13), 13);
	for (int i = 0; i < 53; i++)
		release(blocks[i]);
}

static void mode_calloc(void)
{
	for (int i = 0; i < 103; i++)
		blocks[i] = allocated(calloc(3, 17), 51);
	for (int i = 0; i < 47; i++)
		release(blocks[i]);
	if (calloc(SIZE_MAX / 2, 3))
		_exit(4);
}

static void mode_realloc(void)
{
	for (int i = 0; i < 67; i++) {
		blocks[i] = resize(NULL, 19);
		blocks[i] = resize(blocks[i], 1009);
		blocks[i] = resize(blocks[i], 7);
	}
	for (int i = 0; i < 11; i++)
		blocks[i] = resize(blocks[i], 0);
	for (int i = 11; i < 24; i++)
		if (resize(blocks[i], SIZE_MAX / 2))
			_exit(4);
	for (int i = 24; i < 31; i++)
		release(blocks[i]);
}

static void mode_reallocarray(void)
{
	for (int i = 0; i < 31; i++) {
		blocks[i] = allocated(reallocarray(NULL, 7, 11), 77);
		blocks[i] = reallocarray(blocks[i], 13, 17);
		did.intent++;
		did.moved++;
		did.moved_bytes += 221;
		if (reallocarray(blocks[i], SIZE_MAX / 2, 3))
			_exit(4);
		did.intent++;
		did.failed++;
	}
}

static void mode_posix_memalign(void)
{
	for (int i = 0; i < 59; i++) {
		if (posix_memalign(&blocks[i], 64, 37))
			_exit(4);
		allocated(blocks[i], 37);
		if (posix_memalign(&blocks[100], 3, 37) != EINVAL)
			_exit(4);
	}
	for (int i = 0; i < 17; i++)
		release(blocks[i]);
}

static void mode_aligned(void)
{
	for (int i = 0; i < 41; i++)
		blocks[i] = allocated(aligned_alloc(64, 192), 192);
	for (int i = 0; i < 43; i++)
		blocks[100 + i] = allocated(memalign(32, 97), 97);
	for (int i = 0; i < 19; i++)
		release(blocks[i]);
}

static void mode_pages(void)
{
	for (int i = 0; i < 7; i++)
		blocks[i] = allocated(valloc(1511), 1511);
	for (int i = 0; i < 5; i++)
		blocks[10 + i] = allocated(pvalloc(1709), 1709);
	for (int i = 0; i < 3; i++)
		release(blocks[i]);
}

static void *map(size_t bytes)
{
	size_t page = sysconf(_SC_PAGESIZE);
	void *mapped = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (mapped == MAP_FAILED)
		_exit(4);
	did.map++;
	did.map_bytes += (bytes + page - 1) / page * page;
	return mapped;
}

static void unmap(void *address, size_t bytes)
{
	did.intent++;
	if (munmap(address, bytes))
		did.failed++;
	else
		did.released++;
}

static void mode_mmap(void)
{
	for (int i = 0; i < 23; i++) {
		char *range = map(5 * 4096 + 1);

		if (i < 7)
			unmap(range, 6 * 4096); /* whole */
		else if (i < 12)
			unmap(range + 4096, 4096); /* a hole */
		else if (i < 14)
			unmap(range + 1, 4096); /* fails: not on a page */
	}
	if (mmap(NULL, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED)
		_exit(4);
}

static void mode_mremap(void)
{
	for (int i = 0; i < 13; i++) {
		void *range = map(3 * 4096);

		range = mremap(range, 3 * 4096, 11 * 4096, MREMAP_MAYMOVE);
		if (range == MAP_FAILED)
			_exit(4);
		did.intent++;
		did.moved++;
		did.moved_bytes += 11 * 4096;
		if (mremap((char *)range + 1, 4096, 8192, MREMAP_MAYMOVE) != MAP_FAILED)
			_exit(4);
		did.intent++;
		did.failed++;
	}
}

static void mode_failing(void)
{
	for (int i = 0; i < 29; i++) {
		if (malloc(SIZE_MAX / 2) || aligned_alloc(64, SIZE_MAX / 2))
			_exit(4);
		free(NULL);
	}
	blocks[0] = allocated(malloc(0), 0);
	blocks[1] = allocated(malloc(0), 0);
	release(blocks[0]);
}

/* Blocks beyond the mmap threshold: malloc and free call mmap and munmap inside. */
static void mode_nested(void)
{
	for (int i = 0; i < 37; i++)
		blocks[i] = allocated(malloc((1 << 25) + 8191), (1 << 25) + 8191);
	for (int i = 0; i < 13; i++)
		blocks[i] = resize(blocks[i], (1 << 25) + 65537);
	for (int i = 0; i < 31; i++)
		release(blocks[i]);
}

/* Threads pass blocks round, so that addresses are freed and reused by other threads. */
#define THREADS 7
#define ROUNDS 211
static pthread_barrier_t start_line, finish_line;
static void *slots[THREADS];

static void *worker(void *argument)
{
	long self = (long)argument;

	pthread_barrier_wait(&start_line);
	for (int i = 0; i < ROUNDS; i++) {
		void *old = __atomic_exchange_n(&slots[(self + i) % THREADS], malloc(29 + i % 3),
						__ATOMIC_ACQ_REL);

		free(old);
	}
	pthread_barrier_wait(&finish_line);
	for (;;)
		pause();
	return NULL;
}

static void prepare_threads(void)
{
	pthread_barrier_init(&start_line, NULL, THREADS + 1);
	pthread_barrier_init(&finish_line, NULL, THREADS + 1);
	for (long i = 0; i < THREADS; i++) {
		pthread_t thread;

		if (pthread_create(&thread, NULL, worker, (void *)i))
			_exit(4);
	}
}

static void mode_threads(void)
{
	pthread_barrier_wait(&start_line);
	pthread_barrier_wait(&finish_line);
	did.alloc = THREADS * ROUNDS;
	for (int i = 0; i < ROUNDS; i++)
		did.alloc_bytes += THREADS * (29 + i % 3);
	did.free = did.alloc;
	for (int i = 0; i < THREADS; i++)
		did.free -= slots[i] != NULL;
}

/* The child's work is not in the totals: another process. */
static void mode_fork(void)
{
	pid_t child;

	for (int i = 0; i < 17; i++)
		blocks[i] = allocated(malloc(83), 83);
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
		release(blocks[i]);
}

/* As fork, but the child waits to be probed first, and its work is all there is. */
static void mode_fork_wait(void)
{
	pid_t child = fork();

	if (child) {
		waitpid(child, NULL, 0);
		_exit(0);
	}
	say("child %d\n", getpid());
	wait_for_go();
	mode_malloc();
}

/* The child's work is in the totals: it runs in this address space. */
static void mode_vfork(void)
{
	volatile int passes = 0;
	pid_t child = vfork();

	if (!child) {
		for (int i = 0; i < 19; i++)
			blocks[i] = allocated(malloc(61), 61);
		release(blocks[0]);
		_exit(0);
	}
	passes++;
	waitpid(child, NULL, 0);
	for (int i = 1; i < 4; i++)
		release(blocks[i]);
}

static void mode_exec(char **argv)
{
	char *again[] = { argv[0], "malloc", "--now", NULL };

	for (int i = 0; i < 43; i++)
		blocks[i] = allocated(malloc(47), 47);
	say("before alloc=%lu alloc_bytes=%lu\n", did.alloc, did.alloc_bytes);
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

/* An allocator of this program's own, under the prefix jump_; it may never return. */
static jmp_buf back;

__attribute__((noinline)) void *jump_malloc(size_t size)
{
	if (size == 1)
		longjmp(back, 1);
	return malloc(size);
}

__attribute__((noinline)) void jump_free(void *block)
{
	free(block);
}

__attribute__((noinline)) static void deeper(int depth)
{
	volatile char frame[64];

	frame[0] = depth;
	if (depth)
		deeper(depth - 1);
	else
		jump_malloc(1);
	frame[1] = frame[0];
}

static void mode_longjmp(void)
{
	for (int i = 0; i < 23; i++) {
		if (!setjmp(back))
			deeper(i % 5);
		blocks[i] = allocated(jump_malloc(31), 31);
	}
	did.free += 3;
	for (int i = 0; i < 3; i++)
		jump_free(blocks[i]);
}

/* An object mapped while recording; go on when its probes are in place. */
static void mode_dlopen(char **argv)
{
	char path[4096];
	void *library;
	void *(*own_malloc)(size_t);
	void (*own_free)(void *);
	char *slash;

	snprintf(path, sizeof(path), "%s", argv[0]);
	slash = strrchr(path, '/');
	snprintf(slash ? slash : path, 32, "%slibown.so", slash ? "/" : "./");
	library = dlopen(path, RTLD_NOW);
	if (!library) {
		say("%s\n", dlerror());
		_exit(4);
	}
	own_malloc = (void *(*)(size_t))dlsym(library, "own_malloc");
	own_free = (void (*)(void *))dlsym(library, "own_free");
	say("mapped\n");
	wait_for_go();
	for (int i = 0; i < 61; i++)
		blocks[i] = allocated(own_malloc(37), 37);
	for (int i = 0; i < 7; i++) {
		own_free(blocks[i]);
		did.free++;
	}
}

/* Pairs as fast as they go, for rates and small ring buffers. */
static void mode_storm(void)
{
	for (int i = 0; i < 50021; i++) {
		blocks[i % 97] = allocated(malloc(16 + i % 89), 16 + i % 89);
		if (i % 7)
			release(blocks[i % 97]);
	}
}

static const struct {
	const char *name;
	void (*run)(void);
	void (*run_with)(char **argv);
} modes[] = {
	{ "malloc", mode_malloc, NULL },
	{ "calloc", mode_calloc, NULL },
	{ "realloc", mode_realloc, NULL },
	{ "reallocarray", mode_reallocarray, NULL },
	{ "posix_memalign", mode_posix_memalign, NULL },
	{ "aligned", mode_aligned, NULL },
	{ "pages", mode_pages, NULL },
	{ "mmap", mode_mmap, NULL },
	{ "mremap", mode_mremap, NULL },
	{ "failing", mode_failing, NULL },
	{ "nested", mode_nested, NULL },
	{ "threads", mode_threads, NULL },
	{ "fork", mode_fork, NULL },
	{ "fork_wait", mode_fork_wait, NULL },
	{ "vfork", mode_vfork, NULL },
	{ "exec", NULL, mode_exec },
	{ "thread_exec", NULL, mode_thread_exec },
	{ "longjmp", mode_longjmp, NULL },
	{ "dlopen", NULL, mode_dlopen },
	{ "storm", mode_storm, NULL },
};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < sizeof(modes) / sizeof(modes[0]); i++) {
		if (strcmp(argv[1], modes[i].name))
			continue;
		if (modes[i].run == mode_threads)
			prepare_threads();
		if (argc < 3) {
			say("ready %d\n", getpid());
			wait_for_go();
		}
		if (modes[i].run)
			modes[i].run();
		else
			modes[i].run_with(argv);
		finish();
	}
	say("usage: %s MODE [--now]\nmodes:", argv[0]);
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
		say(" %s", modes[i].name);
	say("\n");
	return 2;
}
