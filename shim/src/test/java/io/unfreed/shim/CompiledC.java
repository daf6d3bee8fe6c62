package io.unfreed.shim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** C programs of the tests, compiled below target: readable by other users, unlike a temp dir. */
public final class CompiledC {
  private static final Path SOURCES = Path.of("src/test/c").toAbsolutePath();
  private static final Path LIBRARY = Path.of("src/main/c").toAbsolutePath();
  private static final Path PROGRAMS = Path.of("target/test-programs").toAbsolutePath();

  private CompiledC() {}

  /** Skips the test where there is no such program, saying so. */
  public static void assumeProgram(String... command) {
    assumeTrue(run(command) == 0, () -> "not here: " + String.join(" ", command));
  }

  /** {@code -c} is not meant: a program or, with {@code -shared}, a library. */
  public static Path compile(String output, List<String> sources, String... flags) {
    assumeProgram("gcc", "--version");
    List<String> command =
        new ArrayList<>(List.of("gcc", "-D_GNU_SOURCE", "-O2", "-Wall", "-Wextra", "-Werror"));
    Path program = PROGRAMS.resolve(output);
    command.addAll(List.of("-iquote", LIBRARY.toString(), "-o", program.toString()));
    sources.forEach(source -> command.add(source(source).toString()));
    command.addAll(List.of(flags));
    try {
      Files.createDirectories(program.getParent());
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
    assertThat(run(command.toArray(String[]::new))).as(String.join(" ", command)).isZero();
    return program;
  }

  private static Path source(String name) {
    Path ofTest = SOURCES.resolve(name);
    return Files.exists(ofTest) ? ofTest : LIBRARY.resolve(name);
  }

  /** Its exit status; -1 when it cannot be started. */
  public static int run(String... command) {
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      return process.waitFor();
    } catch (IOException | InterruptedException absent) {
      return -1;
    }
  }
}
