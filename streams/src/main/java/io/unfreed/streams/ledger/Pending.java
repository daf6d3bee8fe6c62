package io.unfreed.streams.ledger;

/** A release that a thread has begun and whose outcome is not known yet. */
final class Pending {
  /** What became of the block since the intent. */
  enum State {
    /** It is still in the table, and outstanding. */
    HELD,
    /** It was not known at the intent, or another free took it: the release will be unmatched. */
    UNKNOWN,
    /** An allocation reused its address: it has been counted as freed. */
    REUSED
  }

  final int thread;
  final boolean mapping;
  final long address;
  final long lengthBytes;

  /** Mappings with this number or a higher one were made after the intent. */
  final long firstLaterMapping;

  /** The heap block was the thread's last event before the intent. */
  final boolean temporary;

  /** Number of the mapping that was the thread's last event before the intent, or -1. */
  final long justMapped;

  State state;

  private Pending(
      int thread,
      boolean mapping,
      long address,
      long lengthBytes,
      long firstLaterMapping,
      boolean temporary,
      long justMapped,
      State state) {
    this.thread = thread;
    this.mapping = mapping;
    this.address = address;
    this.lengthBytes = lengthBytes;
    this.firstLaterMapping = firstLaterMapping;
    this.temporary = temporary;
    this.justMapped = justMapped;
    this.state = state;
  }

  /** Whether the pending range holds an address. */
  boolean covers(long byteAddress) {
    return mapping && byteAddress >= address && byteAddress < address + lengthBytes;
  }

  static Pending heap(int thread, long address, boolean temporary, boolean known) {
    return new Pending(
        thread, false, address, 0, 0, temporary, -1, known ? State.HELD : State.UNKNOWN);
  }

  static Pending range(
      int thread, long address, long lengthBytes, MappingTable mappings, long justMapped) {
    return new Pending(
        thread,
        true,
        address,
        lengthBytes,
        mappings.nextNumber(),
        false,
        justMapped,
        mappings.touches(address, lengthBytes) ? State.HELD : State.UNKNOWN);
  }
}
