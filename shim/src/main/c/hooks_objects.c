/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Objects that come and go. What was remembered of the code of one that goes must not be believed
 * any more; one that comes with RTLD_DEEPBIND, or behind an attached library, is bound past our
 * hooks, so its slots are patched.
 */
#include "hook.h"
#include "hooks.h"
#include "modules.h"
#include "process.h"

#include <dlfcn.h>
#include <iconv.h>
#include <string.h>

REAL(int(void *), dlclose)
REAL(int(iconv_t), iconv_close)
REAL(void *(const char *, int), dlopen)
REAL(void *(void *, const char *), dlsym)

/*
 * 1. A thread closes X; ld.so unmaps it and lets its lock go.
 * 2. Another thread loads Y at the same addresses and allocates in its constructor.
 * 3. The first thread comes back here.
 * Between 1 and 3 the rules of X would be taken for Y's: while a close is under way nobody uses
 * what is remembered, and afterwards it has another generation.
 */
EXPORT int dlclose(void *object)
{
	bool known = arena && process->registered;
	int result;

	if (known) {
		__atomic_fetch_add(&process->closing, 1, __ATOMIC_SEQ_CST);
		process_objects_changed();
	}
	result = get_dlclose()(object);
	if (known) {
		process_objects_changed();
		__atomic_fetch_sub(&process->closing, 1, __ATOMIC_SEQ_CST);
	}
	return result;
}

/* libc unloads its modules for character sets by itself. */
EXPORT int iconv_close(iconv_t conversion)
{
	bool known = arena && process->registered;
	int result;

	if (known)
		__atomic_fetch_add(&process->closing, 1, __ATOMIC_SEQ_CST);
	result = get_iconv_close()(conversion);
	if (known) {
		if (modules_are_gone())
			process_objects_changed();
		__atomic_fetch_sub(&process->closing, 1, __ATOMIC_SEQ_CST);
	}
	return result;
}

/* Whether who asks makes a difference: for libraries that are searched for, and for $ORIGIN. */
static bool depends_on_caller(const char *file)
{
	return !strchr(file, '/') || strchr(file, '$');
}

/*
 * ld.so looks at the return address: a frame of ours in between would change where it searches.
 * So this only stands in between where that cannot matter; else the objects are patched when the
 * program asks for its first symbol, which is a jump again.
 */
EXPORT void *dlopen(const char *file, int mode)
{
	const struct link_map *last;
	void *object;

	if (!file || !hooks_wanted_for(mode))
		return get_dlopen()(file, mode);
	if (depends_on_caller(file)) {
		hooks_patch_later();
		return get_dlopen()(file, mode);
	}
	last = hooks_last_object();
	object = get_dlopen()(file, mode);
	if (object)
		hooks_patch_behind(last);
	return object;
}

/* Only in patched slots: a program's own interposer of dlsym stays what it is. */
HIDDEN void *hook_dlsym(void *object, const char *name);

void *hook_dlsym(void *object, const char *name)
{
	if (unlikely(hooks_to_patch()))
		hooks_patch_now();
	return get_dlsym()(object, name);
}
