package io.unfreed.streams.ledger;

/**
 * A release that a thread has begun and whose outcome is not known yet. {@link PendingReleases}
 * uses one again when it is over.
 */
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

  int thread;
  boolean mapping;
  long address;
  long lengthBytes;

  /** Mappings with this number or a higher one were made after the intent. */
  long firstLaterMapping;

  /** Number of the stack that began it, see {@link Releasers}. */
  int releaser;

  /** The heap block was the thread's last event before the intent. */
  boolean temporary;

  /** Number of the mapping that was the thread's last event before the intent, or -1. */
  long justMapped;

  State state;

  /** Whether this is the release of the heap block at an address, which is still outstanding. */
  boolean holdsHeap(long heapAddress) {
    return !mapping && address == heapAddress && state == State.HELD;
  }

  /** Whether the pending range holds an address. */
  boolean covers(long byteAddress) {
    return mapping && byteAddress >= address && byteAddress < address + lengthBytes;
  }
}
