package io.unfreed.cli.command;

import io.unfreed.cli.option.ImportOptionsMixin;
import io.unfreed.cli.option.KafkaOptions;
import io.unfreed.cli.option.QueryOptions;
import io.unfreed.cli.option.SessionOption;
import io.unfreed.collector.importer.Recording;
import io.unfreed.collector.importer.Recordings;
import io.unfreed.collector.sink.RecordingSink;
import io.unfreed.query.BrokerRecording;
import io.unfreed.query.LedgerPipeline;
import io.unfreed.query.LedgerSink;
import io.unfreed.query.MomentText;
import io.unfreed.query.UsageException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
    if (files.isEmpty() != kafka.isGiven()) {
      throw new UsageException(
          files.isEmpty()
              ? verb + " what? Give FILE..., --bootstrap-servers or --data-dir"
              : "give either FILE... or a broker, not both");
    }
    LedgerSink ledger =
        new LedgerSink(one -> query.forSession(one, MomentText.MarkTimes.NONE), session::matches);
    if (files.isEmpty()) {
      try (KafkaOptions.Brokers brokers = kafka.open()) {
        BrokerRecording.copy(brokers.client(), session.id(), ledger);
      }
      ledger.refuseTraces();
      return ledger;
    }
    readFiles(ledger);
    ledger.refuseTraces();
    importing.printNotes();
    session.check(ledger.sessions().keySet());
    return ledger;
  }

  private void readFiles(LedgerSink ledger) throws IOException {
    List<Recording> recordings = new ArrayList<>();
    for (Path file : files) {
      recordings.add(Recordings.open(file, importing.options()));
    }
    try (RecordingSink pipeline = ProgressSink.around(new LedgerPipeline(ledger), "reading")) {
      for (int i = 0; i < files.size(); i++) {
        FileNotes.print(files.get(i), recordings.get(i).copyTo(pipeline), System.err);
      }
    }
  }
}
