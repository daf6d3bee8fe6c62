package io.unfreed.server.answer;

import io.unfreed.schemas.topic.LaneKey;
import io.unfreed.streams.lane.LaneBlocks;
import io.unfreed.streams.lane.LaneWatcher;
import io.unfreed.streams.lane.StackKey;
import io.unfreed.streams.ledger.BlockObserver;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a session's blocks add up to over time, by process and by stack. Slot k has the events after
 * k widths and up to k + 1, so that the sum of the slots up to k is the state that a report has at
 * that moment; the width doubles when the session outgrows the slots. Memory: below 48 kB for a
 * process and 16 kB for a stack that lives throughout, and for all stacks together no more than is
 * given for them: then the smallest ones so far share one line. Not thread-safe.
 */
final class Timeline {
  static final int MOST_SLOTS = 1024;

  /** The first width; a power of two, as all are. */
  private static final long FIRST_WIDTH_NANOS = 1024;

  /** Stacks beyond so many of a lane share one line. */
  private static final int MOST_STACKS = 20_000;

  /** 64 MB. */
  private static final long MOST_WORDS = 8L << 20;

  /** What is counted of a process. */
  static final class OfProcess {
    private final SlotSums bytes = new SlotSums();
    private final SlotSums count = new SlotSums();
    private final SlotSums allocations = new SlotSums();
    private final SlotSums frees = new SlotSums();
    private final SlotSums allocatedBytes = new SlotSums();
    private final SlotSums lost = new SlotSums();

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

  /** A stack that may have to share its line. */
  private record Candidate(Lane lane, int entry, double area) {}

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

  private final Map<String, OfProcess> processes = new LinkedHashMap<>();
  private final List<Lane> lanes = new ArrayList<>();
  private long widthNanos = FIRST_WIDTH_NANOS;
  private long limitNanos = FIRST_WIDTH_NANOS * MOST_SLOTS;
  private long lastNanos;
  private final long mostWords;
  private long words;

  Timeline() {
    this(MOST_WORDS);
  }

  /** With so many numbers for the lines of stacks. */
  Timeline(long mostWords) {
    this.mostWords = mostWords;
  }

  /** A watcher of a lane of the session. */
  LaneWatcher watch(LaneKey key) {
    Lane lane = new Lane(processes.computeIfAbsent(key.incarnationKey(), k -> new OfProcess()));
    lanes.add(lane);
    return lane;
  }

  /** No more comes. */
  void end() {
    lanes.forEach(Lane::end);
  }

  long widthNanos() {
    return widthNanos;
  }

  /** Event time of the last event. */
  long lastNanos() {
    return lastNanos;
  }

