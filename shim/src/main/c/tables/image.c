/* SPDX-License-Identifier: Apache-2.0 */
#include "image.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define GUARD 64
#define MOST_BYTES (1ull << 30)
#define MOST_SECTIONS 8192

static bool read_at(const struct image *image, void *to, uint64_t bytes, uint64_t offset)
{
	uint8_t *at = to;

	if (offset > image->bytes || bytes > image->bytes - offset)
		return false;
	while (bytes > 0) {
		ssize_t got = pread(image->fd, at, bytes, (off_t)offset);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		at += got;
		offset += (uint64_t)got;
		bytes -= (uint64_t)got;
	}
	return true;
}

/* A part of the file with zeros behind it. */
static uint8_t *copy_of(const struct image *image, uint64_t offset, uint64_t bytes)
{
	uint8_t *copy;

	if (bytes == 0 || bytes > MOST_BYTES || bytes > image->bytes)
		return NULL;
	copy = malloc(bytes + GUARD);
	if (!copy)
		return NULL;
	memset(copy + bytes, 0, GUARD);
	if (read_at(image, copy, bytes, offset))
		return copy;
	free(copy);
	return NULL;
}

bool image_offset(const struct image *image, uint64_t address, uint64_t *offset)
{
	for (int i = 0; i < image->segment_count; i++) {
		const Elf64_Phdr *segment = &image->segments[i];

		if (segment->p_type == PT_LOAD && address >= segment->p_vaddr &&
		    address - segment->p_vaddr < segment->p_filesz) {
			*offset = address - segment->p_vaddr + segment->p_offset;
			return true;
		}
	}
	return false;
}

/* .eh_frame by its section, as programs linked -static have it, and what else sections tell. */
static void read_sections(struct image *image, uint64_t *address, uint64_t *bytes)
{
	const Elf64_Ehdr *elf = &image->header;
	Elf64_Shdr *sections = NULL;
	char *names = NULL;
	uint64_t names_bytes;

	if (elf->e_shentsize != sizeof(*sections) || elf->e_shnum == 0 ||
	    elf->e_shnum > MOST_SECTIONS || elf->e_shstrndx >= elf->e_shnum)
		return;
	sections = (Elf64_Shdr *)copy_of(image, elf->e_shoff, elf->e_shnum * sizeof(*sections));
	if (!sections)
		return;
	names_bytes = sections[elf->e_shstrndx].sh_size;
	names = (char *)copy_of(image, sections[elf->e_shstrndx].sh_offset, names_bytes);
	for (int i = 0; names && i < elf->e_shnum; i++) {
		const char *name = names + sections[i].sh_name;

		if (sections[i].sh_name >= names_bytes)
			continue;
		if (!strcmp(name, ".gopclntab"))
			image->go = true;
		if (!strcmp(name, ".eh_frame") && sections[i].sh_flags & SHF_ALLOC &&
		    sections[i].sh_type != SHT_NOBITS) {
			*address = sections[i].sh_addr;
			*bytes = sections[i].sh_size;
		}
	}
	free(names);
	free(sections);
}

/* .eh_frame by the table that points to it, where there are no sections (the vdso's may lack). */
static void read_header(struct image *image, const Elf64_Phdr *segment, uint64_t *address)
{
	uint8_t start[8];
	int32_t distance;

	if (!read_at(image, start, sizeof(start), segment->p_offset) || start[0] != 1 ||
	    start[1] != 0x1b) /* pcrel sdata4: what linkers write */
		return;
	memcpy(&distance, start + 4, sizeof(distance));
	*address = segment->p_vaddr + 4 + (uint64_t)(int64_t)distance;
}

static void copy_eh_frame(struct image *image)
{
	uint64_t address = 0, bytes = 0;

	read_sections(image, &address, &bytes);
	for (int i = 0; i < image->segment_count && !address; i++)
		if (image->segments[i].p_type == PT_GNU_EH_FRAME)
			read_header(image, &image->segments[i], &address);
	for (int i = 0; i < image->segment_count && address; i++) {
		const Elf64_Phdr *segment = &image->segments[i];
		uint64_t before;

		if (segment->p_type != PT_LOAD || address < segment->p_vaddr ||
		    address - segment->p_vaddr >= segment->p_filesz)
			continue;
		before = address - segment->p_vaddr;
		if (bytes == 0 || bytes > segment->p_filesz - before)
			bytes = segment->p_filesz - before;
		image->address = address;
		image->copy = copy_of(image, segment->p_offset + before, bytes);
		if (image->copy)
			image->within = (struct cfi_range){ image->copy, image->copy + bytes };
		image->eh_frame = image->within;
		return;
	}
}

int image_open(struct image *image, const char *path)
{
	Elf64_Ehdr *elf = &image->header;
	struct stat file;

	memset(image, 0, sizeof(*image));
	image->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (image->fd < 0)
		return -errno;
	if (fstat(image->fd, &file) || !S_ISREG(file.st_mode))
		return -ENOEXEC;
	image->bytes = (uint64_t)file.st_size;
	if (!read_at(image, elf, sizeof(*elf), 0) || memcmp(elf->e_ident, ELFMAG, SELFMAG) ||
	    elf->e_ident[EI_CLASS] != ELFCLASS64 || elf->e_machine != EM_X86_64 ||
	    elf->e_phentsize != sizeof(Elf64_Phdr) || elf->e_phnum > SEGMENTS)
		return -ENOEXEC;
	if (!read_at(image, image->segments, elf->e_phnum * sizeof(Elf64_Phdr), elf->e_phoff))
		return -ENOEXEC;
	image->segment_count = elf->e_phnum;
	copy_eh_frame(image);
	return 0;
}

void image_close(struct image *image)
{
	if (image->fd >= 0)
		close(image->fd);
	free(image->copy);
	image->copy = NULL;
}
