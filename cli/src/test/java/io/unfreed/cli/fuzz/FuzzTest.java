package io.unfreed.cli.fuzz;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A few rounds of each fuzzer, and every seed that once failed. {@code -Dunfreed.fuzz=N} for more
 * rounds, {@code -Dunfreed.seed=S} for others; for minutes of it {@code benchmarks/fuzz/run}.
 */
class FuzzTest {
  private static final int ROUNDS = Integer.getInteger("unfreed.fuzz", 60);
  private static final long SEED = Long.getLong("unfreed.seed", 20261122);

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"captures", "traces", "model"})
  void shouldAnswerInOrderWhenTheInputIsAbsurd(String fuzzer) throws Exception {
    for (long seed = SEED; seed < SEED + ROUNDS; seed++) {
      Fuzzer.all().get(fuzzer).round(directory, seed);
    }
  }

  @ParameterizedTest
  @CsvSource({"captures,114", "captures,136", "captures,184", "captures,258"})
  void shouldAnswerInOrderWhenTheSeedFailedOnce(String fuzzer, long seed) throws Exception {
    Fuzzer.all().get(fuzzer).round(directory, seed);
  }
}
