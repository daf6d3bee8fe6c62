package io.unfreed.streams.lane;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How many outstanding blocks the lanes of an instance may hold, together and each, so that one
 * leak does not take the others down. Shared by all lanes of the instance; thread-safe.
 */
public final class LaneBudget {
  /** A block with its share of everything else, between two growths of its table. */
  private static final long BYTES_PER_BLOCK = 48;

  /** Ledgers may fill this part of the heap, one lane this part of that. */
  private static final int HEAP_PART = 2;

  private static final int LANE_PART = 2;

  /** A lane with so few is never the one. */
  private static final long NEVER = 1 << 16;

  private final long mostBlocks;
  private final AtomicLong blocks = new AtomicLong();
  private final AtomicLong lanes = new AtomicLong();

  /** A budget of so many blocks. */
  public LaneBudget(long mostBlocks) {
    this.mostBlocks = mostBlocks;
  }

  /** No limit: for questions that a user asks of one recording. */
  public static LaneBudget unlimited() {
    return new LaneBudget(Long.MAX_VALUE);
  }

  /** As many blocks as fit into so many bytes of the heap. */
  public static LaneBudget ofBytes(long bytes) {
    return new LaneBudget(bytes / BYTES_PER_BLOCK);
  }

  /** What lanes may take when nobody said otherwise: half of what this Java may take. */
  public static long defaultBytes() {
    return Runtime.getRuntime().maxMemory() / HEAP_PART;
  }

  /** A lane that held {@code before} blocks holds {@code now}. */
  void changed(long before, long now) {
    blocks.addAndGet(now - before);
    lanes.addAndGet(Long.signum(now) - Long.signum(before));
  }

  /**
   * Whether a lane holds too much: more than one may, or more than others do on average while all
   * together hold more than they may.
   */
  boolean isTooMuch(long ofLane) {
    return ofLane > Math.min(NEVER, mostBlocks / LANE_PART)
        && (ofLane > mostBlocks / LANE_PART
            || (blocks.get() > mostBlocks && ofLane >= blocks.get() / Math.max(1, lanes.get())));
  }

  /** Blocks that all lanes may hold. */
  public long mostBlocks() {
    return mostBlocks;
  }

  /** Blocks that all lanes hold. */
  public long blocks() {
    return blocks.get();
  }
}
