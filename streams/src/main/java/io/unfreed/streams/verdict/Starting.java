package io.unfreed.streams.verdict;

import java.util.Arrays;
import java.util.Collection;
import java.util.Objects;

/**
 * Whether a program may still be starting: what it builds then stays, and new things join, so that
 * each stack looks like a leak until the program has started. What a start shows, and a leak does
 * not, is that more and more other stacks begin to hold something. It is over when as much time has
 * passed again, as warm-up needs to be told from a leak, and when the others began earlier than
 * they would by chance if stacks kept beginning evenly: of few stacks none may begin for a while
 * though the start goes on. Until then no leak is sure. A service whose stacks never cease to come
 * is not starting for ever: after five minutes this is not asked any more. Not to be changed.
 */
public final class Starting {
  /** Nothing is known of other stacks. */
  public static final Starting NO = new Starting(0, 0, false);

  /** When this share of the stacks had begun to hold something the program had started. */
  private static final double MOST_BEGUN = 0.9;

  /** So many began early by chance in fewer than 1 of 10 programs that go on starting. */
  private static final double EVENLY = 0.1;

  /** Of more than so many never that many, if fewer than half may be expected to. */
  private static final int FEW = 64;

  private static final double HALF = 0.5;

  /** Longer than this no program starts. */
  static final double MOST_SECONDS = 300;

  /** Stacks tell that hold something older than this share of the time: it may be for long. */
  private static final double OLD = 0.125;

  private final double begin;
  private final double moment;
  private final boolean isBuilding;

  /** When the stacks that tell began, ascending. */
  private final double[] begun;

  private Starting(double begin, double moment, boolean isBuilding, double... begun) {
    this.begin = begin;
    this.moment = moment;
    this.isBuilding = isBuilding;
    this.begun = begun;
  }

  /**
   * As it is asked; of a clock without time, by the clock.
   *
   * @param suspects of the stacks that may be part of a leak, as {@link Leaks#isSuspect} says; null
   *     for one that does not tell
   */
  public static Starting of(Collection<Accumulation> suspects, Judge.Case asked) {
    long moment = asked.moment();
    double begin = begin(suspects, moment);
    if (asked.unitsPerSecond() > 0 && !isYoung(begin, asked)) {
      return NO;
    }
    return new Starting(begin, moment, false, begun(suspects, begin, (double) moment));
  }

  /** With more leaks than a program has: it is building something, for as long as it is young. */
  static Starting manyAtOnce(Collection<Accumulation> suspects, Judge.Case asked) {
    double begin = begin(suspects, asked.moment());
    return isYoung(begin, asked) ? new Starting(begin, asked.moment(), true) : of(suspects, asked);
  }

  private static boolean isYoung(double begin, Judge.Case asked) {
    return asked.moment() - begin < MOST_SECONDS * asked.unitsPerSecond();
  }

  private static double begin(Collection<Accumulation> suspects, long moment) {
    return suspects.stream()
        .filter(Objects::nonNull)
        .mapToDouble(a -> a.start(0))
        .min()
        .orElse((double) moment);
  }

  private static double[] begun(Collection<Accumulation> of, double begin, double moment) {
    double old = old(begin, moment);
    return of.stream()
        .filter(a -> a != null && holdsFrom(a, old))
        .mapToDouble(a -> a.start(0))
        .sorted()
        .toArray();
  }

  private static double old(double begin, double moment) {
    return moment - OLD * (moment - begin);
  }

  private static boolean holdsFrom(Accumulation a, double moment) {
    for (int slot = 0; slot < a.slots() && a.start(slot) < moment; slot++) {
      if (a.get(slot, Accumulation.LIVE) > 0) {
        return true;
      }
    }
    return false;
  }

  /**
   * Whether all other stacks look as if the program may still be starting.
   *
   * @param leaking the stack that is asked about; null for several
   */
  boolean isStarting(Accumulation leaking) {
    if (isBuilding) {
      return true;
    }
    int own =
        leaking != null && holdsFrom(leaking, old(begin, moment))
            ? Arrays.binarySearch(begun, leaking.start(0))
            : -1;
    int others = own < 0 ? begun.length : begun.length - 1;
    // The one that everything began with says nothing of when the next came.
    int skipped = others > 0 && other(0, own) == begin ? 1 : 0;
    others -= skipped;
    int most = (int) Math.ceil(MOST_BEGUN * others);
    if (most == 0) {
      return false;
    }
    double share = (other(skipped + most - 1, own) - begin) / (moment - begin);
    return share >= HALF
        || (others <= FEW && Statistics.binomialHead(others, most, share) >= EVENLY);
  }

  /** When one of the others began, all but the one at {@code own}, or all if that is negative. */
  private double other(int index, int own) {
    return begun[own >= 0 && index >= own ? index + 1 : index];
  }

  /**
   * The same verdict, not surer than the program's age allows.
   *
   * @param survivors of the stack that leaks; null for several
   */
  public Verdict seen(Verdict verdict, Accumulation survivors) {
    return verdict instanceof Verdict.Leaking leaking ? seen(leaking, survivors) : verdict;
  }

  Verdict.Leaking seen(Verdict.Leaking leaking, Accumulation survivors) {
    return leaking.confidence() > Judge.CACHE_CONFIDENCE && isStarting(survivors)
        ? leaking.withConfidence(Judge.CACHE_CONFIDENCE)
        : leaking;
  }
}
