package io.unfreed.cli.command;

import io.unfreed.bpf.session.BpfResource;
import io.unfreed.bpf.trace.TraceConfig;
import io.unfreed.bpf.trace.Tracer;
import io.unfreed.cli.ExitCodes;
import io.unfreed.cli.live.AskedProcesses;
import io.unfreed.cli.live.KernelSide;
import io.unfreed.cli.live.LiveExit;
import io.unfreed.cli.live.LiveKafka;
import io.unfreed.cli.live.ReadyFile;
import io.unfreed.cli.live.TraceRun;
import io.unfreed.cli.live.TracedProcess;
import io.unfreed.cli.option.Durations;
import io.unfreed.cli.option.HostOptions;
import io.unfreed.cli.option.KafkaOptions;
import io.unfreed.cli.option.OutputOptions;
import io.unfreed.cli.option.Terminals;
import io.unfreed.collector.capture.CaptureWriter;
import io.unfreed.collector.live.TracePlan;
import io.unfreed.collector.live.TraceRecording;
import io.unfreed.collector.sink.RecordingSink;
import io.unfreed.collector.spool.SpoolingSink;
import io.unfreed.query.FailedException;
import io.unfreed.query.LedgerSink;
import io.unfreed.query.UsageException;
import io.unfreed.render.trace.TraceJson;
import io.unfreed.render.trace.TracePrinter;
import io.unfreed.render.trace.TraceShape;
import io.unfreed.render.trace.TraceText;
import io.unfreed.schemas.text.Printable;
import io.unfreed.schemas.topic.Topics;
import io.unfreed.streams.query.ReportQuery;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Traces what makes a node slow, counted in the kernel. */
@Command(mixinStandardHelpOptions = true, sortOptions = false)
public final class TraceCommand implements Callable<Integer> {
  private static final long LOCK_MIN_NANOS = 1_000_000L;
  private static final long TICK_NANOS = 5_000_000_000L;

  @Parameters(
      paramLabel = "syscalls|locks|io|memory",
      description = {
        "syscalls: how long system calls take, and their errors. locks: waits for locks of the",
        "kernel, futexes, file locks. io: block requests. memory: the kernel's, by process."
      })
  private Tracer tracer;

  @Option(
      names = {"-p", "--pid"},
      paramLabel = "PID",
      split = ",",
      description = "Only these processes; ends when all have exited (default: all but this one).")
  private List<Integer> pids = new ArrayList<>();

  @Option(
      names = "--cgroup",
      paramLabel = "GROUP",
      description = "Only processes in this control group (version 2) or below.")
  private String cgroup;

  @Option(
      names = "--duration",
      paramLabel = "D",
      converter = Durations.class,
      description = "End after D (250ms, 5s, 10m; default: at Ctrl-C).")
  private Long durationNanos;

  @Option(
      names = "--interval",
      paramLabel = "D",
      converter = Durations.class,
      description = {
        "Report every D what was counted since the start (default: at the end only); a recording",
        "states it as often (default: 5s)."
      })
  private Long intervalNanos;

  @Option(
      names = "--format",
      paramLabel = "text|json",
      defaultValue = "text",
      description = "Text for people or one line of JSON per report.")
  private OutputOptions.Format format;

  @Option(
      names = "--top",
      paramLabel = "N",
      description = "List this many rows, 0 for all (default: 10; of locks 20).")
  private Integer top;

  @Option(
      names = "--slow",
      paramLabel = "D",
      converter = Durations.class,
      description = "Tell each call, wait or request that takes at least D.")
  private Long slowNanos;

  @Option(
      names = "--min",
      paramLabel = "D",
      converter = Durations.class,
      description = "locks: count waits of at least D (default: 1ms).")
  private Long minNanos;

  @Option(
      names = "--warn",
      paramLabel = "D",
      converter = Durations.class,
      defaultValue = "100ms",
      description = "io: warn when 95 of 100 requests do not end within D (default: 100ms).")
  private long warnNanos;

  @Option(
      names = "--suspect",
      paramLabel = "N",
      defaultValue = "10",
      description = "memory: mark processes with more than N blocks, rising (default: 10).")
  private long suspectAbove;

