package io.unfreed.streams.verdict;

import java.util.ArrayList;
import java.util.List;

/**
 * Whether the survivors of several leaks keep one ratio in every slot. Under one cause the table of
 * leaks and slots is what its margins say; chi-square tells how far it is from that.
 */
final class Shares {
  private static final double FAR = 0.001;
  private static final double CLOSE = 0.001;
  private static final int FEWEST_SLOTS = 4;

  private final long[][] survivors;

  private Shares(long[]... survivors) {
    this.survivors = survivors;
  }

  /**
   * @param accumulated of the leaks
   * @param until survivors born later may still be freed
   */
  static Shares of(List<Accumulation> accumulated, long until) {
    int level = accumulated.stream().mapToInt(Accumulation::level).max().orElse(0);
    List<Accumulation> equal = new ArrayList<>();
    for (Accumulation a : accumulated) {
      Accumulation wide = a;
      while (wide.level() < level) {
        wide = wide.coarser();
      }
      equal.add(wide);
    }
    long from = equal.stream().mapToLong(Accumulation::first).min().orElse(0);
    double length = equal.getFirst().slotLength();
    int slots = (int) Math.max(0, (long) Math.floor(until / length) - from);
    long[][] survivors = new long[equal.size()][Math.min(slots, 2 * Accumulation.SLOTS)];
    for (int i = 0; i < survivors.length; i++) {
      Accumulation a = equal.get(i);
      for (int slot = 0; slot < a.slots(); slot++) {
        int at = (int) (a.first() + slot - from);
        if (at < survivors[i].length) {
          survivors[i][at] += a.get(slot, Accumulation.LIVE);
        }
      }
    }
    return new Shares(survivors);
  }

  /** Nothing speaks against one ratio. */
  boolean areLikely() {
    Distance distance = distance();
    return distance.freedom() > 0
        && 1 - Statistics.chiSquareBelow(distance.square(), distance.freedom()) > FAR;
  }

  /** They keep it more closely than leaks would that know nothing of each other. */
  boolean areLockstep(int tries) {
    Distance distance = distance();
    return distance.freedom() >= FEWEST_SLOTS - 1
        && Statistics.chiSquareBelow(distance.square(), distance.freedom()) < CLOSE / tries;
  }

  private record Distance(double square, int freedom) {}

  private Distance distance() {
    int slots = survivors[0].length;
    double all = 0;
    double[] ofLeak = new double[survivors.length];
    double[] ofSlot = new double[slots];
    for (int leak = 0; leak < survivors.length; leak++) {
      for (int slot = 0; slot < slots; slot++) {
        all += survivors[leak][slot];
        ofLeak[leak] += survivors[leak][slot];
        ofSlot[slot] += survivors[leak][slot];
      }
    }
    double square = 0;
    int used = 0;
    for (int slot = 0; slot < slots; slot++) {
      used += ofSlot[slot] > 0 ? 1 : 0;
      for (int leak = 0; leak < survivors.length && ofSlot[slot] > 0; leak++) {
        double expected = ofLeak[leak] * ofSlot[slot] / all;
        double off = survivors[leak][slot] - expected;
        square += expected == 0 ? 0 : off * off / expected;
      }
    }
    return new Distance(square, (survivors.length - 1) * (used - 1));
  }
}
