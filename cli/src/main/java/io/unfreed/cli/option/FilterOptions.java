package io.unfreed.cli.option;

import io.unfreed.query.UsageException;
import io.unfreed.streams.ledger.SizeRange;
import io.unfreed.streams.report.IncarnationReport;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which blocks, of which process. */
public final class FilterOptions {
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

  /** Refuses what no block passes. */
  public void check() {
    sizes.check();
  }

  /** The least age; 0 for any. */
  public long olderNanos() {
    return olderNanos;
  }

  /** Whether any size is left out. */
  public boolean hasSizes() {
    return sizes.isLimited();
  }

  /** The sizes that count. */
  public SizeRange sizes() {
    return new SizeRange(sizes.minBytes(), sizes.maxBytes());
  }

  /** The process asked for; null for all. */
  public Integer pid() {
    return pid;
  }

  /** The reports of the process asked for; all without one. */
  public List<IncarnationReport> ofPid(List<IncarnationReport> reports) {
    return pid == null
        ? reports
        : reports.stream().filter(report -> pid.equals(report.process().getTgid())).toList();
  }

  /** Refuses a process of which nothing was found in what is named. */
  public void checkPid(boolean found, String where) {
    if (pid != null && !found) {
      throw new UsageException("--pid " + pid + ": no such process in " + where);
    }
  }
}
