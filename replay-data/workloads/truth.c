/* The ledger of workload.h: a table of blocks and of the source lines they came from, no allocation. */
#include "workload.h"

#include <sched.h>

#define SITES 256
#define BLOCKS (1 << 16)
#define CHAINS (1 << 14)

struct site {
	char file[32]; /* a copy, as the object that has the name may go */
	int line;
	unsigned long alloc, alloc_bytes, free, live, live_bytes;
};

struct block {
	uintptr_t start;
	size_t bytes, left;
	struct site *site;
	struct block *next;
};

static struct {
	unsigned long alloc, alloc_bytes, free, intent, moved, moved_bytes, released, failed, map,
		map_bytes;
} did;

void *blocks[4096];
static struct site sites[SITES];
static struct block all[BLOCKS], *unused, *chains[CHAINS], *ranges;
static size_t fresh;
static char lock, whose[32];

static void enter(void)
{
	while (__atomic_test_and_set(&lock, __ATOMIC_ACQUIRE))
		sched_yield();
}

static void leave(void)
{
	__atomic_clear(&lock, __ATOMIC_RELEASE);
}

static struct block **chain(const void *address)
{
	return &chains[((uintptr_t)address >> 4) * 0x9e3779b97f4a7c15u >> 50];
}

static struct site *site(const char *file, int line)
{
	const char *slash = strrchr(file, '/');
	const char *name = slash ? slash + 1 : file;

	for (struct site *s = sites; s < sites + SITES; s++) {
		if (s->line && (s->line != line || strcmp(s->file, name)))
			continue;
		if (!s->line)
			snprintf(s->file, sizeof(s->file), "%s", name);
		s->line = line;
		return s;
	}
	_exit(5);
}

static void add(struct block **list, void *address, size_t bytes, struct site *from)
{
	struct block *b = unused;

	if (b)
		unused = b->next;
	else if (fresh < BLOCKS)
		b = &all[fresh++];
	else
		_exit(5);
	*b = (struct block){ (uintptr_t)address, bytes, bytes, from, *list };
	*list = b;
	from->alloc++;
	from->alloc_bytes += bytes;
	from->live++;
	from->live_bytes += bytes;
}

/* Takes bytes from a block; the last ones release it. */
static void shrink(struct block **at, size_t bytes)
{
	struct block *b = *at;

	b->left -= bytes;
	b->site->live_bytes -= bytes;
	if (b->left)
		return;
	b->site->live--;
	b->site->free++;
	*at = b->next;
	b->next = unused;
	unused = b;
}

/* A block that was not taken here, as a forked child's inherited ones, is let be. */
static void forget(void *address)
{
	for (struct block **at = chain(address); *at; at = &(*at)->next)
		if ((*at)->start == (uintptr_t)address) {
			shrink(at, (*at)->left);
			return;
		}
}

static void forget_range(void *address, size_t bytes)
{
	for (struct block **at = &ranges; *at; at = &(*at)->next)
		if ((uintptr_t)address - (*at)->start < (*at)->bytes) {
			shrink(at, bytes);
			return;
		}
}

static void *needed(void *block)
{
	if (!block || block == MAP_FAILED)
		_exit(4);
	return block;
}

void *took(void *block, size_t bytes, const char *file, int line)
{
	needed(block);
	enter();
	did.alloc++;
	did.alloc_bytes += bytes;
	add(chain(block), block, bytes, site(file, line));
	leave();
	return block;
}

void *dropping(void *block)
{
	if (!block)
		return NULL;
	enter();
	did.free++;
	forget(block);
	leave();
	return block;
}

/* Before a realloc the block leaves the table, as another thread may have its address before this
 * one is back; a failure puts it back. */
static __thread struct block *held;
static __thread void *had;

void resizing(void *old)
{
	had = old;
	enter();
	held = NULL;
	for (struct block **at = chain(old); *at; at = &(*at)->next)
		if ((*at)->start == (uintptr_t)old) {
			held = *at;
			*at = held->next;
			break;
		}
	leave();
}

