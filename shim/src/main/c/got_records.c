// SPDX-License-Identifier: Apache-2.0
#include "got_records.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FIRST_BYTES (64 * 1024)

struct got_records got_records;

/* System calls, not functions: mmap may be one of those that we hook. */
static void *pages(size_t bytes)
{
	long address = syscall(SYS_mmap, NULL, bytes, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return address == -1 ? NULL : (void *)address;
}

/* Room for one more entry at the end, zeroed and not counted yet; null without memory. */
static void *array_room(struct got_array *array, size_t entry_bytes)
{
	char *entry;

	if ((array->count + 1) * entry_bytes > array->capacity_bytes) {
		size_t bytes = array->capacity_bytes ? 2 * array->capacity_bytes : FIRST_BYTES;
		void *larger = pages(bytes);

		if (!larger)
			return NULL;
		if (array->entries) {
			memcpy(larger, array->entries, array->count * entry_bytes);
			syscall(SYS_munmap, array->entries, array->capacity_bytes);
		}
		array->entries = larger;
		array->capacity_bytes = bytes;
	}
	entry = (char *)array->entries + array->count * entry_bytes;
	memset(entry, 0, entry_bytes);
	return entry;
}

static void array_free(struct got_array *array)
{
	if (array->entries)
		syscall(SYS_munmap, array->entries, array->capacity_bytes);
	memset(array, 0, sizeof(*array));
}

struct got_object got_object_of(const struct link_map *map)
{
	struct got_object object = { map, map->l_addr, map->l_ld, 5381, false };

	for (const char *c = map->l_name; c && *c; c++)
		object.name_hash = object.name_hash * 33 + (unsigned char)*c;
	return object;
}

bool got_object_same(const struct got_object *a, const struct got_object *b)
{
	return a->map == b->map && a->base == b->base && a->dynamic == b->dynamic &&
	       a->name_hash == b->name_hash;
}

const struct link_map *got_map_of(const void *dynamic)
{
	const struct link_map *map = _r_debug.r_map;

	while (map && map->l_ld != dynamic)
		map = map->l_next;
	return map;
}

int got_index_of(const struct link_map *map)
{
	struct got_object object = got_object_of(map);
	struct got_object *added = NULL;

	for (size_t i = 0; i < got_records.objects.count; i++) {
		if (got_object_same(&got_objects()[i], &object))
			return (int)i;
		if (!got_objects()[i].map)
			added = &got_objects()[i];
	}
	if (!added && got_records.objects.count < GOT_MAX_OBJECTS) {
		added = array_room(&got_records.objects, sizeof(*added));
		got_records.objects.count += added != NULL;
	}
	if (!added)
		return -1;
	*added = object;
	return (int)(added - got_objects());
}

struct got_slot *got_slot_record(void **address, uint32_t object)
{
	struct got_slot *added;

	for (size_t i = 0; got_objects()[object].patched && i < got_records.slots.count; i++)
		if (got_slots()[i].address == address && got_slots()[i].object == object)
			return &got_slots()[i];
	added = array_room(&got_records.slots, sizeof(*added));
	if (added) {
		*added = (struct got_slot){ address, NULL, NULL, object };
		got_records.slots.count++;
	}
	return added;
}

void got_forget_unloaded(void)
{
	size_t kept = 0;

	for (size_t i = 0; i < got_records.objects.count; i++) {
		struct got_object *object = &got_objects()[i], now;
		const struct link_map *map = object->map ? got_map_of(object->dynamic) : NULL;

		if (map)
			now = got_object_of(map);
		if (!map || !got_object_same(&now, object))
			object->map = NULL;
	}
	for (size_t i = 0; i < got_records.slots.count; i++)
		if (got_objects()[got_slots()[i].object].map)
			got_slots()[kept++] = got_slots()[i];
	got_records.slots.count = kept;
}

void got_forget_all(void)
{
	array_free(&got_records.objects);
	array_free(&got_records.slots);
}
