package io.unfreed.benchmarks;

import io.unfreed.schemas.Process;
import io.unfreed.schemas.stack.StackId;
import io.unfreed.schemas.topic.LaneKey;
import io.unfreed.schemas.wire.EncodedBatch;
import io.unfreed.schemas.wire.EventBatchBuilder;
import io.unfreed.schemas.wire.EventCodes;
import io.unfreed.schemas.wire.EventCursor;
import io.unfreed.schemas.wire.MalformedBatchException;
import io.unfreed.schemas.wire.StackDictionary;
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
 * Encoding and decoding of one full batch, nanoseconds per event, and its bytes per event, which it
 * prints: churn of 4096 blocks as an import has it (no threads, 10 ms clock) and as a live session
 * has it (4 threads, a time stamp each).
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class CodecBenchmark {
  private static final int EVENTS = EventBatchBuilder.FULL_EVENTS;
  private static final int STACKS = 12;
  private static final long TICK_NANOS = 5_000_000_000L;

  @Param({"import", "live"})
  String source;

  private final long[] addresses = new long[EVENTS];
  private final EventCursor cursor = new EventCursor();
  private EventBatchBuilder builder;
  private byte[] body;

  @Setup
  public void encodeOnce() {
    new Churn(4096).replace(addresses);
    StackDictionary stacks = new StackDictionary();
    for (int i = 0; i < STACKS; i++) {
      stacks.number(new StackId(i, i));
    }
    LaneKey key = new LaneKey("session", "incarnation", 0);
    builder =
        new EventBatchBuilder(
            new EventBatchBuilder.Lane(key, 1, TICK_NANOS, false),
            new Process(null, null, "churn", null),
            stacks);
    body = encodeBatch().body();
    System.out.printf("%n%s: %.2f bytes per event%n", source, (double) body.length / EVENTS);
  }

  /** Events to the bytes of a batch. */
  @Benchmark
  @OperationsPerInvocation(EventBatchBuilder.FULL_EVENTS)
  public EncodedBatch encode() {
    return encodeBatch();
  }

  /** Bytes of a batch to events. */
  @Benchmark
  @OperationsPerInvocation(EventBatchBuilder.FULL_EVENTS)
  public long decode() throws MalformedBatchException {
    cursor.reset(body, 0, body.length);
    long sum = 0;
    while (cursor.next()) {
      sum += cursor.address() ^ cursor.timeNanos();
    }
    return sum;
  }

  private EncodedBatch encodeBatch() {
    boolean isLive = source.equals("live");
    for (int i = 0; i < EVENTS; i += 2) {
      long time = isLive ? 700L * i + i % 13 : i / 4096 * 10_000_000L;
      int thread = isLive ? 1000 + i / 32 % 4 : 0;
      builder.release(EventCodes.FREE_HEAP, time, thread, addresses[i]);
      builder.allocate(
          EventCodes.ALLOC_HEAP, time, thread, addresses[i + 1], 16 + i * 7L % 545, i % STACKS);
    }
    return builder.encode();
  }
}
