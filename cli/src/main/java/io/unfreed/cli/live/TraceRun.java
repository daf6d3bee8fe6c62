package io.unfreed.cli.live;

import io.unfreed.bpf.trace.TraceConfig;
import io.unfreed.collector.live.TraceRecording;
import io.unfreed.query.LedgerSink;
import io.unfreed.render.trace.TracePrinter;
import io.unfreed.render.trace.TraceReport;
import io.unfreed.schemas.Session;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A tracer's time: looks now and then, states at every tick, reports at every interval and at the
 * end. Reports are made of what was stated, as those of a recording are.
 */
public final class TraceRun implements AutoCloseable {
  private static final long LOOK_NANOS = 500_000_000L;

  /** What was stated at a tick is to be safe now. */
  public interface Ticked {
    void ticked() throws IOException;
  }

  /**
   * How it is told.
   *
   * @param book has what was stated
   */
  public record Told(LedgerSink book, TracePrinter printer) {}

  private final TraceRecording recording;
  private final Told told;
  private final Ticked ticked;
  private final List<TracedProcess> processes;
  private final boolean endsWithThem;
  private final CountDownLatch stopped = new CountDownLatch(1);

  /** Of the processes that the tracer is limited to it awaits the end. */
  public TraceRun(TraceRecording recording, TraceConfig config, Told told, Ticked ticked) {
    this.recording = recording;
    this.told = told;
    this.ticked = ticked;
    this.processes =
        config.tgids().stream().map(TracedProcess::of).flatMap(Optional::stream).toList();
    this.endsWithThem = !config.tgids().isEmpty();
  }

  /** Ends {@link #run} soon; any thread. */
  public void stop() {
    stopped.countDown();
  }

  /** The session's id. */
  public String session() {
    return recording.session().getSessionId();
  }

  /** Until the time is over, somebody stops it, or the processes have exited. */
  public void run(long durationNanos, long intervalNanos, long tickNanos) throws IOException {
    ticked.ticked();
    long nextReport = intervalNanos;
    long nextTick = tickNanos;
    long since = 0;
    while (since < durationNanos
        && !hasStopped(nanosToWait(since, durationNanos, Math.min(nextReport, nextTick)))) {
      recording.look();
      since = recording.sinceStartNanos();
      boolean isReport = since >= nextReport && since < durationNanos;
      if (isReport || (since >= nextTick && since < durationNanos)) {
        state(isReport, false);
        nextReport = isReport ? following(since, nextReport, intervalNanos) : nextReport;
        nextTick = following(since, nextTick, tickNanos);
      }
      if (endsWithThem && processes.stream().noneMatch(TracedProcess::runs)) {
        break;
      }
    }
    recording.look();
    state(true, true);
    recording.end();
    ticked.ticked();
  }

  /** The first boundary behind a moment. */
  private static long following(long since, long next, long every) {
    return since < next ? next : next + Math.ceilDiv(since - next + 1, every) * every;
  }

  private static long nanosToWait(long since, long durationNanos, long next) {
    return Math.clamp(Math.min(durationNanos, next) - since, 1, LOOK_NANOS);
  }

  private boolean hasStopped(long nanos) {
    try {
      return stopped.await(nanos, TimeUnit.NANOSECONDS);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return true;
    }
  }

  private void state(boolean isReport, boolean isLast) throws IOException {
    recording.state(isReport, isLast);
    ticked.ticked();
    if (isReport) {
      Session session = recording.session();
      told.book()
          .trace(session.getSessionId())
          .view()
          .ifPresent(view ->
              told.printer().print(new TraceReport(session, view, told.book().stacks()::frames)));
    }
  }

  @Override
  public void close() {
    recording.close();
  }
}
