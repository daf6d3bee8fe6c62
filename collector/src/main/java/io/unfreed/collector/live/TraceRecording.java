package io.unfreed.collector.live;

import io.unfreed.bpf.trace.MemoryTrend;
import io.unfreed.bpf.trace.TraceConfig;
import io.unfreed.bpf.trace.TraceEvent;
import io.unfreed.bpf.trace.TraceNames;
import io.unfreed.bpf.trace.TraceSession;
import io.unfreed.bpf.trace.TraceSnapshot;
import io.unfreed.bpf.trace.Tracer;
import io.unfreed.collector.sink.RecordingSink;
import io.unfreed.schemas.CallStack;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.SessionEnd;
import io.unfreed.schemas.SlowCall;
import io.unfreed.schemas.Source;
import io.unfreed.schemas.TraceHead;
import io.unfreed.schemas.TraceStatement;
import io.unfreed.schemas.wire.TraceRules;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * One tracer at work: {@link #look} now and then, {@link #state} at every tick, at the end with
 * {@link #end} behind. What is stated goes to all sinks, which stay open. Used by one thread.
 */
public final class TraceRecording implements AutoCloseable {
  /** Looks closer to one another say nothing of what rises. */
  private static final long TREND_NANOS = 250_000_000L;

  /** So many slow ones are told in one report. */
  private static final int MOST_SLOW = 1000;

  private final TraceSession tracing;
  private final TracePlan plan;
  private final List<RecordingSink> sinks;
  private final MemoryTrend trend = new MemoryTrend();
  private final TraceNaming names;
  private final SessionClock clock = SessionClock.now();
  private final Session session;
  private final TraceStatements statements;
  private final List<SlowCall> slow = new ArrayList<>();
  private long untold;

  /** Slow ones stated since the last report. */
  private int told;

  private long lastTrendNanos;
  private long lastTick;
  private TraceSnapshot last;

  private TraceRecording(TraceSession tracing, TracePlan plan, List<RecordingSink> sinks) {
    this.tracing = tracing;
    this.plan = plan;
    this.sinks = List.copyOf(sinks);
    names = new TraceNaming(new TraceNames(tracing, plan.config().tgids()), trend);
    session = facts();
    statements = new TraceStatements(session.getSessionId(), tracer(), names);
  }

  /**
   * Begins to count, and gives the session to the sinks.
   *
   * @throws io.unfreed.bpf.BpfException when that is not possible, in one line
   * @throws IOException when a sink failed
   */
  public static TraceRecording begin(TracePlan plan, List<RecordingSink> sinks) throws IOException {
    TraceRecording recording = new TraceRecording(TraceSession.open(plan.config()), plan, sinks);
    try {
      for (RecordingSink sink : sinks) {
        sink.session(recording.session);
      }
      return recording;
    } catch (IOException | RuntimeException failed) {
      recording.close();
      throw failed;
    }
  }

  private String tracer() {
    return plan.config().tracer().name().toLowerCase(Locale.ROOT);
  }

  private Session facts() {
    TraceConfig config = plan.config();
    Map<String, String> filters = new TreeMap<>();
    if (!config.tgids().isEmpty()) {
      filters.put("pid", joined(config.tgids()));
    }
    config.cgroup().ifPresent(group -> filters.put("cgroup", group.path()));
    if (config.minNanos() > 0) {
      filters.put("min", config.minNanos() + "ns");
    }
    return Session.newBuilder()
        .setSessionId(TimeOrderedId.at(clock.startEpochNanos() / 1_000_000))
        .setSource(Source.EBPF)
        .setCommand("trace " + what(config))
        .setHost(ProcessFacts.line("/proc/sys/kernel/hostname"))
        .setBootId(ProcessFacts.line("/proc/sys/kernel/random/boot_id"))
        .setStartedEpochNanos(clock.startEpochNanos())
        .setTimed(true)
        .setTickNanos(plan.tickNanos())
        .setRecordFilters(filters)
        .setProbes(List.of(TraceRules.probe(tracer())))
        .build();
  }

  /** What is traced, for people. */
  public static String what(TraceConfig config) {
    String who =
        config.tgids().isEmpty()
            ? config.cgroup().isEmpty() ? " of every process" : ""
            : " of process " + joined(config.tgids());
    return config.tracer().name().toLowerCase(Locale.ROOT)
        + who
        + config.cgroup().map(group -> " in " + group.path()).orElse("");
  }

  private static String joined(List<Integer> tgids) {
    return tgids.stream().map(String::valueOf).collect(Collectors.joining(", "));
  }

  /** The session as it began. */
  public Session session() {
    return session;
  }

  /** Since the session's start. */
  public long sinceStartNanos() {
    return clock.sessionNanos(System.nanoTime());
  }

  /** Looks at what was counted: names are looked up while the processes live. */
  public void look() {
    last = tracing.snapshot();
    names.look(last);
    long now = System.nanoTime();
    if (now - lastTrendNanos >= TREND_NANOS || lastTrendNanos == 0) {
      trend.look(last.memory());
      lastTrendNanos = now;
    }
    for (TraceEvent event : tracing.takeEvents()) {
      if (told + slow.size() < MOST_SLOW) {
        slow.add(statements.slow(event));
      } else {
        untold++;
      }
    }
  }

  /**
   * States what the last look saw.
   *
   * @param isReport a report of it is printed
   * @param isLast the trace ends here
   */
  public void state(boolean isReport, boolean isLast) throws IOException {
    long atNanos = sinceStartNanos();
    lastTick = Math.max(lastTick + 1, atNanos / plan.tickNanos());
    TraceStatements.Moment at = new TraceStatements.Moment(lastTick, atNanos);
    List<TraceStatement> changed = new ArrayList<>(statements.changed(last, at));
    changed.add(statements.head(head(isReport, isLast), at));
    List<CallStack> stacks = names.takeFresh();
    told = isReport ? 0 : told + slow.size();
    slow.clear();
    untold = 0;
    for (RecordingSink sink : sinks) {
      for (CallStack stack : stacks) {
        sink.stack(stack);
      }
      for (TraceStatement statement : changed) {
        sink.trace(statement);
      }
    }
  }

  private TraceHead.Builder head(boolean isReport, boolean isLast) {
    TraceSnapshot.Loss loss = last.loss();
    return TraceHead.newBuilder()
        .setEnded(isLast)
        .setTold(isReport)
        .setMapFull(loss.mapFull())
        .setUnpaired(loss.unpaired())
        .setQueueFull(loss.events())
        .setSkipped(loss.skipped())
        .setWarnNanos(plan.warnNanos())
        .setSuspectAbove(plan.suspectAbove())
        .setSlow(List.copyOf(slow))
        .setUntold(untold);
  }

  /** Gives the session's end to the sinks, behind the last {@link #state}. */
  public void end() throws IOException {
    TraceSnapshot.Loss loss = last.loss();
    long received =
        LongStream.concat(
                last.cells().stream().mapToLong(cell -> cell.count()),
                last.memory().stream().mapToLong(row -> row.allocations() + row.frees()))
            .sum();
    long lost = loss.mapFull() + loss.skipped();
    Map<String, Long> counters =
        new TreeMap<>(
            Map.of(
                "map full", loss.mapFull(),
                "skipped", loss.skipped(),
                "unpaired", loss.unpaired(),
                "queue of slow ones full", loss.events()));
    if (plan.config().tracer() == Tracer.LOCKS) {
      counters.putAll(new LiveStackCounts(names.incomplete(), tracing.unwindTables()).counters());
    }
    SessionEnd end = new SessionEnd(sinceStartNanos(), received + lost, received, lost, counters);
    Session ended = Session.newBuilder(session).setEnd(end).build();
    for (RecordingSink sink : sinks) {
      sink.session(ended);
    }
  }

  @Override
  public void close() {
    names.close();
    tracing.close();
  }
}
