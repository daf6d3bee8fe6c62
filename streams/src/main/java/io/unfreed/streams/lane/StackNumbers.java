package io.unfreed.streams.lane;

import io.unfreed.streams.verdict.Accumulation;
import io.unfreed.streams.verdict.Released;
import io.unfreed.streams.verdict.Verdict;

/**
 * What one stack did in one address space as of a moment.
 *
 * @param key stack and space
 * @param counts of the blocks that are selected
 * @param heldCount outstanding blocks, selected or not
 * @param ages of its blocks
 * @param releases how its blocks went
 * @param accumulation what a verdict is made of; of a judged stack only who stayed, when it may be
 *     part of a leak; null where it is not told
 * @param verdict null before it is judged
 * @param freedBy who released; null when the recording has no stacks of releases
 */
public record StackNumbers(
    StackKey key,
    Counts counts,
    long heldCount,
    Ages ages,
    Releases releases,
    Accumulation accumulation,
    Verdict verdict,
    FreedBy freedBy)
    implements Counted {

  /** Of its frees, those by the very next event of their thread; null when that is not known. */
  public Long temporaryAllocations() {
    return releases.temporary();
  }

  /** Its blocks that are gone; where moved ones were not counted all were freed. */
  public Released released() {
    return new Released(ages.released(), releases.moved() == null ? 0 : releases.moved());
  }

  /** The same, judged. */
  public StackNumbers withVerdict(Verdict judged) {
    return new StackNumbers(key, counts, heldCount, ages, releases, accumulation, judged, freedBy);
  }

  /** The same, judged, with what tells whether several stacks are one leak. */
  public StackNumbers withVerdict(Verdict judged, Accumulation survivors) {
    return new StackNumbers(key, counts, heldCount, ages, releases, survivors, judged, freedBy);
  }

  /** The same without what only the judgement needs. */
  public StackNumbers withoutAccumulation() {
    return new StackNumbers(key, counts, heldCount, ages, releases, null, verdict, freedBy);
  }

  /** The sum of two lanes' numbers of one stack. */
  public StackNumbers plus(StackNumbers other) {
    return new StackNumbers(
        key,
        counts.plus(other.counts),
        heldCount + other.heldCount,
        ages.plus(other.ages),
        releases.plus(other.releases),
        Accumulation.sum(accumulation, other.accumulation),
        verdict,
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
            releases,
            accumulation,
            verdict,
            FreedBy.mostOf(freedBy.stacks(), freedBy.otherFrees()));
  }
}
