package io.unfreed.cli.command;

import io.unfreed.cli.ExitCodes;
import io.unfreed.collector.importer.ImportResult;
import io.unfreed.collector.importer.Recording;
import io.unfreed.collector.importer.Recordings;
import io.unfreed.collector.sink.PipelinedSink;
import io.unfreed.collector.sink.RecordingSink;
import io.unfreed.query.BrokerRecording;
import io.unfreed.query.ChosenBlocks;
import io.unfreed.query.LedgerSink;
import io.unfreed.query.UsageException;
import io.unfreed.render.ChosenPrinter;
import io.unfreed.render.ReportPrinter;
import io.unfreed.schemas.Session;
import io.unfreed.streams.query.LedgerRun;
import io.unfreed.streams.query.ReportQuery;
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
  @Mixin private BlockOptions blocks;
  @Mixin private OutputOptions output;
  @Mixin private ImportOptionsMixin importing;

  @Override
  public Integer call() throws IOException {
    query.check(true);
    blocks.check(query);
    output.check();
    if (files.isEmpty() != kafka.isGiven()) {
      throw new UsageException(
          files.isEmpty()
              ? "report what? Give FILE..., --bootstrap-servers or --data-dir"
              : "give either FILE... or a broker, not both");
    }
    if (files.isEmpty()) {
      try (KafkaOptions.Brokers brokers = kafka.open()) {
        answer((ledger, last) -> BrokerRecording.copy(brokers.client(), session.id(), ledger));
      }
    } else {
      answer(this::readFiles);
    }
    return ExitCodes.OK;
  }

  /** Where events are read from, as often as is needed. */
  private interface Source {
    /** Reads all; says what is wrong with it when it is the last time. */
    void read(LedgerSink ledger, boolean last) throws IOException;
  }

  private void answer(Source source) throws IOException {
    MomentText.MarkTimes marks = MomentText.MarkTimes.NONE;
    if (query.hasMark() || blocks.hasMark()) {
      LedgerSink first = new LedgerSink(one -> ReportQuery.WHOLE, session::matches);
      source.read(first, false);
      marks = NamedMoments.of(first);
    }
    MomentText.MarkTimes known = marks;
    LedgerSink ledger =
        new LedgerSink(
            one -> blocks.forSession(one, query.forSession(one, known), known), session::matches);
    source.read(ledger, true);
    if (blocks.isGiven()) {
      printChosen(ledger, output.chosenPrinter(System.out), System.err);
    } else {
      print(ledger, output.printer(System.out), System.err);
    }
  }

  private void readFiles(LedgerSink ledger, boolean last) throws IOException {
    List<Recording> recordings = new ArrayList<>();
    for (Path file : files) {
      recordings.add(Recordings.open(file, importing.options()));
    }
    try (RecordingSink pipeline = ProgressSink.around(new PipelinedSink(ledger), "reading")) {
      for (int i = 0; i < files.size(); i++) {
        ImportResult result = recordings.get(i).copyTo(pipeline);
        if (last) {
          FileNotes.print(files.get(i), result, System.err);
        }
      }
    }
    if (last) {
      importing.printNotes();
    }
    session.check(ledger.sessions().keySet());
  }

  private void printChosen(LedgerSink ledger, ChosenPrinter printer, PrintStream err) {
    boolean found = false;
    for (Session one : ledger.sessions().values()) {
      LedgerRun run = ledger.run(one.getSessionId());
      for (IncarnationReport report : query.ofPid(run.finish())) {
        ChosenBlocks chosen =
            ChosenBlocks.of(
                run.question(),
                blocks.groupBy(),
                blocks.filter(),
                report,
                run.chosen(report),
                ledger.stacks());
        printer.print(one, chosen, run.marks(), ledger.stacks());
        found = true;
      }
      printer.end(one);
      SessionNotes.print(run, one, err);
    }
    finish(ledger, found, err);
  }

  private void print(LedgerSink ledger, ReportPrinter printer, PrintStream err) {
    boolean found = false;
    for (Session one : ledger.sessions().values()) {
      LedgerRun run = ledger.run(one.getSessionId());
      List<IncarnationReport> reports = query.ofPid(run.finish());
      printer.know(run.marks());
      if (!reports.isEmpty() || !query.hasPid()) {
        printer.printAll(one, reports, ledger.stacks());
        printer.end(one);
      }
      found |= !reports.isEmpty();
      SessionNotes.print(run, one, err);
    }
    finish(ledger, found, err);
  }

  private void finish(LedgerSink ledger, boolean found, PrintStream err) {
    if (ledger.undecodable() > 0) {
      err.println(
          "unfreed: " + ledger.undecodable() + " batches could not be decoded: counted as lost");
    }
    query.checkPid(found);
  }
}
