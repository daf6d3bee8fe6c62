/* SPDX-License-Identifier: Apache-2.0 */
#include "sanitizers.h"

#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MOST_SEGMENTS 32
#define MOST_ENTRIES 256
#define NAME_BYTES 32
#define PRELOAD "LD_PRELOAD="

/* AddressSanitizer refuses to run behind another library, ThreadSanitizer crashes; gcc's and clang's. */
static const char *const libraries[] = { "libasan.so", "libtsan.so", "libhwasan.so", "libclang_rt.asan",
					 "libclang_rt.tsan", "libclang_rt.hwasan" };

struct program {
	int fd;
	int count;
	ElfW(Phdr) segments[MOST_SEGMENTS];
};

static bool read_at(const struct program *program, void *into, size_t bytes, uint64_t at)
{
	return syscall(SYS_pread64, program->fd, into, bytes, at) == (long)bytes;
}

static bool read_segments(struct program *program)
{
	ElfW(Ehdr) header;

	if (!read_at(program, &header, sizeof(header), 0) || memcmp(header.e_ident, ELFMAG, SELFMAG) ||
	    header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_phentsize != sizeof(ElfW(Phdr)))
		return false;
	program->count = header.e_phnum < MOST_SEGMENTS ? header.e_phnum : MOST_SEGMENTS;
	return read_at(program, program->segments, (size_t)program->count * sizeof(ElfW(Phdr)), header.e_phoff);
}

/* Where in the file what is loaded at an address lies; 0 for nowhere. */
static uint64_t file_offset(const struct program *program, uint64_t address)
{
	for (int i = 0; i < program->count; i++) {
		const ElfW(Phdr) *load = &program->segments[i];

		if (load->p_type == PT_LOAD && address - load->p_vaddr < load->p_filesz)
			return load->p_offset + (address - load->p_vaddr);
	}
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

static bool needs(const struct program *program, const ElfW(Phdr) *dynamic)
{
	ElfW(Dyn) entries[MOST_ENTRIES];
	size_t count = dynamic->p_filesz / sizeof(*entries);
	uint64_t names = 0;

	if (count > MOST_ENTRIES)
		count = MOST_ENTRIES;
	if (!read_at(program, entries, count * sizeof(*entries), dynamic->p_offset))
		return false;
	for (size_t i = 0; i < count; i++)
		if (entries[i].d_tag == DT_STRTAB)
			names = file_offset(program, entries[i].d_un.d_ptr);
	for (size_t i = 0; names && i < count; i++)
		if (entries[i].d_tag == DT_NEEDED && names_sanitizer(program, names + entries[i].d_un.d_val))
			return true;
	return false;
}

bool needs_sanitizer(const char *path)
{
	int error = errno;
	struct program program = { .fd = path ? (int)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0) : -1 };
	bool result = false;

	if (program.fd >= 0 && read_segments(&program))
		for (int i = 0; i < program.count && !result; i++)
			result = program.segments[i].p_type == PT_DYNAMIC && needs(&program, &program.segments[i]);
	if (program.fd >= 0)
		syscall(SYS_close, program.fd);
	errno = error;
	return result;
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
