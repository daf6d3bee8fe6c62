/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The objects whose code was met, noted in the arena so that the collector can name it after the
 * process has ended. Found by glibc's lock-free _dl_find_object, never by dl_iterate_phdr: its lock
 * may be held by whoever called malloc.
 */
#ifndef UNFREED_MODULES_H
#define UNFREED_MODULES_H

#include <stdbool.h>
#include <stdint.h>

/* Looks for _dl_find_object (glibc 2.35); false where there is none. */
bool modules_init(void);
/* The object that has an address, noted: its .eh_frame_hdr; null for none. Callers hold rules' lock. */
const uint8_t *module_at(uint64_t pc, uint32_t generation);
/* Whether an object that was noted is not there any more, or another one is. */
bool modules_are_gone(void);
/* What was noted was noted elsewhere. */
void modules_forget(void);
/* Whether it is the dynamic linker's code, whose entry point has no description and no caller. */
bool module_is_linker(uint64_t pc);
/* Whether the object of the last module_at was noted, or there was none. */
bool module_was_noted(void);

#endif
