package io.unfreed.cli.command;

import io.unfreed.cli.ExitCodes;
import io.unfreed.cli.option.ImportOptionsMixin;
import io.unfreed.cli.option.KafkaOptions;
import io.unfreed.cli.option.OutputOptions;
import io.unfreed.cli.option.QueryOptions;
import io.unfreed.collector.importer.Recording;
import io.unfreed.collector.importer.Recordings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Publishes recordings to Kafka and prints what the topology reports. */
@Command(mixinStandardHelpOptions = true, sortOptions = false)
public final class ReplayCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "FILE",
      arity = "1..*",
      description = "Captures, heaptrack files or mtrace logs.")
  private List<Path> files = new ArrayList<>();

  @Mixin private KafkaOptions kafka;
  @Mixin private QueryOptions query;
  @Mixin private OutputOptions output;
  @Mixin private ImportOptionsMixin importing;

  @Override
  public Integer call() throws IOException {
    query.check();
    output.check();
    Map<Path, Recording> recordings = new LinkedHashMap<>();
    for (Path file : files) {
      recordings.put(file, Recordings.open(file, importing.options()));
    }
    try (KafkaOptions.Brokers brokers = kafka.open();
        Replay replay = new Replay(brokers, query, output)) {
      replay.run(recordings);
    }
    importing.printNotes();
    output.tellUnused(System.err);
    return ExitCodes.OK;
  }
}
