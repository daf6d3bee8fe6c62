package io.unfreed.streams.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.streams.history.BlockHistory;
import io.unfreed.streams.history.BlockMove;
import io.unfreed.streams.history.HistoryQuestion;
import io.unfreed.streams.lane.StackKey;
import io.unfreed.streams.lane.StackNumbers;
import io.unfreed.streams.ledger.SizeRange;
import io.unfreed.streams.query.LedgerRun;
import io.unfreed.streams.query.ReportQuery;
import io.unfreed.streams.report.IncarnationReport;
import io.unfreed.streams.window.Window;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Blocks that are told one by one add up to the report, in random recordings, also those of several
 * lanes. -Dunfreed.sequences=N for more.
 */
class HistoryModelTest {
  private static final int SEQUENCES = Integer.getInteger("unfreed.sequences", 1000);
  private static final long SEED = Long.getLong("unfreed.seed", 4711);

  private static final class Sums {
    private long allocations;
    private long allocatedBytes;
    private long closed;
    private long bytes;
    private long blocks;
  }

  @Test
  void shouldAddUpToTheReportWhenRecordingsAreRandom() {
    long moves = 0;
    long shrunk = 0;
    for (int i = 0; i < SEQUENCES; i++) {
      Random random = new Random(SEED + i);
      RandomSession session = RandomSession.of(random, i);
      Long at = random.nextBoolean() ? (Long) (long) random.nextInt(1200) : null;
      ReportQuery query = new ReportQuery(SizeRange.ALL, 0, at, null);
      List<IncarnationReport> reports =
          Script.feed(session.messages(), new LedgerRun(query)).finish();
      LedgerRun run =
          Script.feed(
              session.messages(),
              new LedgerRun(query.withHistory(new HistoryQuestion(Window.ALWAYS, SizeRange.ALL))));
      assertThat(run.finish()).as("seed " + (SEED + i)).isEqualTo(reports);
      for (IncarnationReport report : reports) {
        BlockHistory history = run.history(report);
        shrunk += check("seed " + (SEED + i), report, history);
        moves += history.moves();
      }
    }
    assertThat(moves).isGreaterThan(10L * SEQUENCES);
    assertThat(shrunk).isPositive();
  }

  private static long check(String what, IncarnationReport report, BlockHistory history) {
    Map<StackKey, Sums> sums = new HashMap<>();
    long[] seen = new long[3];
    history.forEach(move -> {
      assertThat(move.timeMicros()).as(what).isGreaterThanOrEqualTo(seen[0]);
      seen[0] = move.timeMicros();
      seen[1]++;
      Sums of = sums.computeIfAbsent(move.stack(), key -> new Sums());
      switch (move.kind()) {
        case OPENED -> {
          of.allocations++;
          of.allocatedBytes += move.bytes();
          of.blocks++;
          of.bytes += move.bytes();
        }
        case SHRUNK -> {
          assertThat(move.leftBytes()).as(what).isPositive();
          of.bytes -= move.bytes();
          seen[2]++;
        }
        case CLOSED -> {
          of.closed++;
          of.blocks--;
          of.bytes -= move.bytes();
        }
      }
    });
    assertThat(seen[1]).as(what).isEqualTo(history.moves());
    for (StackNumbers stack : report.stacks()) {
      Sums of = sums.remove(stack.key());
      assertThat(of).as(what + " " + stack.key()).isNotNull();
      assertThat(of.allocations).as(what).isEqualTo(stack.allocations());
      assertThat(of.allocatedBytes).as(what).isEqualTo(stack.allocatedBytes());
      assertThat(of.blocks).as(what).isEqualTo(stack.outstandingCount());
      assertThat(of.bytes).as(what).isEqualTo(stack.outstandingBytes());
    }
    assertThat(sums.values())
        .as(what)
        .allSatisfy(of -> {
          assertThat(of.blocks).isZero();
          assertThat(of.bytes).isZero();
          assertThat(of.closed).isEqualTo(of.allocations);
        });
    return seen[2];
  }

  /** Each block goes from where it came, once, with what was left of it. */
  @Test
  void shouldCloseWhatWasOpenedAtTheSameAddressWhenThereIsOneLane() {
    long closed = 0;
    for (int i = 0; i < SEQUENCES; i++) {
      RandomSession session = RandomSession.of(new Random(SEED + i), i);
      LedgerRun run =
          Script.feed(
              session.messages(),
              new LedgerRun(
                  ReportQuery.WHOLE.withHistory(
                      new HistoryQuestion(Window.ALWAYS, SizeRange.ALL))));
      for (IncarnationReport report : run.finish()) {
        BlockHistory history = run.history(report);
        if (history.lanes().size() == 1) {
          closed += closeEach("seed " + (SEED + i), history);
        }
      }
    }
    assertThat(closed).isGreaterThan(SEQUENCES);
  }

  private static long closeEach(String what, BlockHistory history) {
    Map<List<Object>, Integer> live = new HashMap<>();
    long[] closed = new long[1];
    history.forEach(move -> {
      if (move.kind() == BlockMove.Kind.OPENED) {
        live.merge(place(move, move.bytes()), 1, Integer::sum);
        return;
      }
      List<Object> before = place(move, move.bytes() + move.leftBytes());
      assertThat(live.merge(before, -1, Integer::sum)).as(what).isNotNegative();
      if (move.kind() == BlockMove.Kind.SHRUNK) {
        live.merge(place(move, move.leftBytes()), 1, Integer::sum);
      } else {
        closed[0]++;
      }
    });
    return closed[0];
  }

  private static List<Object> place(BlockMove move, long bytes) {
    return List.of(move.stack(), move.address(), move.tid(), bytes);
  }
}
