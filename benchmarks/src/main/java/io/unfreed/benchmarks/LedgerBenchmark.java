package io.unfreed.benchmarks;

import io.unfreed.streams.ledger.AddressSpace;
import io.unfreed.streams.ledger.Ledger;
import io.unfreed.streams.ledger.SizeRange;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The ledger alone, nanoseconds per event: with so many blocks live, events at random addresses of
 * 12 stacks and 4 threads, touched ahead as a lane does it. The choice of the addresses is outside
 * the measured time.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
    value = 2,
    jvmArgsAppend = {"-Xms3g", "-Xmx3g", "-XX:+UseParallelGC"})
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class LedgerBenchmark {
  /** What the events do. */
  public enum Shape {
    /** A live block is freed, a new one allocated. */
    CHURN,
    /** A live block is reallocated to a new address: intent and outcome. */
    REALLOC,
    /** New blocks only; freed between the measurements. */
    LEAK
  }

  private static final int EVENTS = 200_000;
  private static final int WINDOW = 64;
  private static final int STACKS = 12;
  private static final int THREADS = 4;
  private static final int HEAP = AddressSpace.HEAP.ordinal();

  @Param({"4096", "1000000", "10000000"})
  int live;

  @Param Shape shape;

  private final long[] addresses = new long[EVENTS];
  private final long[] taken = new long[WINDOW];
  private final long[] placed = new long[WINDOW];
  private Churn churn;
  private Ledger ledger;
  private long time;
  private long touched;

  @Setup(Level.Trial)
  public void fill() {
    churn = new Churn(live);
    ledger = new Ledger(SizeRange.ALL);
    ledger.ensureEntries(STACKS);
    for (long address : churn.live()) {
      alloc(address);
    }
  }

  @Setup(Level.Invocation)
  public void choose() {
    if (shape == Shape.LEAK) {
      churn.grow(addresses);
    } else {
      churn.replace(addresses);
    }
  }

  @TearDown(Level.Invocation)
  public void forget() {
    if (shape == Shape.LEAK) {
      for (long address : addresses) {
        ledger.free(HEAP, address, 0, time);
      }
    }
  }

  /** {@value #EVENTS} events. */
  @Benchmark
  @OperationsPerInvocation(EVENTS)
  public long events() {
    int space = ledger.spaceBeyondCache();
    for (int from = 0; from < EVENTS; from += WINDOW) {
      int to = Math.min(EVENTS, from + WINDOW);
      if (space >= 0) {
        touch(space, to, Math.min(EVENTS, to + WINDOW));
      }
      switch (shape) {
        case CHURN -> churn(from, to);
        case REALLOC -> realloc(from, to);
        case LEAK -> leak(from, to);
      }
    }
    return touched;
  }

  private void touch(int space, int from, int to) {
    int taken = 0;
    int placed = 0;
    for (int i = from; i < to; i++) {
      if (shape == Shape.LEAK || i % 2 == 1) {
        this.placed[placed++] = addresses[i];
      } else {
        this.taken[taken++] = addresses[i];
      }
    }
    touched += ledger.touch(space, this.taken, taken, this.placed, placed);
  }

  private void churn(int from, int to) {
    for (int i = from; i < to; i += 2) {
      ledger.free(HEAP, addresses[i], thread(), ++time);
      alloc(addresses[i + 1]);
    }
  }

  private void realloc(int from, int to) {
    for (int i = from; i < to; i += 2) {
      ledger.heapIntent(addresses[i], thread(), ++time);
      ledger.heapOutcome(stack(), addresses[i + 1], size(), thread(), time);
    }
  }

  private void leak(int from, int to) {
    for (int i = from; i < to; i++) {
      alloc(addresses[i]);
    }
  }

  private void alloc(long address) {
    ledger.alloc(HEAP, stack(), address, size(), thread(), ++time);
  }

  private int stack() {
    return (int) (time % STACKS);
  }

  private long size() {
    return 16 + (time & 511);
  }

  private int thread() {
    return (int) (time / 64 % THREADS);
  }
}
