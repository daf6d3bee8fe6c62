package io.unfreed.cli.command;

import io.unfreed.query.UsageException;
import io.unfreed.render.Moments;
import io.unfreed.schemas.Session;
import io.unfreed.streams.ledger.SizeRange;
import io.unfreed.streams.query.ReportQuery;
import io.unfreed.streams.report.IncarnationReport;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** What is asked of a recording. */
final class QueryOptions {
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

  @Option(
      names = "--older",
      paramLabel = "D",
      converter = Durations.class,
      defaultValue = "0s",
      description = "Only blocks at least this old.")
  private long olderNanos;

  @Mixin private SizeOptions sizes;

  @Option(names = "--pid", paramLabel = "PID", description = "Only this process.")
  private Integer pid;

  boolean hasInterval() {
    return intervalNanos != null;
  }

  boolean hasPid() {
    return pid != null;
  }

  /** The reports of the process asked for; all without one. */
  List<IncarnationReport> ofPid(List<IncarnationReport> reports) {
    return pid == null
        ? reports
        : reports.stream().filter(report -> pid.equals(report.process().getTgid())).toList();
  }

  /** Refuses a process of which nothing was found. */
  void checkPid(boolean found) {
    if (pid != null && !found) {
      throw new UsageException("--pid " + pid + ": no such process in what was recorded");
    }
  }

  /** Refuses what no recording can answer. */
  void check() {
    sizes.check();
    if (intervalNanos != null && intervalNanos <= 0) {
      throw new UsageException("--interval must be longer than 0");
    }
    if (at != null && !at.startsWith("+")) {
      instant();
    }
    if (at != null && at.startsWith("+")) {
      sinceStart();
    }
  }

  /** The question as it applies to one session. */
  ReportQuery forSession(Session session) {
    if (!session.getTimed()) {
      refuseUntimed("--at", at != null);
      refuseUntimed("--older", olderNanos > 0);
      refuseUntimed("--interval", intervalNanos != null);
    }
    SizeRange range = new SizeRange(sizes.minBytes(), sizes.maxBytes());
    return new ReportQuery(range, olderNanos, at == null ? null : atNanos(session), intervalNanos);
  }

  private long atNanos(Session session) {
    if (at.startsWith("+")) {
      return sinceStart();
    }
    if (session.getStartedEpochNanos() == null) {
      throw new UsageException(
          "--at "
              + at
              + ": session "
              + session.getSessionId()
              + " has no wall-clock time; use +D after its start");
    }
    return sinceStart(Moments.ofEpochNanos(session.getStartedEpochNanos()));
  }

  /** Nanoseconds count 292 years: what lies further ahead is behind every event. */
  private long sinceStart(Instant started) {
    Duration since = Duration.between(started, instant());
    try {
      return since.toNanos();
    } catch (ArithmeticException e) {
      if (since.isNegative()) {
        throw new UsageException("--at " + at + ": nothing was recorded that early");
      }
      return Long.MAX_VALUE;
    }
  }

  private long sinceStart() {
    try {
      return Durations.nanos(at.substring(1));
    } catch (TypeConversionException e) {
      throw new UsageException("--at " + at + ": " + e.getMessage());
    }
  }

  private Instant instant() {
    try {
      return OffsetDateTime.parse(at).toInstant();
    } catch (DateTimeException e) {
      throw new UsageException(
          "--at " + at + ": neither RFC 3339 (2026-01-31T11:45:22Z) nor +D after the start");
    }
  }

  private static void refuseUntimed(String option, boolean given) {
    if (given) {
      throw new UsageException(option + ": an mtrace log records no times");
    }
  }
}
