/* SPDX-License-Identifier: Apache-2.0 */
/* What of an object's file is needed to read its call frame information, in memory of our own: a
 * file that is cut short meanwhile must not end the collector. */
#ifndef UNFREED_TABLE_IMAGE_H
#define UNFREED_TABLE_IMAGE_H

#include "../cfi.h"

#include <elf.h>
#include <stdbool.h>
#include <stdint.h>

#define SEGMENTS 64

struct image {
	int fd;
	uint64_t bytes; /* of the file */
	Elf64_Ehdr header;
	Elf64_Phdr segments[SEGMENTS];
	int segment_count;
	uint8_t *copy;           /* the part that holds .eh_frame, and 64 zeros; null: there is none */
	uint64_t address;        /* of the copy, as linked */
	struct cfi_range within, eh_frame;
	bool go; /* built by Go's compiler: frame pointers everywhere, and no call frame information */
};

/* 0 or -errno; close it either way. */
int image_open(struct image *image, const char *path);
void image_close(struct image *image);

/* Where in the file an address lies; false when nowhere. */
bool image_offset(const struct image *image, uint64_t address, uint64_t *offset);

#endif
