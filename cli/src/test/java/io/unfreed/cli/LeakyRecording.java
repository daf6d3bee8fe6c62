package io.unfreed.cli;

import io.unfreed.collector.capture.CaptureWriter;
import io.unfreed.schemas.CallStack;
import io.unfreed.schemas.Frame;
import io.unfreed.schemas.Process;
import io.unfreed.schemas.Quality;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.SessionEnd;
import io.unfreed.schemas.Source;
import io.unfreed.schemas.stack.FrameKey;
import io.unfreed.schemas.stack.StackHasher;
import io.unfreed.schemas.stack.StackId;
import io.unfreed.schemas.topic.LaneKey;
import io.unfreed.schemas.wire.EventBatchBuilder;
import io.unfreed.schemas.wire.EventCodes;
import io.unfreed.schemas.wire.StackDictionary;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;

/**
 * Ten minutes of a service with three leaks: a thread keeps a block of 100,000 bytes every 8 s
 * ({@code prefetch}); of the connections opened 20 times a second ({@code conn_open}) those from
 * the fifth minute on stay in 1 of 20 cases, the others are freed by {@code conn_close}; and 60
 * operations each lose a {@code buffer} now and then. Beside them a table of 5 MB that is filled at
 * the start.
 */
final class LeakyRecording {
  static final long SECOND = 1_000_000_000L;
  static final int OPERATIONS = 60;
  static final double SPAN = 600;
  static final long MEMORY_LIMIT = 1L << 30;

  private static final long STARTED_EPOCH_NANOS = 1_769_859_922_000_000_000L;

  private record Call(long nanos, int stack, int by, int thread, long address, long size) {}

  private final Random random = new Random(815);
  private final StackDictionary dictionary = new StackDictionary();
  private final List<CallStack> stacks = new ArrayList<>();
  private final PriorityQueue<Call> calls =
      new PriorityQueue<>(
          java.util.Comparator.comparingLong(Call::nanos).thenComparingLong(Call::address));
  private long nextAddress = 0x1000;

  private final boolean ends;

  private LeakyRecording(boolean ends) {
    this.ends = ends;
  }

  /** Writes it; the session's id is the file's name. */
  static void write(Path file) throws IOException {
    new LeakyRecording(true).record(file);
  }

  /** The same of a service that goes on. */
  static void writeGoingOn(Path file) throws IOException {
    new LeakyRecording(false).record(file);
  }

  private void record(Path file) throws IOException {
    int table = stack("xmalloc", "table_new", "main");
    for (int i = 0; i < 500; i++) {
      block(random.nextDouble(), 1, table, 10_000, SPAN, -1);
    }
    int prefetch = stack("prefetch", "prefetch_loop");
    for (double t = 8; t < SPAN; t += 8) {
      block(t + random.nextDouble() / 100, 2, prefetch, 100_000, SPAN, -1);
    }
    int open = stack("xmalloc", "conn_open", "serve", "main");
    int close = stack("conn_close", "serve", "main");
    for (double t = 1; t < SPAN; t += 0.05) {
      boolean stays = t >= 300 && random.nextInt(20) == 0;
      block(t, 1, open, 500, stays ? SPAN : t + random.nextDouble() / 2, close);
    }
    for (int i = 0; i < OPERATIONS; i++) {
      int op = stack("xmalloc", "buffer", "op" + i, "serve", "main");
      for (int k = 0; k < 5; k++) {
        block(1 + random.nextDouble() * (SPAN - 2), 1, op, 64, SPAN, -1);
      }
    }
    write(file, file.getFileName().toString());
  }

  private void block(double born, int thread, int stack, long size, double freed, int by) {
    long address = nextAddress;
    nextAddress += 0x1000;
    calls.add(new Call((long) (born * SECOND), stack, by, thread, address, size));
    if (freed < SPAN) {
      calls.add(new Call((long) (freed * SECOND), stack, by, thread, address, -1));
    }
  }

  private void write(Path file, String id) throws IOException {
    long events = calls.size();
    try (CaptureWriter capture = CaptureWriter.create(file, false)) {
      capture.session(
          Session.newBuilder()
              .setSessionId(id)
              .setSource(Source.SHIM)
              .setStartedEpochNanos(STARTED_EPOCH_NANOS)
              .setTickNanos(5 * SECOND)
              .setFreeStacks(true)
              .setMemoryLimitBytes(MEMORY_LIMIT)
              .setEnd(
                  ends
                      ? new SessionEnd((long) (SPAN * SECOND), events, events, 0L, Map.of())
                      : null)
              .build());
      for (CallStack stack : stacks) {
        capture.stack(stack);
      }
      EventBatchBuilder batch =
          new EventBatchBuilder(
              new EventBatchBuilder.Lane(new LaneKey(id, "7-70", 0), 1, 5 * SECOND, false, true),
              new Process(7, 70L, "/bin/leaky", 0L),
              dictionary);
      int inBatch = 0;
      for (Call call = calls.poll(); call != null; call = calls.poll()) {
        if (call.size() < 0) {
          batch.release(
              EventCodes.FREE_HEAP, call.nanos(), call.thread(), call.address(), call.by());
        } else {
          batch.allocate(
              EventCodes.ALLOC_HEAP,
              call.nanos(),
              call.thread(),
              call.address(),
              call.size(),
              call.stack());
        }
        if (++inBatch == 1000) {
          capture.batch(batch.encode());
          inBatch = 0;
        }
      }
      if (ends) {
        batch.end((long) (SPAN * SECOND), 0, 0);
      }
      capture.batch(batch.encode());
    }
  }

  private int stack(String... innermostFirst) {
    List<Frame> frames = new ArrayList<>();
    List<FrameKey> keys = new ArrayList<>();
    for (String name : innermostFirst) {
      long address = name.hashCode() & 0xFFFF_FFFFL;
      keys.add(new FrameKey.InModule("ab01", address));
      frames.add(
          Frame.newBuilder()
              .setSymbol(name)
              .setOffset(4L)
              .setModule("/bin/leaky")
              .setBuildId("ab01")
              .setAddress(address)
              .build());
    }
    StackId id = new StackHasher().hash(keys);
    stacks.add(new CallStack(id.toHash(), Quality.LINES, frames));
    return dictionary.number(id);
  }
}
