package io.unfreed.streams.verdict;

/**
 * The blocks of a stack that are gone. They add up.
 *
 * @param lifetimes how long they lived, from the first block of a chain of reallocations (the last,
 *     if they are of one tick) to the free of its last; those in between count as 0
 * @param moved how many of them a realloc made new ones of: their memory lives on
 */
public record Released(Histogram lifetimes, long moved) {
  /** None. */
  public static final Released NONE = new Released(Histogram.EMPTY, 0);

  /** The sum of both. */
  Released plus(Released other) {
    return new Released(lifetimes.plus(other.lifetimes), moved + other.moved);
  }

  /**
   * Those whose memory went. The moved ones are the youngest, so that a block that grows while it
   * is filled is no block that was freed young.
   */
  Histogram gone() {
    return lifetimes.withoutShortest(moved);
  }

  /** The same without so many of the oldest. */
  Released withoutOldest(long count) {
    return new Released(lifetimes.withoutLongest(count), moved);
  }
}
