package io.unfreed.server.answer;

import io.unfreed.schemas.topic.LaneKey;
import io.unfreed.streams.lane.LaneBlocks;
import io.unfreed.streams.lane.LaneWatcher;
import io.unfreed.streams.ledger.SizeRange;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Sizes and lifetimes of the blocks that were born in a window, in powers of two, by process.
 * Bucket 0 has 0, bucket b from 2^(b-1) on and below 2^b. Not thread-safe.
 */
final class BlockShapes {
  static final int BUCKETS = 64;

  /** The numbers of one process. */
  static final class Shapes {
    final long[] allocations = new long[BUCKETS];
    final long[] allocatedBytes = new long[BUCKETS];
    final long[] closed = new long[BUCKETS];
    final long[] lifetimes = new long[BUCKETS];
    final long[] lifetimeBytes = new long[BUCKETS];
  }

  private final SizeRange sizes;
  private final Map<String, Shapes> processes = new LinkedHashMap<>();

  BlockShapes(SizeRange sizes) {
    this.sizes = sizes;
  }

  /** By incarnation key. */
  Map<String, Shapes> processes() {
    return processes;
  }

  /** A watcher of a lane; a tally beside it says which births are asked for. */
  LaneWatcher watch(LaneKey key) {
    return new Lane(processes.computeIfAbsent(key.incarnationKey(), k -> new Shapes()));
  }

  static int bucket(long number) {
    return number <= 0 ? 0 : Math.min(BUCKETS - 1, Long.SIZE - Long.numberOfLeadingZeros(number));
  }

  private final class Lane implements LaneWatcher {
    private final Shapes shapes;

    private Lane(Shapes shapes) {
      this.shapes = shapes;
    }

    @Override
    public void sees(LaneBlocks blocks) {}

    @Override
    public boolean event(long eventNanos) {
      return true;
    }

    @Override
    public void opened(Block block) {
      if (block.asked() && sizes.passes(block.sizeBytes())) {
        int bucket = bucket(block.sizeBytes());
        shapes.allocations[bucket]++;
        shapes.allocatedBytes[bucket] += block.sizeBytes();
      }
    }

    @Override
    public void shrunk(Block left, long bytes) {}

    @Override
    public void closed(Block block, Why why, int releaser, long timeNanos) {
      if (block.asked() && sizes.passes(block.sizeBytes())) {
        shapes.closed[bucket(block.sizeBytes())]++;
        if (why == Why.FREED) {
          int bucket = bucket(timeNanos - block.timeNanos());
          shapes.lifetimes[bucket]++;
          shapes.lifetimeBytes[bucket] += block.sizeBytes();
        }
      }
    }
  }
}
