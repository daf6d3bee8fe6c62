package io.unfreed.streams.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.schemas.wire.EventCursor;
import io.unfreed.streams.lane.FreedBy;
import io.unfreed.streams.lane.LaneOptions;
import io.unfreed.streams.lane.LaneState;
import io.unfreed.streams.lane.LaneStatement;
import io.unfreed.streams.lane.StackKey;
import io.unfreed.streams.lane.StackNumbers;
import io.unfreed.streams.lane.TotalsNumbers;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The ledger, through lanes and the wire, against the model. -Dunfreed.sequences=N for more. */
class LedgerModelTest {
  private static final int SEQUENCES = Integer.getInteger("unfreed.sequences", 2000);
  private static final long SEED = Long.getLong("unfreed.seed", 20261121);

  private static final boolean DUMP = Boolean.getBoolean("unfreed.dump");

  @Test
  void shouldStateWhatTheModelSaysWhenEventsAreRandom() throws Exception {
    RuleTable rules = new RuleTable();
    for (int i = 0; i < SEQUENCES; i++) {
      long seed = SEED + i;
      Random random = new Random(seed);
      RandomLane lane = RandomEvents.lane(random, "s" + i, i % 4 == 3, 0, 1);
      check(lane, seed, rules);
    }
    System.out.println("seeds " + SEED + " + 0 .. " + (SEQUENCES - 1) + "; rules fired:\n" + rules);
    assertThat(rules.missing()).as("rules that never fired").isEmpty();
  }

  private static void check(RandomLane lane, long seed, RuleTable rules) throws Exception {
    List<LaneStatement> statements = new ArrayList<>();
    LaneState state = new LaneState(LaneOptions.WHOLE, statements::add);
    EventCursor cursor = new EventCursor();
    for (byte[] message : lane.messages()) {
      cursor.reset(message, 0, message.length);
      state.accept(cursor);
      if ((seed + message.length) % 3 == 0) {
        state.rest();
      }
    }
    if (lane.messages().isEmpty()) {
      return;
    }
    if (!state.ended()) {
      state.stateAt(state.eventNanos());
    }
    Delivered delivered = lane.delivered();
    boolean timed = delivered.tick() > 0;
    var question =
        new Expectation.Question(
            0, 0, Long.MAX_VALUE, timed, lane.filtered(), lane.kernel(), lane.freeStacks());
    List<Long> ticks = new ArrayList<>();
    for (LaneStatement s : statements) {
      boolean tick = s.occasion() == LaneStatement.Occasion.TICK;
      long until = tick ? s.lastTick() * delivered.tick() : Long.MAX_VALUE;
      ReferenceModel model = delivered.asOf(until, size -> true, tick ? null : rules);
      long moment = tick ? until : delivered.lastTime(until);
      Expectation expected = new Expectation(List.of(model), moment, question, 1);
      String what = "seed " + seed + ", " + s.occasion() + " " + s.lastTick();
      if (DUMP) {
        System.out.println(what + " of " + lane);
      }
      assertThat(s.totals()).as(what).isEqualTo(expected.totals());
      assertThat(s.stacks().stream().sorted((a, b) -> StackKey.ORDER.compare(a.key(), b.key())))
          .as(what)
          .containsExactlyElementsOf(
              expected.stacks().stream()
                  .sorted((a, b) -> StackKey.ORDER.compare(a.key(), b.key()))
                  .toList());
      assertThat(s.atNanos()).as(what).isEqualTo(timed ? (Long) moment : null);
      identities(what, s.totals(), s.stacks());
      if (tick) {
        ticks.add(s.lastTick());
      }
    }
    assertThat(ticks)
        .as("seed " + seed)
        .isEqualTo(delivered.ticks(delivered.tick(), Long.MAX_VALUE));
    assertThat(state.ended()).as("seed " + seed).isEqualTo(delivered.ended(Long.MAX_VALUE));
  }

  static void identities(String what, TotalsNumbers t, List<StackNumbers> stacks) {
    assertThat(t.allocations())
        .as(what)
        .isEqualTo(t.frees() + t.superseded() + t.closedByExec() + t.outstandingCount());
    assertThat(t.certainBytes()).as(what).isBetween(0L, t.outstandingBytes());
    for (StackNumbers n : stacks) {
      assertThat(n.allocations())
          .as(what)
          .isEqualTo(n.frees() + n.superseded() + n.closedByExec() + n.outstandingCount());
      assertThat(n.certainBytes()).as(what).isBetween(0L, n.outstandingBytes());
      if (n.freedBy() != null) {
        long byStacks = n.freedBy().stacks().stream().mapToLong(FreedBy.Releaser::frees).sum();
        assertThat(byStacks + n.freedBy().otherFrees()).as(what).isEqualTo(n.frees());
      }
    }
  }
}
