package io.unfreed.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The corpus as it was recorded once, or as the file says that -Dunfreed.corpus names. Recorded
 * anew it is by LiveCorpusTest, and by benchmarks/verdicts/run.
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

  @ParameterizedTest
  @ValueSource(strings = {"loss-hides-frees", "attached-late"})
  void shouldSayWhatItIsWhenAProgramWasRecordedInAWayOfItsOwn(String program) throws Exception {
    CorpusTable table =
        CorpusTable.ofAlone(
            RecordingManifest.REPLAY_DATA.resolve("corpus/" + program + ".capture"));

    System.out.println(table);
    assertThat(table.recorded).isEqualTo(1);
    assertThat(table.right).isEqualTo(1);
    assertThat(table.falseSure).as("false leaks that are sure").isZero();
  }
}