  @Option(
      names = "--ready",
      paramLabel = "FILE",
      description = {
        "Write FILE when tracing has begun: one line, an id and the processes asked for.",
        "It stays."
      })
  private Path readyFile;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description = "Write what is counted to FILE, for report and replay.")
  private Path output;

  @Option(names = "--force", description = "Overwrite FILE.")
  private boolean force;

  @Mixin private KafkaOptions kafka;

  @Override
  public Integer call() {
    check();
    LiveExit exit = new LiveExit();
    return exit.run(() -> {
      TracePlan plan = plan();
      ReadyFile ready = readyFile == null ? null : ReadyFile.at(readyFile);
      if (output != null) {
        toFile(plan, exit, ready);
      } else if (kafka.isGiven()) {
        toKafka(plan, exit, ready);
      } else {
        try (TraceRun run = open(plan, List.of(), () -> {})) {
          trace(run, plan, exit, ready);
        }
      }
      return ExitCodes.OK;
    });
  }

  private void toFile(TracePlan plan, LiveExit exit, ReadyFile ready) throws IOException {
    boolean existed = Files.exists(output);
    boolean begun = false;
    CaptureWriter file = CaptureWriter.create(output, force);
    try (file) {
      try (TraceRun run = open(plan, List.of(file), file::flush)) {
        begun = true;
        trace(run, plan, exit, ready);
      } finally {
        if (!begun) {
          file.abandon();
        }
      }
    } finally {
      if (!begun && !existed) {
        Files.deleteIfExists(output);
      }
    }
    System.err.println("unfreed: recorded to " + Printable.of(output.toString()));
  }

  private void toKafka(TracePlan plan, LiveExit exit, ReadyFile ready) throws IOException {
    try (KafkaOptions.Brokers brokers = kafka.open()) {
      if (brokers.embedded() != null) {
        brokers.embedded().beforeExit(exit::awaitEnd);
      }
      brokers.keep(line -> System.err.println("unfreed: " + line));
      SpoolingSink sink = LiveKafka.open(brokers, Topics.HISTOGRAMS);
      try (sink;
          TraceRun run = open(plan, List.of(sink), () -> {})) {
        trace(run, plan, exit, ready);
      }
      System.err.println("unfreed: recorded to " + brokers.servers());
      LiveKafka.tell(sink, System.err);
    }
  }

  private void check() {
    refuseIf(durationNanos != null && durationNanos <= 0, "--duration must be longer than 0");
    refuseIf(intervalNanos != null && intervalNanos <= 0, "--interval must be longer than 0");
    refuseIf(top != null && top < 0, "--top " + top + " is negative");
    refuseIf(slowNanos != null && slowNanos <= 0, "--slow must be longer than 0");
    refuseIf(minNanos != null && tracer != Tracer.LOCKS, "--min goes with locks");
    refuseIf(slowNanos != null && tracer == Tracer.MEMORY, "--slow does not go with memory");
    refuseIf(output != null && kafka.isGiven(), "give either -o FILE or a broker, not both");
    refuseIf(suspectAbove < 0, "--suspect " + suspectAbove + " is negative");
  }

  private static void refuseIf(boolean wrong, String line) {
    if (wrong) {
      throw new UsageException(line);
    }
  }

  private TracePlan plan() {
    TraceConfig config =
        new TraceConfig(
            tracer,
            AskedProcesses.of(pids),
            Optional.ofNullable(HostOptions.group(cgroup)),
            tracer == Tracer.LOCKS ? minNanos == null ? LOCK_MIN_NANOS : minNanos : 0,
            slowNanos == null ? 0 : slowNanos);
    config
        .tgids()
        .forEach(tgid -> {
          if (TracedProcess.of(tgid).isEmpty()) {
            throw new FailedException("no process " + tgid);
          }
        });
    return new TracePlan(
        config, intervalNanos == null ? TICK_NANOS : intervalNanos, warnNanos, suspectAbove);
  }

  private TraceRun open(TracePlan plan, List<RecordingSink> sinks, TraceRun.Ticked ticked)
      throws IOException {
    TraceShape shape = new TraceShape(top);
    TracePrinter printer =
        format == OutputOptions.Format.json
            ? new TraceJson(System.out, shape)
            : new TraceText(System.out, shape);
    LedgerSink book = new LedgerSink(session -> ReportQuery.WHOLE);
    List<RecordingSink> all = new ArrayList<>(sinks);
    all.add(book);
    try {
      TraceRecording recording =
          KernelSide.open(
              BpfResource.TRACE.unavailable(),
              () -> "tracing needs CAP_BPF, CAP_PERFMON",
              () -> begin(plan, all));
      return new TraceRun(recording, plan.config(), new TraceRun.Told(book, printer), ticked);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private static TraceRecording begin(TracePlan plan, List<RecordingSink> sinks) {
    try {
      return TraceRecording.begin(plan, sinks);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void trace(TraceRun run, TracePlan plan, LiveExit exit, ReadyFile ready)
      throws IOException {
    exit.onSignal(run::stop);
    String recorded = output == null && !kafka.isGiven() ? "" : ", session " + run.session();
    String ending = durationNanos == null && Terminals.isErrTerminal() ? "; Ctrl-C ends it" : "";
    System.err.println(
        "unfreed: tracing " + TraceRecording.what(plan.config()) + recorded + ending);
    if (ready != null) {
      ready.write(run.session(), plan.config().tgids());
    }
    run.run(
        durationNanos == null ? Long.MAX_VALUE : durationNanos,
        intervalNanos == null ? Long.MAX_VALUE : intervalNanos,
        plan.tickNanos());
  }
}
