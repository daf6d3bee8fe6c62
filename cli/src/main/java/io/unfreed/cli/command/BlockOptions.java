package io.unfreed.cli.command;

import io.unfreed.query.FrameFilter;
import io.unfreed.query.GroupBy;
import io.unfreed.query.UsageException;
import io.unfreed.schemas.Session;
import io.unfreed.streams.query.ReportQuery;
import io.unfreed.streams.window.BlockQuestion;
import io.unfreed.streams.window.Window;
import picocli.CommandLine.Option;

/** Which blocks are asked for, and what they are grouped by. */
final class BlockOptions {
  @Option(
      names = "--born",
      paramLabel = "A..B",
      description = {
        "Only blocks allocated from A on and before B; A or B may be left out.",
        "Moments are RFC 3339, +D after the session's start, or the name of a mark."
      })
  private String born;

  @Option(
      names = "--freed",
      paramLabel = "C..D",
      description =
          "The blocks that were freed from C on and before D, in place of outstanding ones.")
  private String freed;

  @Option(
      names = "--group-by",
      paramLabel = "G",
      description = {
        "stack, caller:N (N frames above the allocation), function, file, module, thread,",
        "size, space, process, or free-stack (who freed; of all freed blocks without --freed)."
      })
  private String groupBy;

  @Option(
      names = "--function",
      paramLabel = "PATTERN",
      description =
          "Only stacks with such a function: a part of its name, * for anything, ^ and $ for its"
              + " ends.")
  private String function;

  @Option(
      names = "--module",
      paramLabel = "PATTERN",
      description = "Only stacks with such a module; with --function, both in one frame.")
  private String module;

  /** Whether single blocks are asked for. */
  boolean isGiven() {
    return born != null || freed != null || groupBy != null || function != null || module != null;
  }

  /** Whether a mark is named. */
  boolean hasMark() {
    return (born != null && born().hasMark()) || (freed != null && freed().hasMark());
  }

  GroupBy groupBy() {
    return groupBy == null ? GroupBy.STACK : GroupBy.of(groupBy);
  }

  FrameFilter filter() {
    return new FrameFilter(function, module);
  }

  /** Refuses what no recording can answer. */
  void check(QueryOptions query) {
    if (!isGiven()) {
      return;
    }
    groupBy();
    if (born != null) {
      born().check();
    }
    if (freed != null) {
      freed().check();
    }
    if (query.hasInterval()) {
      throw new UsageException(
          "--interval goes with none of --born, --freed, --group-by, --function, --module");
    }
  }

  /** The question as it applies to one session, beside what is asked of it anyway. */
  ReportQuery forSession(Session session, ReportQuery query, MomentText.MarkTimes marks) {
    if (!isGiven()) {
      return query;
    }
    if (!session.getTimed()) {
      QueryOptions.refuseUntimed("--born", born != null);
      QueryOptions.refuseUntimed("--freed", freed != null);
    }
    boolean byFreeStack = groupBy().kind() == GroupBy.Kind.FREE_STACK;
    if (byFreeStack && !session.getFreeStacks()) {
      throw new UsageException(
          "--group-by free-stack: session "
              + session.getSessionId()
              + " has no stacks of releases; record it with --free-stacks");
    }
    Window of = freed == null ? null : freed().in(session, marks);
    BlockQuestion question =
        new BlockQuestion(
            born == null ? Window.ALWAYS : born().in(session, marks),
            of == null && byFreeStack ? Window.ALWAYS : of,
            query.sizes(),
            query.olderNanos(),
            groupBy().dimension());
    return new ReportQuery(
        query.sizes(), query.olderNanos(), query.atNanos(), query.intervalNanos(), question);
  }

  private WindowText born() {
    return WindowText.of("--born", born);
  }

  private WindowText freed() {
    return WindowText.of("--freed", freed);
  }
}
