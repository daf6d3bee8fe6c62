package io.unfreed.streams.ledger;

import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Churn by layout and live blocks: a random live block is freed, a new one allocated; nanoseconds
 * per event, a free and an allocation being two. {@link #main} tells the bytes per block.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
    value = 1,
    jvmArgs = {"-Xms3g", "-Xmx3g", "-XX:+UseParallelGC"})
@Warmup(iterations = 2, time = 2)
@Measurement(iterations = 5, time = 1)
public class LayoutBenchmark {
  private static final int PAIRS = 1000;

  /** Layout to measure. */
  @Param({"groups", "segmented", "plain", "dense", "agrona"})
  public String layout;

  /** Live blocks. */
  @Param({"4096", "1000000", "10000000"})
  public int live;

  private BlockLayout table;
  private long[] addresses;
  private long random = 88172645463325252L;
  private long nextFresh;

  /** Fills the table. */
  @Setup
  public void fill() {
    table = BlockLayout.named(layout);
    addresses = new long[live];
    for (int i = 0; i < live; i++) {
      addresses[i] = fresh();
      table.add(addresses[i], i, 16 + i % 545, i % 1000);
    }
  }

  /** Frees and allocates; freed addresses come back, as an allocator gives them out again. */
  @Benchmark
  @OperationsPerInvocation(2 * PAIRS)
  public long churn() {
    long sum = 0;
    for (int i = 0; i < PAIRS; i++) {
      long r = next();
      int slot = (int) Long.remainderUnsigned(r, live);
      int other = (int) Long.remainderUnsigned(r >>> 20, live);
      long address = addresses[slot];
      sum += table.take(address);
      table.add(address ^ ((r & 1) << 50), r, 16 + other % 545, other % 1000);
      addresses[slot] = address ^ ((r & 1) << 50);
    }
    return sum;
  }

  /**
   * Bytes per block of a layout filled up to some sizes: heap after a collection, less the empty.
   */
  public static void main(String[] args) {
    LayoutBenchmark benchmark = new LayoutBenchmark();
    BlockLayout table = BlockLayout.named(args[0]);
    long empty = heapBytes();
    int blocks = 0;
    for (int target = 1_000_000; target <= 12_000_000; target += 1_000_000) {
      for (; blocks < target; blocks++) {
        table.add(benchmark.fresh(), blocks, 100, 1);
      }
      double each = (double) (heapBytes() - empty) / blocks;
      System.out.println(
          String.format(Locale.ROOT, "%-10s %8d blocks %.1f bytes each", args[0], blocks, each));
    }
    table.add(benchmark.fresh(), 0, 0, 0);
  }

  private static long heapBytes() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  private long fresh() {
    nextFresh += 16 + (next() & 0x1F0);
    return 0x5555_0000_0000L + nextFresh;
  }

  private long next() {
    random ^= random << 13;
    random ^= random >>> 7;
    random ^= random << 17;
    return random;
  }
}
