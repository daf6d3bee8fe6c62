// SPDX-License-Identifier: Apache-2.0
#include "got.h"

#include "got_patch.h"
#include "got_records.h"
#include "image.h"
#include "loader.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#define NAME_BYTES 4096

/*
 * All of it is read and written inside dl_iterate_phdr, whose lock dlclose holds while it unlinks
 * and unmaps: it is our lock, too, and no object can go while it is held.
 */
static struct {
	bool everywhere; /* got_patch_all was called */
	uint32_t restores; /* a pass that a restore overtook ends */
	unsigned long long unloads; /* dlpi_subs when everything was last looked at */
} state;

/* One walk over the objects, taken up one at a time so that each can be pinned in between. */
struct pass {
	bool only_if_new;
	uint32_t restores;
	/* Not in the objects: a pass of another thread may be at one of them and not done yet. */
	uint8_t taken[GOT_MAX_OBJECTS / 8];
	struct got_object object;
	char name[NAME_BYTES];
	int patched;
	int error;
};

/* dl_iterate_phdr: patches the one object of the pass. */
static int patch_taken(struct dl_phdr_info *info, size_t bytes, void *context)
{
	struct pass *pass = context;
	struct image image = image_of(info);
	const struct link_map *map;
	struct got_object now;
	int result;

	(void)bytes;
	if (!image.dynamic || image.dynamic != pass->object.dynamic)
		return 0;
	map = got_map_of(image.dynamic);
	if (!map || map != pass->object.map || !got_has_hooks() || pass->restores != state.restores)
		return 1;
	now = got_object_of(map);
	if (!got_object_same(&now, &pass->object))
		return 1;
	result = got_patch_image(&image, map);
	if (result < 0)
		pass->error = result;
	else
		pass->patched += result;
	return 1;
}

/* dl_iterate_phdr: begins a pass. After an unload even a known object may be another one. */
static int begin(struct dl_phdr_info *info, size_t bytes, void *context)
{
	struct pass *pass = context;
	unsigned long long unloads =
		bytes >= offsetof(struct dl_phdr_info, dlpi_subs) + sizeof(info->dlpi_subs) ?
		info->dlpi_subs : 0;

	pass->restores = state.restores;
	if (unloads != state.unloads)
		pass->only_if_new = false;
	if (!pass->only_if_new)
		got_forget_unloaded();
	state.unloads = unloads;
	return 1;
}

/* dl_iterate_phdr: begins a pass over one object, which says nothing about the others. */
static int begin_one(struct dl_phdr_info *info, size_t bytes, void *context)
{
	struct pass *pass = context;

	(void)info;
	(void)bytes;
	pass->restores = state.restores;
	return 1;
}

/* dl_iterate_phdr: the next object of the pass, if there is one. */
static int take_next(struct dl_phdr_info *info, size_t bytes, void *context)
{
	struct pass *pass = context;

	(void)info;
	(void)bytes;
	pass->object.map = NULL;
	if (pass->restores != state.restores)
		return 1;
	for (const struct link_map *map = _r_debug.r_map; map; map = map->l_next) {
		int index = loader_leaves_alone(map) ? -1 : got_index_of(map);

		if (index < 0 || (pass->taken[index / 8] & (1 << index % 8)) ||
		    (pass->only_if_new && got_objects()[index].patched) || strlen(map->l_name) >= NAME_BYTES)
			continue;
		pass->taken[index / 8] |= 1 << index % 8;
		pass->object = got_objects()[index];
		strcpy(pass->name, map->l_name);
		return 1;
	}
	return 1;
}

