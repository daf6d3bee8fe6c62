/* SPDX-License-Identifier: Apache-2.0 */
#include "process.h"
#include "check.h"
#include "modules.h"
#include "proc.h"
#include "ring.h"
#include "rules.h"
#include "trie.h"
#include "walk.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/membarrier.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Where the kernel put argc, argv, environment and auxiliary vector; of ld.so. */
extern void *__libc_stack_end;

struct process *process;
struct arena_header *arena;
struct arena_process *processes;
struct arena_ring *rings;
struct arena_module *modules;
struct arena_chunk *chunks;
struct arena_node *nodes;
uint32_t arena_flags;
uint32_t arena_epoch;
uint32_t check_every;

static uint32_t begin_lock;
static bool begun;
static enum arena_origin origin;

int claim(enum arena_table table, uint32_t *hint)
{
	static const size_t bytes[] = { sizeof(struct arena_process), sizeof(struct arena_ring),
					sizeof(struct arena_module), sizeof(struct arena_chunk),
					sizeof(struct arena_ring) };
	char *const first[] = { (char *)processes, (char *)rings, (char *)modules, (char *)chunks,
			       (char *)(rings + ARENA_RINGS) };
	static const uint32_t most[] = { ARENA_PROCESSES, ARENA_RINGS, ARENA_MODULES, ARENA_CHUNKS,
				       ARENA_SEGMENTS };
	uint64_t granted = __atomic_load_n(&arena->granted[table], __ATOMIC_ACQUIRE);
	uint32_t count = granted > most[table] ? most[table] : (uint32_t)granted;

	for (uint32_t i = 0, at = *hint; i < count; i++, at++) {
		uint32_t *state, expected = ARENA_GRANTED;

		if (at >= count)
			at = 0;
		state = (uint32_t *)(first[table] + at * bytes[table]);
		if (__atomic_load_n(state, __ATOMIC_RELAXED) == ARENA_GRANTED &&
		    __atomic_compare_exchange_n(state, &expected, ARENA_CLAIMED, false, __ATOMIC_ACQ_REL,
						__ATOMIC_RELAXED)) {
			*hint = at + 1;
			return (int)at;
		}
	}
	return -1;
}

char **initial_environment(void)
{
	long argc = *(long *)__libc_stack_end;

	return (char **)__libc_stack_end + 1 + argc + 1;
}

static const char *setting(const char *name)
{
	size_t length = strlen(name);

	for (char **e = initial_environment(); *e; e++)
		if (!strncmp(*e, name, length) && (*e)[length] == '=')
			return *e + length + 1;
	return NULL;
}

/* Where an arena is, or was: the next one comes there, too. */
static void *range;
static uint64_t range_bytes;

void *process_range(void)
{
	return range;
}

uint64_t process_range_bytes(void)
{
	return range_bytes;
}

/* Room for an arena. Where mlockall is in force a mapping is filled at once, but for what nobody can access. */
static long map_room(void *at, uint64_t bytes, int flags, int fd, bool locked)
{
	const long protection = PROT_READ | PROT_WRITE;
	long mapped = syscall(SYS_mmap, at, bytes, locked ? PROT_NONE : protection, flags | MAP_NORESERVE, fd, 0);

	if (mapped != -1 && locked) {
		syscall(SYS_munlock, mapped, bytes);
		syscall(SYS_mprotect, mapped, bytes, protection);
	}
	return mapped;
}

