package io.unfreed.collector.live;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;

/** Moments that somebody names, until the recording's thread takes them. Any thread adds. */
final class Marks {
  private record Mark(String label, long monotonicNanos) {}

  private final Queue<Mark> waiting = new ArrayDeque<>();

  /** Takes a mark. */
  interface Taker {
    void take(String label, long monotonicNanos);
  }

  /** Names this moment: whoever looks later finds no mark of before. */
  void add(String label) {
    synchronized (waiting) {
      waiting.add(new Mark(label, System.nanoTime()));
    }
  }

  /** Tells those up to a moment, and lets them wait on. */
  void tell(long untilNanos, Taker taker) {
    List<Mark> told = new ArrayList<>();
    synchronized (waiting) {
      for (Mark mark : waiting) {
        if (mark.monotonicNanos <= untilNanos) {
          told.add(mark);
        }
      }
    }
    told.forEach(mark -> taker.take(mark.label, mark.monotonicNanos));
  }

  /**
   * Takes those up to a moment, before which everything has been added: behind a mark events have
   * its time.
   */
  void take(long untilNanos, Taker taker) {
    for (Mark mark = next(untilNanos); mark != null; mark = next(untilNanos)) {
      taker.take(mark.label, mark.monotonicNanos);
    }
  }

  private Mark next(long untilNanos) {
    synchronized (waiting) {
      Mark mark = waiting.peek();
      return mark != null && mark.monotonicNanos <= untilNanos ? waiting.remove() : null;
    }
  }
}
