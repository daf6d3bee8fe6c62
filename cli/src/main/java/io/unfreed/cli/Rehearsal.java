package io.unfreed.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What the launcher runs once behind a build, so that the JVM remembers which classes and methods
 * are needed (JEP 514, 515): the demo, a recording by the library, a report of it and its page.
 */
public final class Rehearsal {
  /** Rehearses what needs no Kafka, and nothing else. */
  private static final String FILES = "files";

  /** Bash uses the C library's allocator, and makes a few hundred thousand calls of it here. */
  private static final String ALLOCATES =
      "for i in {1..4000}; do a[i]=$i$i; b=${a[i]%1}; done; unset a; : {1..20000}";

  /** Other tools' traces, where they are at hand. */
  private static final List<String> TRACES = List.of("cc1.raw.zst", "jq.mtrace.zst");

  private Rehearsal() {}

  /**
   * Ends with the demo's exit code: where nothing can be recorded, the rest is worth it still.
   * Without the demo, with that of the recording.
   */
  public static void main(String[] args) throws IOException {
    boolean isWhole = !List.of(args).contains(FILES);
    int demo = isWhole ? Main.run("demo") : ExitCodes.OK;
    int recorded = recordAndAsk();
    if (!isWhole) {
      askOthers();
    }
    System.exit(isWhole ? demo : recorded);
  }

  private static int recordAndAsk() throws IOException {
    Path directory = Files.createTempDirectory("unfreed-rehearsal-");
    Path file = directory.resolve("recording.unfreed");
    Path page = directory.resolve("page.html");
    try {
      int recorded =
          Main.run(
              "record", "--probe", "shim", "-o", file.toString(), "--", "bash", "-c", ALLOCATES);
      if (recorded == ExitCodes.OK) {
        Main.run("report", file.toString(), "--top", "3");
        // What `view` answers with, without a server that would have to be stopped.
        Main.run("export", file.toString(), "--as", "html", "-o", page.toString());
      }
      return recorded;
    } finally {
      Files.deleteIfExists(page);
      Files.deleteIfExists(file);
      Files.deleteIfExists(directory);
    }
  }

  private static void askOthers() {
    Path recorded = Path.of(System.getProperty("unfreed.home", ""), "replay-data");
    for (String trace : TRACES) {
      Path file = recorded.resolve(trace);
      if (Files.exists(file)) {
        Main.run("report", file.toString());
        Main.run("check", file.toString());
      }
    }
  }
}
