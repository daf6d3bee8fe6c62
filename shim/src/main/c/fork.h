/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UNFREED_FORK_H
#define UNFREED_FORK_H

/* From now on children are recorded, or known not to be. */
__attribute__((visibility("hidden"))) void fork_watch(void);

#endif
