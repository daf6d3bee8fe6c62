package io.unfreed.cli.command;

import io.unfreed.schemas.Session;
import io.unfreed.schemas.text.Printable;
import io.unfreed.streams.query.LedgerRun;
import java.io.PrintStream;

/** What is said on stderr about a session whose events did not all arrive in order. */
final class SessionNotes {
  private SessionNotes() {}

  static void print(LedgerRun run, Session session, PrintStream err) {
    String who = who(session);
    tell(err, who, run.missingEvents(), "events are missing between batches: counted as lost");
    untold(session, run.untoldEvents(), err);
    tell(
        err,
        who,
        run.boundedSizes(),
        "sizes are negative or too large to be true: counted as 0 or cut");
    tell(
        err,
        who,
        run.unknownEvents(),
        "events are of kinds not known here, a newer Unfreed may know them: skipped; those that"
            + " may be about blocks are counted as lost");
    tell(
        err,
        who,
        run.strayBatches(),
        "batches are of lanes beyond those that their process began with: not counted");
    tell(
        err,
        who,
        run.lateBatches(),
        "batches arrived after they had been counted as lost, and stay lost");
  }

  /** Says how many events no report counts. */
  static void untold(Session session, long events, PrintStream err) {
    tell(
        err,
        who(session),
        events,
        "events were recorded of processes of which nothing is there: no report counts them");
  }

  private static String who(Session session) {
    return "unfreed: session " + Printable.of(session.getSessionId()) + ": ";
  }

  private static void tell(PrintStream err, String who, long count, String what) {
    if (count > 0) {
      err.println(who + count + " " + what);
    }
  }
}
