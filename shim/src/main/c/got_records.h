/* SPDX-License-Identifier: Apache-2.0 */
/* What got.c remembers: objects seen and slots patched. Its callers hold the loader's list lock. */
#ifndef UNFREED_GOT_RECORDS_H
#define UNFREED_GOT_RECORDS_H

#include <link.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GOT_MAX_OBJECTS 65536

/* One loaded instance; another one may later be found under the same link_map address. */
struct got_object {
	const struct link_map *map; /* null: free for another */
	uintptr_t base;
	const void *dynamic;
	uint32_t name_hash;
	bool patched; /* it may have slots among the records */
};

struct got_slot {
	void **address;
	void *original;
	void *hook;
	uint32_t object;
};

/* Grows by doubling, in pages of its own. */
struct got_array {
	void *entries;
	size_t count;
	size_t capacity_bytes;
};

/* Room for one more entry at the end, zeroed and not counted yet; null when there is no memory. */
extern __attribute__((visibility("hidden"))) struct got_records {
	struct got_array objects; /* of got_object; an index stays what it is */
	struct got_array slots;   /* of got_slot */
} got_records;

static inline struct got_object *got_objects(void)
{
	return got_records.objects.entries;
}

static inline struct got_slot *got_slots(void)
{
	return got_records.slots.entries;
}

__attribute__((visibility("hidden")))
struct got_object got_object_of(const struct link_map *map);
__attribute__((visibility("hidden")))
bool got_object_same(const struct got_object *a, const struct got_object *b);

/* The loaded object with this dynamic section, or null. */
__attribute__((visibility("hidden")))
const struct link_map *got_map_of(const void *dynamic);

/* The object's index among those known, added if it is new; -1 when there is no room. */
__attribute__((visibility("hidden")))
int got_index_of(const struct link_map *map);

/* The record of a slot, a new one unless it is known; null when there is no memory. */
__attribute__((visibility("hidden")))
struct got_slot *got_slot_record(void **address, uint32_t object);

/* What was unloaded and its slots go, so that the records do not grow with every plug-in's reload. */
__attribute__((visibility("hidden")))
void got_forget_unloaded(void);
__attribute__((visibility("hidden")))
void got_forget_all(void);

#endif
