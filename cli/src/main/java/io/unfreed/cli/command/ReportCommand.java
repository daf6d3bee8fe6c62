package io.unfreed.cli.command;

import io.unfreed.cli.ExitCodes;
import io.unfreed.cli.option.BlockOptions;
import io.unfreed.cli.option.ImportOptionsMixin;
import io.unfreed.cli.option.KafkaOptions;
import io.unfreed.cli.option.OutputOptions;
import io.unfreed.cli.option.QueryOptions;
import io.unfreed.cli.option.SessionOption;
import io.unfreed.query.ChosenBlocks;
import io.unfreed.query.LedgerSink;
import io.unfreed.render.ChosenPrinter;
import io.unfreed.render.ReportPrinter;
import io.unfreed.schemas.Session;
import io.unfreed.streams.query.LedgerRun;
import io.unfreed.streams.report.IncarnationReport;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Answers straight from the events: of a file without any broker, or of a topic. */
@Command(mixinStandardHelpOptions = true, sortOptions = false)
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
    if (blocks.isGiven()) {
      output.checkChosen();
    }
    Asking.checkSource("report", files, kafka);
    if (files.isEmpty()) {
      try (KafkaOptions.Brokers brokers = kafka.openToRead()) {
        answer(brokers.client());
      }
    } else {
      answer(null);
    }
    if (!blocks.isGiven()) {
      output.tellUnused(System.err);
    }
    return ExitCodes.OK;
  }

  private void answer(Map<String, Object> broker) throws IOException {
    LedgerSink ledger =
        new Asking(files, broker, session, importing)
            .answerAlsoOfTraces(
                query.hasMark() || blocks.hasMark(),
                (one, marks) -> blocks.forSession(one, query.forSession(one, marks), marks));
    boolean isTrace = ledger.sessions().keySet().stream().anyMatch(id -> ledger.trace(id) != null);
    if (isTrace) {
      new TraceAnswer(query, output.tracePrinter(System.out))
          .check(blocks.isGiven() || output.isOfStacks());
    }
    if (blocks.isGiven()) {
      printChosen(ledger, output.chosenPrinter(System.out), System.err);
    } else {
      print(ledger, output.printer(System.out), System.err);
    }
  }

  private void printChosen(LedgerSink ledger, ChosenPrinter printer, PrintStream err) {
    boolean found = false;
    for (Session one : ledger.sessions().values()) {
      LedgerRun run = ledger.run(one.getSessionId());
      for (IncarnationReport report : query.ofPid(run.finish())) {
        ChosenBlocks chosen = blocks.chosen(run, report, ledger.stacks());
        printer.print(one, chosen, run.marks(), ledger.stacks());
        found = true;
      }
      printer.end(one);
      SessionNotes.print(run, one, err);
    }
    query.checkPid(found);
  }

  private void print(LedgerSink ledger, ReportPrinter printer, PrintStream err) {
    boolean found = false;
    TraceAnswer traces = new TraceAnswer(query, output.tracePrinter(System.out));
    for (Session one : ledger.sessions().values()) {
      if (ledger.trace(one.getSessionId()) != null) {
        found |= traces.print(ledger, one, err);
        continue;
      }
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
    query.checkPid(found);
  }
}
