package io.unfreed.streams.explain;

import java.util.Arrays;

/**
 * How often something happens, when it happens regularly.
 *
 * @param everyNanos from the beginning of one time to that of the next
 * @param blocks at each time, on average
 */
public record Period(long everyNanos, double blocks) {
  /** So many times must have been seen. */
  private static final int FEWEST = 6;

  /** So far the gaps may differ. */
  private static final double OFF = 0.15;

  /** So many of them must not. */
  private static final double REGULAR = 0.8;

  /**
   * Finds it: blocks that come closer to each other than some time are one time.
   *
   * @param times ascending
   * @return null when there is none
   */
  public static Period of(long... times) {
    Period best = null;
    double mostRegular = REGULAR;
    int before = 0;
    for (long apart = 0; apart >= 0 && apart < Long.MAX_VALUE / 4; apart = 2 * apart + 1000) {
      long[] starts = starts(times, apart);
      if (starts.length < FEWEST) {
        break;
      }
      if (starts.length == before) {
        continue;
      }
      before = starts.length;
      long[] gaps = new long[starts.length - 1];
      for (int i = 0; i < gaps.length; i++) {
        gaps[i] = starts[i + 1] - starts[i];
      }
      Arrays.sort(gaps);
      long middle = gaps[gaps.length / 2];
      double regular = regular(gaps, middle);
      if (regular > mostRegular) {
        mostRegular = regular;
        best = new Period(mean(gaps, middle), (double) times.length / starts.length);
      }
    }
    return best;
  }

  /** Where a time begins: nothing came for so long before. */
  private static long[] starts(long[] times, long apart) {
    long[] starts = new long[times.length];
    int count = 0;
    for (int i = 0; i < times.length; i++) {
      if (i == 0 || times[i] - times[i - 1] > apart) {
        starts[count++] = times[i];
      }
    }
    return Arrays.copyOf(starts, count);
  }

  private static boolean isNear(long gap, long middle) {
    return Math.abs(gap - middle) <= OFF * middle;
  }

  private static double regular(long[] gaps, long middle) {
    return (double) Arrays.stream(gaps).filter(gap -> isNear(gap, middle)).count() / gaps.length;
  }

  private static long mean(long[] gaps, long middle) {
    return (long)
        Arrays.stream(gaps).filter(gap -> isNear(gap, middle)).average().orElse((double) middle);
  }
}
