/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stacks as nodes (caller's node, address): equal stacks of a process image are equal nodes, found
 * without a lock; new ones are written to the arena, where they outlive the process.
 */
#ifndef UNFREED_TRIE_H
#define UNFREED_TRIE_H

#include <stdbool.h>
#include <stdint.h>

bool trie_init(void);
/* The node of a frame; its caller's node when there is no room for another. */
uint32_t trie_child(uint32_t parent, uint64_t address, uint32_t generation);
/* Generations begin anew. */
void trie_forget(void);

/* In the only thread of a child: whoever held the lock is not there. */
void trie_unlock(void);

#endif
