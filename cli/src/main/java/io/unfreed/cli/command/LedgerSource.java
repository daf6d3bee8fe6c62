package io.unfreed.cli.command;

import io.unfreed.cli.option.ImportOptionsMixin;
import io.unfreed.cli.option.KafkaOptions;
import io.unfreed.cli.option.QueryOptions;
import io.unfreed.cli.option.SessionOption;
import io.unfreed.query.LedgerSink;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Recorded events that a command runs ledgers over: files, or a session in a broker. */
final class LedgerSource {
  @Parameters(
      paramLabel = "FILE",
      arity = "0..*",
      description = "Captures, heaptrack files or mtrace logs.")
  private List<Path> files = new ArrayList<>();

  @Mixin private KafkaOptions kafka;
  @Mixin private SessionOption session;
  @Mixin private ImportOptionsMixin importing;

  /** Reads all events; {@code verb} is what the command does with them. */
  LedgerSink read(String verb, QueryOptions query) throws IOException {
    Asking.checkSource(verb, files, kafka);
    if (!files.isEmpty()) {
      return answer(null, query);
    }
    try (KafkaOptions.Brokers brokers = kafka.openToRead()) {
      return answer(brokers.client(), query);
    }
  }

  private LedgerSink answer(Map<String, Object> broker, QueryOptions query) throws IOException {
    return new Asking(files, broker, session, importing)
        .answer(false, (one, marks) -> query.forSession(one, marks));
  }
}
