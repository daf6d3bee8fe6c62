/* What the modes share: a line on stdin to begin, and a plain ledger that knows the truth. */
#ifndef WORKLOAD_H
#define WORKLOAD_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A mode: run gets main's argv. prepare, where there is one, works before `ready`. */
struct mode {
	const char *name;
	void (*run)(char **argv);
	void (*prepare)(void);
};

extern const struct mode heap_modes[], map_modes[], thread_modes[], process_modes[], own_modes[];
extern const struct mode frame_modes[], signal_modes[], fibre_modes[], storm_modes[];
extern const struct mode exit_modes[], child_modes[], object_modes[];

/* Blocks of the running mode, by any number. */
extern void *blocks[4096];

/* Others, one after the other, by any thread and in any handler. */
void keep(void *block);
/* Frees every third block that was kept since the last time. */
void drop_thirds(void);

/* Writes to stdout at once and without allocating. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Prints the truth. */
void tell(void);
/* And ends the process at once, with everything still allocated. */
void finish(void) __attribute__((noreturn));

/* Waits for the end of a line on stdin. */
void wait_for_go(void);

/* The number among the arguments, or the other one. */
long number(char **argv, long otherwise);

/* Runs the modes that the first argument names, of lists that end with NULL; 2 for a wrong name. */
int run_modes(const struct mode *const *lists, char **argv);

/* Notes what an allocator call did at the line where it stands; the call is evaluated there, so
 * that it is the innermost frame. A call that must not fail ends the program when it does. */
#define HERE __FILE__, __LINE__
#define TAKE(call, bytes) took((call), (bytes), HERE)
#define RESIZE(old, call, bytes) (resizing(old), resized((call), (bytes), HERE))
#define MAP(call, bytes) mapped((call), (bytes), HERE)
#define REMAP(old, call, bytes) (remapping(), remapped((old), (call), (bytes), HERE))

void *took(void *block, size_t bytes, const char *file, int line);
/* Before the block goes: then nobody else can have its address yet. NULL is no event. */
void *dropping(void *block);
#define DROP(block) free(dropping(block))
void resizing(void *old);
/* bytes 0 and a null result released the old block; otherwise a null result is a failure. */
void *resized(void *block, size_t bytes, const char *file, int line);
void *mapped(void *address, size_t bytes, const char *file, int line);
void remapping(void);
void *remapped(void *old, void *address, size_t bytes, const char *file, int line);
/* Calls munmap. */
void unmap(void *address, size_t bytes);
/* A call that must fail and so is no event, but for its intent. */
void must_fail(int failed, int intents);

/* What threads too fast for the ledger counted themselves, at one line. */
struct sum {
	unsigned long allocs, bytes, frees, freed_bytes;
};
void summed(const struct sum *sum, const char *file, int line);

/* In a child with an address space of its own: an empty ledger, and lines that begin `child PID`. */
void new_process(void);

/* So far, as `before` lines tell it. */
unsigned long taken(void), taken_bytes(void);

#ifdef __cplusplus
}
#endif

#endif
