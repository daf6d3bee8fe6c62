/* Compressed time, and who frees or keeps which block when. Times are parts of a run, from 0 to 1, so that a program is the
 * same however long it takes. Nothing here allocates. */
#ifndef SCHEDULE_H
#define SCHEDULE_H

#define NOINLINE __attribute__((noinline, noclone))
#define NEVER 1e9

/* Begins a run of so many seconds; random numbers differ by program. */
void begin(double seconds, unsigned program);

double uniform(void);
double exponential(double mean);

/* Sleeps until a time of the run, freeing what is due meanwhile. */
void until(double at);

/* Calls at random moments, so many in a whole run. */
void arrivals(double count, double from, double to, void (*call)(double at));

void free_at(void *block, double at);

/* Keeps a block reachable for ever, but for free_kept. */
void keep(void *block);
void free_kept(void);

#endif
