/* A slow and simple recorder to check the workloads by, not the other way round: preloaded, it writes
 * a line for each outermost allocator call to the file WITNESS, with the place that called. Linux, glibc
 * 2.35 or later (_dl_find_object). Used by ./check.
 *
 *   kind pid tid address old-address bytes module offset
 *
 * kind: a alloc, f free (before it), i intent of a realloc (before it), r its outcome, m map, u unmap
 * outcome, R mremap outcome, x an image begins. A failed outcome has address 0. module is the innermost object that is no
 * library of the system, or `libc` when libc's own code called, or `runtime` when there is none. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <unwind.h>

#define TLS static __thread __attribute__((tls_model("initial-exec")))
#define NEXT(name) (name##_next ? name##_next : (name##_next = find(#name)))
#define DEFINE(result, name, ...) static result (*name##_next)(__VA_ARGS__);

DEFINE(void *, malloc, size_t) DEFINE(void, free, void *) DEFINE(void *, calloc, size_t, size_t)
DEFINE(void *, realloc, void *, size_t) DEFINE(void *, reallocarray, void *, size_t, size_t)
DEFINE(int, posix_memalign, void **, size_t, size_t) DEFINE(void *, aligned_alloc, size_t, size_t)
DEFINE(void *, memalign, size_t, size_t) DEFINE(void *, valloc, size_t) DEFINE(void *, pvalloc, size_t)
DEFINE(void *, mmap, void *, size_t, int, int, int, off_t) DEFINE(int, munmap, void *, size_t)
DEFINE(void *, mremap, void *, size_t, size_t, int, ...)

TLS int inside;
static int out = -1;
static char early[1 << 16];
static size_t early_used;

static void *find(const char *name)
{
	void *next;

	inside++;
	next = dlsym(RTLD_NEXT, name);
	inside--;
	if (!next)
		_exit(126);
	return next;
}

/* dlsym may allocate before there is anything to allocate with. */
static void *take_early(size_t bytes)
{
	void *block = early + early_used;

	early_used += (bytes + 15) & ~(size_t)15;
	return early_used > sizeof(early) ? NULL : block;
}

static int is_early(const void *block)
{
	return (const char *)block >= early && (const char *)block < early + sizeof(early);
}

struct caller {
	char module[40];
	unsigned long offset;
};

static _Unwind_Reason_Code look(struct _Unwind_Context *frame, void *argument)
{
	static const char *const system[] = { "libstdc++", "libgcc_s", "libjemalloc", "libtcmalloc",
					      "libmimalloc", NULL };
	struct caller *caller = argument;
	int before;
	unsigned long pc = _Unwind_GetIPInfo(frame, &before);
	struct dl_find_object found;
	const char *name = "exe";

	if (_dl_find_object((void *)pc, &found))
		return _URC_END_OF_STACK;
	if (found.dlfo_link_map->l_name[0])
		name = found.dlfo_link_map->l_name;
	name = strrchr(name, '/') ? strrchr(name, '/') + 1 : name;
	if (strstr(name, "witness"))
		return _URC_NO_REASON;
	for (const char *const *s = system; *s; s++)
		if (strstr(name, *s))
			return _URC_NO_REASON;
	if (!strncmp(name, "libc.so", 7) || !strncmp(name, "ld-linux", 8))
		name = "libc";
	snprintf(caller->module, sizeof(caller->module), "%s", name);
	caller->offset = pc - !before - found.dlfo_link_map->l_addr;
	return _URC_END_OF_STACK;
}

static void note(char kind, const void *address, const void *old, size_t bytes)
{
	struct caller caller = { "runtime", 0 };
	int error = errno, length;
	char line[160];

	if (out < 0) { /* before any constructor, if one of a library allocates */
		int file = open(getenv("WITNESS"), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);

		out = fcntl(file, F_DUPFD_CLOEXEC, 400);
		close(file);
		if (kind != 'x')
			note('x', NULL, NULL, 0);
	}
	if (!strchr("fix", kind))
		_Unwind_Backtrace(look, &caller);
	length = snprintf(line, sizeof(line), "%c %d %d %p %p %zu %s %lx\n", kind, getpid(), gettid(),
			  address, old, bytes, caller.module, caller.offset);
	if (write(out, line, length) != length)
		_exit(126);
	errno = error;
}

__attribute__((constructor)) static void begin(void)
{
	inside++;
	if (out < 0)
		note('x', NULL, NULL, 0);
	inside--;
}

