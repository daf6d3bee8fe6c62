package io.unfreed.bpf;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Small C programs compiled for a test; a machine without gcc skips the test and says so. */
public final class CompiledC {
  private CompiledC() {}

  /** Compiles a source text to a program beside it. */
  public static Path compile(Path dir, String name, String source, String... options)
      throws IOException {
    Path file = Files.writeString(dir.resolve(name), source);
    return compile(file, dir.resolve(name.replaceAll("\\.c$", "")), options);
  }

  /** Compiles a source file to a program. */
  public static Path compile(Path source, Path program, String... options) throws IOException {
    assumeTool("gcc");
    List<String> command = new ArrayList<>(List.of("gcc", "-o", program.toString()));
    command.add(source.toString());
    command.addAll(Arrays.asList(options));
    run(source.getParent(), command.toArray(String[]::new));
    return program;
  }

  /** Runs a tool and fails with its output if it fails. */
  public static void run(Path dir, String... command) throws IOException {
    Process process =
        new ProcessBuilder(command).directory(dir.toFile()).redirectErrorStream(true).start();
    String output =
        new String(
            process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    try {
      if (process.waitFor() != 0) {
        throw new IOException(String.join(" ", command) + " failed:\n" + output);
      }
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  public static void assumeTool(String tool) {
    boolean found =
        Arrays.stream(System.getenv("PATH").split(":"))
            .anyMatch(d -> Files.isExecutable(Path.of(d, tool)));
    skipUnless(found, tool + " is not installed");
  }

  public static void assumeLibrary(Optional<?> library, String name) {
    skipUnless(library.isPresent(), name + " is not installed");
  }

  /** Skips the test with its reason printed. */
  public static void skipUnless(boolean condition, String reason) {
    if (!condition) {
      System.err.println("SKIPPED: " + reason);
    }
    assumeTrue(condition, reason);
  }
}
