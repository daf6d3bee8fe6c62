// SPDX-License-Identifier: Apache-2.0
#include "loader.h"

#include "elf.h"

#include <dlfcn.h>
#include <string.h>
#include <sys/auxv.h>

extern const Elf64_Dyn own_dynamic[] __asm__("_DYNAMIC") __attribute__((visibility("hidden")));

static const struct link_map *object_named(const char *file)
{
	for (const struct link_map *m = _r_debug.r_map; m; m = m->l_next) {
		const char *slash = m->l_name ? strrchr(m->l_name, '/') : NULL;

		if (slash && strcmp(slash + 1, file) == 0)
			return m;
	}
	return NULL;
}

/* libc and libdl are never unloaded, so this list may be walked up to them without the lock. */
bool loader_find(struct loader *found)
{
	const struct link_map *libc = object_named("libc.so.6"), *libdl;

	memset(found, 0, sizeof(*found));
	if (!libc)
		return false;
	found->iterate = elf_symbol(libc, "dl_iterate_phdr");
	found->open = elf_symbol(libc, "dlopen");
	found->close = elf_symbol(libc, "dlclose");
	if (!found->open) {
		/* glibc before 2.34. */
		libdl = object_named("libdl.so.2");
		found->open = libdl ? elf_symbol(libdl, "dlopen") : NULL;
		found->close = libdl ? elf_symbol(libdl, "dlclose") : NULL;
	}
	if (!found->open) {
		found->open = elf_symbol(libc, "__libc_dlopen_mode");
		found->close = elf_symbol(libc, "__libc_dlclose");
	}
	return found->iterate && found->open && found->close;
}

bool loader_leaves_alone(const struct link_map *object)
{
	return object->l_ld == own_dynamic || object->l_addr == _r_debug.r_ldbase ||
	       (object->l_addr != 0 && object->l_addr == getauxval(AT_SYSINFO_EHDR));
}

bool loader_pin(const struct loader *loader, const struct link_map *object, const char *name,
		void **handle)
{
	/* The program itself has no name; null asks for it. */
	*handle = loader->open(*name ? name : NULL, RTLD_LAZY | RTLD_NOLOAD);
	if (*handle == (const void *)object)
		return true;
	loader_unpin(loader, *handle);
	return false;
}

void loader_unpin(const struct loader *loader, void *handle)
{
	if (handle)
		loader->close(handle);
}
