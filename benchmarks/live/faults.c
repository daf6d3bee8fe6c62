/* Touches fresh memory, page by page, as fast as it goes, and gives it back; a line at the end.
 *
 *   faults SECONDS SKIPPED MEGABYTES     the first seconds, in which a tracer attaches, are not counted
 */
#define _DEFAULT_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>

#define PAGE 4096L

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static double cpu(void)
{
	struct rusage used;
	getrusage(RUSAGE_SELF, &used);
	return used.ru_utime.tv_sec + used.ru_stime.tv_sec +
	       (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

__attribute__((noipa)) static void touch(volatile char *base, long pages)
{
	for (long i = 0; i < pages; i++)
		base[i * PAGE] = 1;
}

/* Callers, so that a stack is more than a frame. */
#define BELOW(name, below)                                                  \
	__attribute__((noipa)) static void name(volatile char *base, long pages) \
	{                                                                   \
		volatile char kept[40] = { 0 };                             \
		below(base, pages + kept[7]);                               \
		kept[9] = 1;                                                \
	}
BELOW(inner, touch)
BELOW(middle, inner)
BELOW(outer, middle)

static void round_of(long pages)
{
	char *base = mmap(0, pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (base == MAP_FAILED)
		exit(1);
	madvise(base, pages * PAGE, MADV_NOHUGEPAGE);
	outer(base, pages);
	munmap(base, pages * PAGE);
}

int main(int argc, char **argv)
{
	if (argc < 4)
		return 2;
	double seconds = atof(argv[1]), skipped = atof(argv[2]), start = now(), began, used;
	long pages = atol(argv[3]) * 256, faults = 0;
	while (now() - start < skipped)
		round_of(pages);
	for (began = now(), used = cpu(); now() - start < seconds; faults += pages)
		round_of(pages);
	printf("faults=%ld ns_per_fault=%.0f cpu_ns_per_fault=%.0f\n", faults, (now() - began) * 1e9 / faults,
	       (cpu() - used) * 1e9 / faults);
	return 0;
}
