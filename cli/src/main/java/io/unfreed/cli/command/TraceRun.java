package io.unfreed.cli.command;

import io.unfreed.bpf.trace.MemoryTrend;
import io.unfreed.bpf.trace.TraceConfig;
import io.unfreed.bpf.trace.TraceEvent;
import io.unfreed.bpf.trace.TraceNames;
import io.unfreed.bpf.trace.TraceSession;
import io.unfreed.bpf.trace.TraceSnapshot;
import io.unfreed.render.trace.TracePrinter;
import io.unfreed.render.trace.TraceReport;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A tracer's time: looks now and then, reports at every interval and at the end. */
final class TraceRun implements AutoCloseable {
  private static final long LOOK_NANOS = 500_000_000L;
  private static final int MOST_SLOW = 1000;

  private final TraceSession session;
  private final TraceConfig config;
  private final TracePrinter printer;
  private final TraceNames names;
  private final MemoryTrend trend;
  private final List<TracedProcess> processes;
  private final CountDownLatch stopped = new CountDownLatch(1);
  private final List<TraceEvent> slow = new ArrayList<>();
  private final long startNanos = System.nanoTime();
  private long untold;
  private long lastTrendNanos = startNanos;

  TraceRun(TraceSession session, TraceConfig config, TracePrinter printer, long suspectAbove) {
    this.session = session;
    this.config = config;
    this.printer = printer;
    this.names = new TraceNames(session);
    this.trend = new MemoryTrend(suspectAbove);
    this.processes =
        config.tgids().stream().map(TracedProcess::of).flatMap(Optional::stream).toList();
  }

  /** Ends {@link #run} soon; any thread. */
  void stop() {
    stopped.countDown();
  }

  /** Until the time is over, somebody stops it, or the processes have exited. */
  void run(long durationNanos, long intervalNanos) {
    long nextReport = intervalNanos;
    long since = 0;
    while (since < durationNanos && !hasStopped(nanosToWait(since, durationNanos, nextReport))) {
      since = System.nanoTime() - startNanos;
      TraceSnapshot snapshot = look();
      if (since >= nextReport && since < durationNanos) {
        report(snapshot, since, false);
        nextReport +=
            Math.max(1, Math.ceilDiv(since - nextReport + 1, intervalNanos)) * intervalNanos;
      }
      if (haveExited()) {
        break;
      }
    }
    report(look(), System.nanoTime() - startNanos, true);
  }

  private static long nanosToWait(long since, long durationNanos, long nextReport) {
    long next = Math.min(durationNanos, nextReport) - since;
    return Math.clamp(next, 1, LOOK_NANOS);
  }

  private boolean hasStopped(long nanos) {
    try {
      return stopped.await(nanos, TimeUnit.NANOSECONDS);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return true;
    }
  }

  private TraceSnapshot look() {
    TraceSnapshot snapshot = session.snapshot();
    names.look(snapshot);
    long now = System.nanoTime();
    if (now - lastTrendNanos
        >= LOOK_NANOS / 2) { // what was looked at a moment ago has had no time to rise
      trend.look(snapshot.memory());
      lastTrendNanos = now;
    }
    for (TraceEvent event : session.takeEvents()) {
      if (slow.size() < MOST_SLOW) {
        slow.add(event);
      } else {
        untold++;
      }
    }
    return snapshot;
  }

  private boolean haveExited() {
    return !config.tgids().isEmpty() && processes.stream().noneMatch(TracedProcess::runs);
  }

  private void report(TraceSnapshot snapshot, long sinceStartNanos, boolean last) {
    Set<Integer> suspects = trend.suspects();
    printer.print(
        new TraceReport(
            config.tracer(),
            Instant.now(),
            sinceStartNanos,
            last,
            snapshot,
            names,
            List.copyOf(slow),
            untold,
            suspects));
    slow.clear();
    untold = 0;
  }

  @Override
  public void close() {
    names.close();
  }
}
