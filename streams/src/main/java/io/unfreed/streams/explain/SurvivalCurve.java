package io.unfreed.streams.explain;

import java.util.ArrayList;
import java.util.List;

/**
 * How many blocks reach an age, after Kaplan and Meier: blocks that are still there, or went in
 * another way than by being freed, count until the age they were seen at.
 */
public final class SurvivalCurve {
  /**
   * A point of it.
   *
   * @param ageNanos an age
   * @param reached blocks that were seen at that age
   * @param freed of those, freed before the next point
   * @param share of all blocks that reach the next point
   */
  public record Point(long ageNanos, long reached, long freed, double share) {}

  private SurvivalCurve() {}

  /** A point for each bin in which a block was freed, or whose age one was last seen at. */
  public static List<Point> of(long[] freedAges, long[] otherAges) {
    long reached = 0;
    for (int bin = 0; bin < freedAges.length; bin++) {
      reached += freedAges[bin] + otherAges[bin];
    }
    List<Point> points = new ArrayList<>();
    double share = 1;
    for (int bin = 0; bin < freedAges.length; bin++) {
      if (freedAges[bin] + otherAges[bin] > 0) {
        share *= 1 - (double) freedAges[bin] / reached;
        points.add(new Point(AgeBins.from(bin), reached, freedAges[bin], share));
        reached -= freedAges[bin] + otherAges[bin];
      }
    }
    return points;
  }
}
