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

  void take(Taker taker) {
    for (Mark mark = waiting.poll(); mark != null; mark = waiting.poll()) {
      taker.take(mark.label, mark.monotonicNanos);
    }
  }
}
