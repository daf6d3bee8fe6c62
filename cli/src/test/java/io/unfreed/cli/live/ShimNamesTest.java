package io.unfreed.cli.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Names of files that are not where the process says that they are. */
class ShimNamesTest {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final String LIBRARY =
      """
      #include <stdlib.h>
      __attribute__((noipa)) void *in_library(void) { return malloc(31337); }
      """;
  private static final String PROGRAM =
      """
      #include <dlfcn.h>
      #include <stdio.h>
      #include <stdlib.h>
      static void *volatile kept;
      __attribute__((noipa)) static void *in_program(void) { return malloc(31337); }
      int main(int argc, char **argv)
      {
        char go;
        if (argc > 1) {
          void *library = dlopen(argv[1], RTLD_NOW);
          void *(*call)(void) = library ? (void *(*)(void))dlsym(library, "in_library") : 0;
          if (!call) return 3;
          kept = call();
          for (int i = 1; i < argc - 1; i++) {
            void *other = dlopen(argv[i + 1], RTLD_NOW);
            if (!other || dlclose(other)) return 6;
            free(call());
          }
          return 0;
        }
        puts("ready");
        fflush(stdout);
        if (scanf("%c", &go) != 1) return 4;
        kept = in_program();
        puts("done");
        fflush(stdout);
        return getchar() == EOF ? 0 : 5;
      }
      """;

  @TempDir Path directory;

  @BeforeAll
  static void assumeShim() {
    KernelHost.assumeShim();
  }

  @Test
  void shouldNameTheCodeOfALibraryThatWasLoadedByARelativePath() throws Exception {
    compile("names", PROGRAM, "-ldl");
    compile("library.so", LIBRARY, "-shared", "-fPIC");
    Path file = directory.resolve("relative.capture");
    String command = "cd " + directory + " && exec ./names ./library.so";
    try (UnfreedProcess record =
        new UnfreedProcess(
            "record", "--probe", "shim", "-o", file.toString(), "--", "sh", "-c", command)) {
      assertThat(record.await()).describedAs(record.err()).isZero();
    }

    JsonNode frame = innermost(file);
    assertThat(frame.get("symbol").asText()).isEqualTo("in_library");
    assertThat(frame.get("module").asText()).isEqualTo(directory.resolve("library.so").toString());
  }

  /** Each dlclose makes it look again at what is where; a server's mappings are many. */
  @Test
  void shouldNotReadTheMappingsAgainForALibraryThatIsWhereItWas() throws Exception {
    KernelHost.assumeTool("strace");
    compile("names", PROGRAM, "-ldl");
    compile("library.so", LIBRARY, "-shared", "-fPIC", "-Wl,--build-id");
    compile("other.so", LIBRARY, "-shared", "-fPIC");
    Path log = directory.resolve("calls");
    String others = " ./other.so".repeat(20);
    String strace = "strace -f -e trace=openat -o " + log + " ./names ./library.so" + others;
    try (UnfreedProcess record =
        new UnfreedProcess(
            "record",
            "--probe",
            "shim",
            "--follow-children",
            "-o",
            directory.resolve("relative.capture").toString(),
            "--",
            "sh",
            "-c",
            "cd " + directory + " && exec " + strace)) {
      assertThat(record.await()).describedAs(record.err()).isZero();
    }

    long opened = Files.readString(log).lines().filter(l -> l.contains("/proc/self/maps")).count();
    assertThat(opened).isBetween(1L, 5L);
  }

  /** An upgrade, before somebody looks into the old one that still runs. */
  @Test
  void shouldNameTheCodeOfAProgramWhoseFileWasReplaced() throws Exception {
    Path program = compile("names", PROGRAM, "-ldl");
    Path file = directory.resolve("replaced.capture");
    Path ready = directory.resolve("began");
    Process process = new ProcessBuilder(program.toString()).start();
    try {
      assertThat(process.inputReader().readLine()).isEqualTo("ready");
      Path other = compile("other", PROGRAM.replace("in_program", "in_another"), "-ldl");
      Files.move(other, program, StandardCopyOption.REPLACE_EXISTING);
      String pid = Long.toString(process.pid());
      try (UnfreedProcess record =
          new UnfreedProcess(
              "record",
              "--probe",
              "shim",
              "-p",
              pid,
              "-o",
              file.toString(),
              "--ready",
              ready.toString())) {
        await().atMost(PATIENCE).until(() -> Files.exists(ready));
        process.outputWriter().write("g");
        process.outputWriter().flush();
        assertThat(process.inputReader().readLine()).isEqualTo("done");
        record.signal("INT"); // when it has ended it cannot be asked what it ran
        assertThat(record.await()).describedAs(record.err()).isZero();
      }
    } finally {
      process.destroyForcibly();
    }

    JsonNode frame = innermost(file);
    assertThat(frame.get("module").asText()).isEqualTo(program.toString());
    assertThat(frame.get("symbol").asText()).isEqualTo("in_program");
  }

  /** Of the one block of 31337 bytes. */
  private static JsonNode innermost(Path file) throws Exception {
    JsonNode report =
        KernelHost.reports(
                "report",
                file.toString(),
                "--format",
                "json",
                "--min-size",
                "31337",
                "--max-size",
                "31337")
            .getLast();
    assertThat(report.get("stacks")).hasSize(1);
    return report.at("/stacks/0/frames/0");
  }

  private Path compile(String name, String text, String... flags) throws Exception {
    Path source = Files.writeString(directory.resolve(name + ".c"), text);
    Path made = directory.resolve(name);
    List<String> gcc = new ArrayList<>(List.of("gcc", "-g", "-O1", "-o", made.toString()));
    gcc.add(source.toString());
    gcc.addAll(List.of(flags));
    assertThat(new ProcessBuilder(gcc).inheritIO().start().waitFor()).isZero();
    return made;
  }
}