static int map_arena(int fd)
{
	long at = syscall(SYS_mmap, NULL, sizeof(struct arena_header), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	bool locked = origin == ORIGIN_ATTACH && proc_locks_memory();
	struct arena_header *header = (void *)at;
	char *base;
	uint64_t bytes;

	if (at == -1)
		return -errno;
	if (header->magic != ARENA_MAGIC || header->version != ARENA_VERSION) {
		syscall(SYS_munmap, header, sizeof(*header));
		return -EPROTO;
	}
	bytes = header->total_bytes;
	at = bytes == range_bytes ? map_room(range, bytes, MAP_SHARED | MAP_FIXED, fd, locked)
				  : map_room(NULL, bytes, MAP_SHARED, fd, locked);
	if (at == -1) {
		int error = errno;

		__atomic_fetch_add(&header->refused, 1, __ATOMIC_RELAXED);
		syscall(SYS_munmap, header, sizeof(*header));
		return -error;
	}
	syscall(SYS_munmap, header, sizeof(*header));
	syscall(SYS_madvise, at, bytes, MADV_DONTDUMP); /* a core is about the program */
	range = (void *)at;
	range_bytes = bytes;
	base = range;
	header = range;
	processes = (void *)(base + header->processes_at);
	rings = (void *)(base + header->rings_at);
	modules = (void *)(base + header->modules_at);
	chunks = (void *)(base + header->chunks_at);
	nodes = (void *)(base + header->nodes_at);
	arena_flags = header->flags;
	arena_epoch++;
	__atomic_store_n(&arena, header, __ATOMIC_RELEASE);
	return 0;
}

static int take_up(int fd, enum arena_origin how)
{
	int error;

	if (!process)
		process = own_pages(sizeof(*process), true);
	if (!process)
		return -ENOMEM;
	origin = how;
	error = map_arena(fd);
	if (error == 0 && (!rules_init() || !trie_init()))
		error = -ENOMEM;
	if (error == 0 && !modules_init())
		error = -ENOSYS;
	if (error)
		arena = NULL;
	return error;
}

bool process_is_idle(void)
{
	return begun && (!arena || !__atomic_load_n(&arena->active, __ATOMIC_RELAXED) || process->refused);
}

bool process_begin(void)
{
	int error = errno;

	if (likely(begun))
		return arena != NULL;
	lock(&begin_lock);
	if (!begun && !getauxval(AT_SECURE)) {
		const char *path = setting(ENV_ARENA), *check = setting("UNFREED_SHIM_CHECK");
		int fd = path ? (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC, 0) : -1;

		if (fd >= 0) {
			for (; check && *check >= '0' && *check <= '9'; check++)
				check_every = check_every * 10 + (uint32_t)(*check - '0');
			take_up(fd, ORIGIN_EXEC);
			syscall(SYS_close, fd);
		}
	}
	begun = true;
	unlock(&begin_lock);
	errno = error;
	return arena != NULL;
}

/*
 * Made elsewhere first: a kernel that does not grant so much (vm.overcommit_memory 2) must not have
 * taken the old pages away when it says so. Then the file stays.
 */
static void put_empty_pages(void)
{
	long empty = map_room(NULL, range_bytes, MAP_PRIVATE | MAP_ANONYMOUS, -1, proc_locks_memory());

	if (empty == -1)
		return;
	syscall(SYS_madvise, empty, range_bytes, MADV_DONTDUMP);
	syscall(SYS_madvise, empty, range_bytes, MADV_NOHUGEPAGE);
	if (syscall(SYS_mremap, empty, range_bytes, range_bytes, MREMAP_MAYMOVE | MREMAP_FIXED, range) == -1)
		syscall(SYS_munmap, empty, range_bytes);
}

/*
 * The file goes; its place in the address space stays, empty and of nobody else's: a thread may
 * still be in a call that it began before, and what it writes at its end is to harm nobody.
 */
void process_detach(void)
{
	const struct timespec pause = { 0, 2000000 };

	if (!arena)
		return;
	__atomic_store_n(&arena->active, 0, __ATOMIC_RELEASE);
	/* Who is recording an event just now has done so by then, where the collector sees it. */
	syscall(SYS_nanosleep, &pause, NULL);
	arena_epoch++; /* nobody's ring is in there any more */
	put_empty_pages();
}

/* An earlier recording's. */
static void forget_arena(void)
{
	uint32_t generation = process->generation;

	modules_forget();
	trie_forget();
	*process = (struct process){ .generation = generation };
}

/* What the interrupted code still writes goes to nobody; locks that other threads held are nobody's. */
void process_disown(void)
{
	uint32_t tgid = (uint32_t)syscall(SYS_getpid);

	if (arena_flags & ARENA_FOLLOW)
		for (int round = 0; round < 20 && collector_lives() &&
				    !announce_child(tgid, process_slot()->executable); round++)
			wait_for_collector(round);
	unlock(&process->lock);
	rules_unlock();
	trie_unlock();
	walk_unlock();
	process->refused = 1;
	process->disowned = 1;
	arena_epoch++; /* no ring of its parent's is its own, also where the pages stay */
	put_empty_pages();
}

int process_attach(int fd)
{
	int error = -EALREADY;

	lock(&begin_lock);
	begun = true;
	if (!arena || !process->registered || !collector_lives()) {
		if (arena)
			forget_arena();
		error = take_up(fd, ORIGIN_ATTACH);
	}
	unlock(&begin_lock);
	return error;
}

/* Field 22 of /proc/self/stat, behind the command's last parenthesis; 0 when unreadable, or of another clock. */
static uint64_t start_ticks(void)
{
	char text[512];
	long length = proc_read("/proc/self/stat", text, sizeof(text) - 1);
	char *p = text + length;
	uint64_t value = 0;

	*p = 0;
	while (p > text && *p != ')')
		p--;
	for (int field = 2; field < 22 && *p; p++)
		field += *p == ' ';
	while (*p >= '0' && *p <= '9')
		value = value * 10 + (uint64_t)(*p++ - '0');
	return proc_has_own_clocks() ? 0 : value;
}

/* Differs between images of one process: the kernel's 16 random bytes. */
static uint64_t image(void)
{
	const uint64_t *random = (const uint64_t *)getauxval(AT_RANDOM);

	return random ? random[0] ^ random[1] : 0;
}

static void describe(struct arena_process *slot)
{
	struct stat namespace;
	long length;

	slot->tgid = (uint32_t)syscall(SYS_getpid);
	slot->parent_tgid = (uint32_t)syscall(SYS_getppid);
	slot->start_ticks = start_ticks();
	slot->image = image();
	slot->error = 0;
	slot->pid_namespace = stat("/proc/self/ns/pid", &namespace) == 0 ? namespace.st_ino : 0;
	slot->command_bytes = (uint32_t)proc_read("/proc/self/cmdline", slot->command, ARENA_COMMAND_BYTES);
	length = syscall(SYS_readlink, "/proc/self/exe", slot->executable, ARENA_TARGET_BYTES - 1);
	if (length <= 0) {
		const char *path = (const char *)getauxval(AT_EXECFN);

		length = path ? (long)strnlen(path, ARENA_TARGET_BYTES - 1) : 0;
		memcpy(slot->executable, path, (size_t)length);
	}
	slot->executable[length] = 0;
	forget_deletion(slot->executable);
	slot->checks = slot->mismatches = slot->incomplete = slot->complex_walks = 0;
	slot->slow_rules = slot->nodes = slot->execs = 0;
	slot->exec_path[0] = 0;
	slot->registered_stamp = arena_flags & ARENA_TSC ? stamp_now() : monotonic_nanos();
	slot->registered_nanos = monotonic_nanos();
}

static bool is_wanted(void)
{
	return (arena_flags & ARENA_FOLLOW) || arena->root_tgid == 0 ||
	       arena->root_tgid == (uint32_t)syscall(SYS_getpid);
}

static bool registered(void)
{
	uint32_t hint = 0;
	int slot;

	if (!is_wanted())
		return false;
	slot = claim(TABLE_PROCESSES, &hint);
	for (int round = 0; slot < 0 && round < 40 && collector_lives(); round++) {
		wait_for_collector(round);
		slot = claim(TABLE_PROCESSES, &hint);
	}
	if (slot < 0) {
		__atomic_fetch_add(&arena->refused, 1, __ATOMIC_RELAXED);
		return false;
	}
	if (syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED, 0, 0) != 0)
		arena_flags |= ARENA_NO_MEMBARRIER; /* a filter may forbid it */
	process->slot = (uint32_t)slot;
	describe(&processes[slot]);
	processes[slot].origin = origin;
	origin = ORIGIN_FORK; /* whoever comes here again in these variables is a child */
	process->generation++;
	__atomic_store_n(&processes[slot].state, ARENA_READY, __ATOMIC_RELEASE);
	ring_doorbell(); /* it looks at us while we are there */
	return true;
}

bool process_enter(void)
{
	if (!arena || !__atomic_load_n(&arena->active, __ATOMIC_ACQUIRE))
		return false;
	if (likely(__atomic_load_n(&process->registered, __ATOMIC_ACQUIRE)))
		return true;
	if (process->refused)
		return false;
	lock(&process->lock);
	if (!process->registered && !process->refused) {
		bool is = registered();

		process->refused = !is;
		__atomic_store_n(&process->registered, is, __ATOMIC_RELEASE);
	}
	unlock(&process->lock);
	return process->registered;
}

void process_objects_changed(void)
{
	if (!arena || !process->registered)
		return;
	if ((__atomic_add_fetch(&process->generation, 1, __ATOMIC_ACQ_REL) & 0xffff) == 0) {
		rules_forget();
		trie_forget();
	}
}
