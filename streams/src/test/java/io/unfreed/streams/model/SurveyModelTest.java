package io.unfreed.streams.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.schemas.stack.StackId;
import io.unfreed.schemas.wire.EventCursor;
import io.unfreed.streams.explain.AgeBins;
import io.unfreed.streams.explain.Survey;
import io.unfreed.streams.explain.SurveyQuestion;
import io.unfreed.streams.lane.StackKey;
import io.unfreed.streams.ledger.SizeRange;
import io.unfreed.streams.query.LedgerRun;
import io.unfreed.streams.query.ReportQuery;
import io.unfreed.streams.report.IncarnationReport;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * What is said of some stacks' blocks in random recordings, against every block of the model.
 * -Dunfreed.sequences=N for more.
 */
class SurveyModelTest {
  private static final int SEQUENCES = Integer.getInteger("unfreed.sequences", 1000);
  private static final long SEED = Long.getLong("unfreed.seed", 815);

  @Test
  void shouldSeeWhatTheModelSeesWhenRecordingsAreRandom() {
    long blocks = 0;
    for (int i = 0; i < SEQUENCES; i++) {
      Random random = new Random(SEED + i);
      RandomSession session = RandomSession.of(random, i);
      if (session.tickNanos() > 0) {
        blocks += check("seed " + (SEED + i), random, session);
      }
    }
    assertThat(blocks).isGreaterThan(SEQUENCES);
  }

  private static long check(String what, Random random, RandomSession session) {
    Long at = random.nextBoolean() ? (Long) (long) random.nextInt(1200) : null;
    ReportQuery query = new ReportQuery(SizeRange.ALL, 0, at, null);
    List<IncarnationReport> reports =
        Script.feed(session.messages(), new LedgerRun(query)).finish();
    if (reports.isEmpty()) {
      return 0;
    }
    List<ReferenceModel> models = session.expected(query).lanes();
    Set<StackKey> stacks = new HashSet<>();
    for (StackKey key : session.expected(query).stacks().stream().map(s -> s.key()).toList()) {
      if (random.nextInt(3) > 0) {
        stacks.add(key);
      }
    }
    IncarnationReport report = reports.getFirst();
    long moment = report.atNanos();
    String incarnation = report.session() + "/" + report.incarnation();
    LedgerRun run =
        Script.feed(
            session.messages(),
            new LedgerRun(query.withSurvey(new SurveyQuestion(incarnation, stacks, moment))));

    assertThat(run.finish()).as(what).isEqualTo(reports);
    ByTheBook expected = new ByTheBook(stacks, moment);
    models.forEach(expected::add);
    expected.check(what, run.survey());
    return expected.sizes.values().stream().mapToLong(Survey.Tally::born).sum();
  }

  /** One block after the other. */
  private static final class ByTheBook {
    private final Set<StackKey> stacks;
    private final long moment;
    private final long slot;
    private final long[] born = new long[Survey.SLOTS];
    private final long[] stay = new long[Survey.SLOTS];
    private final long[] freedAges = new long[AgeBins.COUNT];
    private final long[] otherAges = new long[AgeBins.COUNT];
    private final Map<Long, Survey.Tally> sizes = new TreeMap<>();
    private final Map<Long, Survey.Tally> threads = new TreeMap<>();
    private final Map<StackId, Long> freedBy = new TreeMap<>();
    private final List<Long> bornTimes = new ArrayList<>();
    private final List<Long> stayTimes = new ArrayList<>();

    ByTheBook(Set<StackKey> stacks, long moment) {
      this.stacks = stacks;
      this.moment = moment;
      this.slot = moment / Survey.SLOTS + 1;
    }

    void add(ReferenceModel model) {
      for (Tally.Closed gone : model.closed) {
        if (add(gone.block(), 0)) {
          boolean free = gone.why().equals("frees");
          (free ? freedAges : otherAges)[AgeBins.of(gone.stamp() - gone.block().time)]++;
          if (free) {
            int by = gone.by();
            freedBy.merge(
                by == EventCursor.NO_STACK ? StackId.UNKNOWN : RandomLane.stackId(by),
                1L,
                Long::sum);
          }
        }
      }
      for (Tally.Block block : new HashSet<>(model.owner.values())) {
        if (add(block, 1)) {
          stay[Math.clamp(block.time / slot, 0, Survey.SLOTS - 1)]++;
          otherAges[AgeBins.of(moment - block.time)]++;
          stayTimes.add(block.time);
        }
      }
    }

    private boolean add(Tally.Block block, long stays) {
      if (!stacks.contains(Expectation.stackKey(block.key))) {
        return false;
      }
      Survey.Tally one = new Survey.Tally(1, stays);
      sizes.merge(block.size, one, (a, b) -> sum(a, b));
      threads.merge((long) block.thread, one, (a, b) -> sum(a, b));
      born[Math.clamp(block.time / slot, 0, Survey.SLOTS - 1)]++;
      bornTimes.add(block.time);
      return true;
    }

    private static Survey.Tally sum(Survey.Tally a, Survey.Tally b) {
      return new Survey.Tally(a.born() + b.born(), a.stay() + b.stay());
    }

    void check(String what, Survey seen) {
      assertThat(seen.born()).as(what).isEqualTo(born);
      assertThat(seen.stay()).as(what).isEqualTo(stay);
      assertThat(seen.sizes()).as(what).isEqualTo(sizes);
      assertThat(seen.threads()).as(what).isEqualTo(threads);
      assertThat(seen.freedAges()).as(what).isEqualTo(freedAges);
      assertThat(seen.otherAges()).as(what).isEqualTo(otherAges);
      assertThat(seen.bornTimes()).as(what).containsExactly(sorted(bornTimes));
      assertThat(seen.stayTimes()).as(what).containsExactly(sorted(stayTimes));
      assertThat(seen.sums().born()).isEqualTo(bornTimes.size());
      assertThat(seen.sums().stay()).isEqualTo(stayTimes.size());
      assertThat(seen.freedBy()).as("the session is not known here").isNull();
      assertThat(freedBy.values().stream().mapToLong(n -> n).sum()).isEqualTo(seen.sums().freed());
    }

    private static long[] sorted(List<Long> times) {
      return times.stream().mapToLong(t -> t).sorted().toArray();
    }
  }
}
