package io.unfreed.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/**
 * The corpus as it was recorded once, or as the file says that -Dunfreed.corpus names. Recorded
 * anew it is by LiveCorpusTest, and by benchmarks/verdicts.
 */
class CorpusTest {
  private static final double SECONDS = 24;

  @Test
  void shouldSayOfEveryProgramWhatItIs() throws Exception {
    String other = System.getProperty("unfreed.corpus");
    Path capture =
        other == null
            ? RecordingManifest.REPLAY_DATA.resolve("corpus/corpus.capture")
            : Path.of(other);

    CorpusTable table = CorpusTable.of(capture, SECONDS);

    System.out.println(table);
    assertThat(table.falseSure).as("false leaks that are sure").isZero();
    assertThat(table.recorded).isGreaterThanOrEqualTo(37);
    assertThat((double) table.right / table.recorded).isGreaterThanOrEqualTo(0.95);
    assertThat((double) table.first.get("verdict") / table.leaks).isGreaterThanOrEqualTo(0.95);
  }
}
