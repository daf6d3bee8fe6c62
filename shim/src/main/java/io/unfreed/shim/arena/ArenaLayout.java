package io.unfreed.shim.arena;

/**
 * Offsets and sizes of {@code arena.h}, in bytes; ArenaLayoutTest compares them with what the
 * compiler says.
 */
final class ArenaLayout {
  static final long MAGIC = 0x3144454552464e55L;
  static final int VERSION = 1;
  static final long PAGE_BYTES = 4096;

  static final int PROCESSES = 4096;

  /** Rings that threads begin with, and behind them those that full ones go on in. */
  static final int RINGS = 7936;

  static final int SEGMENTS = 256;
  static final int ALL_RINGS = RINGS + SEGMENTS;
  static final int MODULES = 32768;
  static final int CHUNKS = 8192;
  static final int CHUNK_NODES = 4096;

  /** Most room for the records of one ring. */
  static final long RING_BYTES = 4 << 20;

  // States
  static final int GRANTED = 1;
  static final int CLAIMED = 2;
  static final int READY = 3;
  static final int RELEASED = 4;
  static final int IDLE = 5;

  /** Behind the tables of {@link ArenaTable}. */
  static final int TABLE_SEGMENTS = 4;

  // Flags
  static final int FLAG_FOLLOW = 1;
  static final int FLAG_FREE_STACKS = 2;
  static final int FLAG_DROP = 4;
  static final int FLAG_TSC = 8;
  static final int FLAG_NO_MEMBARRIER = 16;
  static final int FLAG_ATTACHED = 32;

  // struct arena_header
  static final long HEADER_MAGIC = 0;
  static final long HEADER_VERSION = 8;
  static final long HEADER_FLAGS = 12;
  static final long HEADER_TOTAL_BYTES = 16;
  static final long HEADER_PROCESSES_AT = 24;
  static final long HEADER_RINGS_AT = 32;
  static final long HEADER_MODULES_AT = 40;
  static final long HEADER_CHUNKS_AT = 48;
  static final long HEADER_NODES_AT = 56;
  static final long HEADER_RECORDS_AT = 64;
  static final long HEADER_RING_BYTES = 72;
  static final long HEADER_ROOT_TGID = 80;
  static final long HEADER_COLLECTOR_PID = 84;
  static final long HEADER_COLLECTOR_PID_NAMESPACE = 88;
  static final long HEADER_WAIT_NANOS = 96;
  static final long HEADER_GRANTED = 104;
  static final long HEADER_ACTIVE = 192;
  static final long HEADER_DOORBELL = 196;
  static final long HEADER_HEARTBEAT = 200;
  static final long HEADER_SEGMENT_BELL = 208;
  static final long HEADER_SEGMENTS_FREE = 212;
  static final long HEADER_UNREGISTERED = 256;
  static final long HEADER_REFUSED = 264;
  static final long HEADER_STARVED = 272;
  static final long HEADER_BYTES = 320;

  // struct arena_process
  static final long PROCESS_TGID = 4;
  static final long PROCESS_PARENT = 8;
  static final long PROCESS_ORIGIN = 12;
  static final long PROCESS_START_TICKS = 16;
  static final long PROCESS_STAMP = 24;
  static final long PROCESS_COMMAND_BYTES = 52;
  static final long PROCESS_CHECKS = 56;
  static final long PROCESS_MISMATCHES = 64;
  static final long PROCESS_INCOMPLETE = 72;
  static final long PROCESS_COMPLEX_WALKS = 80;
  static final long PROCESS_SLOW_RULES = 88;
  static final long PROCESS_NODES = 96;
  static final long PROCESS_EXECS = 104;
  static final long PROCESS_PID_NAMESPACE = 112;
  static final long PROCESS_EXEC_PATH = 120;
  static final long PROCESS_EXECUTABLE = 632;
  static final long PROCESS_COMMAND = 1144;
  static final int TARGET_BYTES = 512;
  static final int COMMAND_BYTES = 3072;
  static final long PROCESS_BYTES = 4216;

  // struct arena_record
  static final long RECORD_STAMP = 0;
  static final long RECORD_ADDRESS = 8;
  static final long RECORD_SIZE = 16;
  static final long RECORD_STACK = 24;
  static final long RECORD_KIND = 28;
  static final long RECORD_SPACE = 29;
  static final long RECORD_BYTES = 32;

  // struct arena_ring
  static final long RING_PROCESS = 4;
  static final long RING_TID = 8;
  static final long RING_GRANTED = 16;
  static final long RING_HEAD = 64;
  static final long RING_PENDING = 72;
  static final long RING_BASE = 80;
  static final long RING_CAPACITY = 88;
  static final long RING_DROPPED = 96;
  static final long RING_NESTED = 104;
  static final long RING_WAITS = 112;
  static final long RING_WANTED = 120;
  static final long RING_TAIL = 192;
  static final long RING_WAKE = 200;
  static final long RING_WAITING = 204;
  static final long RING_DESCRIPTOR_BYTES = 256;

  // struct arena_module
  static final long MODULE_PROCESS = 4;
  static final long MODULE_FIRST_GENERATION = 8;
  static final long MODULE_LAST_GENERATION = 12;
  static final long MODULE_START = 16;
  static final long MODULE_END = 24;
  static final long MODULE_BIAS = 32;
  static final long MODULE_BUILD_ID_BYTES = 40;
  static final long MODULE_BUILD_ID = 48;
  static final int MODULE_BUILD_ID_MOST = 32;
  static final long MODULE_PATH = 80;
  static final int MODULE_PATH_BYTES = 400;
  static final long MODULE_BYTES = 480;

  // struct arena_chunk
  static final long CHUNK_PROCESS = 4;
  static final long CHUNK_BYTES = 8;

  // struct arena_node
  static final long NODE_PARENT = 0;
  static final long NODE_GENERATION = 4;
  static final long NODE_ADDRESS = 8;
  static final long NODE_BYTES = 16;

  /** Above this a node's number is a frame; below, how the stack ends. */
  static final int NODE_INCOMPLETE = 1;

  // Where the parts begin.
  static final long PROCESSES_AT = PAGE_BYTES;
  static final long RINGS_AT = wholePages(PROCESSES_AT + PROCESSES * PROCESS_BYTES);
  static final long MODULES_AT = wholePages(RINGS_AT + ALL_RINGS * RING_DESCRIPTOR_BYTES);
  static final long CHUNKS_AT = wholePages(MODULES_AT + MODULES * MODULE_BYTES);
  static final long NODES_AT = wholePages(CHUNKS_AT + CHUNKS * CHUNK_BYTES);
  static final long RECORDS_AT = wholePages(NODES_AT + (long) CHUNKS * CHUNK_NODES * NODE_BYTES);
  static final long TOTAL_BYTES = RECORDS_AT + ALL_RINGS * RING_BYTES;

  private ArenaLayout() {}

  static long process(int index) {
    return PROCESSES_AT + index * PROCESS_BYTES;
  }

  static long ring(int index) {
    return RINGS_AT + index * RING_DESCRIPTOR_BYTES;
  }

  static long records(int index) {
    return RECORDS_AT + index * RING_BYTES;
  }

  static long module(int index) {
    return MODULES_AT + index * MODULE_BYTES;
  }

  static long chunk(int index) {
    return CHUNKS_AT + index * CHUNK_BYTES;
  }

  static long node(int number) {
    return NODES_AT + number * NODE_BYTES;
  }

  static long wholePages(long bytes) {
    return (bytes + PAGE_BYTES - 1) & -PAGE_BYTES;
  }
}
