#define _GNU_SOURCE
#include "schedule.h"

#include <math.h>
#include <stdlib.h>
#include <time.h>

#define HELD 200000

static double span, begun;
static unsigned long long state = 88172645463325252ULL;

double uniform(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (state >> 11) * (1.0 / 9007199254740992.0);
}

double exponential(double mean)
{
	return -mean * log(1 - uniform());
}

static double clock_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

/* Blocks that will be freed, by when: a heap in a static array, so that it allocates nothing. */
static struct due {
	double at;
	void *block;
} due[HELD];
static int dues;

void free_at(void *block, double at)
{
	int i = dues++;

	if (dues == HELD)
		abort();
	for (; i > 0 && due[(i - 1) / 2].at > at; i = (i - 1) / 2)
		due[i] = due[(i - 1) / 2];
	due[i] = (struct due){ at, block };
}

static void *take_due(void)
{
	void *block = due[0].block;
	struct due last = due[--dues];
	int i = 0, child;

	for (; (child = 2 * i + 1) < dues; i = child) {
		child += child + 1 < dues && due[child + 1].at < due[child].at;
		if (last.at <= due[child].at)
			break;
		due[i] = due[child];
	}
	due[i] = last;
	return block;
}

NOINLINE static void give_back(void *block)
{
	free(block);
}

/* Sleeps until a time of the run, from 0 to 1, freeing what is due meanwhile. */
void until(double at)
{
	for (;;) {
		double next = dues && due[0].at < at ? due[0].at : at, left = begun + next * span - clock_now();

		if (left > 0) {
			struct timespec t = { (time_t)left, (long)((left - (time_t)left) * 1e9) };

			nanosleep(&t, NULL);
		}
		if (next == at)
			return;
		give_back(take_due());
	}
}

/* Calls at random moments, so many in a whole run. */
void arrivals(double count, double from, double to, void (*call)(double at))
{
	for (double t = from + exponential(1 / count); t < to; t += exponential(1 / count)) {
		until(t);
		call(t);
	}
	until(to);
}

/* Everything that is kept is reachable from here. */
static void *kept[HELD];
static int keeps;

void keep(void *block)
{
	kept[keeps++ % HELD] = block;
}

void free_kept(void)
{
	for (int i = 0; i < keeps; i++)
		free(kept[i]);
}

void begin(double seconds, unsigned program)
{
	state += program * 2654435761u;
	span = seconds;
	begun = clock_now();
}
