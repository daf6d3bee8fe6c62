/* SPDX-License-Identifier: Apache-2.0 */
/* Where an object's memory may be written: its segments, and the pages made read-only (RELRO). */
#ifndef UNFREED_IMAGE_H
#define UNFREED_IMAGE_H

#include <link.h>
#include <stdbool.h>
#include <stdint.h>

struct image {
	uintptr_t base;
	const void *dynamic;
	const ElfW(Phdr) *headers;
	int header_count;
	uintptr_t relro_from, relro_to; /* whole pages, as the loader protects them */
	bool relro_open;
};

__attribute__((visibility("hidden")))
struct image image_of(const struct dl_phdr_info *info);

/*
 * Makes a slot writable; 0 or -errno, -EFAULT when it is not in a writable segment. The pages stay
 * open until image_close.
 */
__attribute__((visibility("hidden")))
int image_open(struct image *image, const void *slot);
__attribute__((visibility("hidden")))
void image_close(struct image *image);

/* Whether a slot lies in a segment that the program may write, RELRO included. */
__attribute__((visibility("hidden")))
bool image_has_slot(const struct image *image, const void *slot);

#endif
