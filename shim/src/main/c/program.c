/* SPDX-License-Identifier: Apache-2.0 */
#include "program.h"

#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LINE_BYTES 256 /* of a script's first line: what the kernel reads */
#define MOST_SCRIPTS 5 /* that run one another; execve(2) */

static int open_file(const char *path)
{
	return (int)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0);
}

bool program_read(const struct program *program, void *into, size_t bytes, uint64_t at)
{
	return syscall(SYS_pread64, program->fd, into, bytes, at) == (long)bytes;
}

void program_close(struct program *program)
{
	if (program->fd >= 0)
		syscall(SYS_close, program->fd);
	program->fd = -1;
}

/* Goes on to what runs a script; false when this is none. */
static bool follow_script(struct program *program)
{
	char line[LINE_BYTES + 1] = "", *name = line + 2;

	if (syscall(SYS_pread64, program->fd, line, LINE_BYTES, 0) < 3 || line[0] != '#' || line[1] != '!')
		return false;
	name += strspn(name, " \t");
	name[strcspn(name, " \t\n")] = 0;
	program_close(program);
	program->fd = open_file(name);
	return program->fd >= 0;
}

enum program_kind program_open(struct program *program, const char *path)
{
	ElfW(Ehdr) header;

	program->segment_count = 0;
	program->fd = path ? open_file(path) : -1;
	for (int scripts = 0; program->fd >= 0 && scripts < MOST_SCRIPTS && follow_script(program); scripts++)
		;
	if (program->fd < 0 || !program_read(program, &header, sizeof(header), 0) ||
	    memcmp(header.e_ident, ELFMAG, SELFMAG))
		return PROGRAM_UNKNOWN;
	if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_machine != EM_X86_64)
		return PROGRAM_FOREIGN;
	if (header.e_phentsize == sizeof(ElfW(Phdr))) {
		program->segment_count = header.e_phnum;
		program->segments_at = header.e_phoff;
	}
	return PROGRAM_OURS;
}

bool program_next(const struct program *program, uint32_t kind, int *at, ElfW(Phdr) *segment)
{
	while (*at < program->segment_count &&
	       program_read(program, segment, sizeof(*segment),
			    program->segments_at + (uint64_t)(*at)++ * sizeof(*segment)))
		if (segment->p_type == kind)
			return true;
	return false;
}
