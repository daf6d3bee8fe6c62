package io.unfreed.cli.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.unfreed.cli.CorpusTable;
import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
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
  private static final int ALONE_SECONDS = 10;

  /** Of which three quarters are left to attach in and to see the leak. */
  private static final int LATE_SECONDS = 20;

  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int FREEZES = 3;

  /** Two storms, on a machine that gives them the time. */
  private static final Duration FREEZE = Duration.ofSeconds(1);

  @TempDir Path directory;

  /** Kept for CorpusTest in the directory that -Dunfreed.corpus.keep names. */
  private static final String KEPT = System.getProperty("unfreed.corpus.keep");

  @BeforeEach
  void build() throws Exception {
    KernelHost.assumeShim();
    Path corpus = Path.of("../replay-data/corpus").toAbsolutePath();
    assertThat(
            new ProcessBuilder("make", "-s", "-C", corpus.toString(), "OUT=" + directory)
                .inheritIO()
                .start()
                .waitFor())
        .isZero();
  }

  /**
   * By the kernel, whose small buffer no storm fits into; the library would give its rings more. An
   * idle machine's recorder empties it in time: it is stopped now and then.
   */
  @Test
  void shouldDecideNothingWhenALossMayHideTheFrees() throws Exception {
    KernelHost.assumeRecording();
    Path capture = directory.resolve("capture");
    try (UnfreedProcess record =
        new UnfreedProcess(
            "record",
            "--probe",
            "uprobe",
            "--buffer",
            "64k",
            "--interval",
            "100ms",
            "-o",
            capture.toString(),
            "--",
            directory.resolve("corpus").toString(),
            "loss-hides-frees",
            Integer.toString(ALONE_SECONDS))) {
      await().atMost(PATIENCE).until(() -> record.child("corpus").isPresent());
      for (int freeze = 0; freeze < FREEZES && record.isAlive(); freeze++) {
        record.freeze(FREEZE);
        Thread.sleep(FREEZE);
      }
      assertThat(record.await()).isZero();
    }

    assertThat(Captured.end(capture).getLost()).isPositive();
    check(capture, "loss-hides-frees");
  }

  @Test
  void shouldFindTheLeakWhenTheProgramWasAttachedToLate() throws Exception {
    Path capture = directory.resolve("capture");
    Process program =
        new ProcessBuilder(
                directory.resolve("corpus").toString(),
                "attached-late",
                Integer.toString(LATE_SECONDS))
            .start();
    try (BufferedReader told = program.inputReader()) {
      assertThat(told.readLine()).isEqualTo("late");
      try (UnfreedProcess record =
          new UnfreedProcess(
              "record",
              "--probe",
              "shim",
              "--interval",
              "100ms",
              "-o",
              capture.toString(),
              "-p",
              Long.toString(program.pid()))) {
        assertThat(record.await()).describedAs(record.err()).isZero();
      }
    } finally {
      program.destroyForcibly();
    }

    check(capture, "attached-late");
  }

  private static void check(Path capture, String program) throws Exception {
    CorpusTable table = CorpusTable.ofAlone(capture);
    System.out.println(table);
    assertThat(table.recorded).isEqualTo(1);
    assertThat(table.falseSure).as("false leaks that are sure").isZero();
    assertThat(table.right).isEqualTo(1);
    if (KEPT != null) {
      Files.copy(capture, Path.of(KEPT, program + ".capture"), StandardCopyOption.REPLACE_EXISTING);
    }
  }

  @Test
  void shouldSayOfEveryProgramWhatItIsWhenAllAreRecorded() throws Exception {
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
