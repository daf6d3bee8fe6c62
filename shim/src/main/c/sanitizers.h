/* SPDX-License-Identifier: Apache-2.0 */
/* Programs that end, or crash, when any library is loaded ahead of their own allocator. */
#ifndef UNFREED_SANITIZERS_H
#define UNFREED_SANITIZERS_H

#include "program.h"

/* Whether a program is linked with a sanitizer's library. */
HIDDEN bool needs_sanitizer(const struct program *program);
/* Whether an environment has the loader put a sanitizer's library ahead: it must be the first then. */
HIDDEN bool preloads_sanitizer(char *const *variables);

#endif
