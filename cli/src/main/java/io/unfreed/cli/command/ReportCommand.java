package io.unfreed.cli.command;

import io.unfreed.cli.ExitCodes;
import io.unfreed.query.LedgerSink;
import io.unfreed.render.ReportPrinter;
import io.unfreed.schemas.Session;
import io.unfreed.streams.query.LedgerRun;
import io.unfreed.streams.report.IncarnationReport;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Answers straight from the events: of a file without any broker, or of a topic. */
@Command(
    name = "report",
    description = "Reports what is outstanding, straight from recorded events.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
public final class ReportCommand implements Callable<Integer> {
  @Mixin private LedgerSource source;
  @Mixin private QueryOptions query;
  @Mixin private OutputOptions output;

  @Override
  public Integer call() throws IOException {
    query.check();
    output.check();
    LedgerSink ledger = source.read("report", query);
    print(ledger, output.printer(System.out), System.err);
    return ExitCodes.OK;
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
