package io.unfreed.cli.command;

import io.unfreed.cli.ExitCodes;
import io.unfreed.collector.importer.Recording;
import io.unfreed.collector.importer.Recordings;
import io.unfreed.collector.sink.PipelinedSink;
import io.unfreed.collector.sink.RecordingSink;
import io.unfreed.query.BrokerRecording;
import io.unfreed.query.LedgerSink;
import io.unfreed.query.UsageException;
import io.unfreed.render.ReportPrinter;
import io.unfreed.schemas.Session;
import io.unfreed.streams.query.LedgerRun;
import io.unfreed.streams.report.IncarnationReport;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Answers straight from the events: of a file without any broker, or of a topic. */
@Command(
    name = "report",
    description = "Reports what is outstanding, straight from recorded events.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
public final class ReportCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "FILE",
      arity = "0..*",
      description = "Captures, heaptrack files or mtrace logs.")
  private List<Path> files = new ArrayList<>();

  @Mixin private KafkaOptions kafka;
  @Mixin private SessionOption session;
  @Mixin private QueryOptions query;
  @Mixin private OutputOptions output;
  @Mixin private ImportOptionsMixin importing;

  @Override
  public Integer call() throws IOException {
    query.check();
    output.check();
    if (files.isEmpty() != kafka.isGiven()) {
      throw new UsageException(
          files.isEmpty()
              ? "report what? Give FILE..., --bootstrap-servers or --data-dir"
              : "give either FILE... or a broker, not both");
    }
    LedgerSink ledger = new LedgerSink(query::forSession, session::matches);
    if (files.isEmpty()) {
      try (KafkaOptions.Brokers brokers = kafka.open()) {
        BrokerRecording.copy(brokers.client(), session.id(), ledger);
      }
      print(ledger, output.printer(System.out), System.err);
      return ExitCodes.OK;
    }
    readFiles(ledger);
    importing.printNotes();
    session.check(ledger.sessions().keySet());
    print(ledger, output.printer(System.out), System.err);
    return ExitCodes.OK;
  }

  private void readFiles(LedgerSink ledger) throws IOException {
    List<Recording> recordings = new ArrayList<>();
    for (Path file : files) {
      recordings.add(Recordings.open(file, importing.options()));
    }
    try (RecordingSink pipeline = ProgressSink.around(new PipelinedSink(ledger), "reading")) {
      for (int i = 0; i < files.size(); i++) {
        FileNotes.print(files.get(i), recordings.get(i).copyTo(pipeline), System.err);
      }
    }
  }

  private void print(LedgerSink ledger, ReportPrinter printer, PrintStream err) {
    boolean found = false;
    for (Session one : ledger.sessions().values()) {
      LedgerRun run = ledger.run(one.getSessionId());
      List<IncarnationReport> reports = query.ofPid(run.finish());
      if (!reports.isEmpty() || !query.hasPid()) {
        printer.printAll(one, reports, ledger.stacks());
        printer.end(one);
      }
      found |= !reports.isEmpty();
      SessionNotes.print(run, one, err);
    }
    if (ledger.undecodable() > 0) {
      err.println(
          "unfreed: " + ledger.undecodable() + " batches could not be decoded: counted as lost");
    }
    query.checkPid(found);
  }
}
