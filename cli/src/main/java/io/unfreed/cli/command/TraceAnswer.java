package io.unfreed.cli.command;

import io.unfreed.query.LedgerSink;
import io.unfreed.query.UsageException;
import io.unfreed.render.trace.TracePrinter;
import io.unfreed.render.trace.TraceReport;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.text.Printable;
import io.unfreed.streams.trace.TraceView;
import java.io.PrintStream;
import java.util.Optional;

/** What is printed of a recorded trace: what the tracer itself printed at that moment. */
final class TraceAnswer {
  private final QueryOptions query;
  private final TracePrinter printer;

  TraceAnswer(QueryOptions query, TracePrinter printer) {
    this.query = query;
    this.printer = printer;
  }

  /** Refuses what asks for allocations. */
  void check(boolean asksForBlocks) {
    if (query.hasInterval() || query.hasAge() || query.hasSizes() || asksForBlocks) {
      throw new UsageException(
          "a trace has no allocations: of it only --at, --pid, --top and --format can be asked");
    }
  }

  /**
   * Prints it.
   *
   * @return whether there was anything of the process that is asked for
   */
  boolean print(LedgerSink ledger, Session session, PrintStream err) {
    String who = "unfreed: session " + Printable.of(session.getSessionId()) + ": ";
    Optional<TraceView> found = ledger.trace(session.getSessionId()).view();
    if (found.isEmpty()) {
      err.println(who + "nothing was stated up to that moment");
      return false;
    }
    TraceView view = query.pid() == null ? found.get() : found.get().of(query.pid());
    if (query.pid() != null && view.rows().isEmpty()) {
      return false;
    }
    printer.print(new TraceReport(session, view, ledger.stacks()::frames));
    if (view.missing() > 0) {
      err.println(
          who
              + view.missing()
              + " statements of the tracer are missing: what did not change since may be told as it was before");
    }
    return true;
  }
}
