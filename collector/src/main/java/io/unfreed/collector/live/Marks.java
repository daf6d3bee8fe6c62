package io.unfreed.collector.live;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Moments that somebody names, until the recording's thread takes them. Any thread adds. */
final class Marks {
  private record Mark(String label, long monotonicNanos) {}

  private final Queue<Mark> waiting = new ConcurrentLinkedQueue<>();

  /** Takes a mark. */
  interface Taker {
    void take(String label, long monotonicNanos);
  }

  /** Names this moment. */
  void add(String label) {
    waiting.add(new Mark(label, System.nanoTime()));
  }

  /**
   * Takes those up to a moment, before which everything has been added: behind a mark events have
   * its time.
   */
  void take(long untilNanos, Taker taker) {
    for (Mark mark = waiting.peek();
        mark != null && mark.monotonicNanos <= untilNanos;
        mark = waiting.peek()) {
      waiting.remove();
      taker.take(mark.label, mark.monotonicNanos);
    }
  }
}
