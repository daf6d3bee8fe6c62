package io.unfreed.benchmarks;

import io.unfreed.collector.capture.CaptureReader;
import io.unfreed.schemas.wire.EventCursor;
import io.unfreed.schemas.wire.MalformedBatchException;
import io.unfreed.streams.query.LedgerRun;
import io.unfreed.streams.query.ReportQuery;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * What the stages of the analysis cost per event, in CPU nanoseconds of one thread and bytes
 * allocated, on the batches of a capture held in memory: the decoding of the columns, the stepping
 * from event to event, and decoding with ledger and report.
 *
 * <pre>Stages CAPTURE [ROUNDS]</pre>
 */
public final class Stages {
  private static final com.sun.management.ThreadMXBean THREADS =
      (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

  private interface Stage {
    long run(List<byte[]> batches) throws MalformedBatchException;
  }

  private Stages() {}

  /** Prints one line per stage: median, least, and allocated bytes per event of the last round. */
  public static void main(String[] args) throws IOException, MalformedBatchException {
    List<byte[]> batches = read(Path.of(args[0]));
    int rounds = args.length > 1 ? Integer.parseInt(args[1]) : 7;
    long bytes = batches.stream().mapToLong(b -> b.length).sum();
    long events = decode(batches);
    System.out.printf(
        Locale.ROOT,
        "events %d, batches %d, %.2f bytes/event%n",
        events,
        batches.size(),
        1.0 * bytes / events);
    measure("decode", Stages::decode, batches, rounds);
    measure("decode+step", Stages::step, batches, rounds);
    measure("decode+ledger", Stages::ledger, batches, rounds);
  }

  private static List<byte[]> read(Path file) throws IOException {
    List<byte[]> batches = new ArrayList<>();
    try (CaptureReader in = CaptureReader.open(file)) {
      for (var kind = in.next(); kind != CaptureReader.Kind.END; kind = in.next()) {
        if (kind == CaptureReader.Kind.BATCH) {
          batches.add(Arrays.copyOfRange(in.bytes(), in.offset(), in.offset() + in.length()));
        }
      }
    }
    return batches;
  }

  private static void measure(String name, Stage stage, List<byte[]> batches, int rounds)
      throws MalformedBatchException {
    long events = decode(batches);
    double[] nanos = new double[rounds];
    long allocated = 0;
    long check = 0;
    for (int i = -2; i < rounds; i++) {
      long before = THREADS.getCurrentThreadAllocatedBytes();
      long from = THREADS.getCurrentThreadCpuTime();
      check = stage.run(batches);
      if (i >= 0) {
        nanos[i] = (double) (THREADS.getCurrentThreadCpuTime() - from) / events;
      }
      allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
    }
    Arrays.sort(nanos);
    System.out.printf(
        Locale.ROOT,
        "%-14s median %6.1f ns/event, least %6.1f, most %6.1f, %6.3f bytes/event (%d)%n",
        name,
        nanos[rounds / 2],
        nanos[0],
        nanos[rounds - 1],
        (double) allocated / events,
        check);
  }

  private static long decode(List<byte[]> batches) throws MalformedBatchException {
    EventCursor cursor = new EventCursor();
    long events = 0;
    for (byte[] batch : batches) {
      cursor.reset(batch, 0, batch.length);
      events += cursor.eventCount();
    }
    return events;
  }

  private static long step(List<byte[]> batches) throws MalformedBatchException {
    EventCursor cursor = new EventCursor();
    long sum = 0;
    for (byte[] batch : batches) {
      cursor.reset(batch, 0, batch.length);
      while (cursor.next()) {
        sum += cursor.address() ^ cursor.timeNanos();
      }
    }
    return sum;
  }

  private static long ledger(List<byte[]> batches) throws MalformedBatchException {
    EventCursor cursor = new EventCursor();
    LedgerRun run = new LedgerRun(ReportQuery.WHOLE);
    for (byte[] batch : batches) {
      cursor.reset(batch, 0, batch.length);
      run.batch(cursor);
    }
    return run.finish().getFirst().totals().outstandingBytes();
  }
}
