package io.unfreed.streams.verdict;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.DoubleConsumer;

/** Blocks of several stacks, which become allocations and frees in the order of their times. */
final class Blocks {
  /** An allocation or a free. */
  record Step(long nanos, int stack, long address, long size) {
    boolean isFree() {
      return size < 0;
    }
  }

  private final List<Step> steps = new ArrayList<>();
  private int stack;
  private long next = 1;

  /** From now on blocks are of this stack. */
  void stack(int number) {
    stack = number;
  }

  /** A block from a time to another, in seconds. */
  void block(double born, long size, double freed) {
    long address = 16 * next++;
    if (born >= SyntheticKind.SPAN) {
      return;
    }
    steps.add(new Step((long) (born * 1e9), stack, address, size));
    if (freed < SyntheticKind.SPAN) {
      steps.add(new Step((long) (freed * 1e9) + 1, stack, address, -1));
    }
  }

  /** Calls at random times, so many a second. */
  void arrivals(Random r, double rate, double from, double to, DoubleConsumer at) {
    double t = from;
    while (true) {
      t += SyntheticKind.exponential(r, 1 / rate);
      if (t >= to) {
        return;
      }
      at.accept(t);
    }
  }

  /** All of them by time. */
  List<Step> steps() {
    steps.sort((a, b) -> Long.compare(a.nanos(), b.nanos()));
    return steps;
  }
}
