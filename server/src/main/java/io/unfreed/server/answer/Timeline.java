package io.unfreed.server.answer;

import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * What a session's blocks add up to over time, by process and by stack. Slot k has the events after
 * k widths and up to k + 1, so that the sum of the slots up to k is the state that a report has at
 * that moment. What is behind {@link #exactNanos} is known at the moments only at which somebody
 * asked, the end among them: changes between two of them are spread evenly over the slots between.
 * Nobody changes it when it is made: one that goes on shares what did not change. Thread-safe.
 */
final class Timeline {
  static final int MOST_SLOTS = 1024;

  /** Stacks beyond so many share one line. */
  static final int MOST_STACKS = 20_000;

  /** Numbers for the lines of stacks: 64 MB. */
  static final long MOST_WORDS = 8L << 20;

  /** What is counted of a process. */
  static final class OfProcess {
    final SlotSums bytes;
    final SlotSums count;
    final SlotSums allocations;
    final SlotSums frees;
    final SlotSums allocatedBytes;
    final SlotSums lost;

    /** Nothing yet. */
    OfProcess() {
      this(
          List.of(
              new SlotSums(),
              new SlotSums(),
              new SlotSums(),
              new SlotSums(),
              new SlotSums(),
              new SlotSums()));
    }

    private OfProcess(List<SlotSums> all) {
      bytes = all.get(0);
      count = all.get(1);
      allocations = all.get(2);
      frees = all.get(3);
      allocatedBytes = all.get(4);
      lost = all.get(5);
    }

    OfProcess copy() {
      return new OfProcess(all().stream().map(SlotSums::copy).toList());
    }

    /** Two slots become one. */
    void halve() {
      all().forEach(SlotSums::halve);
    }

    private List<SlotSums> all() {
      return List.of(bytes, count, allocations, frees, allocatedBytes, lost);
    }

    void addTo(Lines lines) {
      bytes.addTo(lines.bytes);
      count.addTo(lines.count);
      allocations.addTo(lines.allocations);
      frees.addTo(lines.frees);
      allocatedBytes.addTo(lines.allocatedBytes);
      lost.addTo(lines.lost);
    }
  }

  /** Sums per slot. */
  static final class Lines {
    final long[] bytes;
    final long[] count;
    final long[] allocations;
    final long[] frees;
    final long[] allocatedBytes;
    final long[] lost;

    /** All. */
    Lines(int slots) {
      this(slots, true);
    }

    /** Without rates only bytes and blocks: of many stacks, the others would be most of it. */
    Lines(int slots, boolean withRates) {
      int rates = withRates ? slots : 0;
      bytes = new long[slots];
      count = new long[slots];
      allocations = new long[rates];
      frees = new long[rates];
      allocatedBytes = new long[rates];
      lost = new long[rates];
    }

    /** Changes become states. */
    Lines outstanding() {
      Arrays.parallelPrefix(bytes, Long::sum);
      Arrays.parallelPrefix(count, Long::sum);
      return this;
    }
  }

  /**
   * Where it ends.
   *
   * @param widthNanos of a slot
   * @param lastNanos event time of the last event, or as late as the session was known to be
   * @param exactNanos until then every slot was counted from events
   */
  record Extent(long widthNanos, long lastNanos, long exactNanos) {
    int slot(long nanos) {
      return nanos <= 0 ? 0 : (int) ((nanos - 1) / widthNanos);
    }

    /** Whether the last moment is beyond the slots that there may be. */
    boolean isTooLong() {
      return (lastNanos - 1) / widthNanos >= MOST_SLOTS;
    }
  }

  private final Extent extent;
  private final Map<String, OfProcess> processes;
  private final StackLines stacks;
  private final Object version = new Object();

  /**
   * Of what nobody changes any more.
   *
   * @param processes by incarnation key
   */
  Timeline(Extent extent, Map<String, OfProcess> processes, StackLines stacks) {
    this.extent = extent;
    this.processes = processes;
    this.stacks = stacks;
  }

  Extent extent() {
    return extent;
  }

  long widthNanos() {
    return extent.widthNanos();
  }

  long lastNanos() {
    return extent.lastNanos();
  }

  /** Until then it is what the events say. */
  long exactNanos() {
    return extent.exactNanos();
  }

  int slots() {
    return extent.slot(extent.lastNanos()) + 1;
  }

  /** Equal to itself alone. */
  Object version() {
    return version;
  }

  /** What was lost in each slot: a session's loss is told to each of its processes. */
  long[] lost() {
    long[] most = new long[slots()];
    for (OfProcess process : processes.values()) {
      long[] own = new long[most.length];
      process.lost.addTo(own);
      Arrays.setAll(most, i -> Math.max(most[i], own[i]));
    }
    return most;
  }

  /** By incarnation key. */
  Map<String, OfProcess> processes() {
    return processes;
  }

  /** The lines of its stacks. */
  StackLines stacks() {
    return stacks;
  }
}
