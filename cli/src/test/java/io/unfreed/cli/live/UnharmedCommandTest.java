package io.unfreed.cli.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Programs that do what they may, but seldom do, under the library. */
class UnharmedCommandTest {
  /** Forks in a handler that interrupts an allocation, often the library itself; both go on. */
  private static final String FORKS =
      """
      #include <signal.h>
      #include <stdio.h>
      #include <stdlib.h>
      #include <sys/time.h>
      #include <sys/wait.h>
      #include <unistd.h>

      static volatile int is_child, forks;

      static void set_timer(int micros)
      {
        struct itimerval timer = { { 0, micros }, { 0, micros } };

        setitimer(ITIMER_REAL, &timer, NULL);
      }

      static void on_alarm(int signal)
      {
        (void)signal;
        if (is_child)
          return;
        if (fork() == 0)
          is_child = 1;
        else
          forks++;
      }

      int main(void)
      {
        int status, failed = 0;
        long pairs = 0;

        signal(SIGALRM, on_alarm);
        set_timer(3000);
        for (; forks < 40 && !is_child; pairs++) {
          void *volatile block = malloc(100);
          free(block);
        }
        if (is_child)
          _exit(0);
        set_timer(0);
        while (wait(&status) > 0)
          failed += status != 0;
        printf("%ld\\n", pairs);
        return failed != 0;
      }
      """;

  /** With operators of its own, which find memory where malloc does. */
  private static final String PLUGIN =
      """
      #include <cstdlib>
      void *operator new(std::size_t bytes) { return std::malloc(bytes + 16); }
      void operator delete(void *block) noexcept { std::free(block); }
      void operator delete(void *block, std::size_t) noexcept { std::free(block); }
      extern "C" void use() { long *volatile block = new long; delete block; }
      """;

  private static final String HOST =
      """
      #include <dlfcn.h>
      #include <sys/mman.h>

      int main(int count, char **plugins)
      {
        for (int i = 1; i < count; i++) {
          void *plugin = dlopen(plugins[i], RTLD_NOW | RTLD_LOCAL);

          if (!plugin)
            return 2;
          ((void (*)(void))dlsym(plugin, "use"))();
          dlclose(plugin);
          mmap(0, 1 << 22, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        }
        return 7;
      }
      """;

  /** What is below a caught exception's end has a lower stack pointer than the operator had. */
  private static final String THROWS =
      """
      #include <cstdlib>
      #include <new>
      #include <unistd.h>

      __attribute__((noinline)) void take_below(int depth)
      {
        volatile char room[256];

        room[0] = 0;
        if (depth)
          take_below(depth - 1);
        else if (!std::malloc(1237))
          _exit(1);
        room[1] = 0;
      }

      int main()
      {
        std::size_t volatile too_much = (std::size_t)1 << 60;

        for (int i = 0; i < 13; i++) {
          try {
            char *volatile block = new char[too_much];
            (void)block;
          } catch (std::bad_alloc &) {
            take_below(9);
          }
          take_below(9);
        }
        _exit(0);
      }
      """;

  /** Starts commands when told to, in an environment that cannot be written. */
  private static final String CONSTANTS =
      """
      #include <fcntl.h>
      #include <stdlib.h>
      #include <unistd.h>

      extern char **environ;
      static char *const constants[] = { "PATH=/bin:/usr/bin", "LD_PRELOAD=", "UNFREED_SHIM=none", NULL };

      int main(int count, char **files)
      {
        (void)count;
        close(open(files[1], O_CREAT | O_WRONLY, 0600));
        while (access(files[2], F_OK))
          usleep(50000);
        if (putenv("LD_PRELOAD=") || system("true"))
          return 1;
        environ = (char **)constants;
        if (system("true"))
          return 1;
        close(open(files[3], O_CREAT | O_WRONLY, 0600));
        return 0;
      }
      """;

  @TempDir Path directory;

  @BeforeEach
  void assumeShim() {
    KernelHost.assumeShim();
  }

