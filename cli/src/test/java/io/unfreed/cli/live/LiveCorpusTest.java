package io.unfreed.cli.live;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.cli.CorpusTable;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The programs of the corpus, recorded now and all at once. On a machine that is busy some may lose
 * events or not be recorded: what is said of the others must be right.
 */
@Tag("corpus")
class LiveCorpusTest {
  private static final int SECONDS = 24;

  @TempDir Path directory;

  @Test
  void shouldSayOfEveryProgramWhatItIsWhenAllAreRecorded() throws Exception {
    KernelHost.assumeShim();
    Path corpus = Path.of("../replay-data/corpus").toAbsolutePath();
    assertThat(
            new ProcessBuilder("make", "-s", "-C", corpus.toString(), "OUT=" + directory)
                .inheritIO()
                .start()
                .waitFor())
        .isZero();
    Path capture = directory.resolve("capture");
    try (UnfreedProcess record =
        new UnfreedProcess(
            "record",
            "--probe",
            "shim",
            "--on-full",
            "wait",
            "--interval",
            "200ms",
            "--follow-children",
            "-o",
            capture.toString(),
            "--",
            directory.resolve("corpus").toString(),
            "all",
            Integer.toString(SECONDS))) {
      assertThat(record.await()).isZero();
    }

    CorpusTable table = CorpusTable.of(capture, SECONDS);

    System.out.println(table);
    assertThat(table.recorded).as("recorded whole").isGreaterThanOrEqualTo(20);
    assertThat(table.falseSure).as("false leaks that are sure").isZero();
    assertThat((double) table.right / table.recorded).isGreaterThanOrEqualTo(0.9);
  }
}
