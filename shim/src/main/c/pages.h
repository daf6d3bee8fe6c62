/* SPDX-License-Identifier: Apache-2.0 */
/* Memory of this library's own, and what a fork makes of it. */
#ifndef UNFREED_PAGES_H
#define UNFREED_PAGES_H

#include <stdbool.h>
#include <stddef.h>

/* A thread's, wiped by a fork; null when there are none. Its owner unmaps them. */
__attribute__((visibility("hidden"))) void *thread_pages(size_t bytes);
/* Whether those that a fork wipes, but threads', outlive one: see fork.c. */
__attribute__((visibility("hidden"))) void pages_keep(bool keep);
/* As a fork would. */
__attribute__((visibility("hidden"))) void pages_wipe(void);

#endif
