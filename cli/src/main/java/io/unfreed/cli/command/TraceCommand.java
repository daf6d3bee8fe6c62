package io.unfreed.cli.command;

import io.unfreed.bpf.session.BpfResource;
import io.unfreed.bpf.trace.TraceConfig;
import io.unfreed.bpf.trace.TraceSession;
import io.unfreed.bpf.trace.Tracer;
import io.unfreed.query.FailedException;
import io.unfreed.query.UsageException;
import io.unfreed.render.trace.TraceJson;
import io.unfreed.render.trace.TracePrinter;
import io.unfreed.render.trace.TraceShape;
import io.unfreed.render.trace.TraceText;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Traces what makes a node slow, counted in the kernel. */
@Command(mixinStandardHelpOptions = true, sortOptions = false)
public final class TraceCommand implements Callable<Integer> {
  private static final long LOCK_MIN_NANOS = 1_000_000L;

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
      description = "Report every D what was counted since the start (default: at the end only).")
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

  @Override
  public Integer call() {
    check();
    LiveExit exit = new LiveExit();
    return exit.run(() -> trace(exit));
  }

  private void check() {
    refuseIf(durationNanos != null && durationNanos <= 0, "--duration must be longer than 0");
    refuseIf(intervalNanos != null && intervalNanos <= 0, "--interval must be longer than 0");
    refuseIf(top != null && top < 0, "--top " + top + " is negative");
    refuseIf(slowNanos != null && slowNanos <= 0, "--slow must be longer than 0");
    refuseIf(minNanos != null && tracer != Tracer.LOCKS, "--min goes with locks");
    refuseIf(slowNanos != null && tracer == Tracer.MEMORY, "--slow does not go with memory");
    refuseIf(suspectAbove < 0, "--suspect " + suspectAbove + " is negative");
    pids.forEach(pid -> refuseIf(pid < 1, "-p " + pid + " is no process"));
  }

  private static void refuseIf(boolean wrong, String line) {
    if (wrong) {
      throw new UsageException(line);
    }
  }

  private int trace(LiveExit exit) {
    TraceConfig config =
        new TraceConfig(
            tracer,
            pids.stream().distinct().toList(),
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
    ReadyFile ready = readyFile == null ? null : ReadyFile.at(readyFile);
    try (TraceSession session = open(config);
        TraceRun run = new TraceRun(session, config, printer(), suspectAbove)) {
      exit.onSignal(run::stop);
      System.err.println("unfreed: tracing " + what(config) + ending());
      if (ready != null) {
        ready.write(UUID.randomUUID().toString(), config.tgids());
      }
      run.run(
          durationNanos == null ? Long.MAX_VALUE : durationNanos,
          intervalNanos == null ? Long.MAX_VALUE : intervalNanos);
      return 0;
    }
  }

  private String ending() {
    return durationNanos == null && Terminals.isErrTerminal() ? "; Ctrl-C ends it" : "";
  }

  private static String what(TraceConfig config) {
    String who =
        config.tgids().isEmpty()
            ? config.cgroup().isEmpty() ? " of every process" : ""
            : config.tgids().stream()
                .map(String::valueOf)
                .collect(Collectors.joining(", ", " of process ", ""));
    return config.tracer().name().toLowerCase(Locale.ROOT)
        + who
        + config.cgroup().map(group -> " in " + group.path()).orElse("");
  }

  private TracePrinter printer() {
    int rows = top != null ? top : tracer == Tracer.LOCKS ? 20 : 10;
    TraceShape shape = new TraceShape(rows, warnNanos);
    return format == OutputOptions.Format.json
        ? new TraceJson(System.out, shape)
        : new TraceText(System.out, shape);
  }

  private static TraceSession open(TraceConfig config) {
    return KernelSide.open(
        BpfResource.TRACE.unavailable(),
        () -> "tracing needs CAP_BPF, CAP_PERFMON",
        () -> TraceSession.open(config));
  }
}
