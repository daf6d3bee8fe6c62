package io.unfreed.streams.explain;

/**
 * Since when another share of the blocks stays: where two shares explain the slots best, when they
 * do so much better than one.
 *
 * @param slot the first slot of the second share; of an unchanged one the first with a block
 * @param before share that stayed before; null when it did not change
 * @param after share that stays since
 */
public record ChangePoint(int slot, Double before, double after) {
  /** So much better, as natural logarithm: by chance in fewer than 1 of 1000 recordings. */
  private static final double BETTER = 12;

  /**
   * Finds it.
   *
   * @param to slots from here on are too young to tell
   * @return null without a block
   */
  public static ChangePoint of(long[] born, long[] stay, int to) {
    long allBorn = 0;
    long allStay = 0;
    int first = -1;
    for (int slot = 0; slot < to; slot++) {
      first = first < 0 && born[slot] > 0 ? slot : first;
      allBorn += born[slot];
      allStay += stay[slot];
    }
    if (first < 0) {
      return null;
    }
    double one = likelihood(allStay, allBorn);
    double best = one + BETTER;
    ChangePoint found = new ChangePoint(first, null, (double) allStay / allBorn);
    long bornBefore = 0;
    long stayBefore = 0;
    for (int slot = first; slot < to - 1; slot++) {
      bornBefore += born[slot];
      stayBefore += stay[slot];
      long bornAfter = allBorn - bornBefore;
      long stayAfter = allStay - stayBefore;
      if (born[slot + 1] > 0) {
        double two = likelihood(stayBefore, bornBefore) + likelihood(stayAfter, bornAfter);
        if (two > best) {
          best = two;
          found =
              new ChangePoint(
                  slot + 1, (double) stayBefore / bornBefore, (double) stayAfter / bornAfter);
        }
      }
    }
    return found;
  }

  /** Of the best share for so many of so many. */
  private static double likelihood(long stay, long born) {
    return term(stay, born) + term(born - stay, born);
  }

  private static double term(long part, long whole) {
    return part == 0 ? 0 : part * Math.log((double) part / whole);
  }
}
