package io.unfreed.render;

import io.unfreed.query.BlockDiff;
import io.unfreed.query.ChosenBlocks;
import io.unfreed.query.GroupBy;
import io.unfreed.schemas.Session;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;

/**
 * A comparison to print.
 *
 * @param before what it begins with
 * @param after what it ends with
 * @param groupBy what is compared
 * @param per what the numbers are divided by
 * @param diff what changed
 */
public record DiffReport(Side before, Side after, GroupBy groupBy, Per per, BlockDiff diff) {
  /** What the numbers are divided by. */
  public enum Per {
    /** Nothing. */
    NOTHING,
    /** Seconds of recorded time. */
    SECOND,
    /** Allocations that were seen. */
    ALLOCATION
  }

  /** One of the answers. */
  public record Side(Session session, List<ChosenBlocks> processes) {
    /** Session time of the answer, of its latest process; null without time. */
    Long atNanos() {
      return processes.stream()
          .map(process -> process.report().atNanos())
          .filter(Objects::nonNull)
          .max(Comparator.naturalOrder())
          .orElse(null);
    }

    long allocations() {
      return processes.stream().mapToLong(p -> p.report().totals().allocations()).sum();
    }
  }

  /** Whether both answers are about one recording, so that there is time between them. */
  public boolean isOfOneSession() {
    return before.session().getSessionId().equals(after.session().getSessionId());
  }

  /**
   * Growth of bytes: with a divisor that of one recording by what passed between its moments, of
   * two by what passed in each.
   *
   * @return null when there is nothing to divide by
   */
  public Double growth(long bytesBefore, long bytesAfter) {
    if (per == Per.NOTHING) {
      return (double) (bytesAfter - bytesBefore);
    }
    Double first = passed(before);
    Double second = passed(after);
    if (first == null || second == null) {
      return null;
    }
    if (isOfOneSession()) {
      return second.equals(first) ? null : (bytesAfter - bytesBefore) / (second - first);
    }
    return first == 0 || second == 0 ? null : bytesAfter / second - bytesBefore / first;
  }

  private Double passed(Side side) {
    if (per == Per.ALLOCATION) {
      return (double) side.allocations();
    }
    return side.atNanos() == null ? null : (Double) (side.atNanos() / 1e9);
  }
}
