/* SPDX-License-Identifier: Apache-2.0 */
#include "glibc.h"
#include "dynamic.h"

#include <string.h>

#define LINKER "ld-linux-x86-64.so.2"
#define NAME_BYTES 256
#define OLDEST_HASH 0x69691b5 /* the ELF hash of GLIBC_2.35, which has _dl_find_object */
#define MOST_VERSIONS 100     /* of a linker, which has 10: a damaged file must not keep us */

enum versions { NO_VERSIONS, OLD_VERSIONS, NEW_VERSIONS };

/* Which glibc's a file is, by the versions of symbols that it defines. */
static enum versions versions_of(const struct program *program)
{
	struct dynamic dynamic;
	const ElfW(Dyn) *entry;
	ElfW(Verdef) version;
	uint64_t at = 0;

	dynamic_begin(&dynamic, program);
	while ((entry = dynamic_next(&dynamic)))
		if (entry->d_tag == DT_VERDEF)
			at = program_offset(program, entry->d_un.d_ptr);
	if (!at)
		return NO_VERSIONS;
	for (int i = 0; i < MOST_VERSIONS && program_read(program, &version, sizeof(version), at); i++) {
		if (version.vd_hash == OLDEST_HASH)
			return NEW_VERSIONS;
		if (!version.vd_next)
			break;
		at += version.vd_next;
	}
	return OLD_VERSIONS;
}

bool program_is_for_our_libc(struct program *program)
{
	char name[NAME_BYTES] = "";
	ElfW(Phdr) segment;
	const char *base;
	int at = 0;

	if (!program_next(program, PT_INTERP, &at, &segment))
		return versions_of(program) != OLD_VERSIONS; /* a linker that is called by its own name */
	if (segment.p_filesz >= sizeof(name) || !program_read(program, name, segment.p_filesz, segment.p_offset))
		return false;
	base = strrchr(name, '/');
	if (strcmp(base ? base + 1 : name, LINKER))
		return false;
	program_close(program);
	switch (program_open(program, name)) {
	case PROGRAM_UNKNOWN: return true; /* cannot be read: the kernel judges */
	case PROGRAM_OURS: return versions_of(program) == NEW_VERSIONS;
	default: return false;
	}
}
