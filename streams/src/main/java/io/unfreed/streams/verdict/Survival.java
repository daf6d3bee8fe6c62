package io.unfreed.streams.verdict;

/**
 * Which blocks reached an age, and stay: the survival curve, by power of two.
 *
 * @param acc what the stack accumulated, as of the moment asked
 * @param released lifetimes of its blocks that are gone
 */
record Survival(Accumulation acc, Histogram released, Judge.Case asked) {
  /** The slots that no loss makes doubtful begin here. */
  int firstCertain() {
    if (asked.doubtfulUntil() == null) {
      return 0;
    }
    int slot = 0;
    while (slot < acc.slots() && acc.start(slot) < asked.doubtfulUntil()) {
      slot++;
    }
    return slot;
  }

  /** The least power of two at which what is left, nearly all of it, stays; or null. */
  Evidence.Age ageOfNoReturn(int from) {
    double span = asked.moment() - acc.start(from);
    long later = released.stream().sum();
    long young = 0;
    for (int bin = 0; Math.scalb(1.0, bin) * Judge.SPANS <= span; bin++) {
      later -= released.get(bin);
      young += released.get(bin);
      long age = 1L << bin;
      long reached = later + liveOlder(from, age);
      if (reached >= Judge.FEWEST_REACHED && later <= Judge.MOST_FREED_LATER * reached) {
        return new Evidence.Age(age, reached, later, young);
      }
    }
    return null;
  }

  private long liveOlder(int from, long age) {
    long live = 0;
    int to = completeSlots(asked.moment() - age);
    for (int slot = from; slot < to; slot++) {
      live += acc.get(slot, Accumulation.LIVE);
    }
    return live;
  }

  /** So many slots are over at a moment. */
  int completeSlots(long until) {
    int slots = 0;
    while (slots < acc.slots() && acc.start(slots + 1) <= until) {
      slots++;
    }
    return slots;
  }
}
