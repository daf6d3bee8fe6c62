/* SPDX-License-Identifier: Apache-2.0 */
/* The dynamic loader's own functions, past whoever interposes them: ourselves, or the program. */
#ifndef UNFREED_LOADER_H
#define UNFREED_LOADER_H

#include <link.h>
#include <stdbool.h>

struct loader {
	void *(*open)(const char *name, int mode);
	int (*close)(void *handle);
	int (*iterate)(int (*each)(struct dl_phdr_info *, size_t, void *), void *context);
};

/* False when the process has no C library that we know. */
__attribute__((visibility("hidden")))
bool loader_find(struct loader *found);

/* Never patched: this library, the loader itself and the kernel's vdso. */
__attribute__((visibility("hidden")))
bool loader_leaves_alone(const struct link_map *object);

/*
 * Keeps an object loaded until loader_unpin, and waits for a dlopen of another thread to be over,
 * so that the object is relocated. False when it is gone, or another one has its name.
 */
__attribute__((visibility("hidden")))
bool loader_pin(const struct loader *loader, const struct link_map *object, const char *name,
		void **handle);
__attribute__((visibility("hidden")))
void loader_unpin(const struct loader *loader, void *handle);

#endif
