package io.unfreed.streams.topology;

import org.junit.jupiter.api.Test;

/**
 * A few rounds. {@code -Dunfreed.fuzz=N} for more, {@code -Dunfreed.seed=S} for others; for minutes
 * of it {@code benchmarks/fuzz/run}.
 */
class TopologyFuzzTest {
  private static final int ROUNDS = Integer.getInteger("unfreed.fuzz", 60);
  private static final long SEED = Long.getLong("unfreed.seed", 20261122);

  @Test
  void shouldGoOnWhenRecordsAreAbsurd() throws Exception {
    for (long seed = SEED; seed < SEED + ROUNDS; seed++) {
      TopologyFuzzer.round(seed);
    }
  }
}
