package io.unfreed.cli.live;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** However a recorded program becomes one with a sanitizer, that one is left alone. */
class SanitizedExecTest {
  private static final String CLEAN =
      "#include <stdio.h>\nint main(void) { return puts(\"ran\") < 0; }\n";
  private static final String STARTER =
      """
      #define _GNU_SOURCE
      #include <fcntl.h>
      #include <spawn.h>
      #include <stdio.h>
      #include <string.h>
      #include <sys/wait.h>
      #include <unistd.h>

      extern char **environ;

      /* CALL DIRECTORY, in which `clean` is, as it is along PATH */
      int main(int argc, char **argv)
      {
        char *arguments[] = { "clean", NULL };
        int directory = open(argv[2], O_PATH | O_DIRECTORY), file = openat(directory, "clean", O_PATH);

        if (!strcmp(argv[1], "execvp"))
          execvp("clean", arguments);
        if (!strcmp(argv[1], "execlp"))
          execlp("clean", "clean", NULL);
        if (!strcmp(argv[1], "fexecve"))
          fexecve(file, arguments, environ);
        if (!strcmp(argv[1], "execveat"))
          execveat(directory, "clean", arguments, environ, 0);
        if (!strcmp(argv[1], "execveat of a file"))
          execveat(file, "", arguments, environ, AT_EMPTY_PATH);
        if (!strcmp(argv[1], "posix_spawnp")) {
          pid_t child;
          int status = 1;

          if (posix_spawnp(&child, "clean", NULL, NULL, arguments, environ) == 0)
            waitpid(child, &status, 0);
          return status != 0;
        }
        return 1;
      }
      """;

  @TempDir Path directory;

  @BeforeEach
  void assumeShim() {
    KernelHost.assumeShim();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"execvp", "execlp", "fexecve", "execveat", "execveat of a file", "posix_spawnp"})
  void shouldFindTheProgramAsTheCallDoes(String call) throws Exception {
    Path later = Files.createDirectory(directory.resolve("later"));
    // What is no program is passed over by a search.
    Path first = Files.createDirectory(directory.resolve("first"));
    Files.createDirectory(first.resolve("clean"));
    KernelHost.skipUnless(
        "library",
        isCompiled(CLEAN, later.resolve("clean"), "-fsanitize=address"),
        "gcc -fsanitize=address does not link");
    Path starter = directory.resolve("starter");
    assertThat(isCompiled(STARTER, starter, "-O0")).isTrue();
    String path = "/no/such/directory:" + first + ":" + later + ":" + System.getenv("PATH");
    Path file = directory.resolve("sanitized.capture");
    try (UnfreedProcess run =
        new UnfreedProcess(
            List.of(),
            Map.of("PATH", path),
            "record",
            "--follow-children",
            "-o",
            file.toString(),
            "--",
            starter.toString(),
            call,
            later.toString())) {
      assertThat(run.await()).describedAs(run.err()).isZero();
      assertThat(run.out()).isEqualTo("ran\n");
    }
  }

  @Test
  void shouldLeaveTheProgramThatRunsAScriptAlone() throws Exception {
    Path clean = directory.resolve("clean");
    KernelHost.skipUnless(
        "library",
        isCompiled(CLEAN, clean, "-fsanitize=address"),
        "gcc -fsanitize=address does not link");
    Path script = Files.writeString(directory.resolve("script"), "#!" + clean + "\n");
    assertThat(script.toFile().setExecutable(true)).isTrue();
    String file = directory.resolve("script.capture").toString();
    String shell = script + "; true";
    try (UnfreedProcess run =
        new UnfreedProcess("record", "--follow-children", "-o", file, "--", "sh", "-c", shell)) {
      assertThat(run.await()).describedAs(run.err()).isZero();
      assertThat(run.out()).isEqualTo("ran\n");
    }
  }

  private boolean isCompiled(String text, Path program, String option) throws Exception {
    Path source = directory.resolve(program.getFileName() + ".c");
    Files.writeString(source, text);
    return new ProcessBuilder("gcc", option, "-o", program.toString(), source.toString())
            .inheritIO()
            .start()
            .waitFor()
        == 0;
  }
}
