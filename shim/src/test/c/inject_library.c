// SPDX-License-Identifier: Apache-2.0
// What stands for the shim in the injector's tests: counts its calls in the arena, and does what
// the injector has to undo: uses stack, errno, vector registers and the allocator.
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct arena {
	uint64_t magic, attached, detached, aligned;
};

int unfreed_shim_active;
static struct arena *arena;

static void disturb(void)
{
	volatile char large[200000];
	void *block = malloc(1000);

	memset((char *)large, 1, sizeof(large));
	free(block);
	/* The oldest processor that tests run on has AVX. */
	__asm__ volatile("vzeroall; std; cld" ::: "memory", "cc");
	errno = 77;
}

__attribute__((visibility("default"))) int unfreed_shim_attach(int fd)
{
	struct arena *mapped;

	if (unfreed_shim_active)
		return -EBUSY;
	if (getenv("INJECT_HANG"))
		for (;;)
			pause();
	if (getenv("INJECT_FAULT"))
		__asm__ volatile("movl $1, 8" ::: "memory");
	mapped = mmap(NULL, sizeof(*arena), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (mapped == MAP_FAILED)
		return -errno;
	if (mapped->magic != 0x756e6672656564)
		return -EINVAL;
	arena = mapped;
	arena->attached++;
	arena->aligned = (uintptr_t)__builtin_frame_address(0) % 16;
	disturb();
	unfreed_shim_active = 1;
	return 0;
}

__attribute__((visibility("default"))) int unfreed_shim_detach(void)
{
	if (unfreed_shim_active) {
		arena->detached++;
		munmap(arena, sizeof(*arena));
	}
	unfreed_shim_active = 0;
	disturb();
	return 0;
}
