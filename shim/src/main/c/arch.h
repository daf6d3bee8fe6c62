/* SPDX-License-Identifier: Apache-2.0 */
/* What differs between processors, for the rest of the library. */
#ifndef UNFREED_ARCH_H
#define UNFREED_ARCH_H

#if defined(__x86_64__)
#include "arch_x86_64.h"
#else
#error "no unwinder for this processor yet"
#endif

#endif
