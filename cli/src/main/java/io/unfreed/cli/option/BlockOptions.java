package io.unfreed.cli.option;

import io.unfreed.query.AskedBlocks;
import io.unfreed.query.ChosenBlocks;
import io.unfreed.query.FrameFilter;
import io.unfreed.query.GroupBy;
import io.unfreed.query.MomentText;
import io.unfreed.query.StackBook;
import io.unfreed.query.UsageException;
import io.unfreed.schemas.Session;
import io.unfreed.streams.query.LedgerRun;
import io.unfreed.streams.query.ReportQuery;
import io.unfreed.streams.report.IncarnationReport;
import picocli.CommandLine.Option;

/** Which blocks are asked for, and what they are grouped by. */
public final class BlockOptions {
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
  public boolean isGiven() {
    return asked().isGiven();
  }

  /** Whether a mark is named. */
  public boolean hasMark() {
    return asked().hasMark();
  }

  /** What blocks are grouped by. */
  public GroupBy groupBy() {
    return asked().groups();
  }

  /** Which stacks are meant, by their frames. */
  public FrameFilter filter() {
    return asked().filter();
  }

  /** Refuses what no recording can answer. */
  public void check(QueryOptions query) {
    if (!isGiven()) {
      return;
    }
    check();
    if (query.hasInterval()) {
      throw new UsageException(
          "--interval goes with none of --born, --freed, --group-by, --function, --module");
    }
  }

  /** The same where no reports per interval can be asked for. */
  public void check() {
    asked().check();
  }

  /** The answer about an incarnation. */
  public ChosenBlocks chosen(LedgerRun run, IncarnationReport report, StackBook stacks) {
    return asked().chosen(run, report, stacks);
  }

  /** The question as it applies to one session, beside what is asked of it anyway. */
  public ReportQuery forSession(Session session, ReportQuery query, MomentText.MarkTimes marks) {
    return asked().forSession(session, query, marks);
  }

  /** The same when single blocks are asked for anyway. */
  public ReportQuery always(Session session, ReportQuery query, MomentText.MarkTimes marks) {
    return asked().always(session, query, marks);
  }

  /** The question about blocks one by one. */
  public ReportQuery history(Session session, ReportQuery query, MomentText.MarkTimes marks) {
    return asked().history(session, query, marks);
  }

  /** Whether freed blocks are asked for. */
  public boolean hasFreed() {
    return freed != null;
  }

  /** What was given. */
  public AskedBlocks asked() {
    return new AskedBlocks(born, freed, groupBy, function, module);
  }
}
