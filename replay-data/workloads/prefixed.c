/* Modes: allocators that are not libc's, in this program and in an object mapped by dlopen. */
#include "workload.h"

#include <dlfcn.h>
#include <setjmp.h>

#define UNUSED __attribute__((unused))

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

static void mode_longjmp(UNUSED char **argv)
{
	for (volatile int i = 0; i < 23; i++) {
		if (!setjmp(back))
			deeper(i % 5);
		blocks[i] = TAKE(jump_malloc(31), 31);
	}
	for (int i = 0; i < 3; i++)
		jump_free(dropping(blocks[i]));
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
		blocks[i] = TAKE(own_malloc(37), 37);
	for (int i = 0; i < 7; i++)
		own_free(dropping(blocks[i]));
}

const struct mode own_modes[] = {
	{ "longjmp", mode_longjmp, NULL },
	{ "dlopen", mode_dlopen, NULL },
	{ NULL, NULL, NULL },
};
