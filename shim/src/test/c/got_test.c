// SPDX-License-Identifier: Apache-2.0
// got_test HOOKS.so PLUGIN.so OTHER_PLUGIN.so: patches its own process's slots and gives them back.
// Linked with libone and libtwo, which are got_user.c in the way of linking that is tested.
#include "elf.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHECK(condition, ...)                                                 \
	do {                                                                  \
		if (!(condition)) {                                           \
			fprintf(stderr, "line %d: %s: ", __LINE__, #condition); \
			fprintf(stderr, __VA_ARGS__);                         \
			fputc('\n', stderr);                                  \
			exit(1);                                              \
		}                                                             \
	} while (0)

extern void *one_calls(size_t), *two_calls(size_t), one_frees(void *), two_frees(void *);
extern void *one_points(size_t), one_change(void);
extern int one_is_changed(void);

static int (*patch_object)(const struct link_map *), (*patch_all)(void), (*patch_new)(void),
	(*restore_all)(void), (*slot_count)(void);
static int *mallocs, *frees, *reallocs;

struct value {
	void **address;
	void *before;
	const struct link_map *object;
	bool hooked;
};
static struct value values[200000];
static int value_count;
static char maps_before[1 << 20], maps_now[1 << 20];

static void *symbol(void *library, const char *name)
{
	void *found = dlsym(library, name);

	CHECK(found, "%s", dlerror());
	return found;
}

static void add(const struct link_map *m, const struct elf_tables *t, const Elf64_Rela *r, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint32_t index = ELF64_R_SYM(r[i].r_info), type = ELF64_R_TYPE(r[i].r_info);
		const char *name = elf_symbol_name(t, index);

		if (index == 0 || (type != R_X86_64_64 && type != R_X86_64_GLOB_DAT && type != R_X86_64_JUMP_SLOT))
			continue;
		values[value_count].address = (void **)(m->l_addr + r[i].r_offset);
		values[value_count].before = *values[value_count].address;
		values[value_count].object = m;
		values[value_count].hooked = strcmp(name, "malloc") == 0 || strcmp(name, "free") == 0 ||
					     strcmp(name, "realloc") == 0;
		value_count++;
	}
}

static void remember_slots(const void *hooks)
{
	for (const struct link_map *m = _r_debug.r_map; m; m = m->l_next) {
		struct elf_tables t;

		if (m == hooks || strstr(m->l_name, "vdso"))
			continue;
		elf_tables(m, &t);
		add(m, &t, t.plt_relocations, t.plt_relocation_count);
		add(m, &t, t.relocations, t.relocation_count);
	}
}

static bool in_hooks(void *address)
{
	Dl_info info;

	return address && dladdr(address, &info) && strstr(info.dli_fname, "hooks.so");
}

/*
 * Every slot is as before, but for what lazy binding bound meanwhile: in slots that are not hooked,
 * and once there were calls without hooks in any.
 */
static void check_slots(bool called_since)
{
	int hooked = 0;

	for (int i = 0; i < value_count; i++) {
		struct value *v = &values[i];
		bool was_lazy = (uintptr_t)v->before - v->object->l_addr < 0x100000;

		hooked += v->hooked;
		CHECK(!in_hooks(*v->address), "slot %d of %s", i, v->object->l_name);
		CHECK(*v->address == v->before || (was_lazy && (called_since || !v->hooked)), "slot %d of %s at %p: %p, not %p",
		      i, v->object->l_name, (void *)v->address, *v->address, v->before);
	}
	CHECK(hooked > 8, "%d", hooked);
}

/* Protections of file mappings: where RELRO is put back, the kernel merges the pieces again. */
static void read_maps(char *into)
{
	FILE *f = fopen("/proc/self/maps", "r");
	size_t n = 0;
	char line[4096];

	while (fgets(line, sizeof(line), f)) {
		if (strstr(line, ".so") || strstr(line, "got_test"))
			n += sprintf(into + n, "%s", line);
	}
	fclose(f);
}

static void check_maps(void)
{
	read_maps(maps_now);
	CHECK(strcmp(maps_before, maps_now) == 0, "before:\n%safter:\n%s", maps_before, maps_now);
}

static void check_calls(int expected)
{
	int m = *mallocs, f = *frees, r = *reallocs;
	void *a = one_calls(10), *b = two_calls(20), *c = one_points(30);
	void *volatile d = malloc(40);

	CHECK(*mallocs - m == 4 * expected, "%d", *mallocs - m);
	CHECK(*reallocs - r == 2 * expected, "%d", *reallocs - r);
	one_frees(a), two_frees(b), one_frees(c), free(d);
	/* And free(NULL) of each library's weak reference. */
	CHECK(*frees - f == 6 * expected, "%d", *frees - f);
	CHECK(one_is_changed(), "a changed pointer was written");
}

