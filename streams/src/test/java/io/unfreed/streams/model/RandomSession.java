package io.unfreed.streams.model;

import io.unfreed.streams.query.ReportQuery;
import java.util.List;
import java.util.Random;

/**
 * One incarnation with one lane or several, random, and what the model says of it: for tests that
 * go through files and commands.
 *
 * @param messages bodies of the batches in the order in which they are read
 */
public record RandomSession(List<RandomLane> lanes, List<byte[]> messages) {
  /** A session by its number; its id begins with {@code s}. */
  public static RandomSession of(Random random, int number) {
    List<RandomLane> lanes = QueryModelTest.lanes(random, number);
    return new RandomSession(lanes, QueryModelTest.interleave(random, lanes));
  }

  /** Nanoseconds; 0 without time. */
  public long tickNanos() {
    return lanes.getFirst().delivered().tick();
  }

  /** The moment of the last report. */
  public long momentNanos(ReportQuery query) {
    long until = until(query);
    return delivered().stream().mapToLong(lane -> lane.lastTime(until)).max().orElseThrow();
  }

  /** Whether the last report is final. */
  public boolean isFinal(ReportQuery query) {
    return query.atNanos() == null
        && delivered().size() == lanes.size()
        && delivered().stream().allMatch(lane -> lane.ended(Long.MAX_VALUE));
  }

  /** What the last report says. */
  public Expectation expected(ReportQuery query) {
    long until = until(query);
    RandomLane first = lanes.getFirst();
    return new Expectation(
        delivered().stream().map(d -> d.asOf(until, query.sizes()::passes, null)).toList(),
        momentNanos(query),
        new Expectation.Question(
            query.olderNanos(),
            query.sizes().minBytes(),
            query.sizes().maxBytes(),
            tickNanos() > 0,
            first.filtered(),
            first.kernel(),
            first.freeStacks()),
        lanes.size());
  }

  private List<Delivered> delivered() {
    return lanes.stream().map(RandomLane::delivered).filter(d -> !d.items().isEmpty()).toList();
  }

  private static long until(ReportQuery query) {
    return query.atNanos() == null ? Long.MAX_VALUE : query.atNanos();
  }
}
