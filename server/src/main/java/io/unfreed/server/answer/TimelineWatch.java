package io.unfreed.server.answer;

import io.unfreed.schemas.topic.LaneKey;
import io.unfreed.streams.lane.LaneBlocks;
import io.unfreed.streams.lane.LaneWatcher;
import io.unfreed.streams.ledger.BlockObserver;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Counts a session's timeline while its events are read. The width of its slots doubles when the
 * session outgrows them. Memory: below 48 kB for a process and 16 kB for a stack that live
 * throughout, and for all stacks together no more than is given for them: then the smallest ones so
 * far share one line. Not thread-safe.
 */
final class TimelineWatch {
  /** The first width; a power of two, as all are. */
  private static final long FIRST_WIDTH_NANOS = 1024;

  /** A stack that may have to share its line. */
  private record Candidate(Lane lane, int entry, double area) {}

  private final Map<String, Timeline.OfProcess> processes = new LinkedHashMap<>();
  private final List<Lane> lanes = new ArrayList<>();
  private long widthNanos = FIRST_WIDTH_NANOS;
  private long limitNanos = FIRST_WIDTH_NANOS * Timeline.MOST_SLOTS;
  private long lastNanos;
  private final long mostWords;
  private long words;

  TimelineWatch() {
    this(Timeline.MOST_WORDS);
  }

  /** With so many numbers for the lines of stacks. */
  TimelineWatch(long mostWords) {
    this.mostWords = mostWords;
  }

  /** A watcher of a lane of the session. */
  LaneWatcher watch(LaneKey key) {
    Lane lane =
        new Lane(processes.computeIfAbsent(key.incarnationKey(), k -> new Timeline.OfProcess()));
    lanes.add(lane);
    return lane;
  }

  /** No more comes: what it came to. */
  Timeline end() {
    StackLines stacks = new StackLines();
    lanes.forEach(lane -> lane.endIn(stacks));
    return new Timeline(new Timeline.Extent(widthNanos, lastNanos, lastNanos), processes, stacks);
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
          candidates.add(new Candidate(lane, entry, lane.stacks[entry].area(slot(lastNanos) + 1)));
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
      processes.values().forEach(Timeline.OfProcess::halve);
      lanes.forEach(Lane::halve);
      countWords();
      widthNanos *= 2;
      limitNanos = Math.multiplyExact(widthNanos, (long) Timeline.MOST_SLOTS);
    }
  }

  /** One lane. */
  private final class Lane implements LaneWatcher {
    private final Timeline.OfProcess process;

    /** What happened in the slot; added when it is over. */
    private long bytes;

    private long count;
    private long allocations;
    private long frees;
    private long allocatedBytes;
    private StackSums[] stacks = new StackSums[64];
    private StackSums others;

    private LaneBlocks blocks;
    private int slot;
    private long slotEndsNanos = Long.MIN_VALUE;

    private Lane(Timeline.OfProcess process) {
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

    private void share(int entry) {
      others = others == null ? new StackSums() : others;
      others.addAll(stacks[entry]);
      stacks[entry] = others;
    }

    private void endIn(StackLines all) {
      settle();
      for (int entry = 0; entry < stacks.length; entry++) {
        if (hasLine(entry)) {
          all.add(blocks.stack(entry), stacks[entry]);
        }
      }
      if (others != null) {
        all.add(null, others);
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
      if (entry >= Timeline.MOST_STACKS) {
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