#define OUTERMOST(call) (inside++, call); inside--
#define ALLOCATES(name, parameters, arguments, bytes)                                              \
	void *name parameters                                                                      \
	{                                                                                          \
		void *block;                                                                       \
                                                                                                   \
		if (inside)                                                                        \
			return name##_next ? name##_next arguments : take_early(bytes);            \
		NEXT(name);                                                                        \
		OUTERMOST(block = name##_next arguments);                                          \
		inside++;                                                                          \
		if (block)                                                                         \
			note('a', block, NULL, bytes);                                             \
		inside--;                                                                          \
		return block;                                                                      \
	}

ALLOCATES(malloc, (size_t n), (n), n)
ALLOCATES(calloc, (size_t k, size_t n), (k, n), k * n)
ALLOCATES(aligned_alloc, (size_t a, size_t n), (a, n), n)
ALLOCATES(memalign, (size_t a, size_t n), (a, n), n)
ALLOCATES(valloc, (size_t n), (n), n)
ALLOCATES(pvalloc, (size_t n), (n), n)

static int take_aligned(int (*next)(void **, size_t, size_t), void **block, size_t a, size_t n)
{
	int error;

	OUTERMOST(error = next(block, a, n));
	if (!inside++ && !error)
		note('a', *block, NULL, n);
	inside--;
	return error;
}

int posix_memalign(void **block, size_t a, size_t n)
{
	NEXT(posix_memalign);
	return take_aligned(posix_memalign_next, block, a, n);
}

static void release(void *block, void (*next)(void *))
{
	if (is_early(block))
		return;
	if (!inside++ && block)
		note('f', block, NULL, 0);
	next(block);
	inside--;
}

void free(void *block)
{
	release(block, NEXT(free));
}

void cfree(void *block)
{
	release(block, NEXT(free)); /* which it is another name of */
}

static void *resize(void *old, size_t bytes, void *(*next)(void *, size_t, size_t), size_t k, size_t n)
{
	void *block;
	int outer = !inside++;

	if (outer && old)
		note('i', old, old, 0);
	block = next(old, k, n);
	if (outer && old)
		note('r', block, old, bytes);
	else if (outer && block)
		note('a', block, NULL, bytes);
	inside--;
	return block;
}

static void *plainly(void *old, size_t k, size_t n)
{
	return realloc_next(old, k * n);
}

void *realloc(void *old, size_t n)
{
	NEXT(realloc);
	return resize(old, n, plainly, 1, n);
}

void *reallocarray(void *old, size_t k, size_t n)
{
	NEXT(reallocarray);
	return resize(old, k * n, reallocarray_next, k, n);
}

/* C++'s operators are events only where an allocator defines them; they may throw. */
static int is_allocators(void *function)
{
	Dl_info object;

	return dladdr(function, &object) && !strstr(object.dli_fname, "libstdc++");
}

static void come_out(int *unused)
{
	(void)unused;
	inside--;
}

/* The allocators' own names. */
#define OWN(name, parameters, arguments, bytes)                                                    \
	static void *(*name##_next)parameters;                                                     \
	void *name parameters                                                                      \
	{                                                                                          \
		void *block;                                                                       \
                                                                                                   \
		NEXT(name);                                                                        \
		OUTERMOST(block = name##_next arguments);                                          \
		if (!inside++ && block)                                                            \
			note('a', block, NULL, bytes);                                             \
		inside--;                                                                          \
		return block;                                                                      \
	}
#define OWN_RESIZE(name, parameters, arguments, bytes)                                             \
	static void *(*name##_next)parameters;                                                     \
	void *name parameters                                                                      \
	{                                                                                          \
		void *block;                                                                       \
                                                                                                   \
		NEXT(name);                                                                        \
		if (!inside++ && b)                                                                \
			note('i', b, b, 0);                                                        \
		block = name##_next arguments;                                                     \
		if (!--inside && (b || block))                                                     \
			inside++, note(b ? 'r' : 'a', block, b, bytes), inside--;                  \
		return block;                                                                      \
	}
#define OWN_FREE(name, parameters, arguments)                                                      \
	static void (*name##_next)parameters;                                                      \
	void name parameters                                                                       \
	{                                                                                          \
		NEXT(name);                                                                        \
		if (!inside++ && b)                                                                \
			note('f', b, NULL, 0);                                                     \
		name##_next arguments;                                                             \
		inside--;                                                                          \
	}

#define NEW(name, parameters, arguments)                                                           \
	static void *(*name##_next)parameters;                                                     \
	void *name parameters                                                                      \
	{                                                                                          \
		static int counts = -1;                                                            \
		void *block;                                                                       \
                                                                                                   \
		NEXT(name);                                                                        \
		if (counts < 0)                                                                    \
			counts = is_allocators(name##_next);                                       \
		if (!counts)                                                                       \
			return name##_next arguments;                                              \
		{                                                                                  \
			__attribute__((cleanup(come_out))) int here = inside++;                    \
			block = name##_next arguments;                                             \
		}                                                                                  \
		if (!inside++ && block)                                                            \
			note('a', block, NULL, n);                                                 \
		inside--;                                                                          \
		return block;                                                                      \
	}
#define DELETE(name, parameters, arguments)                                                        \
	static void (*name##_next)parameters;                                                      \
	void name parameters                                                                       \
	{                                                                                          \
		static int counts = -1;                                                            \
                                                                                                   \
		NEXT(name);                                                                        \
		if (counts < 0)                                                                    \
			counts = is_allocators(name##_next);                                       \
		if (counts && !inside && b)                                                        \
			inside++, note('f', b, NULL, 0), inside--;                                 \
		inside += counts;                                                                  \
		name##_next arguments;                                                             \
		inside -= counts;                                                                  \
	}

NEW(_Znwm, (size_t n), (n))
NEW(_Znam, (size_t n), (n))
NEW(_ZnwmRKSt9nothrow_t, (size_t n, void *t), (n, t))
NEW(_ZnamRKSt9nothrow_t, (size_t n, void *t), (n, t))
NEW(_ZnwmSt11align_val_t, (size_t n, size_t a), (n, a))
NEW(_ZnamSt11align_val_t, (size_t n, size_t a), (n, a))
NEW(_ZnwmSt11align_val_tRKSt9nothrow_t, (size_t n, size_t a, void *t), (n, a, t))
NEW(_ZnamSt11align_val_tRKSt9nothrow_t, (size_t n, size_t a, void *t), (n, a, t))
DELETE(_ZdlPv, (void *b), (b))
DELETE(_ZdaPv, (void *b), (b))
DELETE(_ZdlPvm, (void *b, size_t n), (b, n))
DELETE(_ZdaPvm, (void *b, size_t n), (b, n))
DELETE(_ZdlPvRKSt9nothrow_t, (void *b, void *t), (b, t))
DELETE(_ZdaPvRKSt9nothrow_t, (void *b, void *t), (b, t))
DELETE(_ZdlPvSt11align_val_t, (void *b, size_t a), (b, a))
DELETE(_ZdaPvSt11align_val_t, (void *b, size_t a), (b, a))
DELETE(_ZdlPvmSt11align_val_t, (void *b, size_t n, size_t a), (b, n, a))
DELETE(_ZdaPvmSt11align_val_t, (void *b, size_t n, size_t a), (b, n, a))
DELETE(_ZdlPvSt11align_val_tRKSt9nothrow_t, (void *b, size_t a, void *t), (b, a, t))
DELETE(_ZdaPvSt11align_val_tRKSt9nothrow_t, (void *b, size_t a, void *t), (b, a, t))

void *mmap(void *at, size_t n, int protection, int flags, int file, off_t offset)
{
	void *range;

	NEXT(mmap);
	OUTERMOST(range = mmap_next(at, n, protection, flags, file, offset));
	if (!inside++ && range != MAP_FAILED)
		note('m', range, NULL, n);
	inside--;
	return range;
}

/* Between the call and its line another thread may map the range anew: only counted, not joined. */
int munmap(void *at, size_t n)
{
	int failed;

	NEXT(munmap);
	OUTERMOST(failed = munmap_next(at, n));
	if (!inside++)
		note('u', failed ? NULL : at, at, n);
	inside--;
	return failed;
}

void *mremap(void *old, size_t n, size_t to, int flags, ...)
{
	void *range, *at;
	va_list arguments;

	va_start(arguments, flags);
	at = flags & MREMAP_FIXED ? va_arg(arguments, void *) : NULL;
	va_end(arguments);
	NEXT(mremap);
	OUTERMOST(range = mremap_next(old, n, to, flags, at));
	if (!inside++) {
		if (n > 0 && !(flags & MREMAP_DONTUNMAP))
			note('R', range == MAP_FAILED ? NULL : range, old, to);
		else if (range != MAP_FAILED) /* the old range stays */
			note('m', range, NULL, to);
	}
	inside--;
	return range;
}

static int (*mi_posix_memalign_next)(void **, size_t, size_t);
static int (*tc_posix_memalign_next)(void **, size_t, size_t);
static size_t (*xallocx_next)(void *, size_t, size_t, int);

int mi_posix_memalign(void **block, size_t a, size_t n)
{
	NEXT(mi_posix_memalign);
	return take_aligned(mi_posix_memalign_next, block, a, n);
}

int tc_posix_memalign(void **block, size_t a, size_t n)
{
	NEXT(tc_posix_memalign);
	return take_aligned(tc_posix_memalign_next, block, a, n);
}

/* In place: as a realloc to the same address, or as one that failed. */
size_t xallocx(void *b, size_t n, size_t extra, int flags)
{
	size_t got;

	NEXT(xallocx);
	inside++;
	note('i', b, b, 0);
	got = xallocx_next(b, n, extra, flags);
	note('r', got >= n ? b : NULL, b, n);
	inside--;
	return got;
}

OWN(mallocx, (size_t n, int f), (n, f), n)
OWN_RESIZE(rallocx, (void *b, size_t n, int f), (b, n, f), n)
OWN_FREE(dallocx, (void *b, int f), (b, f))
OWN_FREE(sdallocx, (void *b, size_t n, int f), (b, n, f))

OWN(mi_malloc, (size_t n), (n), n)
OWN(mi_malloc_small, (size_t n), (n), n)
OWN(mi_zalloc, (size_t n), (n), n)
OWN(mi_zalloc_small, (size_t n), (n), n)
OWN(mi_calloc, (size_t k, size_t n), (k, n), k * n)
OWN(mi_mallocn, (size_t k, size_t n), (k, n), k * n)
OWN(mi_strdup, (const char *s), (s), strlen(s) + 1)
OWN(mi_new, (size_t n), (n), n)
OWN(mi_new_nothrow, (size_t n), (n), n)
OWN(mi_new_n, (size_t k, size_t n), (k, n), k * n)
OWN(mi_new_aligned, (size_t n, size_t a), (n, a), n)
OWN(mi_malloc_aligned, (size_t n, size_t a), (n, a), n)
OWN(mi_zalloc_aligned, (size_t n, size_t a), (n, a), n)
OWN(mi_calloc_aligned, (size_t k, size_t n, size_t a), (k, n, a), k * n)
OWN(mi_malloc_aligned_at, (size_t n, size_t a, size_t o), (n, a, o), n)
OWN(mi_memalign, (size_t a, size_t n), (a, n), n)
OWN(mi_aligned_alloc, (size_t a, size_t n), (a, n), n)
OWN(mi_valloc, (size_t n), (n), n)
OWN(mi_heap_malloc, (void *h, size_t n), (h, n), n)
OWN(mi_heap_zalloc, (void *h, size_t n), (h, n), n)
OWN(mi_heap_calloc, (void *h, size_t k, size_t n), (h, k, n), k * n)
OWN(mi_heap_malloc_aligned, (void *h, size_t n, size_t a), (h, n, a), n)
OWN_RESIZE(mi_realloc, (void *b, size_t n), (b, n), n)
OWN_RESIZE(mi_reallocn, (void *b, size_t k, size_t n), (b, k, n), k * n)
OWN_RESIZE(mi_reallocf, (void *b, size_t n), (b, n), n)
OWN_RESIZE(mi_rezalloc, (void *b, size_t n), (b, n), n)
OWN_RESIZE(mi_recalloc, (void *b, size_t k, size_t n), (b, k, n), k * n)
OWN_RESIZE(mi_realloc_aligned, (void *b, size_t n, size_t a), (b, n, a), n)
OWN_RESIZE(mi_new_realloc, (void *b, size_t n), (b, n), n)
OWN_RESIZE(mi_expand, (void *b, size_t n), (b, n), n)
OWN_RESIZE(mi_heap_realloc, (void *h, void *b, size_t n), (h, b, n), n)
OWN_FREE(mi_free, (void *b), (b))
OWN_FREE(mi_cfree, (void *b), (b))
OWN_FREE(mi_free_size, (void *b, size_t n), (b, n))
OWN_FREE(mi_free_aligned, (void *b, size_t a), (b, a))
OWN_FREE(mi_free_size_aligned, (void *b, size_t n, size_t a), (b, n, a))

OWN(tc_malloc, (size_t n), (n), n)
OWN(tc_malloc_skip_new_handler, (size_t n), (n), n)
OWN(tc_calloc, (size_t k, size_t n), (k, n), k * n)
OWN(tc_memalign, (size_t a, size_t n), (a, n), n)
OWN(tc_valloc, (size_t n), (n), n)
OWN(tc_pvalloc, (size_t n), (n), n)
OWN(tc_new, (size_t n), (n), n)
OWN(tc_newarray, (size_t n), (n), n)
OWN(tc_new_nothrow, (size_t n, void *t), (n, t), n)
OWN(tc_newarray_nothrow, (size_t n, void *t), (n, t), n)
OWN_RESIZE(tc_realloc, (void *b, size_t n), (b, n), n)
OWN_FREE(tc_free, (void *b), (b))
OWN_FREE(tc_cfree, (void *b), (b))
OWN_FREE(tc_free_sized, (void *b, size_t n), (b, n))
OWN_FREE(tc_delete, (void *b), (b))
OWN_FREE(tc_deletearray, (void *b), (b))
OWN_FREE(tc_delete_sized, (void *b, size_t n), (b, n))
OWN_FREE(tc_deletearray_sized, (void *b, size_t n), (b, n))
OWN_FREE(tc_delete_nothrow, (void *b, void *t), (b, t))
OWN_FREE(tc_deletearray_nothrow, (void *b, void *t), (b, t))