  int slots() {
    return slot(lastNanos) + 1;
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

  /** Visits the stacks of all lanes; the key is null for those that share a line. */
  void forEachStack(StackVisitor visitor) {
    for (Lane lane : lanes) {
      for (int entry = 0; entry < lane.stacks.length; entry++) {
        if (lane.hasLine(entry)) {
          visitor.stack(lane.keys[entry], lane.stacks[entry]);
        }
      }
      if (lane.others != null) {
        visitor.stack(null, lane.others);
      }
    }
  }

  /** Is told of stacks. */
  interface StackVisitor {
    void stack(StackKey key, StackSums stack);
  }

  /** Numbers that are kept for the lines of stacks. */
  long words() {
    return words;
  }

  private void countWords() {
    words = lanes.stream().mapToLong(Lane::words).sum();
  }

  /** Half of the room is made at once, so that it is made rarely. */
  private void makeRoom() {
    List<Candidate> candidates = new ArrayList<>();
    for (Lane lane : lanes) {
      for (int entry = 0; entry < lane.stacks.length; entry++) {
        if (lane.hasLine(entry)) {
          candidates.add(new Candidate(lane, entry, lane.stacks[entry].area(slots())));
        }
      }
    }
    candidates.sort(Comparator.comparingDouble(Candidate::area));
    for (Candidate smallest : candidates) {
      if (words <= mostWords / 2) {
        break;
      }
      words -= smallest.lane().stacks[smallest.entry()].words();
      smallest.lane().share(smallest.entry());
    }
    countWords();
  }

  private int slot(long nanos) {
    return nanos <= 0 ? 0 : (int) ((nanos - 1) / widthNanos);
  }

  private void reach(long nanos) {
    lastNanos = Math.max(lastNanos, nanos);
    while (nanos > limitNanos && limitNanos > 0) {
      lanes.forEach(Lane::settle);
      processes.values().forEach(process -> process.all().forEach(SlotSums::halve));
      lanes.forEach(Lane::halve);
      countWords();
      widthNanos *= 2;
      limitNanos = Math.multiplyExact(widthNanos, (long) MOST_SLOTS);
    }
  }

  /** One lane. */
  private final class Lane implements LaneWatcher {
    private final OfProcess process;

    /** What happened in the slot; added when it is over. */
    private long bytes;

    private long count;
    private long allocations;
    private long frees;
    private long allocatedBytes;
    private StackSums[] stacks = new StackSums[64];
    private StackSums others;

    /** Null when it is over: whose blocks they were is known by then, and the ledger let go of. */
    private LaneBlocks blocks;

    private StackKey[] keys;
    private int slot;
    private long slotEndsNanos = Long.MIN_VALUE;

    private Lane(OfProcess process) {
      this.process = process;
    }

    @Override
    public void sees(LaneBlocks told) {
      blocks = told;
    }

    @Override
    public boolean event(long eventNanos) {
      if (eventNanos > slotEndsNanos) {
        settle();
        reach(eventNanos);
        slot = slot(eventNanos);
        slotEndsNanos = (slot + 1) * widthNanos;
      } else if (eventNanos > lastNanos) {
        lastNanos = eventNanos;
      }
      return true;
    }

    @Override
    public void lost(long events, long atNanos) {
      event(atNanos);
      process.lost.add(slot, events);
    }

    @Override
    public void opened(Block block) {
      allocations++;
      allocatedBytes += block.sizeBytes();
      change(block.entry(), block.sizeBytes(), 1);
    }

    @Override
    public void shrunk(Block left, long bytes) {
      change(left.entry(), -bytes, 0);
    }

    @Override
    public void closed(Block block, Why why, int releaser, long timeNanos) {
      if (why == BlockObserver.Why.FREED) {
        frees++;
      }
      change(block.entry(), -block.leftBytes(), -1);
    }

    private void change(int entry, long moreBytes, int more) {
      bytes += moreBytes;
      count += more;
      int grown = stack(entry).add(slot, moreBytes, more);
      if (grown > 0) {
        words += grown;
        if (words > mostWords) {
          makeRoom();
        }
      }
    }

    /** Whether it shares none. */
    private boolean hasLine(int entry) {
      return stacks[entry] != null && stacks[entry] != others;
    }

    private long words() {
      long sum = others == null ? 0 : others.words();
      for (int entry = 0; entry < stacks.length; entry++) {
        sum += hasLine(entry) ? stacks[entry].words() : 0;
      }
      return sum;
    }

    /** Answers that are given side by side add them up, and may change nothing. */
    private void settleSums() {
      for (int entry = 0; entry < stacks.length; entry++) {
        if (stacks[entry] != null) {
          stacks[entry].settle();
        }
      }
    }

    private void share(int entry) {
      others = others == null ? new StackSums() : others;
      others.addAll(stacks[entry]);
      stacks[entry] = others;
    }

    private void end() {
      settle();
      settleSums();
      if (blocks != null) {
        keys = new StackKey[stacks.length];
        Arrays.setAll(keys, entry -> hasLine(entry) ? blocks.stack(entry) : null);
        blocks = null;
      }
    }

    private void settle() {
      process.bytes.add(slot, bytes);
      process.count.add(slot, count);
      process.allocations.add(slot, allocations);
      process.frees.add(slot, frees);
      process.allocatedBytes.add(slot, allocatedBytes);
      bytes = 0;
      count = 0;
      allocations = 0;
      frees = 0;
      allocatedBytes = 0;
    }

    private StackSums stack(int entry) {
      if (entry >= MOST_STACKS) {
        others = others == null ? new StackSums() : others;
        return others;
      }
      if (entry >= stacks.length) {
        stacks = Arrays.copyOf(stacks, Math.max(entry + 1, 2 * stacks.length));
      }
      if (stacks[entry] == null) {
        stacks[entry] = new StackSums();
      }
      return stacks[entry];
    }

    private void halve() {
      for (int entry = 0; entry < stacks.length; entry++) {
        if (hasLine(entry)) {
          stacks[entry].halve();
        }
      }
      if (others != null) {
        others.halve();
      }
      slot /= 2;
      slotEndsNanos = Long.MIN_VALUE; // looked up anew with the next event
    }
  }
}
