/* SPDX-License-Identifier: Apache-2.0 */
#include "dynamic.h"

#include <sys/syscall.h>
#include <unistd.h>

uint64_t program_offset(const struct program *program, uint64_t address)
{
	ElfW(Phdr) load;

	for (int at = 0; program_next(program, PT_LOAD, &at, &load);)
		if (address - load.p_vaddr < load.p_filesz)
			return load.p_offset + (address - load.p_vaddr);
	return 0;
}

void dynamic_begin(struct dynamic *dynamic, const struct program *program)
{
	ElfW(Phdr) segment;
	int at = 0;

	dynamic->program = program;
	dynamic->from = dynamic->end = 0;
	dynamic->count = dynamic->at = 0;
	if (program_next(program, PT_DYNAMIC, &at, &segment)) {
		dynamic->from = segment.p_offset;
		dynamic->end = segment.p_offset + segment.p_filesz;
	}
}

const ElfW(Dyn) *dynamic_next(struct dynamic *dynamic)
{
	if (dynamic->at == dynamic->count) {
		uint64_t rest = dynamic->end > dynamic->from ? dynamic->end - dynamic->from : 0;
		size_t bytes = rest < sizeof(dynamic->read) ? rest : sizeof(dynamic->read);
		long got = syscall(SYS_pread64, dynamic->program->fd, dynamic->read, bytes, dynamic->from);

		dynamic->count = got < 0 ? 0 : got / (long)sizeof(ElfW(Dyn));
		dynamic->from += (uint64_t)dynamic->count * sizeof(ElfW(Dyn));
		dynamic->at = 0;
		if (dynamic->count == 0)
			return NULL;
	}
	return dynamic->read[dynamic->at].d_tag == DT_NULL ? NULL : &dynamic->read[dynamic->at++];
}
