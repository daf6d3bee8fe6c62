// SPDX-License-Identifier: Apache-2.0
// A library that allocates in every way an object can: by its PLT or GOT, by an initialised
// pointer, by one that it changed itself, and by a weak reference to what nobody has.
#include <stdlib.h>

#define JOIN(a, b) a##b
#define NAME(a, b) JOIN(a, b)

extern void *nobody_allocates(size_t) __attribute__((weak));
static void *(*volatile pointer)(size_t) = malloc;
static void (*volatile changed)(void *) = free;

static void own_free(void *block)
{
	(void)block;
}

void NAME(USER, _change)(void)
{
	changed = own_free;
}

/* Whether it is still what the library wrote. */
int NAME(USER, _is_changed)(void)
{
	return changed == own_free;
}

void *NAME(USER, _points)(size_t bytes)
{
	return pointer(bytes);
}

void *NAME(USER, _calls)(size_t bytes)
{
	void *block = malloc(bytes), *weak = nobody_allocates ? nobody_allocates(bytes) : NULL;

	free(weak);
	return realloc(block, 2 * bytes);
}

void NAME(USER, _frees)(void *block)
{
	free(block);
}
