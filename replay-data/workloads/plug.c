/* A plugin that allocates. Built, from copies by those names, as plug_a.so and plug_b.so with frames of other sizes whose code is as
 * long, so that at the same address the same return addresses have other stacks around them; and as
 * plug_lazy.so, whose resolver allocates under the dynamic linker's. */
#include "plug.h"

#include <stdlib.h>

#define NOINLINE __attribute__((noinline))
#define USE(place) __asm__ volatile("" : : "r"(place) : "memory")
#define EXPORT __attribute__((visibility("default")))

/* INNER and OUTER are the sizes, beyond 128 for instructions of one length. */

NOINLINE static void *inner(const struct lent *lent, size_t bytes)
{
	char frame[INNER];
	void *block;

	USE(frame);
	block = lent->took(malloc(bytes), bytes, __FILE__, __LINE__);
	lent->back();
	USE(frame);
	return block;
}

NOINLINE static void *middle(const struct lent *lent, size_t bytes)
{
	char frame[OUTER];
	void *block;

	USE(frame);
	lent->back();
	block = inner(lent, bytes);
	USE(frame);
	return block;
}

EXPORT void *plug_enter(const struct lent *lent, int round)
{
	char frame[INNER + OUTER];
	void *block;

	USE(frame);
	block = middle(lent, 31);
	if (round % 2) {
		free(lent->dropping(block));
		block = lent->took(calloc(1, 37), 37, __FILE__, __LINE__);
	}
	USE(frame);
	return block;
}

#ifdef LAZY
static const struct lent *host;

static int answer(void)
{
	return 42;
}

static int (*resolve(void))(void)
{
	if (host)
		inner(host, 41);
	return answer;
}

EXPORT int plug_answer(void) __attribute__((ifunc("resolve")));

EXPORT int plug_resolved(const struct lent *lent)
{
	host = lent;
	return plug_answer();
}
#endif