static void check_plugin(void *plugin, int expected)
{
	void *(*calls)(size_t) = symbol(plugin, "plugin_calls");
	void *(*points)(size_t) = symbol(plugin, "plugin_points");
	void (*plugin_frees)(void *) = symbol(plugin, "plugin_frees");
	int m = *mallocs;

	plugin_frees(calls(10));
	plugin_frees(points(10));
	CHECK(*mallocs - m == 2 * expected, "%d", *mallocs - m);
}

static void *open_plugin(const char *path, int flags)
{
	void *plugin = dlopen(path, RTLD_NOW | flags);

	CHECK(plugin, "%s", dlerror());
	return plugin;
}

static void copy(const char *from, const char *to)
{
	char command[20000], fresh[5000];

	snprintf(fresh, sizeof(fresh), "%s.new", to);
	snprintf(command, sizeof(command), "cp '%s' '%s' && mv '%s' '%s'", from, fresh, fresh, to);
	CHECK(system(command) == 0, "%s", command);
}

static volatile bool stop;

static void *reload(void *path)
{
	while (!stop) {
		void *plugin = open_plugin(path, 0);

		patch_new();
		dlclose(plugin);
	}
	return NULL;
}

int main(int argc, char **argv)
{
	CHECK(argc == 4, "usage");
	void *hooks = open_plugin(argv[1], 0);
	void *plugin;
	pthread_t reloader;

	patch_object = symbol(hooks, "patch_object"), patch_all = symbol(hooks, "patch_all");
	patch_new = symbol(hooks, "patch_new"), restore_all = symbol(hooks, "restore_all");
	slot_count = symbol(hooks, "slot_count");
	mallocs = symbol(hooks, "hook_mallocs"), frees = symbol(hooks, "hook_frees");
	reallocs = symbol(hooks, "hook_reallocs");
	one_change();
	remember_slots(hooks);
	read_maps(maps_before);
	CHECK(patch_new() == 0, "nothing is patched yet");
	int slots = patch_all();
	CHECK(slots >= 12, "%d", slots);
	CHECK(slots == slot_count(), "%d %d", slots, slot_count());
	check_calls(1);
	check_maps();
	CHECK(patch_all() == 0 && slot_count() == slots, "a second call found more");
	CHECK(restore_all() == slots, "of %d", slots);
	CHECK(slot_count() == 0, "%d", slot_count());
	check_slots(false);
	check_maps();
	check_calls(0);

	/* Objects that come and go, with and without a word about it. */
	patch_all();
	plugin = open_plugin(argv[2], 0);
	check_plugin(plugin, 0);
	CHECK(patch_new() >= 4 && patch_new() == 0, "plug-in");
	check_plugin(plugin, 1);
	dlclose(plugin);
	for (int i = 0; i < 3; i++) {
		plugin = open_plugin(argv[2], 0);
		CHECK(patch_new() >= 4, "reloaded, at the same address or not");
		check_plugin(plugin, 1);
		dlclose(plugin);
	}
	CHECK(patch_new() == 0 && slot_count() == slots, "%d, not %d", slot_count(), slots);
	plugin = open_plugin(argv[2], 0);
	patch_new();
	dlclose(plugin);
	copy(argv[3], argv[2]);
	plugin = open_plugin(argv[2], 0);
	CHECK(patch_new() >= 4, "another library of the same name");
	check_plugin(plugin, 1);
	dlclose(plugin);
	plugin = open_plugin(argv[2], 0);
	CHECK(restore_all() == slots, "what was unloaded is not written to");
	check_plugin(plugin, 0);
	dlclose(plugin);
	check_slots(true);

	/* One object alone, which looks for its symbols in itself first. */
	plugin = open_plugin(argv[2], RTLD_DEEPBIND);
	CHECK(patch_object(plugin) >= 4, "one object");
	check_plugin(plugin, 1);
	check_calls(0);
	CHECK(patch_new() == 0, "only that one was asked for");
	CHECK(restore_all() >= 4, "one object");
	check_plugin(plugin, 0);
	dlclose(plugin);

	/* While others load and unload. */
	CHECK(pthread_create(&reloader, NULL, reload, argv[2]) == 0, "thread");
	for (int i = 0; i < 300; i++) {
		CHECK(patch_all() >= 0, "round %d", i);
		int restored = restore_all();

		CHECK(restored >= slots, "%d of %d in round %d", restored, slots, i);
	}
	stop = true;
	pthread_join(reloader, NULL);
	check_calls(0);
	check_slots(true);
	printf("%d slots\n", slots);
	return 0;
}
