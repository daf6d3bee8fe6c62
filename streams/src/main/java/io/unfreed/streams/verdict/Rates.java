package io.unfreed.streams.verdict;

/**
 * How fast what leaks grows, and how sure that is; null where the clock does not tell time.
 *
 * @param acc what the stack accumulated, as of the moment asked
 */
record Rates(Accumulation acc, Judge.Case asked) {
  /**
   * Each slot's survivors since it began are a sample of the rate; the sum so far alone would look
   * too sure.
   */
  Verdict.Growth ofSurvivors(Window w) {
    if (asked.unitsPerSecond() == 0) {
      return null;
    }
    Window since = w.sinceBegan(Judge.FEWEST_JOINED);
    double[] joined = since.word(Accumulation.LIVE_BYTES);
    double[] held = joined.clone();
    for (int i = 1; i < held.length; i++) {
      held[i] += held[i - 1];
    }
    double rate = since.sum(Accumulation.LIVE_BYTES) / since.slots() * slotsPerSecond();
    return growth(rate, slope(held), joined, swing(w, rate));
  }

  /** What it holds grows by steps, of which more or fewer lie in a slot. */
  Verdict.Growth ofContainer(double... held) {
    if (asked.unitsPerSecond() == 0) {
      return null;
    }
    double[] steps = new double[held.length - 1];
    for (int i = 0; i < steps.length; i++) {
      steps[i] = held[i + 1] - held[i];
    }
    Statistics.Slope slope = slope(held);
    Verdict.Growth growth = growth(slope.middle(), slope, steps, 0);
    double born = Math.max(1, acc.sum(Accumulation.BORN));
    double step = (held[steps.length] - held[0]) / born / steps.length * slotsPerSecond();
    return new Verdict.Growth(
        growth.bytesPerSecond(), growth.low() - step, growth.high() + step, 0);
  }

  private Verdict.Growth growth(
      double rate, Statistics.Slope slope, double[] perSlot, double swingBytes) {
    double spread = Statistics.spread(perSlot) * slotsPerSecond();
    return new Verdict.Growth(
        rate,
        Math.min(slope.low(), rate - spread),
        Math.max(slope.high(), rate + spread),
        swingBytes);
  }

  private double slotsPerSecond() {
    return asked.unitsPerSecond() / acc.slotLength();
  }

  /**
   * How much more than now it holds at times, of blocks that are freed again: on average what comes
   * in a time times how long it lives, at least what the lowest floor lies above the survivors, and
   * at most as much above the average as that is below.
   */
  private double swing(Window w, double perSecond) {
    double freed = acc.sum(Accumulation.BORN) - acc.sum(Accumulation.LIVE);
    double size =
        (acc.sum(Accumulation.BORN_BYTES) - acc.sum(Accumulation.LIVE_BYTES)) / Math.max(1, freed);
    double units = w.slots() * acc.slotLength();
    double life = Math.scalb(w.sum(Accumulation.LIFE), Accumulation.LIFE_SHIFT);
    double mean = Math.max(0, life / units * size);
    double[] floor = w.word(Accumulation.FLOOR_BYTES);
    double survivors = 0;
    double least = mean;
    for (int i = 0; i < floor.length; i++) {
      survivors += acc.get(w.from() + i, Accumulation.LIVE_BYTES);
      least = Math.min(least, Math.max(0, floor[i] - survivors));
    }
    double sinceThen = (asked.moment() - acc.start(w.to())) / asked.unitsPerSecond() * perSecond;
    double now = Math.max(0, acc.sum(Accumulation.LIVE_BYTES) - survivors - sinceThen);
    return Math.max(0, 2 * mean - least - now);
  }

  private Statistics.Slope slope(double... held) {
    double[] seconds = new double[held.length];
    for (int i = 0; i < seconds.length; i++) {
      seconds[i] = (i + 1) * acc.slotLength() / asked.unitsPerSecond();
    }
    return Statistics.slope(seconds, held);
  }
}
