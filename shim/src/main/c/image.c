// SPDX-License-Identifier: Apache-2.0
#include "image.h"

#include <errno.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

struct image image_of(const struct dl_phdr_info *info)
{
	struct image image = { info->dlpi_addr, NULL, info->dlpi_phdr, info->dlpi_phnum, 0, 0, false };
	uintptr_t page = getauxval(AT_PAGESZ);

	for (int i = 0; i < image.header_count; i++) {
		const ElfW(Phdr) *header = &image.headers[i];
		uintptr_t from = image.base + header->p_vaddr;

		if (header->p_type == PT_DYNAMIC) {
			image.dynamic = (const void *)from;
		} else if (header->p_type == PT_GNU_RELRO) {
			/* As _dl_protect_relro: a page that is only partly RELRO stays writable. */
			image.relro_from = from & -page;
			image.relro_to = (from + header->p_memsz) & -page;
		}
	}
	return image;
}

bool image_has_slot(const struct image *image, const void *slot)
{
	uintptr_t at = (uintptr_t)slot - image->base;

	if ((uintptr_t)slot % sizeof(void *) != 0)
		return false;
	for (int i = 0; i < image->header_count; i++) {
		const ElfW(Phdr) *header = &image->headers[i];

		if (header->p_type == PT_LOAD && (header->p_flags & PF_W) &&
		    at >= header->p_vaddr && at - header->p_vaddr + sizeof(void *) <= header->p_memsz)
			return true;
	}
	return false;
}

/* A system call, not mprotect: a program's own, or a sanitizer's, may do more. */
static int protect(const struct image *image, int protection)
{
	size_t bytes = image->relro_to - image->relro_from;

	return syscall(SYS_mprotect, image->relro_from, bytes, protection) == 0 ? 0 : -errno;
}

int image_open(struct image *image, const void *slot)
{
	uintptr_t at = (uintptr_t)slot;
	int error;

	if (!image_has_slot(image, slot))
		return -EFAULT;
	if (image->relro_open || at < image->relro_from || at >= image->relro_to)
		return 0;
	error = protect(image, PROT_READ | PROT_WRITE);
	image->relro_open = error == 0;
	return error;
}

void image_close(struct image *image)
{
	if (image->relro_open)
		protect(image, PROT_READ);
	image->relro_open = false;
}
