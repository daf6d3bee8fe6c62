package io.unfreed.streams.verdict;

import java.util.Arrays;
import java.util.stream.LongStream;

/**
 * Blocks by a duration's power of two, see the bins of {@link Judge}; trailing zeros are cut. Not
 * to be changed. Histograms add up.
 */
public final class Histogram {
  /** No block. */
  public static final Histogram EMPTY = new Histogram();

  private final long[] blocks;

  private Histogram(long... blocks) {
    this.blocks = blocks;
  }

  /** Blocks per bucket. */
  public static Histogram of(long... blocks) {
    int length = blocks.length;
    while (length > 0 && blocks[length - 1] == 0) {
      length--;
    }
    return length == 0 ? EMPTY : new Histogram(Arrays.copyOf(blocks, length));
  }

  /** Buckets up to the last one with a block. */
  public int buckets() {
    return blocks.length;
  }

  /** Blocks in a bucket. */
  public long get(int bucket) {
    return bucket < blocks.length ? blocks[bucket] : 0;
  }

  /** Blocks per bucket. */
  public LongStream stream() {
    return Arrays.stream(blocks);
  }

  /** The same without so many blocks of the longest durations. */
  Histogram withoutLongest(long count) {
    long[] left = blocks.clone();
    long over = count;
    for (int bucket = left.length - 1; bucket >= 0 && over > 0; bucket--) {
      long taken = Math.min(left[bucket], over);
      left[bucket] -= taken;
      over -= taken;
    }
    return of(left);
  }

  /** The same without so many blocks of the shortest durations. */
  Histogram withoutShortest(long count) {
    long[] left = blocks.clone();
    long over = count;
    for (int bucket = 0; bucket < left.length && over > 0; bucket++) {
      long taken = Math.min(left[bucket], over);
      left[bucket] -= taken;
      over -= taken;
    }
    return of(left);
  }

  /** The sum of both. */
  public Histogram plus(Histogram other) {
    long[] sum = Arrays.copyOf(blocks, Math.max(blocks.length, other.blocks.length));
    for (int i = 0; i < other.blocks.length; i++) {
      sum[i] += other.blocks[i];
    }
    return new Histogram(sum);
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof Histogram other && Arrays.equals(blocks, other.blocks);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(blocks);
  }

  @Override
  public String toString() {
    return Arrays.toString(blocks);
  }
}
