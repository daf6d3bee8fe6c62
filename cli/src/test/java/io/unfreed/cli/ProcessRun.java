package io.unfreed.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * One command line run in a process of its own, for what cannot be arranged in this one: other
 * privileges, another file system, a stdout that is full.
 */
record ProcessRun(int exitCode, String err) {
  private static final int LIMIT_SECONDS = 120;

  /** What the process runs in: a command that takes our command behind it. */
  static ProcessRun of(Path directory, Path out, List<String> inside, String... arguments)
      throws IOException, InterruptedException {
    Path err = Files.createTempFile(directory, "stderr", "");
    List<String> command = new ArrayList<>(inside);
    command.addAll(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx512m",
            "-XX:TieredStopAtLevel=1",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-cp",
            System.getProperty("java.class.path"),
            "io.unfreed.cli.Main"));
    command.addAll(Arrays.asList(arguments));
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    try {
      if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
        throw new AssertionError("it did not end within " + LIMIT_SECONDS + " s: " + command);
      }
      return new ProcessRun(process.exitValue(), Files.readString(err, StandardCharsets.UTF_8));
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }
}
