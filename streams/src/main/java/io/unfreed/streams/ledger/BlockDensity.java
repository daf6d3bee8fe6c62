package io.unfreed.streams.ledger;

/**
 * How densely segments are filled: small tables spend memory on short probes and rare growth, large
 * ones save it. docs/decisions/ledger-layout.md has the numbers.
 */
enum BlockDensity {
  /** At most 0.35 of the slots in use; slots grow by half, rows by a quarter. */
  ROOMY(0.35, 2, 4),
  /** At most 0.75 of the slots in use; slots grow by a quarter, rows by a tenth. */
  DENSE(0.75, 4, 10);

  /** Segments that share more bits than this belong to a table of over a million blocks. */
  private static final int ROOMY_DEPTH = 7;

  private final double load;
  private final int slotPart;
  private final int rowPart;

  BlockDensity(double load, int slotPart, int rowPart) {
    this.load = load;
    this.slotPart = slotPart;
    this.rowPart = rowPart;
  }

  /** The density of segments whose blocks share so many bits of the hash. */
  static BlockDensity of(int depth) {
    return depth <= ROOMY_DEPTH ? ROOMY : DENSE;
  }

  /** Blocks that so many slots may hold. */
  int limit(int slots) {
    return (int) (slots * load);
  }

  /** Slots for so many blocks and some more. */
  int slots(int blocks) {
    return moreSlots((int) (blocks / load));
  }

  /** The next size of an index that is full. */
  int moreSlots(int slots) {
    return slots + Math.ceilDiv(slots, slotPart);
  }

  /** The next size of rows that are full. */
  int moreRows(int rows) {
    return rows + Math.ceilDiv(rows, rowPart);
  }
}
