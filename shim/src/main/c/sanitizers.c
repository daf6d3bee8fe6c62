/* SPDX-License-Identifier: Apache-2.0 */
#include "sanitizers.h"

#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NAME_BYTES 32
#define ENTRIES_AT_ONCE 32
#define PRELOAD "LD_PRELOAD="

/* AddressSanitizer refuses to run behind another library, ThreadSanitizer crashes; gcc's and clang's. */
static const char *const libraries[] = { "libasan.so", "libtsan.so", "libhwasan.so", "libclang_rt.asan",
					 "libclang_rt.tsan", "libclang_rt.hwasan" };

/* Where in the file what is loaded at an address lies; 0 for nowhere. */
static uint64_t file_offset(const struct program *program, uint64_t address)
{
	ElfW(Phdr) load;

	for (int at = 0; program_next(program, PT_LOAD, &at, &load);)
		if (address - load.p_vaddr < load.p_filesz)
			return load.p_offset + (address - load.p_vaddr);
	return 0;
}

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

/* The entries of a dynamic section, a few at a time: there may be little stack. */
struct entries {
	uint64_t from, end; /* of what is not read yet, in the file */
	long count, at;
	ElfW(Dyn) read[ENTRIES_AT_ONCE];
};

static void begin_entries(struct entries *entries, const ElfW(Phdr) *dynamic)
{
	entries->from = dynamic->p_offset;
	entries->end = dynamic->p_offset + dynamic->p_filesz;
	entries->count = entries->at = 0;
}

/* Null behind the last one. */
static const ElfW(Dyn) *next_entry(const struct program *program, struct entries *entries)
{
	if (entries->at == entries->count) {
		uint64_t rest = entries->end > entries->from ? entries->end - entries->from : 0;
		size_t bytes = rest < sizeof(entries->read) ? rest : sizeof(entries->read);
		long got = syscall(SYS_pread64, program->fd, entries->read, bytes, entries->from);

		entries->count = got < 0 ? 0 : got / (long)sizeof(ElfW(Dyn));
		entries->from += (uint64_t)entries->count * sizeof(ElfW(Dyn));
		entries->at = 0;
		if (entries->count == 0)
			return NULL;
	}
	return entries->read[entries->at].d_tag == DT_NULL ? NULL : &entries->read[entries->at++];
}

static bool needs(const struct program *program, const ElfW(Phdr) *dynamic)
{
	struct entries entries;
	const ElfW(Dyn) *entry;
	uint64_t names = 0;

	begin_entries(&entries, dynamic);
	while ((entry = next_entry(program, &entries)))
		if (entry->d_tag == DT_STRTAB)
			names = file_offset(program, entry->d_un.d_ptr);
	begin_entries(&entries, dynamic);
	while (names && (entry = next_entry(program, &entries)))
		if (entry->d_tag == DT_NEEDED && names_sanitizer(program, names + entry->d_un.d_val))
			return true;
	return false;
}

bool needs_sanitizer(const struct program *program)
{
	ElfW(Phdr) dynamic;

	for (int at = 0; program_next(program, PT_DYNAMIC, &at, &dynamic);)
		if (needs(program, &dynamic))
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
