package io.unfreed.schemas.wire;

/**
 * Addresses of events that a cursor has not reached yet, filled by {@link EventCursor#lookAhead}:
 * those of events that take a block away, and those of events that place one. Not thread-safe.
 */
public final class AddressesAhead {
  final long[] taken;
  final long[] placed;
  int takenCount;
  int placedCount;

  /** Room for the addresses of so many events. */
  public AddressesAhead(int events) {
    taken = new long[events];
    placed = new long[events];
  }

  /** Addresses of frees and of the intents of reallocs; the first {@link #takenCount} count. */
  public long[] taken() {
    return taken;
  }

  /** How many of {@link #taken} are filled. */
  public int takenCount() {
    return takenCount;
  }

  /** Addresses of allocations and outcomes; the first {@link #placedCount} count. */
  public long[] placed() {
    return placed;
  }

  /** How many of {@link #placed} are filled. */
  public int placedCount() {
    return placedCount;
  }
}
