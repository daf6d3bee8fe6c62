package io.unfreed.shim.arena;

/**
 * The tables whose entries processes claim, but the segments: {@link Segments}.
 *
 * <p>{@code firstGrant} entries have memory from the start; {@code spare} are kept to be had.
 */
enum ArenaTable {
  PROCESSES(ArenaLayout.PROCESSES, ArenaLayout.PROCESSES_AT, ArenaLayout.PROCESS_BYTES, 16, 12),
  RINGS(ArenaLayout.RINGS, ArenaLayout.RINGS_AT, ArenaLayout.RING_DESCRIPTOR_BYTES, 16, 12),
  MODULES(ArenaLayout.MODULES, ArenaLayout.MODULES_AT, ArenaLayout.MODULE_BYTES, 128, 96),
  CHUNKS(ArenaLayout.CHUNKS, ArenaLayout.CHUNKS_AT, ArenaLayout.CHUNK_BYTES, 32, 24);

  final int most;
  final long at;
  final long entryBytes;
  final int firstGrant;
  final int spare;

  ArenaTable(int most, long at, long entryBytes, int firstGrant, int spare) {
    this.most = most;
    this.at = at;
    this.entryBytes = entryBytes;
    this.firstGrant = firstGrant;
    this.spare = spare;
  }

  long entry(int index) {
    return at + index * entryBytes;
  }
}