  @Test
  void shouldKeepForksInHandlersApart() throws Exception {
    Path program = compiled("gcc", FORKS, "forks", "-O2");
    try (UnfreedProcess run = record("--follow-children", "--", program.toString())) {
      assertThat(run.await()).isZero();
      long pairs = Long.parseLong(run.out().strip());
      List<JsonNode> totals = reports().stream().map(report -> report.get("totals")).toList();
      assertThat(totals).hasSizeGreaterThan(1);
      assertThat(totals.stream().mapToLong(t -> t.get("frees").asLong()).max()).hasValue(pairs);
      assertThat(totals).allMatch(t -> t.get("superseded").asLong() == 0);
      assertThat(totals).allMatch(t -> t.get("lostEvents").asLong() == 0);
    }
  }

  @Test
  void shouldLeavePluginsTheirOwnOperators() throws Exception {
    Path first = compiled("g++", PLUGIN, "first.so", "-O2", "-shared", "-fPIC");
    Path second = compiled("g++", PLUGIN, "second.so", "-O0", "-shared", "-fPIC");
    Path host = compiled("gcc", HOST, "host", "-O2");
    try (UnfreedProcess run =
        record("--", "timeout", "30", host.toString(), first.toString(), second.toString())) {
      assertThat(run.await()).isEqualTo(7);
      assertThat(run.err()).isEmpty();
    }
  }

  @Test
  void shouldRecordWhatComesBehindAThrowingOperator() throws Exception {
    KernelHost.assumeProgram("torture_tcmalloc_nofp");
    Path program = compiled("g++", THROWS, "throws", "-O1", "-ltcmalloc_minimal");
    try (UnfreedProcess run = record("--", program.toString())) {
      assertThat(run.await()).isZero();
    }
    long taken = 0;
    for (JsonNode stack : reports().getFirst().get("stacks")) {
      boolean below = stack.at("/frames/0/symbol").asText().startsWith("take_below");
      taken += below ? stack.get("outstandingCount").asLong() : 0;
    }
    assertThat(taken).isEqualTo(26);
  }

  /** Its library is gone, of which the loader would complain. */
  @Test
  void shouldSayNothingInChildrenThatComeBehindTheRecording() throws Exception {
    Path begun = directory.resolve("begun");
    Path go = directory.resolve("go");
    String script = "touch %s; while ! [ -e %s ]; do /bin/sleep 0.05; done".formatted(begun, go);
    try (UnfreedProcess run = record("--follow-children", "--", "sh", "-c", script)) {
      await().atMost(Duration.ofSeconds(60)).until(() -> Files.exists(begun));
      run.signal("QUIT");
      run.signal("TERM");
      run.awaitExit();
      Files.createFile(go);
      assertThat(run.err()).isEmpty();
      assertThat(run.out()).isEmpty();
    }
  }

  @Test
  void shouldLeaveAnEnvironmentOfConstantsAlone() throws Exception {
    Path begun = directory.resolve("begun");
    Path go = directory.resolve("go");
    Path ended = directory.resolve("ended");
    Path program = compiled("gcc", CONSTANTS, "constants", "-O2", "-fPIE", "-pie", "-Wl,-z,now");
    try (UnfreedProcess run =
        record("--", program.toString(), begun.toString(), go.toString(), ended.toString())) {
      await().atMost(Duration.ofSeconds(60)).until(() -> Files.exists(begun));
      run.signal("TERM");
      run.awaitExit();
      Files.createFile(go);
      await().atMost(Duration.ofSeconds(60)).until(() -> Files.exists(ended));
    }
  }

  private UnfreedProcess record(String... arguments) throws Exception {
    List<String> all =
        new ArrayList<>(List.of("record", "--probe", "shim", "-o", capture().toString()));
    all.addAll(List.of(arguments));
    return new UnfreedProcess(all.toArray(String[]::new));
  }

  private List<JsonNode> reports() throws Exception {
    return KernelHost.reports("report", capture().toString(), "--format", "json", "--top", "0");
  }

  private Path capture() {
    return directory.resolve("command.capture");
  }

  private Path compiled(String compiler, String source, String name, String... options)
      throws Exception {
    Path text = Files.writeString(directory.resolve(name + ".source"), source);
    Path program = directory.resolve(name);
    List<String> command = new ArrayList<>(List.of(compiler, "-x"));
    command.addAll(List.of(compiler.equals("g++") ? "c++" : "c", text.toString(), "-x", "none"));
    command.addAll(List.of("-o", program.toString()));
    command.addAll(List.of(options));
    Process run = new ProcessBuilder(command).inheritIO().start();
    assertThat(run.waitFor()).isZero();
    return program;
  }
}
