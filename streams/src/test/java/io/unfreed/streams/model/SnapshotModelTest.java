package io.unfreed.streams.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.schemas.wire.EventBatchBuilder;
import io.unfreed.schemas.wire.EventCursor;
import io.unfreed.streams.lane.LaneOptions;
import io.unfreed.streams.lane.LaneState;
import io.unfreed.streams.lane.LaneStatement;
import io.unfreed.streams.ledger.SizeRange;
import io.unfreed.streams.snapshot.SnapshotIn;
import io.unfreed.streams.snapshot.SnapshotOut;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Lanes that are written down and read again at random, beside ones that are not. */
class SnapshotModelTest {
  private static final int SEQUENCES = Integer.getInteger("unfreed.sequences", 2000);
  private static final long SEED = Long.getLong("unfreed.seed", 20261122);

  @Test
  void shouldStateTheSameWhenWrittenAndReadAgainBetweenAnyBatches() throws Exception {
    int statements = 0;
    int restarts = 0;
    for (int i = 0; i < SEQUENCES; i++) {
      long seed = SEED + i;
      Random random = new Random(seed);
      RandomLane lane = RandomEvents.lane(random, "s" + i, i % 4 == 3, 0, 1 + i % 2);
      Run whole = new Run(options(random));
      Run restarted = new Run(whole.options);
      for (byte[] message : lane.messages()) {
        whole.accept(message);
        restarted.accept(message);
        if (random.nextInt(4) == 0) {
          byte[] marker =
              EventBatchBuilder.marker(Script.cursor(message).header(), "m", random.nextInt(99))
                  .body();
          whole.accept(marker);
          restarted.accept(marker);
        }
        if (random.nextInt(3) == 0) {
          restarted.restart();
          restarts++;
        }
      }
      whole.end();
      restarted.end();
      String what = "seed " + seed;
      assertThat(restarted.statements).as(what).isEqualTo(whole.statements);
      assertThat(restarted.state.missingEvents()).as(what).isEqualTo(whole.state.missingEvents());
      assertThat(restarted.state.boundedSizes()).as(what).isEqualTo(whole.state.boundedSizes());
      assertThat(restarted.state.ended()).as(what).isEqualTo(whole.state.ended());
      assertThat(restarted.state.stopped()).as(what).isEqualTo(whole.state.stopped());
      statements += whole.statements.size();
    }
    System.out.printf(
        "%d statements, %d restarts, seeds %d + 0 .. %d%n",
        statements, restarts, SEED, SEQUENCES - 1);
    assertThat(statements).isPositive();
  }

  private static LaneOptions options(Random random) {
    return switch (random.nextInt(4)) {
      case 0 -> new LaneOptions(new SizeRange(20, 1 << 20), 1000, null, null, false);
      case 1 -> new LaneOptions(SizeRange.ALL, 0, (long) random.nextInt(4000), null, true);
      default -> LaneOptions.TOPOLOGY;
    };
  }

  private static final class Run {
    final LaneOptions options;
    final List<LaneStatement> statements = new ArrayList<>();
    private final EventCursor cursor = new EventCursor();
    LaneState state;

    Run(LaneOptions options) {
      this.options = options;
      state = new LaneState(options, statements::add);
    }

    void accept(byte[] message) throws Exception {
      cursor.reset(message, 0, message.length);
      state.accept(cursor);
    }

    void restart() {
      SnapshotOut out = new SnapshotOut();
      state.snapshotTo(out);
      state = new LaneState(options, statements::add);
      state.restoreFrom(new SnapshotIn(out.finish()));
    }

    void end() {
      if (state.events() > 0) {
        state.stateAt(state.eventNanos());
      }
    }
  }
}
