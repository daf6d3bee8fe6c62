/* SPDX-License-Identifier: Apache-2.0 */
#include "sanitizers.h"
#include "dynamic.h"

#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NAME_BYTES 32
#define PRELOAD "LD_PRELOAD="

/* AddressSanitizer refuses to run behind another library, ThreadSanitizer crashes; gcc's and clang's. */
static const char *const libraries[] = { "libasan.so", "libtsan.so", "libhwasan.so", "libclang_rt.asan",
					 "libclang_rt.tsan", "libclang_rt.hwasan" };

static bool is_sanitizer(const char *name)
{
	for (size_t i = 0; i < sizeof(libraries) / sizeof(*libraries); i++)
		if (!strncmp(name, libraries[i], strlen(libraries[i])))
			return true;
	return false;
}

static bool names_sanitizer(const struct program *program, uint64_t name_at)
{
	char name[NAME_BYTES] = "";

	/* The end of the file may be near. */
	return syscall(SYS_pread64, program->fd, name, sizeof(name) - 1, name_at) > 0 && is_sanitizer(name);
}

bool needs_sanitizer(const struct program *program)
{
	struct dynamic dynamic;
	const ElfW(Dyn) *entry;
	uint64_t names = 0;

	dynamic_begin(&dynamic, program);
	while ((entry = dynamic_next(&dynamic)))
		if (entry->d_tag == DT_STRTAB)
			names = program_offset(program, entry->d_un.d_ptr);
	dynamic_begin(&dynamic, program);
	while (names && (entry = dynamic_next(&dynamic)))
		if (entry->d_tag == DT_NEEDED && names_sanitizer(program, names + entry->d_un.d_val))
			return true;
	return false;
}

/* The words of an LD_PRELOAD, each by its base name. */
static bool preloads(const char *words)
{
	while (*words) {
		size_t length = strcspn(words, ": "), base = length;

		while (base > 0 && words[base - 1] != '/')
			base--;
		if (is_sanitizer(words + base))
			return true;
		words += length + (words[length] != 0);
	}
	return false;
}

bool preloads_sanitizer(char *const *variables)
{
	for (; variables && *variables; variables++)
		if (!strncmp(*variables, PRELOAD, strlen(PRELOAD)) && preloads(*variables + strlen(PRELOAD)))
			return true;
	return false;
}
