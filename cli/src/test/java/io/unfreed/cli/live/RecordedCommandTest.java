package io.unfreed.cli.live;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Commands recorded by probes. */
@Tag("kernel")
class RecordedCommandTest extends RecordedCommandCases {
  RecordedCommandTest() {
    super("uprobe");
  }

  @BeforeAll
  static void assumeKernel() {
    KernelHost.assumeRecording();
  }

  @Test
  void shouldSayWhatWasLostWhenTheCommandHasEnded() throws Exception {
    String file = directory.resolve("lossy.capture").toString();
    try (UnfreedProcess run =
        record("-o", file, "--buffer", "4096", "--", KernelHost.program("alloc"), "storm")) {
      run.goWhileFrozen("alloc", Duration.ofSeconds(2));
      assertThat(run.await()).isZero();
      assertThat(run.err())
          .matches("unfreed: lost \\d+ of \\d+ events .*ring buffer full: try --buffer 16m.*\n");
    }
  }
}