static void let_go(void)
{
	struct block *one = held;

	if (!one)
		return;
	one->next = NULL;
	shrink(&one, held->left);
}

void *resized(void *block, size_t bytes, const char *file, int line)
{
	if (!had)
		return took(block, bytes, file, line);
	enter();
	did.intent++;
	if (block) {
		did.moved++;
		did.moved_bytes += bytes;
		let_go();
		add(chain(block), block, bytes, site(file, line));
	} else if (!bytes) {
		did.released++;
		let_go();
	} else {
		did.failed++;
		if (held) {
			held->next = *chain(had);
			*chain(had) = held;
		}
	}
	leave();
	return block;
}

static size_t in_pages(size_t bytes)
{
	size_t page = sysconf(_SC_PAGESIZE);

	return (bytes + page - 1) / page * page;
}

void *mapped(void *address, size_t bytes, const char *file, int line)
{
	enter();
	did.map++;
	did.map_bytes += in_pages(bytes);
	add(&ranges, needed(address), in_pages(bytes), site(file, line));
	leave();
	return address;
}

/* The ranges change under the lock, as another thread may map what this one has just released. */
void remapping(void)
{
	enter();
}

void *remapped(void *old, void *address, size_t bytes, const char *file, int line)
{
	did.intent++;
	did.moved++;
	did.moved_bytes += bytes;
	needed(address);
	for (struct block **at = &ranges; *at; at = &(*at)->next)
		if ((*at)->start == (uintptr_t)old) {
			shrink(at, (*at)->left);
			break;
		}
	add(&ranges, address, bytes, site(file, line));
	leave();
	return address;
}

void unmap(void *address, size_t bytes)
{
	enter();
	did.intent++;
	if (munmap(address, bytes)) {
		did.failed++;
	} else {
		did.released++;
		forget_range(address, bytes);
	}
	leave();
}

void must_fail(int failed, int intents)
{
	if (!failed)
		_exit(4);
	enter();
	did.intent += intents;
	did.failed += intents;
	leave();
}

void summed(const struct sum *sum, const char *file, int line)
{
	struct site *s;

	enter();
	s = site(file, line);
	did.alloc += sum->allocs;
	did.alloc_bytes += sum->bytes;
	did.free += sum->frees;
	s->alloc += sum->allocs;
	s->alloc_bytes += sum->bytes;
	s->free += sum->frees;
	s->live += sum->allocs - sum->frees;
	s->live_bytes += sum->bytes - sum->freed_bytes;
	leave();
}

void new_process(void)
{
	lock = 0;
	memset(sites, 0, sizeof(sites));
	memset(&did, 0, sizeof(did));
	memset(chains, 0, sizeof(chains));
	unused = ranges = NULL;
	fresh = 0;
	snprintf(whose, sizeof(whose), "child %d ", getpid());
}

static void *kept_blocks[4096];
static unsigned kept, dropped;

void keep(void *block)
{
	kept_blocks[__atomic_fetch_add(&kept, 1, __ATOMIC_RELAXED) % 4096] = block;
}

void drop_thirds(void)
{
	for (; dropped < kept; dropped++)
		if (dropped % 3 == 0)
			DROP(kept_blocks[dropped % 4096]);
}

unsigned long taken(void)
{
	return did.alloc;
}

unsigned long taken_bytes(void)
{
	return did.alloc_bytes;
}

void tell(void)
{
	say("%sexpect alloc=%lu alloc_bytes=%lu free=%lu intent=%lu moved=%lu moved_bytes=%lu "
	    "released=%lu failed=%lu map=%lu map_bytes=%lu\n",
	    whose, did.alloc, did.alloc_bytes, did.free, did.intent, did.moved, did.moved_bytes,
	    did.released, did.failed, did.map, did.map_bytes);
	for (struct site *s = sites; s < sites + SITES && s->line; s++)
		say("%ssite %s:%d alloc=%lu alloc_bytes=%lu free=%lu live=%lu live_bytes=%lu\n", whose,
		    s->file, s->line, s->alloc, s->alloc_bytes, s->free, s->live, s->live_bytes);
}

void finish(void)
{
	tell();
	_exit(0);
}
