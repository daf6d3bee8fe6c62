package io.unfreed.cli.command;

import io.unfreed.cli.output.Printable;
import io.unfreed.schemas.Session;
import io.unfreed.streams.query.LedgerRun;
import java.io.PrintStream;

/** What is said on stderr about a session whose events did not all arrive in order. */
final class SessionNotes {
  private SessionNotes() {}

  static void print(LedgerRun run, Session session, PrintStream err) {
    if (run.missingEvents() > 0) {
      err.println(
          "unfreed: session "
              + Printable.of(session.getSessionId())
              + ": "
              + run.missingEvents()
              + " events are missing between batches: counted as lost");
    }
    if (run.boundedSizes() > 0) {
      err.println(
          "unfreed: session "
              + Printable.of(session.getSessionId())
              + ": "
              + run.boundedSizes()
              + " sizes are negative or too large to be true: counted as 0 or cut");
    }
    if (run.strayBatches() > 0) {
      err.println(
          "unfreed: session "
              + Printable.of(session.getSessionId())
              + ": "
              + run.strayBatches()
              + " batches are of lanes beyond those that their process began with: not counted");
    }
    if (run.lateBatches() > 0) {
      err.println(
          "unfreed: session "
              + Printable.of(session.getSessionId())
              + ": "
              + run.lateBatches()
              + " batches arrived after they had been counted as lost, and stay lost");
    }
  }
}
