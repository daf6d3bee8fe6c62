package io.unfreed.cli.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A long file that is not read to its end: a signal, or no memory. */
class ImportEndTest {
  private static final String HEAD = "v 10400 3\nX x\nI 1000 10\nt 10 0\n";
  private static final int BLOCKS = 3_000_000;
  private static final int MOST_BLOCKS = 60_000_000;
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Duration AT_ONCE = Duration.ofMillis(2);
  private static final int TIMED_BLOCKS = 100_000;

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"TERM", "INT"})
  void shouldLeaveNothingWhenASignalEndsIt(String signal) throws Exception {
    endInItsMiddle(signal, "import", "heaptrack", "TRACE", "-o", "OUT");
  }

  @Test
  void shouldLeaveNothingWhenASignalEndsAnExport() throws Exception {
    endInItsMiddle("TERM", "export", "TRACE", "--as", "html", "-o", "OUT");
  }

  /** A machine that is faster than our look at it has ended before: then once more, with more. */
  private void endInItsMiddle(String signal, String... command) throws Exception {
    Path out = directory.resolve("out");
    int blocks = BLOCKS;
    while (true) {
      String trace = trace(blocks).toString();
      List<String> words = new ArrayList<>(List.of(command));
      words.replaceAll(word -> word.equals("TRACE") ? trace : word.equals("OUT") ? "" + out : word);
      try (UnfreedProcess run = new UnfreedProcess(words.toArray(String[]::new))) {
        await().atMost(PATIENCE).pollInterval(AT_ONCE).until(() -> files().size() == 2);
        if (files().contains("out." + run.pid() + ".part")) {
          try {
            run.signal(signal);
          } catch (IOException e) {
            // It has ended since.
          }
        }
        if (run.await() > 128) {
          assertThat(files()).containsExactly("trace");
          return;
        }
      }
      blocks *= 2;
      assertThat(blocks).as("blocks of a trace that is read in no time").isLessThan(MOST_BLOCKS);
      Files.delete(out);
    }
  }

  @Test
  void shouldEndInOneLineWhenTheThreadThatAnalysesHasNoMemory() throws Exception {
    failsWithLittleMemory("unfreed: out of memory", "report", trace(BLOCKS).toString());
  }

  @Test
  void shouldEndInOneLineWhenThereAreMoreIntervalsThanMemoryHasRoomFor() throws Exception {
    failsWithLittleMemory(
        "unfreed: --interval is too short: there is memory for ",
        "report",
        timedTrace().toString(),
        "--interval",
        "1ns");
  }

  private static void failsWithLittleMemory(String line, String... arguments) throws Exception {
    Map<String, String> littleMemory = Map.of("_JAVA_OPTIONS", "-Xmx40m");
    try (UnfreedProcess run = new UnfreedProcess(List.of(), littleMemory, arguments)) {
      assertThat(run.await()).as(run.err()).isEqualTo(1);
      assertThat(run.err().lines().filter(err -> !err.startsWith("Picked up")).toList())
          .singleElement()
          .asString()
          .startsWith(line);
    }
  }

  /** A block after the other, none of them freed. */
  private Path trace(int blocks) throws IOException {
    Path trace = directory.resolve("trace");
    try (BufferedWriter out = Files.newBufferedWriter(trace)) {
      out.write(HEAD);
      for (int i = 1; i <= blocks; i++) {
        out.write("+ 10 1 " + Integer.toHexString(i << 4) + "\n");
      }
    }
    return trace;
  }

  /** A block in each millisecond, each of which is an interval of its own. */
  private Path timedTrace() throws IOException {
    Path trace = directory.resolve("timed");
    try (BufferedWriter out = Files.newBufferedWriter(trace)) {
      out.write(HEAD);
      for (int i = 1; i <= TIMED_BLOCKS; i++) {
        out.write("c " + Integer.toHexString(i) + "\n+ 10 1 " + Integer.toHexString(i << 4) + "\n");
      }
    }
    return trace;
  }

  private List<String> files() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }
}
