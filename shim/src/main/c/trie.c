/* SPDX-License-Identifier: Apache-2.0 */
#include "trie.h"
#include "ring.h"
#include "state.h"

#include <string.h>

/* As the table of rules: read without a lock, an entry's key written last. */
struct entry {
	uint64_t key; /* address, generation in the upper 16 bits */
	uint32_t parent;
	uint32_t node; /* 0: empty */
};

static struct trie {
	uint32_t lock;
	struct entry *table, *spare;
	uint64_t mask, spare_mask, used;
} *trie;

#define FIRST_ENTRIES 4096

static uint64_t key_of(uint64_t address, uint32_t generation)
{
	return (address & 0xffffffffffffull) | (uint64_t)generation << 48;
}

static uint64_t home(uint64_t key, uint32_t parent, uint64_t mask)
{
	uint64_t hash = (key ^ (uint64_t)parent * 0xc2b2ae3d27d4eb4full) * 0x9e3779b97f4a7c15ull;

	return (hash >> 32) & mask;
}

bool trie_init(void)
{
	if (!trie)
		trie = own_pages(sizeof(*trie), true);
	return trie != NULL;
}

static void put(struct entry *table, uint64_t mask, uint64_t key, uint32_t parent, uint32_t node)
{
	uint64_t at = home(key, parent, mask);

	while (table[at].key)
		at = (at + 1) & mask;
	table[at].parent = parent;
	table[at].node = node;
	__atomic_store_n(&table[at].key, key, __ATOMIC_RELEASE);
}

static bool make_room(uint32_t generation)
{
	struct entry *old = trie->table, *table;
	uint64_t entries = old ? trie->mask + 1 : FIRST_ENTRIES, current = 0;

	for (uint64_t i = 0; old && i <= trie->mask; i++)
		current += old[i].key && old[i].key >> 48 == (uint16_t)generation;
	while (current * 4 >= entries)
		entries *= 4;
	if (trie->spare && trie->spare_mask + 1 == entries) {
		table = trie->spare;
		memset(table, 0, entries * sizeof(*table));
	} else {
		table = own_pages(entries * sizeof(*table), true);
	}
	if (!table)
		return false;
	for (uint64_t i = 0; old && i <= trie->mask; i++)
		if (old[i].key && old[i].key >> 48 == (uint16_t)generation)
			put(table, entries - 1, old[i].key, old[i].parent, old[i].node);
	trie->spare = old;
	trie->spare_mask = trie->mask;
	trie->used = current;
	__atomic_store_n(&trie->table, table, __ATOMIC_RELEASE);
	__atomic_store_n(&trie->mask, entries - 1, __ATOMIC_RELEASE);
	return true;
}

void trie_forget(void)
{
	lock(&trie->lock);
	if (trie->table)
		memset(trie->table, 0, (trie->mask + 1) * sizeof(*trie->table));
	if (trie->spare)
		memset(trie->spare, 0, (trie->spare_mask + 1) * sizeof(*trie->spare));
	trie->used = 0;
	unlock(&trie->lock);
}

/* A new node's number; 0 when no chunk is to be had, after a short wait. */
static uint32_t take_number(void)
{
	if (process->node_chunk == 0 || process->node_next == CHUNK_NODES) {
		int chunk = claim(TABLE_CHUNKS, &process->chunk_hint);
		uint64_t granted = __atomic_load_n(&arena->granted[TABLE_CHUNKS], __ATOMIC_ACQUIRE) + 1;
		bool worth_it = process->chunks_in_vain != granted;

		for (int round = 0; chunk < 0 && worth_it && round < 10 && collector_lives(); round++) {
			wait_for_collector(round);
			chunk = claim(TABLE_CHUNKS, &process->chunk_hint);
		}
		if (chunk < 0) {
			process->chunks_in_vain = granted;
			__atomic_fetch_add(&arena->starved, 1, __ATOMIC_RELAXED);
			return 0;
		}
		chunks[chunk].process = process->slot;
		__atomic_store_n(&chunks[chunk].state, ARENA_READY, __ATOMIC_RELEASE);
		process->node_chunk = (uint32_t)chunk + 1;
		process->node_next = chunk == 0 ? 2 : 0; /* 0 and 1 have a meaning */
	}
	return (process->node_chunk - 1) * CHUNK_NODES + process->node_next++;
}

static uint32_t find(uint32_t parent, uint64_t key)
{
	uint64_t mask = __atomic_load_n(&trie->mask, __ATOMIC_ACQUIRE);
	struct entry *table = __atomic_load_n(&trie->table, __ATOMIC_ACQUIRE);
	uint64_t at = home(key, parent, mask), found;

	if (unlikely(!table))
		return 0;
	while ((found = __atomic_load_n(&table[at].key, __ATOMIC_ACQUIRE)) != 0) {
		if (found == key && table[at].parent == parent) {
			uint32_t node = __atomic_load_n(&table[at].node, __ATOMIC_ACQUIRE);

			return __atomic_load_n(&table[at].key, __ATOMIC_RELAXED) == key ? node : 0;
		}
		at = (at + 1) & mask;
	}
	return 0;
}

static COLD uint32_t add(uint32_t parent, uint64_t address, uint32_t generation)
{
	uint64_t key = key_of(address, generation);
	uint32_t node;

	lock(&trie->lock);
	node = find(parent, key);
	if (node == 0) {
		node = take_number();
		if (node != 0) {
			nodes[node] = (struct arena_node){ parent, generation, address };
			__atomic_fetch_add(&process_slot()->nodes, 1, __ATOMIC_RELAXED);
			if ((trie->table && trie->used * 2 < trie->mask) || make_room(generation)) {
				put(trie->table, trie->mask, key, parent, node);
				trie->used++;
			}
		}
	}
	unlock(&trie->lock);
	return node ? node : parent;
}

uint32_t trie_child(uint32_t parent, uint64_t address, uint32_t generation)
{
	uint32_t node = find(parent, key_of(address, generation));

	return likely(node) ? node : add(parent, address, generation);
}

void trie_unlock(void)
{
	if (trie)
		unlock(&trie->lock);
}
