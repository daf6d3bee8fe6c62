package io.unfreed.query;

import io.unfreed.schemas.Session;
import io.unfreed.streams.history.HistoryQuestion;
import io.unfreed.streams.query.LedgerRun;
import io.unfreed.streams.query.ReportQuery;
import io.unfreed.streams.report.IncarnationReport;
import io.unfreed.streams.window.BlockQuestion;
import io.unfreed.streams.window.Window;

/**
 * Which blocks are asked for and what they are grouped by, as it is written on a command line or in
 * a request; null where nothing was said.
 *
 * @param born when they were allocated, {@code A..B}
 * @param freed when they were freed, {@code C..D}
 * @param groupBy what they are grouped by
 * @param function pattern of a function in their stacks
 * @param module pattern of a module in their stacks
 */
public record AskedBlocks(
    String born, String freed, String groupBy, String function, String module) {
  /** Whether single blocks are asked for. */
  public boolean isGiven() {
    return born != null || freed != null || groupBy != null || function != null || module != null;
  }

  /** Whether a mark is named. */
  public boolean hasMark() {
    return (born != null && birth().hasMark()) || (freed != null && release().hasMark());
  }

  /** What they are grouped by, by stack unless said otherwise. */
  public GroupBy groups() {
    return groupBy == null ? GroupBy.STACK : GroupBy.of(groupBy);
  }

  /** Which stacks are asked for. */
  public FrameFilter filter() {
    return new FrameFilter(function, module);
  }

  /** Refuses what no recording can answer. */
  public void check() {
    groups();
    if (born != null) {
      birth().check();
    }
    if (freed != null) {
      release().check();
    }
  }

  /** The answer about an incarnation. */
  public ChosenBlocks chosen(LedgerRun run, IncarnationReport report, StackBook stacks) {
    return ChosenBlocks.of(run.question(), groups(), filter(), report, run.chosen(report), stacks);
  }

  /** The question as it applies to one session, beside what is asked of it anyway. */
  public ReportQuery forSession(Session session, ReportQuery query, MomentText.MarkTimes marks) {
    return isGiven() ? always(session, query, marks) : query;
  }

  /** The same when single blocks are asked for anyway. */
  public ReportQuery always(Session session, ReportQuery query, MomentText.MarkTimes marks) {
    if (!session.getTimed()) {
      AskedMoment.refuseUntimed("--born", born != null);
      AskedMoment.refuseUntimed("--freed", freed != null);
    }
    boolean byFreeStack = groups().kind() == GroupBy.Kind.FREE_STACK;
    if (byFreeStack && !session.getFreeStacks()) {
      throw new UsageException(
          "--group-by free-stack: session "
              + session.getSessionId()
              + " has no stacks of releases; record it with --free-stacks");
    }
    Window of = freed == null ? null : release().in(session, marks);
    BlockQuestion question =
        new BlockQuestion(
            born == null ? Window.ALWAYS : birth().in(session, marks),
            of == null && byFreeStack ? Window.ALWAYS : of,
            query.sizes(),
            query.olderNanos(),
            groups().dimension());
    return new ReportQuery(
        query.sizes(), query.olderNanos(), query.atNanos(), query.intervalNanos(), question);
  }

  private WindowText birth() {
    return WindowText.of("--born", born);
  }

  private WindowText release() {
    return WindowText.of("--freed", freed);
  }

  /** The question about blocks one by one: when they were born, and how large. */
  public ReportQuery history(Session session, ReportQuery query, MomentText.MarkTimes marks) {
    BlockQuestion question = always(session, query, marks).blocks();
    return query.withHistory(new HistoryQuestion(question.born(), question.sizes()));
  }
}
