package io.unfreed.streams.verdict;

/** Some slots of an accumulation, side by side. */
record Window(Accumulation acc, int from, int to) {
  /** No slot of nothing. */
  static final Window NONE = new Window(null, 0, 0);

  static Window of(Accumulation acc, int from, int to) {
    return new Window(acc, from, Math.max(from, to));
  }

  int slots() {
    return to - from;
  }

  /** One number of each slot; a floor that no tick ended in is the one before. */
  double[] word(int word) {
    double[] values = new double[slots()];
    double before = 0;
    for (int i = 0; i < values.length; i++) {
      long value = acc.get(from + i, word);
      values[i] = value < 0 ? before : value;
      before = values[i];
    }
    return values;
  }

  double[] live() {
    return word(Accumulation.LIVE);
  }

  double sum(int word) {
    return sum(word, from, to);
  }

  /** Survivors of the first half; of an odd number of slots the middle one is in neither. */
  long earlier() {
    return (long) sum(Accumulation.LIVE, from, from + slots() / 2);
  }

  long later() {
    return (long) sum(Accumulation.LIVE, to - slots() / 2, to);
  }

  long bornEarlier() {
    return (long) sum(Accumulation.BORN, from, from + slots() / 2);
  }

  long bornLater() {
    return Math.max(1, (long) sum(Accumulation.BORN, to - slots() / 2, to));
  }

  /** Slots with survivors. */
  int joined() {
    int joined = 0;
    for (int slot = from; slot < to; slot++) {
      joined += acc.get(slot, Accumulation.LIVE) > 0 ? 1 : 0;
    }
    return joined;
  }

  /**
   * Without the slots before the first with survivors, and that one, in which it began; when these
   * are clearly more than any gap since, and so many slots are left.
   */
  Window sinceBegan(int fewest) {
    int first = -1;
    int largest = 1;
    int last = -1;
    for (int slot = from; slot < to; slot++) {
      if (acc.get(slot, Accumulation.LIVE) > 0) {
        first = first < 0 ? slot : first;
        largest = last < 0 ? largest : Math.max(largest, slot - last);
        last = slot;
      }
    }
    boolean beganLate = first - from > 2 * largest;
    return beganLate && to - first > fewest ? of(acc, first + 1, to) : this;
  }

  long lastJoined() {
    for (int slot = to - 1; slot >= from; slot--) {
      if (acc.get(slot, Accumulation.LIVE) > 0) {
        return (long) acc.start(slot + 1);
      }
    }
    return 0;
  }

  /** Whether the last gap without survivors is more than twice the largest before. */
  boolean hasStopped() {
    int largest = 1;
    int last = from - 1;
    for (int slot = from; slot < to; slot++) {
      if (acc.get(slot, Accumulation.LIVE) > 0) {
        largest = last < from ? largest : Math.max(largest, slot - last);
        last = slot;
      }
    }
    return to - last > 2 * largest;
  }

  /**
   * How probable the last slots would be without survivors by chance, as they are, if as many slots
   * had some in any order.
   */
  double chanceOfSilence() {
    int silent = 0;
    while (silent < slots() && acc.get(to - 1 - silent, Accumulation.LIVE) == 0) {
      silent++;
    }
    int joined = joined();
    double chance = 1;
    for (int i = 0; i < joined; i++) {
      chance *= (double) (slots() - silent - i) / (slots() - i);
    }
    return chance;
  }

  private double sum(int word, int first, int end) {
    double sum = 0;
    for (int slot = first; slot < end; slot++) {
      sum += acc.get(slot, word);
    }
    return sum;
  }
}
