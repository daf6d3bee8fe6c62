/* SPDX-License-Identifier: Apache-2.0 */
#include "pages.h"
#include "state.h"

#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MOST 64

static struct {
	void *at;
	size_t bytes;
} wiped[MOST];
static uint32_t wiped_count;

static void *map(size_t bytes, bool wiped_by_fork)
{
	long pages = syscall(SYS_mmap, NULL, bytes, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (pages < 0 && pages > -4096)
		return NULL;
	if (pages == -1)
		return NULL;
	syscall(SYS_madvise, pages, bytes, MADV_NOHUGEPAGE);
	syscall(SYS_madvise, pages, bytes, MADV_DONTDUMP);
	if (wiped_by_fork && syscall(SYS_madvise, pages, bytes, MADV_WIPEONFORK) != 0) {
		syscall(SYS_munmap, pages, bytes);
		return NULL;
	}
	return (void *)pages;
}

void *own_pages(size_t bytes, bool wiped_by_fork)
{
	void *pages = map(bytes, wiped_by_fork);
	uint32_t index;

	if (pages && wiped_by_fork) {
		index = __atomic_fetch_add(&wiped_count, 1, __ATOMIC_RELAXED);
		if (index < MOST) {
			wiped[index].at = pages;
			wiped[index].bytes = bytes;
		}
	}
	return pages;
}

void *thread_pages(size_t bytes)
{
	return map(bytes, true);
}

static uint32_t count(void)
{
	uint32_t all = __atomic_load_n(&wiped_count, __ATOMIC_RELAXED);

	return all < MOST ? all : MOST;
}

void pages_keep(bool keep)
{
	for (uint32_t i = 0; i < count(); i++)
		syscall(SYS_madvise, wiped[i].at, wiped[i].bytes, keep ? MADV_KEEPONFORK : MADV_WIPEONFORK);
}

void pages_wipe(void)
{
	for (uint32_t i = 0; i < count(); i++)
		syscall(SYS_madvise, wiped[i].at, wiped[i].bytes, MADV_DONTNEED);
}
