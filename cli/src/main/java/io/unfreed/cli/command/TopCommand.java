package io.unfreed.cli.command;

import io.unfreed.cli.ExitCodes;
import io.unfreed.cli.live.LiveExit;
import io.unfreed.cli.live.LiveKafka;
import io.unfreed.cli.live.LiveOptions;
import io.unfreed.cli.live.LiveReports;
import io.unfreed.cli.live.LiveRunner;
import io.unfreed.cli.live.ReadyFile;
import io.unfreed.cli.option.Durations;
import io.unfreed.cli.option.KafkaOptions;
import io.unfreed.cli.option.OutputOptions;
import io.unfreed.cli.serve.LocalService;
import io.unfreed.collector.live.Ending;
import io.unfreed.collector.live.LivePlan;
import io.unfreed.collector.spool.SpoolingSink;
import io.unfreed.query.Cluster;
import io.unfreed.query.UsageException;
import io.unfreed.render.ReportPrinter;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Records and reports at every interval, live. */
@Command(mixinStandardHelpOptions = true, sortOptions = false)
public final class TopCommand implements Callable<Integer> {
  @Option(
      names = "--interval",
      paramLabel = "D",
      converter = Durations.class,
      defaultValue = "5s",
      description = "The session's tick: a report per D (default: ${DEFAULT-VALUE}).")
  private long intervalNanos;

  @Mixin private LiveOptions live;
  @Mixin private KafkaOptions kafka;
  @Mixin private OutputOptions output;

  @Override
  public Integer call() {
    output.check();
    if (intervalNanos <= 0) {
      throw new UsageException("--interval must be longer than 0");
    }
    LivePlan plan = live.plan(intervalNanos);
    LiveExit exit = new LiveExit();
    return exit.run(() -> top(plan, exit));
  }

  private int top(LivePlan plan, LiveExit exit) throws Exception {
    ReadyFile ready = live.readyFile();
    try (LiveRunner runner = LiveRunner.open(plan, exit, live.probe());
        KafkaOptions.Brokers brokers = kafka.open()) {
      if (brokers.embedded() != null) {
        brokers.embedded().beforeExit(exit::awaitEnd);
      }
      ReportPrinter printer = output.printer(System.out);
      try (LocalService service = service(brokers);
          SpoolingSink sink = LiveKafka.open(brokers);
          LiveReports reports = new LiveReports(sink, printer)) {
        if (!runner.start(reports.sink(), 0, ready)) {
          return ExitCodes.COMMAND_NOT_FOUND;
        }
        reports.follow(brokers.client(), runner.recording().session(), service);
        return finish(runner, sink, reports);
      }
    }
  }

  private static int finish(LiveRunner runner, SpoolingSink sink, LiveReports reports)
      throws Exception {
    try {
      Ending ending = runner.run();
      sink.close();
      reports.awaitFinal();
      runner.tell(ending, "session " + runner.recording().session().getSessionId());
      LiveKafka.tell(sink, System.err);
    } catch (IOException | RuntimeException e) {
      return runner.exitCode(e);
    }
    return runner.exitCode();
  }

  /** The topology, in this process unless one is running on the broker; null then. */
  private static LocalService service(KafkaOptions.Brokers brokers) {
    try (Cluster cluster = new Cluster(brokers.client())) {
      cluster.ensureTopics(LocalService.partitions(brokers));
      return !brokers.isPrivate() && cluster.hasService()
          ? null
          : LocalService.start(brokers, cluster, LocalService.Purpose.REPORTS);
    }
  }
}
