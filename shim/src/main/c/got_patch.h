/* SPDX-License-Identifier: Apache-2.0 */
/* The slots of one object. Callers hold the loader's list lock. */
#ifndef UNFREED_GOT_PATCH_H
#define UNFREED_GOT_PATCH_H

#include "got.h"
#include "image.h"

#include <stdbool.h>

__attribute__((visibility("hidden")))
void got_set_hooks(const struct got_hook *hooks, int count);
__attribute__((visibility("hidden")))
bool got_has_hooks(void);

/* Slots newly patched, or -errno; what was patched until then stays and is on record. */
__attribute__((visibility("hidden")))
int got_patch_image(struct image *image, const struct link_map *map);

#endif
