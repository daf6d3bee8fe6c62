package io.unfreed.cli.command;

import io.unfreed.cli.option.QueryOptions;
import io.unfreed.query.LedgerSink;
import io.unfreed.query.UsageException;
import io.unfreed.render.trace.TracePrinter;
import io.unfreed.render.trace.TraceReport;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.text.Printable;
import io.unfreed.streams.trace.TraceView;
import java.io.PrintStream;
import java.util.List;

/** What is printed of a recorded trace: what the tracer itself printed at those moments. */
final class TraceAnswer {
  private final QueryOptions query;
  private final TracePrinter printer;

  TraceAnswer(QueryOptions query, TracePrinter printer) {
    this.query = query;
    this.printer = printer;
  }

  /** Refuses what asks for allocations. */
  void check(boolean asksForBlocks) {
    if (query.hasAge() || query.hasSizes() || asksForBlocks) {
      throw new UsageException(
          "a trace has no allocations: of it only --at, --interval, --pid, --top and --format"
              + " can be asked");
    }
  }

  /**
   * Prints it.
   *
   * @return whether there was anything of the process that is asked for
   */
  boolean print(LedgerSink ledger, Session session, PrintStream err) {
    String who = "unfreed: session " + Printable.of(session.getSessionId()) + ": ";
    List<TraceView> views = ledger.trace(session.getSessionId()).views();
    if (views.isEmpty()) {
      err.println(who + "nothing was stated up to that moment");
      return false;
    }
    boolean found = false;
    for (TraceView whole : views) {
      TraceView view = query.pid() == null ? whole : whole.of(query.pid());
      if (query.pid() == null || !view.rows().isEmpty()) {
        printer.print(new TraceReport(session, view, ledger.stacks()::frames));
        found = true;
      }
    }
    long missing = views.getLast().missing();
    if (found && missing > 0) {
      err.println(
          who
              + missing
              + " statements of the tracer are missing: what did not change since may be told as it was before");
    }
    return found;
  }
}
