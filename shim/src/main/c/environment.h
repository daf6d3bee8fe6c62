/* SPDX-License-Identifier: Apache-2.0 */
/* LD_PRELOAD and UNFREED_SHIM in the environments of this image and of those that follow it. */
#ifndef UNFREED_ENVIRONMENT_H
#define UNFREED_ENVIRONMENT_H

#include <stdbool.h>
#include <stddef.h>

/* Remembers what this image was started with. */
void environment_remember(void);
/* Takes what is ours out of this image's environment: its children are not recorded. */
void environment_clean(void);

/* An environment for an exec, in pages that are given back when the exec has failed. */
struct exec_environment {
	char **variables;
	void *pages;
	size_t bytes;
};

/* The same variables, with ours where they are missing; `wanted` false: without ours. */
struct exec_environment environment_for_exec(char *const *variables, bool wanted);
void environment_give_back(struct exec_environment *environment);

#endif
