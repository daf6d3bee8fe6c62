package io.unfreed.streams.ledger;

/**
 * Is told of single blocks as they come and go, for questions that counters per stack do not
 * answer. Called between two events of the ledger's, or inside one.
 */
public interface BlockObserver {
  /** Why a block is outstanding no more. */
  enum Why {
    /** A free, a realloc or an unmapping of its last byte. */
    FREED,
    /** Its address was allocated again: the free was missed. */
    SUPERSEDED,
    /** The image of its process was replaced. */
    CLOSED_BY_EXEC
  }

  /**
   * One block.
   *
   * @param entry stack in a space
   * @param address where it begins
   * @param tid thread that allocated it
   * @param asked what {@link Ledger#birthsAreAsked} said when it was allocated
   * @param timeNanos stamp of its allocation
   * @param sizeBytes the size it was allocated with
   * @param leftBytes what is left of it
   */
  record Block(
      int entry,
      long address,
      int tid,
      boolean asked,
      long timeNanos,
      long sizeBytes,
      long leftBytes) {}

  /** What a walk over the outstanding blocks calls. */
  interface LiveVisitor {
    /** One block, and whether it is certain. */
    void block(Block block, boolean certain);
  }

  /** A block is outstanding. */
  void opened(Block block);

  /** A mapping lost so many bytes; {@code left} is what remains, perhaps nothing. */
  void shrunk(Block left, long bytes);

  /**
   * A block is outstanding no more.
   *
   * @param releaser number of the stack that released it, see {@link Releasers}
   * @param timeNanos stamp of the event that closed it
   */
  void closed(Block block, Why why, int releaser, long timeNanos);
}
