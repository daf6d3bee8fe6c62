package io.unfreed.collector.live;

import java.util.HashMap;
import java.util.Map;
import org.agrona.collections.LongHashSet;

/**
 * Which events of one process image are recorded, with sampling or size limits. Releases of blocks
 * that are not recorded are left out; those of mappings always pass, for a mapping may go in pieces
 * that start anywhere. Used by one thread.
 */
final class RecordFilter {
  private static final long NOT_RECORDED = 0;

  /** One counter per session picks calls N, 2N, ... of those that pass the sizes. */
  static final class Sampling {
    private final long minBytes;
    private final long maxBytes;
    private final int rate;
    private long calls;

    Sampling(long minBytes, long maxBytes, int rate) {
      this.minBytes = minBytes;
      this.maxBytes = maxBytes;
      this.rate = rate;
    }

    private boolean picks(long sizeBytes) {
      return sizeBytes >= minBytes && sizeBytes <= maxBytes && ++calls % rate == 0;
    }
  }

  /** What becomes of an outcome. */
  enum Outcome {
    /** As it is. */
    KEEP,
    /** Released, nothing new is recorded. */
    RELEASE_ONLY,
    /** The old block was not recorded: the new one is an allocation. */
    ALLOCATE,
    DROP
  }

  private final Sampling sampling;
  private final LongHashSet live = new LongHashSet();

  /** What threads are about to resize, until its outcome: the block, or that it is not recorded. */
  private final Map<Integer, Long> resizing = new HashMap<>();

  RecordFilter(Sampling sampling) {
    this.sampling = sampling;
  }

  boolean allocates(long address, long sizeBytes) {
    boolean picked = sampling.picks(sizeBytes);
    if (picked) {
      live.add(address);
    } else {
      live.remove(address);
    }
    return picked;
  }

  boolean maps(long sizeBytes) {
    return sampling.picks(sizeBytes);
  }

  boolean frees(long address) {
    return live.remove(address);
  }

  /** A heap block is about to be resized by a thread. */
  boolean intends(int tid, long address) {
    boolean recorded = live.remove(address);
    resizing.put(tid, recorded ? address : NOT_RECORDED);
    return recorded;
  }

  /** The heap block that a thread wanted to resize has become another; address 0: it is gone. */
  Outcome resized(int tid, long address, long sizeBytes) {
    long old = oldBlock(tid);
    boolean taken = address != 0 && allocates(address, sizeBytes);
    if (old == NOT_RECORDED) {
      return taken ? Outcome.ALLOCATE : Outcome.DROP;
    }
    return taken ? Outcome.KEEP : Outcome.RELEASE_ONLY;
  }

  /** The heap block that a thread wanted to resize is as it was; true when that is recorded. */
  boolean failed(int tid) {
    long old = oldBlock(tid);
    return old != NOT_RECORDED && live.add(old);
  }

  private long oldBlock(int tid) {
    Long old = resizing.remove(tid);
    return old == null ? NOT_RECORDED : old;
  }
}
