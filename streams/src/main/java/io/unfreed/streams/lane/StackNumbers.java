package io.unfreed.streams.lane;

/**
 * What one stack did in one address space as of a moment.
 *
 * @param key stack and space
 * @param counts of the blocks that are selected
 * @param heldCount outstanding blocks, selected or not
 * @param ages of its blocks
 * @param growing the outstanding count rose in each of the last three ticks
 * @param freedBy who released; null when the recording has no stacks of releases
 */
public record StackNumbers(
    StackKey key, Counts counts, long heldCount, Ages ages, boolean growing, FreedBy freedBy)
    implements Counted {

  /** The same with another verdict on growth. */
  public StackNumbers withGrowing(boolean verdict) {
    return verdict == growing
        ? this
        : new StackNumbers(key, counts, heldCount, ages, verdict, freedBy);
  }

  /** The sum of two lanes' numbers of one stack. */
  public StackNumbers plus(StackNumbers other) {
    return new StackNumbers(
        key,
        counts.plus(other.counts),
        heldCount + other.heldCount,
        ages.plus(other.ages),
        growing,
        FreedBy.sum(freedBy, other.freedBy));
  }

  /** The same with no more releasers than are listed: sums of lanes may have more. */
  public StackNumbers withListedReleasers() {
    return freedBy == null || freedBy.stacks().size() <= FreedBy.LISTED
        ? this
        : new StackNumbers(
            key,
            counts,
            heldCount,
            ages,
            growing,
            FreedBy.mostOf(freedBy.stacks(), freedBy.otherFrees()));
  }
}
