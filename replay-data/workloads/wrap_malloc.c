/* A program that defines malloc, calloc, realloc and free itself, around the next ones. Its ledger stands in
 * there, so it has every call of the whole process, libc's and the dynamic linker's, too; each site is the
 * wrapper's own line. What dlsym asks for meanwhile comes from an array and is no event. */
#include "workload.h"

#include <dirent.h>
#include <dlfcn.h>
#include <pthread.h>

#define UNUSED __attribute__((unused))

static void *(*next_malloc)(size_t), *(*next_calloc)(size_t, size_t), *(*next_realloc)(void *, size_t);
static void (*next_free)(void *);
static char early[1 << 14];
static size_t early_used;
static int finding;

static void find(void)
{
	finding = 1;
	next_free = (void (*)(void *))dlsym(RTLD_NEXT, "free");
	next_calloc = (void *(*)(size_t, size_t))dlsym(RTLD_NEXT, "calloc");
	next_realloc = (void *(*)(void *, size_t))dlsym(RTLD_NEXT, "realloc");
	next_malloc = (void *(*)(size_t))dlsym(RTLD_NEXT, "malloc");
	finding = 0;
}

static int is_early(const void *block)
{
	return (const char *)block >= early && (const char *)block < early + sizeof(early);
}

static void *take_early(size_t bytes)
{
	void *block = early + early_used;

	early_used += (bytes + 15) & ~(size_t)15;
	return early_used > sizeof(early) ? NULL : block;
}

static int ready(void)
{
	if (!next_malloc && !finding)
		find();
	return !finding;
}

void *malloc(size_t bytes)
{
	void *block;

	if (!ready())
		return take_early(bytes);
	block = next_malloc(bytes); const int line = __LINE__;
	return block ? took(block, bytes, __FILE__, line) : NULL;
}

void *calloc(size_t count, size_t bytes)
{
	void *block;

	if (!ready())
		return take_early(count * bytes);
	block = next_calloc(count, bytes); const int line = __LINE__;
	return block ? took(block, count * bytes, __FILE__, line) : NULL;
}

void *realloc(void *old, size_t bytes)
{
	void *block;

	if (!ready() || is_early(old)) {
		block = malloc(bytes);
		if (block && old)
			memcpy(block, old, bytes);
		return block;
	}
	if (!old) {
		block = next_realloc(NULL, bytes); const int line = __LINE__;
		return block ? took(block, bytes, __FILE__, line) : NULL;
	}
	return RESIZE(old, next_realloc(old, bytes), bytes);
}

void free(void *block)
{
	int before = errno;

	if (!block || is_early(block) || !ready())
		return;
	next_free(dropping(block));
	errno = before;
}

static void *work(void *argument)
{
	for (int i = 0; i < 101; i++)
		free(realloc(malloc(31), 37 + i));
	return argument;
}

static int compare(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

/* Its own calls, and those that libc makes for it. */
static void mode_wrapped(UNUSED char **argv)
{
	static int many[5003];

	for (int i = 0; i < 53; i++)
		blocks[i] = i % 2 ? malloc(41) : calloc(3, 43);
	for (int i = 0; i < 17; i++) {
		FILE *file = fopen("/proc/self/status", "r");
		DIR *directory = opendir("/proc/self");
		char *line = NULL, name[32];
		size_t room = 0;
		pthread_t thread;

		while (getline(&line, &room, file) > 0)
			if (i % 3)
				free(strdup(line));
		free(line);
		fclose(file);
		closedir(directory);
		snprintf(name, sizeof(name), "WRAPPED_%d", i);
		setenv(name, "47", 1);
		for (int k = 0; k < 5003; k++)
			many[k] = (k * 7919 + i) % 5003;
		qsort(many, 5003, sizeof(*many), compare);
		if (pthread_create(&thread, NULL, work, NULL))
			_exit(4);
		pthread_join(thread, NULL);
	}
	for (int i = 0; i < 29; i++)
		free(blocks[i]);
}

int main(UNUSED int argc, char **argv)
{
	static const struct mode modes[] = { { "wrapped", mode_wrapped, NULL }, { NULL, NULL, NULL } };
	static const struct mode *const lists[] = { modes, NULL };

	return run_modes(lists, argv);
}
