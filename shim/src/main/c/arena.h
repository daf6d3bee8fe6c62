/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What collector and recorded processes share: one sparse file, made, sized and filled with pages by
 * the collector, mapped whole by every recorded process. ArenaLayout.java mirrors it; a test
 * compares the offsets.
 *
 *     header | processes | rings' descriptors | modules | chunk owners | stack nodes | rings' records
 *
 * A process touches only the first `granted` entries of each table, which have memory behind them, so
 * that a full tmpfs is the collector's line and never a SIGBUS of the target. Whoever changes a state does it by
 * compare-and-swap. Everything that a target writes may be garbage: the collector checks it.
 */
#ifndef UNFREED_ARENA_H
#define UNFREED_ARENA_H

#include <stdint.h>

#define ARENA_MAGIC 0x3144454552464e55ull /* "UNFREED1" */
#define ARENA_VERSION 1

#define ARENA_PROCESSES 4096
#define ARENA_RINGS 7936   /* a thread's first one */
#define ARENA_SEGMENTS 256 /* what it goes on in when that is full */
#define ARENA_MODULES 32768
#define ARENA_CHUNKS 8192
#define CHUNK_NODES 4096

#define ARENA_PATH_BYTES 400
#define ARENA_COMMAND_BYTES 3072
#define ARENA_TARGET_BYTES 512

/* Segments are rings, behind the others in one array, that have all of their memory from the start. */
enum arena_table { TABLE_PROCESSES, TABLE_RINGS, TABLE_MODULES, TABLE_CHUNKS, TABLE_SEGMENTS, TABLE_COUNT };

/* States of processes, rings, modules and chunks; 0: has no memory. */
enum arena_state {
	ARENA_GRANTED = 1, /* to be had */
	ARENA_CLAIMED = 2, /* a process fills it in */
	ARENA_READY = 3,   /* filled in */
	ARENA_RELEASED = 4, /* its owner is done; the collector takes it back */
	ARENA_IDLE = 5     /* taken back, a segment, with its memory: to be had again, or to be given up */
};

enum arena_flag {
	ARENA_FOLLOW = 1,     /* children are recorded too */
	ARENA_FREE_STACKS = 2,
	ARENA_DROP = 4,       /* a full ring drops at once */
	ARENA_TSC = 8,        /* stamps are TSC ticks, else CLOCK_MONOTONIC */
	ARENA_NO_MEMBARRIER = 16, /* the collector cannot: writers fence */
	ARENA_ATTACHED = 32   /* made for one running process */
};

struct arena_header {
	uint64_t magic;
	uint32_t version;
	uint32_t flags;
	uint64_t total_bytes;
	uint64_t processes_at, rings_at, modules_at, chunks_at, nodes_at, records_at;
	uint64_t ring_bytes; /* room for the records of one ring */
	uint32_t root_tgid;  /* the command's process; 0 until it is known: all are taken */
	uint32_t collector_pid;
	uint64_t collector_pid_namespace;
	uint64_t wait_nanos; /* a full ring is waited for this long */
	uint64_t granted[TABLE_COUNT]; /* entries that have memory; never falls */
	_Alignas(64) uint32_t active; /* 1 while recording */
	uint32_t doorbell;   /* futex: somebody waits for room, or claimed something */
	uint64_t heartbeat;  /* CLOCK_MONOTONIC of the collector's last turn */
	uint32_t segment_bell; /* futex: segments are claimed, or idle */
	uint32_t segments_free; /* to be had when the bell was heard last */
	_Alignas(64) uint64_t unregistered; /* events of threads for which no ring was to be had */
	uint64_t refused;    /* processes that found no slot */
	uint64_t starved;    /* stacks cut for want of nodes */
};

/* How a process came to be recorded. */
enum arena_origin {
	ORIGIN_EXEC = 1,
	ORIGIN_FORK = 2,
	ORIGIN_ATTACH = 3,
	ORIGIN_SPAWN = 4 /* another process tells that it becomes exec_path; nothing is recorded yet */
};

struct arena_process {
	uint32_t state;
	uint32_t tgid;
	uint32_t parent_tgid;
	uint32_t origin;
	uint64_t start_ticks;       /* field 22 of /proc/PID/stat; 0 when it could not be read */
	uint64_t registered_stamp;
	uint64_t registered_nanos;  /* CLOCK_MONOTONIC at about the same time */
	uint64_t image;             /* differs between two images of one process */
	uint32_t error;             /* errno when the rest of the arena could not be mapped */
	uint32_t command_bytes;
	uint64_t checks, mismatches, incomplete, complex_walks, slow_rules, nodes;
	uint64_t execs;             /* calls of exec under way, or done and no image has followed */
	uint64_t pid_namespace;     /* inode of /proc/self/ns/pid; tgid and tid are numbers of it */
	char exec_path[ARENA_TARGET_BYTES];
	char executable[ARENA_TARGET_BYTES];
	char command[ARENA_COMMAND_BYTES]; /* arguments, each with its NUL */
};

/* An event, 32 bytes. */
struct arena_record {
	uint64_t stamp;
	uint64_t address;
	uint64_t size;
	uint32_t stack; /* node */
	uint8_t kind;
	uint8_t space;
	uint16_t flags;
};

enum arena_kind {
	KIND_ALLOC = 1,
	KIND_FREE = 2,
	KIND_INTENT = 3,
	KIND_OUTCOME_OK = 4,
	KIND_OUTCOME_FAILED = 5,
	KIND_MAP = 6
};

enum arena_space { SPACE_HEAP = 1, SPACE_MAPPING = 2 };

/*
 * One writer, one reader. Record number n of [tail, head) lies at ((n - base) & (capacity - 1)).
 * Base and capacity change only while the ring is empty, by the writer, to what was granted.
 */
struct arena_ring {
	uint32_t state;
	uint32_t process;
	uint32_t tid;
	uint32_t reserved;
	uint64_t granted;  /* records the collector has put memory behind: a power of two */
	uint64_t reserved2;
	_Alignas(64) uint64_t head;
	uint64_t pending;  /* not 0: a record stamped no earlier than this is being written */
	uint64_t base;
	uint64_t capacity; /* records */
	uint64_t dropped;
	uint64_t nested;
	uint64_t waits;
	uint64_t wanted;   /* records the writer would like */
	uint64_t dropped_at; /* the head at which waiting was in vain */
	_Alignas(64) uint64_t tail;
	uint32_t wake;     /* futex: the tail moved */
	uint32_t waiting;
	uint64_t padding[6];
};

/* An object that return addresses were found in. */
struct arena_module {
	uint32_t state;
	uint32_t process;
	uint32_t first_generation, last_generation; /* of its nodes */
	uint64_t start, end;
	uint64_t bias;
	uint32_t build_id_bytes;
	uint32_t reserved;
	uint8_t build_id[32];
	char path[ARENA_PATH_BYTES];
};

struct arena_chunk {
	uint32_t state;
	uint32_t process;
};

/* A frame of a stack: lookup address (return address - 1, or where a signal struck). */
struct arena_node {
	uint32_t parent; /* the caller's; 0: none; 1: none was found though there is one */
	uint32_t generation;
	uint64_t address;
};

#define NODE_NONE 0u
#define NODE_INCOMPLETE 1u

#endif
