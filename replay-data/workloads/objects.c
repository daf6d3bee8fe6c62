/* Modes: objects that come and go, at the same place, in a scope or a namespace of their own. */
#include "workload.h"

#include <dlfcn.h>
#include <link.h>

#include "plug.h"

#define UNUSED __attribute__((unused))

static char directory[4096];

static void go_back(void)
{
	keep(TAKE(malloc(53), 53));
}

static const struct lent lent = { took, dropping, go_back };

static void find_directory(void)
{
	ssize_t length = readlink("/proc/self/exe", directory, sizeof(directory) - 32);

	if (length < 0)
		_exit(4);
	directory[length] = 0;
	*strrchr(directory, '/') = 0;
}

static void *opened(void *object)
{
	if (!object) {
		say("%s\n", dlerror());
		_exit(4);
	}
	return object;
}

static const char *path(const char *name)
{
	static char path[4200];

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	return path;
}

static void *base(void *object)
{
	struct link_map *map;

	if (dlinfo(object, RTLD_DI_LINKMAP, &map))
		_exit(4);
	return (void *)map->l_addr;
}

/* Which of the two has the upper place is the linker's matter: both end at the same page or not. */
static void mode_reload(UNUSED char **argv)
{
	void *last = NULL, *entry = NULL;
	int same_base = 0, same_entry = 0;

	find_directory();
	for (int i = 0; i < 47; i++) {
		void *object = opened(dlopen(path(i % 2 ? "plug_b.so" : "plug_a.so"), RTLD_NOW));
		entering *enter = (entering *)dlsym(object, "plug_enter");

		same_base += base(object) == last;
		same_entry += (void *)enter == entry;
		last = base(object);
		entry = (void *)enter;
		for (int k = 0; k < 5; k++)
			keep(enter(&lent, k));
		dlclose(object);
		keep(TAKE(malloc(59), 59));
	}
	say("reload objects=47 at_the_same_place=%d entry_at_the_same_place=%d\n", same_base, same_entry);
	drop_thirds();
}

/* Both at the same time and over and over, as a server reloads its modules. */
static void mode_plugins(UNUSED char **argv)
{
	find_directory();
	for (int i = 0; i < 7; i++) {
		void *a = opened(dlopen(path("plug_a.so"), RTLD_LAZY | RTLD_GLOBAL));
		void *b = opened(dlopen(path("plug_b.so"), RTLD_LAZY));

		keep(((entering *)dlsym(a, "plug_enter"))(&lent, i));
		keep(((entering *)dlsym(b, "plug_enter"))(&lent, i));
		dlclose(i % 2 ? a : b);
		keep(((entering *)dlsym(i % 2 ? b : a, "plug_enter"))(&lent, i));
		dlclose(i % 2 ? b : a);
	}
	drop_thirds();
}

/* Its own scope first: the plugin's malloc is libc's whatever is preloaded, so it frees its own. */
static void mode_deepbind(UNUSED char **argv)
{
	void *object;

	find_directory();
	object = opened(dlopen(path("plug_a.so"), RTLD_NOW | RTLD_DEEPBIND));
	for (int i = 0; i < 23; i++)
		((entering *)dlsym(object, "plug_enter"))(&lent, i);
}

/* A libc of its own. What is allocated with that one is told in a line of its own and is in no total. */
static unsigned long elsewhere, elsewhere_bytes, freed_elsewhere;

static void *took_elsewhere(void *block, size_t bytes, UNUSED const char *file, UNUSED int line)
{
	elsewhere++;
	elsewhere_bytes += bytes;
	return block;
}

static void *dropping_elsewhere(void *block)
{
	freed_elsewhere++;
	return block;
}

static void mode_namespace(UNUSED char **argv)
{
	static const struct lent other = { took_elsewhere, dropping_elsewhere, go_back };
	void *object;

	find_directory();
	object = opened(dlmopen(LM_ID_NEWLM, path("plug_a.so"), RTLD_NOW));
	for (int i = 0; i < 11; i++)
		((entering *)dlsym(object, "plug_enter"))(&other, i);
	say("namespace alloc=%lu alloc_bytes=%lu free=%lu\n", elsewhere, elsewhere_bytes, freed_elsewhere);
	drop_thirds();
}

/* Under _dl_runtime_resolve, whose frame is no plain one. */
static void mode_resolver(UNUSED char **argv)
{
	find_directory();
	for (int i = 0; i < 13; i++) {
		void *object = opened(dlopen(path("plug_lazy.so"), RTLD_LAZY));

		if (((resolving *)dlsym(object, "plug_resolved"))(&lent) != 42)
			_exit(4);
		dlclose(object);
	}
	drop_thirds();
}

const struct mode object_modes[] = {
	{ "reload", mode_reload, NULL },       { "plugins", mode_plugins, NULL },
	{ "deepbind", mode_deepbind, NULL },   { "namespace", mode_namespace, NULL },
	{ "resolver", mode_resolver, NULL },   { NULL, NULL, NULL },
};
