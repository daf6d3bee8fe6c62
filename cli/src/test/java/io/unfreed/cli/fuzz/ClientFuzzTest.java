package io.unfreed.cli.fuzz;

import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One round; for more {@code benchmarks/fuzz/run --only clients}. */
@Tag("broker")
class ClientFuzzTest {
  @TempDir Path directory;

  @Test
  void shouldAnswerInOrderWhenRecordsOfTheTopicsAreAbsurd() throws Exception {
    new ClientFuzzer().round(directory, Long.getLong("unfreed.seed", 20261122));
  }
}
