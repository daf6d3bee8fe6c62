package io.unfreed.cli.option;

import io.unfreed.query.AskedMoment;
import io.unfreed.query.MomentText;
import io.unfreed.schemas.Session;
import io.unfreed.streams.query.ReportQuery;
import io.unfreed.streams.report.IncarnationReport;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What is asked of a recording. */
public final class QueryOptions {
  @Option(
      names = "--interval",
      paramLabel = "D",
      converter = Durations.class,
      description = "Print a report per D of recorded time (250ms, 5s, 10m).")
  private Long intervalNanos;

  @Option(
      names = "--at",
      paramLabel = "T",
      description = "The state at a moment: RFC 3339, or +D after the session's start.")
  private String at;

  @Mixin private FilterOptions filter;

  /** Whether a report per interval is asked for. */
  public boolean hasInterval() {
    return intervalNanos != null;
  }

  /** Whether only old blocks are asked for. */
  public boolean hasAge() {
    return filter.olderNanos() > 0;
  }

  /** Whether sizes are asked for. */
  public boolean hasSizes() {
    return filter.hasSizes();
  }

  /** Whether one process is asked for. */
  public boolean hasPid() {
    return filter.pid() != null;
  }

  /** The reports of the process asked for; all without one. */
  public List<IncarnationReport> ofPid(List<IncarnationReport> reports) {
    return filter.ofPid(reports);
  }

  /** Refuses a process of which nothing was found. */
  public void checkPid(boolean found) {
    filter.checkPid(found, "what was recorded");
  }

  /** Refuses what no recording can answer. */
  public void check() {
    check(false);
  }

  /** The same; the moment may be the name of a mark when {@code canBeMark}. */
  public void check(boolean canBeMark) {
    filter.check();
    asked().check(canBeMark);
  }

  /** Whether a mark is named. */
  public boolean hasMark() {
    return asked().hasMark();
  }

  /** The question as it applies to one session. */
  public ReportQuery forSession(Session session) {
    return forSession(session, MomentText.MarkTimes.NONE);
  }

  /** The same where marks are known. */
  public ReportQuery forSession(Session session, MomentText.MarkTimes marks) {
    return asked().forSession(session, marks);
  }

  /** The process asked for; null for all. */
  public Integer pid() {
    return filter.pid();
  }

  /** What was given. */
  public AskedMoment asked() {
    return new AskedMoment(at, filter.olderNanos(), filter.sizes(), intervalNanos);
  }
}
