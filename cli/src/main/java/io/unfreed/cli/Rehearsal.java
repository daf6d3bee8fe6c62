package io.unfreed.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What the launcher runs once behind a build, so that the JVM remembers which classes and methods
 * are needed (JEP 514, 515): the demo, a recording by the library, a report of it
 * and its page.
 */
public final class Rehearsal {
  /** Bash uses the C library's allocator, and makes a few hundred thousand calls of it here. */
  private static final String ALLOCATES =
      "for i in {1..4000}; do a[i]=$i$i; b=${a[i]%1}; done; unset a; : {1..20000}";

  private Rehearsal() {}

  /** Ends with the demo's exit code: where nothing can be recorded, the rest is worth it still. */
  public static void main(String[] args) throws IOException {
    int demo = Main.run("demo");
    Path directory = Files.createTempDirectory("unfreed-rehearsal-");
    Path file = directory.resolve("recording.unfreed");
    Path page = directory.resolve("page.html");
    try {
      if (Main.run(
              "record", "--probe", "shim", "-o", file.toString(), "--", "bash", "-c", ALLOCATES)
          == ExitCodes.OK) {
        Main.run("report", file.toString(), "--top", "3");
        // What `view` answers with, without a server that would have to be stopped.
        Main.run("export", file.toString(), "--as", "html", "-o", page.toString());
      }
    } finally {
      Files.deleteIfExists(page);
      Files.deleteIfExists(file);
      Files.deleteIfExists(directory);
    }
    System.exit(demo);
  }
}
