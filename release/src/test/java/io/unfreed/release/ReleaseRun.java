package io.unfreed.release;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** One run of the release's file with what it printed. */
record ReleaseRun(int exitCode, String out, String err) {
  private static final int LIMIT_SECONDS = 300;

  /** Runs the file from a directory of its own, on the JDK of this JVM. */
  static ReleaseRun of(Path directory, Map<String, String> environment, String... arguments)
      throws IOException, InterruptedException {
    Path file = directory.resolve("unfreed");
    if (!Files.exists(file)) {
      Files.copy(Path.of(System.getProperty("unfreed.release")), file);
      file.toFile().setExecutable(true);
    }
    Path out = Files.createTempFile(directory, "stdout", "");
    Path err = Files.createTempFile(directory, "stderr", "");
    List<String> command = new ArrayList<>(List.of(file.toString()));
    command.addAll(Arrays.asList(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    builder.environment().put("UNFREED_JAVA_HOME", System.getProperty("java.home"));
    builder.environment().remove("UNFREED_JAVA_OPTS");
    builder.environment().putAll(environment);
    Process process = builder.start();
    try {
      if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
        throw new AssertionError("it did not end within " + LIMIT_SECONDS + " s: " + command);
      }
      return new ReleaseRun(process.exitValue(), Files.readString(out), Files.readString(err));
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }
}
