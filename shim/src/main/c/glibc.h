/* SPDX-License-Identifier: Apache-2.0 */
/* Whose dynamic linker loads a program: in another C library's, or an older glibc's, this library ends it. */
#ifndef UNFREED_GLIBC_H
#define UNFREED_GLIBC_H

#include "program.h"

/*
 * Whether a linker of a glibc that this library is for would load it, or nobody: it has none. Then the linker's
 * file is open in its place, so that one descriptor is enough for both.
 */
HIDDEN bool program_is_for_our_libc(struct program *program);

#endif
