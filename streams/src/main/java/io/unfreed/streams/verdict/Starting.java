package io.unfreed.streams.verdict;

import java.util.Collection;
import java.util.Objects;

/**
 * Whether a program may still be starting: what it builds then stays, and new things join, so that
 * each stack looks like a leak until the program has started. What a start shows, and a leak does
 * not, is that more and more other stacks begin to hold something. Warm-up is told from a leak when
 * as much time has passed again; until then no leak is sure. A service whose stacks never cease to
 * come is not starting for ever: after five minutes this is not asked any more.
 *
 * @param isStarting whether less time has passed since most stacks had begun than before
 */
public record Starting(boolean isStarting) {
  /** Nothing is known of other stacks. */
  public static final Starting NO = new Starting(false);

  /** When this share of the stacks had begun to hold something the program had started. */
  private static final double MOST_BEGUN = 0.9;

  /** Longer than this no program starts. */
  static final double MOST_SECONDS = 300;

  /** Stacks tell that hold something older than this share of the time: it may be for long. */
  private static final double OLD = 0.125;

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
    double old = moment - OLD * (moment - begin);
    double[] begun =
        suspects.stream()
            .filter(a -> a != null && holdsFrom(a, old))
            .mapToDouble(a -> a.start(0))
            .sorted()
            .toArray();
    if (begun.length == 0) {
      return NO;
    }
    double most = begun[(int) (MOST_BEGUN * (begun.length - 1))];
    return new Starting(moment - most < most - begin);
  }

  /** With more leaks than a program has: it is building something, for as long as it is young. */
  static Starting manyAtOnce(Collection<Accumulation> suspects, Judge.Case asked) {
    return isYoung(begin(suspects, asked.moment()), asked)
        ? new Starting(true)
        : of(suspects, asked);
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

  /** The same verdict, not surer than the program's age allows. */
  public Verdict seen(Verdict verdict) {
    return verdict instanceof Verdict.Leaking leaking ? seen(leaking) : verdict;
  }

  Verdict.Leaking seen(Verdict.Leaking leaking) {
    return isStarting && leaking.confidence() > Judge.CACHE_CONFIDENCE
        ? leaking.withConfidence(Judge.CACHE_CONFIDENCE)
        : leaking;
  }

  private static boolean holdsFrom(Accumulation a, double moment) {
    for (int slot = 0; slot < a.slots() && a.start(slot) < moment; slot++) {
      if (a.get(slot, Accumulation.LIVE) > 0) {
        return true;
      }
    }
    return false;
  }
}
