package io.unfreed.cli.command;

import io.unfreed.cli.ExitCodes;
import io.unfreed.cli.live.LiveExit;
import io.unfreed.cli.live.LiveKafka;
import io.unfreed.cli.live.LiveOptions;
import io.unfreed.cli.live.LiveRunner;
import io.unfreed.cli.live.ReadyFile;
import io.unfreed.cli.option.Durations;
import io.unfreed.cli.option.KafkaOptions;
import io.unfreed.cli.option.MetricsOptions;
import io.unfreed.collector.capture.CaptureWriter;
import io.unfreed.collector.live.Ending;
import io.unfreed.collector.live.LivePlan;
import io.unfreed.collector.live.LiveTarget;
import io.unfreed.collector.sink.RecordingSink;
import io.unfreed.collector.spool.SpoolingSink;
import io.unfreed.query.UsageException;
import io.unfreed.server.http.WebServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Records a command, a process or the kernel. */
@Command(mixinStandardHelpOptions = true, sortOptions = false)
public final class RecordCommand implements Callable<Integer> {
  /** How much a recorder that is killed may lose of its file. */
  private static final long FILE_FLUSH_NANOS = 1_000_000_000L;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description = "Write the recording to FILE.")
  private Path output;

  @Option(names = "--force", description = "Overwrite FILE.")
  private boolean force;

  @Option(
      names = "--interval",
      paramLabel = "D",
      converter = Durations.class,
      defaultValue = "5s",
      description = "The session's tick, by which it is judged and reported (default: 5s).")
  private long intervalNanos;

  @Mixin private LiveOptions live;
  @Mixin private KafkaOptions kafka;
  @Mixin private MetricsOptions metrics;

  @Override
  public Integer call() {
    if (intervalNanos <= 0) {
      throw new UsageException("--interval must be longer than 0");
    }
    LivePlan plan = live.plan(intervalNanos);
    if ((output != null) == kafka.isGiven()) {
      throw new UsageException(
          output == null
              ? "record where to? Give -o FILE, --bootstrap-servers or --data-dir"
              : "give either -o FILE or a broker, not both");
    }
    metrics.check(live.isCommand());
    LiveExit exit = new LiveExit();
    return exit.run(() -> {
      ReadyFile ready = live.readyFile();
      return output != null ? toFile(plan, exit, ready) : toKafka(plan, exit, ready);
    });
  }

  private int toFile(LivePlan plan, LiveExit exit, ReadyFile ready) throws Exception {
    boolean existed = Files.exists(output);
    boolean begun = false;
    CaptureWriter file = CaptureWriter.create(output, force);
    try (LiveRunner runner = LiveRunner.open(plan, exit, live.probe());
        WebServer _ = metrics.serve(runner.recording()::numbers, () -> 0)) {
      begun = runner.start(file, FILE_FLUSH_NANOS, ready);
      return begun ? finish(runner, file, output.toString()) : ExitCodes.COMMAND_NOT_FOUND;
    } finally {
      if (!begun) {
        file.abandon();
        if (!existed) {
          Files.deleteIfExists(output);
        }
      }
    }
  }

  private int toKafka(LivePlan plan, LiveExit exit, ReadyFile ready) throws Exception {
    try (KafkaOptions.Brokers brokers = kafka.open()) {
      if (brokers.embedded() != null) {
        brokers.embedded().beforeExit(exit::awaitEnd);
      }
      boolean ownsStderr = !(plan.target() instanceof LiveTarget.Program);
      brokers.keep(line -> {
        if (ownsStderr) {
          System.err.println("unfreed: " + line);
        }
      });
      try (LiveRunner runner = LiveRunner.open(plan, exit, live.probe());
          SpoolingSink sink = LiveKafka.open(brokers);
          WebServer _ = metrics.serve(runner.recording()::numbers, sink::spooledBytes)) {
        if (!runner.start(sink, 0, ready)) {
          return ExitCodes.COMMAND_NOT_FOUND;
        }
        int code = finish(runner, sink, brokers.servers());
        LiveKafka.tell(sink, System.err);
        return code;
      }
    }
  }

  /** Runs the recording and closes its sink before the command's status is passed on. */
  private static int finish(LiveRunner runner, RecordingSink sink, String where) throws Exception {
    try {
      Ending ending;
      try (sink) {
        ending = runner.run();
      }
      runner.tell(ending, where);
    } catch (IOException | RuntimeException e) {
      return runner.exitCode(e);
    }
    return runner.exitCode();
  }
}
