package io.unfreed.streams.explain;

import io.unfreed.schemas.stack.StackId;
import java.util.Arrays;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;

/**
 * What was seen of some stacks' blocks. Those of several lanes add up.
 *
 * @param slotNanos length of a slot; slot 0 begins with the session
 * @param born blocks by the slot of their birth
 * @param stay of those, outstanding at the end
 * @param freedAges freed blocks by how old they became, see {@link AgeBins}
 * @param otherAges blocks that were not freed by how old they are, or became
 * @param sums of all
 * @param sizes by the size allocated
 * @param threads by the thread that allocated
 * @param freedBy frees by the stack that freed; null when the recording has none
 * @param bornTimes when blocks were born, the first of them
 * @param stayTimes when those that stay were born, some of them
 */
public record Survey(
    long slotNanos,
    long[] born,
    long[] stay,
    long[] freedAges,
    long[] otherAges,
    Sums sums,
    Map<Long, Tally> sizes,
    Map<Long, Tally> threads,
    Map<StackId, Long> freedBy,
    long[] bornTimes,
    long[] stayTimes) {

  /** Slots of a survey. */
  public static final int SLOTS = 256;

  /** So many times are kept of each kind. */
  public static final int TIMES = 1 << 16;

  /** Numbers of all blocks. */
  public record Sums(long born, long bornBytes, long freed, long stay, long stayBytes) {
    Sums plus(Sums other) {
      return new Sums(
          born + other.born,
          bornBytes + other.bornBytes,
          freed + other.freed,
          stay + other.stay,
          stayBytes + other.stayBytes);
    }
  }

  /** Blocks of one kind, and how many of them stay. */
  public record Tally(long born, long stay) {
    Tally plus(Tally other) {
      return new Tally(born + other.born, stay + other.stay);
    }
  }

  /** The sum of the lanes; null of none. */
  public static Survey sum(Collection<Survey> lanes) {
    return lanes.stream().reduce(Survey::plus).orElse(null);
  }

  private Survey plus(Survey other) {
    return new Survey(
        slotNanos,
        sum(born, other.born),
        sum(stay, other.stay),
        sum(freedAges, other.freedAges),
        sum(otherAges, other.otherAges),
        sums.plus(other.sums),
        sum(sizes, other.sizes),
        sum(threads, other.threads),
        freedBy == null || other.freedBy == null ? null : frees(freedBy, other.freedBy),
        first(bornTimes, other.bornTimes),
        first(stayTimes, other.stayTimes));
  }

  private static long[] sum(long[] a, long[] b) {
    long[] sum = a.clone();
    for (int i = 0; i < sum.length; i++) {
      sum[i] += b[i];
    }
    return sum;
  }

  private static Map<Long, Tally> sum(Map<Long, Tally> a, Map<Long, Tally> b) {
    Map<Long, Tally> sum = new TreeMap<>(a);
    b.forEach((key, tally) -> sum.merge(key, tally, Tally::plus));
    return sum;
  }

  private static Map<StackId, Long> frees(Map<StackId, Long> a, Map<StackId, Long> b) {
    Map<StackId, Long> sum = new TreeMap<>(a);
    b.forEach((key, count) -> sum.merge(key, count, Long::sum));
    return sum;
  }

  private static long[] first(long[] a, long[] b) {
    long[] both = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, both, a.length, b.length);
    Arrays.sort(both);
    return Arrays.copyOf(both, Math.min(both.length, TIMES));
  }
}
