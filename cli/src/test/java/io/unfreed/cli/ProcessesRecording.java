package io.unfreed.cli;

import io.unfreed.collector.capture.CaptureWriter;
import io.unfreed.schemas.CallStack;
import io.unfreed.schemas.Frame;
import io.unfreed.schemas.Process;
import io.unfreed.schemas.Quality;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.Source;
import io.unfreed.schemas.stack.FrameKey;
import io.unfreed.schemas.stack.StackHasher;
import io.unfreed.schemas.stack.StackId;
import io.unfreed.schemas.topic.LaneKey;
import io.unfreed.schemas.wire.EncodedBatch;
import io.unfreed.schemas.wire.EventBatchBuilder;
import io.unfreed.schemas.wire.EventCodes;
import io.unfreed.schemas.wire.EventCursor;
import io.unfreed.schemas.wire.MalformedBatchException;
import io.unfreed.schemas.wire.StackDictionary;
import io.unfreed.streams.ledger.SizeRange;
import io.unfreed.streams.query.LedgerRun;
import io.unfreed.streams.query.ReportQuery;
import io.unfreed.streams.report.IncarnationReport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A session of processes that are told one by one, each with a few blocks. */
public final class ProcessesRecording {
  public static final long TICK_NANOS = 1_000_000_000L;

  private static final int TID = 1;

  private final List<EncodedBatch> batches = new ArrayList<>();
  private final StackDictionary dictionary = new StackDictionary();
  private final List<CallStack> stacks = new ArrayList<>();
  private final String id;

  /** An empty session; tgids are unique in it. */
  public ProcessesRecording(String id) {
    this.id = id;
    StackId stack = new StackHasher().hash(List.of(new FrameKey.InModule("/bin/tool", 1)));
    dictionary.number(stack);
    Frame frame = Frame.newBuilder().setModule("/bin/tool").setSymbol("grow").build();
    stacks.add(new CallStack(stack.toHash(), Quality.SYMBOLS, List.of(frame)));
  }

  /** A process that allocates nothing. */
  public ProcessesRecording idle(int tgid, String command, long startNanos, long endNanos) {
    return add(builder(tgid, command), startNanos, endNanos, 0);
  }

  /** A process that frees one block and keeps others, and ends. */
  public ProcessesRecording process(
      int tgid, String command, long startNanos, long endNanos, long... keptBytes) {
    EventBatchBuilder builder = builder(tgid, command);
    builder.allocate(EventCodes.ALLOC_HEAP, startNanos, TID, 0x100, 7, 0);
    builder.release(EventCodes.FREE_HEAP, startNanos, TID, 0x100);
    return add(builder, startNanos, endNanos, 0, keptBytes);
  }

  /** The same, having lost events just after its start. */
  public ProcessesRecording lossy(
      int tgid, String command, long startNanos, long endNanos, long lost, long... keptBytes) {
    return add(builder(tgid, command), startNanos, endNanos, lost, keptBytes);
  }

  private EventBatchBuilder builder(int tgid, String command) {
    return new EventBatchBuilder(
        new EventBatchBuilder.Lane(new LaneKey(id, tgid + "-1", 0), 1, TICK_NANOS, false),
        Process.newBuilder().setTgid(tgid).setStartEpochNanos(1L).setCommand(command).build(),
        dictionary);
  }

  private ProcessesRecording add(
      EventBatchBuilder builder, long startNanos, long endNanos, long lost, long... keptBytes) {
    long address = 0x1000;
    for (long bytes : keptBytes) {
      builder.allocate(EventCodes.ALLOC_HEAP, startNanos, TID, address, bytes, 0);
      address += 0x1000;
    }
    if (lost > 0) {
      builder.lost(startNanos, lost, startNanos, startNanos);
    }
    // Something happens in every tick, so that each has a report.
    for (long tick = startNanos / TICK_NANOS + 1; tick * TICK_NANOS < endNanos; tick++) {
      builder.labelled(EventCodes.MARK, tick * TICK_NANOS, TID, "alive");
    }
    builder.plain(EventCodes.EXIT, endNanos, TID);
    batches.add(builder.encode());
    return this;
  }

  public Session session() {
    return Session.newBuilder()
        .setSessionId(id)
        .setSource(Source.EBPF)
        .setTickNanos(TICK_NANOS)
        .build();
  }

  /** The last report of each process by time, and those of its ticks if asked for. */
  public List<IncarnationReport> reports(boolean withTicks) throws MalformedBatchException {
    LedgerRun run =
        new LedgerRun(new ReportQuery(SizeRange.ALL, 0, null, withTicks ? TICK_NANOS : null));
    EventCursor cursor = new EventCursor();
    for (EncodedBatch batch : batches) {
      cursor.reset(batch.body(), 0, batch.body().length);
      run.batch(cursor);
    }
    return run.finish();
  }

  /** Writes it as a capture. */
  public void write(Path file) throws IOException {
    try (CaptureWriter capture = CaptureWriter.create(file, false)) {
      capture.session(session());
      for (CallStack stack : stacks) {
        capture.stack(stack);
      }
      for (EncodedBatch batch : batches) {
        capture.batch(batch);
      }
    }
  }
}