/* dl_iterate_phdr: what the resolver, under way while we patched, wrote over is hooked again. */
static int repair(struct dl_phdr_info *info, size_t bytes, void *context)
{
	struct image image = image_of(info);

	(void)bytes;
	(void)context;
	for (size_t i = 0; i < got_records.slots.count; i++) {
		struct got_slot *slot = &got_slots()[i];
		void *value;

		if (got_objects()[slot->object].dynamic != image.dynamic || !image_has_slot(&image, slot->address))
			continue;
		value = __atomic_load_n(slot->address, __ATOMIC_ACQUIRE);
		if (value != slot->hook && image_open(&image, slot->address) == 0 &&
		    __atomic_compare_exchange_n(slot->address, &value, slot->hook, false,
						__ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
			slot->original = value;
	}
	image_close(&image);
	return 0;
}

/* dl_iterate_phdr: the slots of one object get their own values back. */
static int restore_image(struct dl_phdr_info *info, size_t bytes, void *context)
{
	struct image image = image_of(info);
	const struct link_map *map = image.dynamic ? got_map_of(image.dynamic) : NULL;
	struct pass *pass = context;
	struct got_object now;

	(void)bytes;
	if (!map)
		return 0;
	now = got_object_of(map);
	for (size_t i = 0; i < got_records.slots.count; i++) {
		struct got_slot *slot = &got_slots()[i];
		void *expected = slot->hook;
		int error;

		if (!got_object_same(&got_objects()[slot->object], &now) ||
		    !image_has_slot(&image, slot->address) ||
		    __atomic_load_n(slot->address, __ATOMIC_ACQUIRE) != slot->hook)
			continue;
		error = image_open(&image, slot->address);
		if (error)
			pass->error = error;
		else if (__atomic_compare_exchange_n(slot->address, &expected, slot->original, false,
						     __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
			pass->patched++;
	}
	image_close(&image);
	return 0;
}

/*
 * dl_iterate_phdr: a pass under way, or one that begins now, patches no more. Before the first slot
 * is restored: what it patched in between would be forgotten with our hook in it.
 */
static int end_passes(struct dl_phdr_info *info, size_t bytes, void *context)
{
	(void)info;
	(void)bytes;
	(void)context;
	got_set_hooks(NULL, 0);
	state.everywhere = false;
	state.restores++;
	return 1;
}

/* dl_iterate_phdr: back to the beginning. */
static int forget(struct dl_phdr_info *info, size_t bytes, void *context)
{
	(void)info;
	(void)bytes;
	(void)context;
	got_forget_all();
	return 1;
}

static int run(const struct loader *loader, struct pass *pass)
{
	memset(pass->taken, 0, sizeof(pass->taken));
	loader->iterate(begin, pass);
	for (;;) {
		void *handle;

		loader->iterate(take_next, pass);
		if (!pass->object.map)
			break;
		if (!loader_pin(loader, pass->object.map, pass->name, &handle))
			continue;
		loader->iterate(patch_taken, pass);
		loader_unpin(loader, handle);
	}
	return pass->error ? pass->error : pass->patched;
}

/* dl_iterate_phdr: hooks are set under the lock, as all of the state. */
static int set_hooks(struct dl_phdr_info *info, size_t bytes, void *context)
{
	const struct got_hook *const *hooks = context;

	(void)info;
	(void)bytes;
	got_set_hooks(hooks[0], (int)(hooks[1] - hooks[0]));
	return 1;
}

int got_patch_object(const struct link_map *object, const struct got_hook *hooks, int count)
{
	const struct got_hook *range[] = { hooks, hooks + count };
	int keep = errno;
	struct pass pass;
	struct loader loader;

	if (!loader_find(&loader))
		return -ENOSYS;
	pass.patched = pass.error = 0;
	pass.object = got_object_of(object);
	loader.iterate(set_hooks, range);
	loader.iterate(begin_one, &pass);
	loader.iterate(patch_taken, &pass);
	errno = keep;
	return pass.error ? pass.error : pass.patched;
}

int got_patch_all(const struct got_hook *hooks, int count)
{
	const struct got_hook *range[] = { hooks, hooks + count };
	int keep = errno, result;
	struct pass pass;
	struct loader loader;

	if (!loader_find(&loader))
		return -ENOSYS;
	pass.only_if_new = false;
	pass.patched = pass.error = 0;
	loader.iterate(set_hooks, range);
	__atomic_store_n(&state.everywhere, true, __ATOMIC_RELEASE);
	result = run(&loader, &pass);
	loader.iterate(repair, NULL);
	errno = keep;
	return result;
}

int got_patch_new(void)
{
	int keep = errno, result;
	struct pass pass;
	struct loader loader;

	if (!__atomic_load_n(&state.everywhere, __ATOMIC_ACQUIRE))
		return 0;
	if (!loader_find(&loader))
		return -ENOSYS;
	pass.only_if_new = true;
	pass.patched = pass.error = 0;
	result = run(&loader, &pass);
	errno = keep;
	return result;
}

int got_restore_all(void)
{
	int keep = errno;
	struct pass pass;
	struct loader loader;

	if (!loader_find(&loader))
		return -ENOSYS;
	pass.patched = pass.error = 0;
	loader.iterate(end_passes, NULL);
	loader.iterate(restore_image, &pass);
	/* Slots that could not be restored stay known, for another try. */
	if (pass.error == 0)
		loader.iterate(forget, NULL);
	errno = keep;
	return pass.error ? pass.error : pass.patched;
}

int got_slot_count(void)
{
	return (int)__atomic_load_n(&got_records.slots.count, __ATOMIC_ACQUIRE);
}
