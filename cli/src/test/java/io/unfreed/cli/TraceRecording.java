package io.unfreed.cli;

import io.unfreed.collector.capture.CaptureWriter;
import io.unfreed.collector.sink.RecordingSink;
import io.unfreed.schemas.CallStack;
import io.unfreed.schemas.TraceStatement;
import io.unfreed.streams.trace.RandomTrace;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A made-up trace as a recording. */
public final class TraceRecording {
  private TraceRecording() {}

  static RandomTrace write(Path file, long seed, String tracer, int ticks) throws IOException {
    RandomTrace trace = new RandomTrace(seed, "trace-" + tracer + seed, tracer, ticks);
    try (CaptureWriter out = CaptureWriter.create(file, false)) {
      give(trace, out, 0, trace.statements.size());
    }
    return trace;
  }

  /** Gives some of it; its beginning and its end with the first and the last. */
  public static void give(RandomTrace trace, RecordingSink sink, int from, int to)
      throws IOException {
    giveUnflushed(trace, sink, from, to);
    sink.flush();
  }

  /** The same, without waiting until it is safe. */
  public static void giveUnflushed(RandomTrace trace, RecordingSink sink, int from, int to)
      throws IOException {
    if (from == 0) {
      sink.session(trace.session);
      for (CallStack stack : trace.stacks) {
        sink.stack(stack);
      }
    }
    List<TraceStatement> some = trace.statements.subList(from, to);
    for (TraceStatement statement : some) {
      sink.trace(statement);
    }
    if (to == trace.statements.size()) {
      sink.session(trace.ended());
    }
  }
}
