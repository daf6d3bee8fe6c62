package io.unfreed.streams.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.streams.ledger.SizeRange;
import io.unfreed.streams.query.LedgerRun;
import io.unfreed.streams.query.ReportQuery;
import io.unfreed.streams.report.IncarnationReport;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Queries with moments, ages and sizes, over one lane or several, against the model. */
class QueryModelTest {
  private static final int SEQUENCES = Integer.getInteger("unfreed.sequences", 1000);
  private static final long SEED = Long.getLong("unfreed.seed", 4711);

  @Test
  void shouldReportWhatTheModelSaysWhenQueriesAreRandom() {
    for (int i = 0; i < SEQUENCES; i++) {
      long seed = SEED + i;
      Random random = new Random(seed);
      List<RandomLane> lanes = lanes(random, i);
      List<byte[]> messages = interleave(random, lanes);
      ReportQuery query = query(random, lanes);
      LedgerRun run = Script.feed(messages, new LedgerRun(query));
      check("seed " + seed + " " + query, lanes, query, run.finish());
    }
    System.out.println("queries: seeds " + SEED + " + 0 .. " + (SEQUENCES - 1));
  }

  /** The lanes of one incarnation. */
  static List<RandomLane> lanes(Random random, int number) {
    int count = number % 3 == 0 ? 2 + random.nextInt(2) : 1;
    List<RandomLane> lanes = new ArrayList<>();
    for (int lane = 0; lane < count; lane++) {
      lanes.add(RandomEvents.lane(random, "s" + number, number % 5 == 4, lane, count));
    }
    return lanes;
  }

  /** All messages, in an order that keeps each lane's own. */
  static List<byte[]> interleave(Random random, List<RandomLane> lanes) {
    List<List<byte[]>> left = new ArrayList<>();
    lanes.forEach(lane -> left.add(new ArrayList<>(lane.messages())));
    List<byte[]> all = new ArrayList<>();
    left.removeIf(List::isEmpty);
    while (!left.isEmpty()) {
      List<byte[]> lane = left.get(random.nextInt(left.size()));
      all.add(lane.removeFirst());
      left.removeIf(List::isEmpty);
    }
    return all;
  }

  private static ReportQuery query(Random random, List<RandomLane> lanes) {
    long min = random.nextInt(3) == 0 ? random.nextInt(40) : 0;
    long max = random.nextInt(3) == 0 ? min + random.nextInt(5000) : Long.MAX_VALUE;
    boolean timed = lanes.getFirst().delivered().tick() > 0;
    Long at = timed && random.nextBoolean() ? (Long) (long) random.nextInt(1200) : null;
    Long interval = timed && random.nextBoolean() ? (Long) (50L + random.nextInt(100)) : null;
    boolean aged = timed && (lanes.size() == 1 || interval == null) && random.nextInt(3) == 0;
    return new ReportQuery(new SizeRange(min, max), aged ? random.nextInt(300) : 0, at, interval);
  }

  /** Compares the reports of one incarnation. */
  static void check(
      String what, List<RandomLane> lanes, ReportQuery query, List<IncarnationReport> reports) {
    List<Delivered> delivered =
        lanes.stream().map(RandomLane::delivered).filter(d -> !d.items().isEmpty()).toList();
    if (delivered.isEmpty()) {
      assertThat(reports).as(what).isEmpty();
      return;
    }
    long until = query.atNanos() == null ? Long.MAX_VALUE : query.atNanos();
    long session = delivered.getFirst().tick();
    long tick = query.intervalNanos() == null ? session : query.intervalNanos();
    boolean allThere = delivered.size() == lanes.size();
    List<Long> ticks = allThere ? ticks(delivered, tick, until) : List.of();
    Asked asked = new Asked(lanes, delivered, query, tick);
    int next = 0;
    for (Long k : ticks) {
      Expectation expected = asked.at(k * tick, k * tick);
      var totals = expected.totals();
      boolean nothing =
          totals.allocations() == 0
              && totals.lostEvents() == 0
              && (totals.unmatchedFrees() == null || totals.unmatchedFrees() == 0);
      if (query.intervalNanos() != null && !nothing) {
        IncarnationReport report = reports.get(next++);
        assertThat(report.tick()).as(what).isEqualTo(k);
        assertThat(report.isFinal()).as(what).isFalse();
        asked.compare(what + " tick " + k, report, expected);
      }
    }
    boolean ended = allThere && delivered.stream().allMatch(d -> d.ended(until));
    long moment = delivered.stream().mapToLong(d -> d.lastTime(until)).max().getAsLong();
    IncarnationReport last = reports.get(next++);
    assertThat(reports).as(what).hasSize(next);
    assertThat(last.tick()).as(what).isNull();
    assertThat(last.isFinal()).as(what).isEqualTo(ended && query.atNanos() == null);
    asked.compare(what, last, asked.at(until, moment));
    assertThat(last.atNanos()).as(what).isEqualTo(session > 0 ? (Long) moment : null);
  }

  /** Boundaries that every lane passed, stated by one of them at least. */
  private static List<Long> ticks(List<Delivered> lanes, long tick, long until) {
    TreeSet<Long> ticks = new TreeSet<>();
    long covered = Long.MAX_VALUE;
    for (Delivered lane : lanes) {
      List<Long> of = lane.ticks(tick, until);
      ticks.addAll(of);
      if (!lane.ended(until)) {
        covered = Math.min(covered, of.isEmpty() ? 0 : of.getLast());
      }
    }
    return new ArrayList<>(ticks.headSet(covered, true));
  }

  private record Asked(
      List<RandomLane> lanes, List<Delivered> delivered, ReportQuery query, long tick) {
    Expectation at(long until, long moment) {
      RandomLane lane = lanes.getFirst();
      SizeRange sizes = query.sizes();
      return new Expectation(
          delivered.stream().map(d -> d.asOf(until, sizes::passes, null)).toList(),
          moment,
          new Expectation.Question(
              query.olderNanos(),
              sizes.minBytes(),
              sizes.maxBytes(),
              delivered.getFirst().tick() > 0,
              lane.filtered(),
              lane.kernel(),
              lane.freeStacks()),
          lanes.size());
    }

    void compare(String what, IncarnationReport report, Expectation expected) {
      assertThat(report.totals()).as(what).isEqualTo(expected.totals());
      assertThat(report.stacks()).as(what).isEqualTo(expected.reported(report.tick() != null));
      assertThat(report.temporary()).as(what).isEqualTo(expected.temporary());
      LedgerModelTest.identities(what, report.totals(), List.of());
    }
  }
}
