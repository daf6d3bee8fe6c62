package io.unfreed.cli.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.unfreed.cli.CommandRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The tracers against programs that know what they do. */
@Tag("kernel")
class TraceTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String WAIT_FOR_GO =
      """
      #define _GNU_SOURCE
      #include <errno.h>
      #include <fcntl.h>
      #include <pthread.h>
      #include <signal.h>
      #include <stdio.h>
      #include <stdlib.h>
      #include <string.h>
      #include <sys/file.h>
      #include <sys/socket.h>
      #include <sys/syscall.h>
      #include <sys/wait.h>
      #include <time.h>
      #include <unistd.h>
      static void ms(long n)
      {
        struct timespec t = { n / 1000, n % 1000 * 1000000 };
        nanosleep(&t, 0);
      }
      static void await_blocked(pid_t task, long call)
      {
        char path[64], text[64], number[16];
        snprintf(path, sizeof(path), "/proc/%d/syscall", task);
        int length = snprintf(number, sizeof(number), "%ld ", call);
        for (;;) {
          int fd = open(path, O_RDONLY);
          if (fd < 0) return; /* it is gone */
          ssize_t got = read(fd, text, sizeof(text));
          close(fd);
          if (got > length && !strncmp(text, number, length)) return;
          ms(1);
        }
      }
      static void ready(void)
      {
        char go;
        write(1, "ready\\n", 6);
        if (read(0, &go, 1) != 1) _exit(3);
      }
      """;

  @TempDir Path directory;

  @BeforeAll
  static void assumeKernel() {
    KernelHost.assumeRecording();
  }

  @Test
  void shouldTellHowLongCallsTookWhenTheProgramSleepsKnownTimes() throws Exception {
    JsonNode report =
        trace(
            "sleeps",
            """
            static void handle(int unused) { (void)unused; }
            int main(void)
            {
              ready();
              for (int i = 0; i < 60; i++) ms(3);
              for (int i = 0; i < 7; i++) ms(40);
              for (int i = 0; i < 5; i++) close(-1);
              signal(SIGUSR1, handle);
              for (int i = 0; i < 3; i++) raise(SIGUSR1);
              return 0;
            }
            """,
            List.of("syscalls", "--slow", "30ms"));

    JsonNode sleep = row(report, "call", "clock_nanosleep");
    assertThat(sleep.get("count").asLong()).isEqualTo(67);
    assertThat(sleep.get("totalNanos").asLong()).isGreaterThan((60 * 3 + 7 * 40) * 1_000_000L);
    assertThat(sleep.get("maxNanos").asLong()).isGreaterThanOrEqualTo(40_000_000L);
    assertThat(counted(sleep, 2048)).isEqualTo(67);
    assertThat(counted(sleep, 32768)).isGreaterThanOrEqualTo(7);
    assertThat(sleep.get("p50Nanos").asLong()).isBetween(2_000_000L, 40_000_000L);
    assertThat(sleep.get("p99Nanos").asLong()).isGreaterThanOrEqualTo(32_000_000L);
    assertThat(row(report, "call", "close").at("/errors/EBADF").asLong()).isEqualTo(5);
    assertThat(row(report, "call", "rt_sigreturn").get("count").asLong()).isEqualTo(3);
    assertThat(slow(report, "clock_nanosleep")).isGreaterThanOrEqualTo(7);
    assertThat(report.at("/lost/mapFull").asLong()).isZero();
    assertThat(report.at("/lost/unpaired").asLong()).isZero();
    assertThat(report.at("/at/final").asBoolean()).isTrue();
  }

  @Test
  void shouldCountTheCallsThatSeccompRefused() throws Exception {
    JsonNode report =
        trace(
            "refused",
            """
            #include <linux/audit.h>
            #include <linux/filter.h>
            #include <linux/seccomp.h>
            #include <stddef.h>
            #include <sys/prctl.h>
            #include <sys/syscall.h>
            int main(void)
            {
              struct sock_filter filter[] = {
                BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
                BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
              };
              struct sock_fprog program = { 4, filter };
              ready();
              for (int i = 0; i < 3; i++) syscall(SYS_getppid);
              prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
              if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)) _exit(4);
              for (int i = 0; i < 7; i++) syscall(SYS_getppid);
              return 0;
            }
            """,
            List.of("syscalls", "--top", "0"));

    JsonNode asked = row(report, "call", "getppid");
    assertThat(asked.get("count").asLong()).isEqualTo(10);
    assertThat(asked.at("/errors/EPERM").asLong()).isEqualTo(7);
    assertThat(report.at("/lost/unpaired").asLong()).isZero();
  }

  @Test
  void shouldTellWhoWaitedWhereWhenThreadsAndProcessesFightOverLocks() throws Exception {
    JsonNode report =
        trace(
            "fights",
            """
            static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
            static volatile int held;
            __attribute__((noinline)) static void wait_for_it(void)
            {
              pthread_mutex_lock(&lock);
              pthread_mutex_unlock(&lock);
            }
            static void *holder(void *unused)
            {
              for (int i = 0; i < 10; i++) {
                while (held) ms(1);
                pthread_mutex_lock(&lock);
                held = 1;
                await_blocked(getpid(), SYS_futex);
                ms(20);
                pthread_mutex_unlock(&lock);
              }
              return unused;
            }
            int main(int argc, char **argv)
            {
              pthread_t thread;
              int mine = open(argv[0], O_RDONLY);
              ready();
              pthread_create(&thread, 0, holder, 0);
              for (int i = 0; i < 10; i++) {
                while (!held) ms(1);
                wait_for_it();
                held = 0;
              }
              pthread_join(thread, 0);
              for (int i = 0; i < 3; i++) {
                int pipes[2];
                char byte;
                pipe(pipes);
                if (!fork()) {
                  int other = open(argv[0], O_RDONLY);
                  flock(other, LOCK_EX);
                  write(pipes[1], "x", 1);
                  await_blocked(getppid(), SYS_flock);
                  ms(50);
                  _exit(0);
                }
                read(pipes[0], &byte, 1);
                flock(mine, LOCK_EX);
                flock(mine, LOCK_UN);
                wait(0);
              }
              return 0;
            }
            """,
            List.of("locks", "--top", "0"));

    List<JsonNode> futexes = rows(report, "type", "futex");
    assertThat(futexes.stream().mapToLong(r -> r.get("count").asLong()).sum())
        .isGreaterThanOrEqualTo(10);
    assertThat(futexes.stream().mapToLong(r -> r.get("totalNanos").asLong()).sum())
        .isGreaterThan(100_000_000L);
    assertThat(futexes.stream().flatMap(r -> frames(r).stream())).anyMatch(f -> !f.isEmpty());
    List<JsonNode> files = rows(report, "type", "file lock");
    assertThat(files.stream().mapToLong(r -> r.get("count").asLong()).sum()).isEqualTo(3);
    assertThat(files.stream().mapToLong(r -> r.get("totalNanos").asLong()).sum())
        .isBetween(3 * 30_000_000L, 60_000_000_000L);
  }

  @Test
  void shouldTellTheWholeStackOfAWaitWhenTheCodeHasNoFramePointers() throws Exception {
    JsonNode report =
        trace(
            "deep",
            """
            #include <linux/futex.h>
            #include <sys/syscall.h>
            #define DEPTH(name, below) \
              __attribute__((noipa)) static long name(int *word) \
              { \
                volatile char kept[72] = { 0 }; \
                return below + kept[word[0]]; \
              }
            static struct timespec soon = { 0, 5000000 };
            DEPTH(fifth, syscall(SYS_futex, word, FUTEX_WAIT, 0, &soon, 0, 0))
            DEPTH(fourth, fifth(word))
            DEPTH(third, fourth(word))
            DEPTH(second, third(word))
            DEPTH(first, second(word))
            int main(void)
            {
              int word = 0;
              ready();
              for (int i = 0; i < 7; i++) first(&word);
              return 0;
            }
            """,
            List.of("locks"),
            List.of("-O2", "-fomit-frame-pointer"));

    List<JsonNode> futexes = rows(report, "type", "futex");
    assertThat(futexes).hasSize(1);
    assertThat(futexes.getFirst().get("count").asLong()).isEqualTo(7);
    assertThat(frames(futexes.getFirst()))
        .map(frame -> frame.replaceAll(" \\[.*", ""))
        .containsSubsequence("syscall", "fifth", "fourth", "third", "second", "first", "main")
        .doesNotContain("(incomplete)");
  }

  @Test
  void shouldCountTheRequestsThatTheDeviceCounts() throws Exception {
    String device = deviceOf(directory);
    KernelHost.skipUnless("kernel", device != null, "the temporary directory is on no disk");
    Path file = directory.resolve("written");
    Path ready = directory.resolve("ready");
    long pid;
    long[] before;
    long[] after;
    JsonNode report;
    try (UnfreedProcess trace =
        new UnfreedProcess(
            "trace", "io", "--format", "json", "--top", "0", "--ready", ready.toString())) {
      await().atMost(PATIENCE).until(() -> Files.exists(ready));
      before = writes(device);
      ProcessBuilder dd =
          new ProcessBuilder(
              "dd", "if=/dev/zero", "of=" + file, "bs=64k", "count=50", "oflag=direct");
      Process writer = dd.redirectErrorStream(true).start();
      pid = writer.pid();
      assertThat(writer.waitFor()).isZero();
      after = writes(device);
      trace.signal("INT");
      assertThat(trace.await()).describedAs(trace.err()).isZero();
      report = new ObjectMapper().readTree(trace.out());
    }
    List<JsonNode> written =
        rows(report, "device", device).stream()
            .filter(r -> r.at("/process/tgid").asLong() == pid)
            .filter(r -> r.get("operation").asText().equals("write"))
            .toList();
    long requests = written.stream().mapToLong(r -> r.at("/fromInsert/count").asLong()).sum();
    long bytes = written.stream().mapToLong(r -> r.get("bytes").asLong()).sum();
    assertThat(bytes).isEqualTo(50 * 65536L);
    assertThat(requests).isPositive().isLessThanOrEqualTo(after[0] - before[0]);
    assertThat(bytes / 512).isLessThanOrEqualTo(after[1] - before[1]);
    assertThat(written.getFirst().at("/fromIssue/p95Nanos").asLong())
        .isLessThanOrEqualTo(written.getFirst().at("/fromInsert/maxNanos").asLong());
  }

  @Test
  void shouldTellWhatAProcessHoldsOfTheKernelsMemory() throws Exception {
    JsonNode report =
        trace(
            "sockets",
            """
            int main(void)
            {
              ready();
              for (int i = 0; i < 300; i++) {
                int fd = socket(AF_UNIX, SOCK_STREAM, 0);
                if (i % 3 == 0) close(fd);
              }
              write(1, "held\\n", 5);
              for (;;) pause();
            }
            """,
            List.of("memory"));

    JsonNode row = report.at("/rows/0");
    assertThat(row.at("/process/name").asText()).isEqualTo("sockets");
    assertThat(row.get("outstandingCount").asLong()).isGreaterThanOrEqualTo(200);
    assertThat(row.get("outstandingCount").asLong())
        .isEqualTo(row.get("allocations").asLong() - row.get("frees").asLong());
    assertThat(row.get("outstandingBytes").asLong())
        .isEqualTo(row.get("allocatedBytes").asLong() - row.get("freedBytes").asLong());
  }

  @Test
  void shouldCountOnlyTheProcessesOfAGroupWhenOneIsNamed() throws Exception {
    KernelHost.assumeRoot();
    try (ControlGroup group = ControlGroup.make("unfreed-trace-test")) {
      Path ready = directory.resolve("ready");
      try (UnfreedProcess trace =
          new UnfreedProcess(
              "trace",
              "syscalls",
              "--cgroup",
              group.path(),
              "--format",
              "json",
              "--top",
              "0",
              "--ready",
              ready.toString())) {
        await().atMost(PATIENCE).until(() -> Files.exists(ready));
        List<String> copy = List.of("dd", "if=/dev/zero", "of=/dev/null", "bs=512", "count=700");
        group.run(copy);
        assertThat(new ProcessBuilder(copy).redirectErrorStream(true).start().waitFor()).isZero();
        trace.signal("INT");
        assertThat(trace.await()).describedAs(trace.err()).isZero();
        JsonNode report = new ObjectMapper().readTree(trace.out());
        List<JsonNode> writes =
            rows(report, "call", "write").stream()
                .filter(r -> r.at("/process/name").asText().equals("dd"))
                .toList();
        assertThat(writes).hasSize(1);
        assertThat(writes.getFirst().get("count").asLong()).isBetween(700L, 710L);
      }
    }
  }

  @Test
  void shouldCountEveryProcessWhenMoreExitThanTheKernelsMapHasRoomFor() throws Exception {
    KernelHost.assumeRoot();
    int processes = 1200;
    try (ControlGroup group = ControlGroup.make("unfreed-exited-test")) {
      Path ready = directory.resolve("ready");
      List<String> arguments = List.of("trace", "syscalls", "--cgroup", group.path());
      arguments = new ArrayList<>(arguments);
      arguments.addAll(List.of("--format", "json", "--top", "0", "--ready", ready.toString()));
      try (UnfreedProcess trace = new UnfreedProcess(arguments.toArray(String[]::new))) {
        await().atMost(PATIENCE).until(() -> Files.exists(ready));
        String loop = "for i in $(seq " + processes + "); do sleep 0.005; done";
        group.run(List.of("sh", "-c", loop));
        trace.signal("INT");
        assertThat(trace.await()).describedAs(trace.err()).isZero();
        JsonNode report = new ObjectMapper().readTree(trace.out());

        assertThat(report.get("rows").size()).isGreaterThan(16_384);
        assertThat(report.at("/lost/mapFull").asLong()).isZero();
        long sleeps =
            rows(report, "call", "clock_nanosleep").stream()
                .filter(row -> row.at("/process/name").asText().equals("sleep"))
                .mapToLong(row -> row.get("count").asLong())
                .sum();
        assertThat(sleeps).isEqualTo(processes);
      }
    }
  }

  @Test
  void shouldPrintTextAsBccDoesAndEveryInterval() throws Exception {
    try (UnfreedProcess trace =
        new UnfreedProcess(
            "trace", "syscalls", "--duration", "2800ms", "--interval", "500ms", "--top", "2")) {
      assertThat(trace.await()).describedAs(trace.err()).isZero();
      // Six of them on a machine that is not busy.
      assertThat(trace.out().lines().filter(l -> l.contains("System calls"))).hasSizeBetween(2, 6);
      assertThat(trace.out())
          .contains("interpolated in log2 buckets")
          .contains("     usecs               : count     distribution")
          .containsPattern("(?m)^ +\\d+ -> \\d+ +: \\d+ +\\|\\*");
      assertThat(trace.err()).isEqualTo("unfreed: tracing syscalls of every process\n");
    }
  }

  @Test
  void shouldSayInOneLineWhatIsWrong() {
    expect(2, "--min goes with locks", "trace", "io", "--min", "1ms");
    expect(2, "--duration must be longer than 0", "trace", "io", "--duration", "0s");
    expect(1, "no process 2147483647", "trace", "syscalls", "-p", "2147483647");
    expect(2, "--cgroup /no/such: no control group", "trace", "io", "--cgroup", "/no/such");
  }

  private static void expect(int code, String line, String... arguments) {
    CommandRun run = CommandRun.of(arguments);
    assertThat(run.exitCode()).describedAs(run.err()).isEqualTo(code);
    assertThat(run.err()).startsWith("unfreed: " + line).hasLineCount(1);
    assertThat(run.out()).isEmpty();
  }

  /** The last report of a trace of a program, from its go to its end or its word "held". */
  private JsonNode trace(String name, String text, List<String> options) throws Exception {
    return trace(name, text, options, List.of("-O1", "-fno-omit-frame-pointer"));
  }

  private JsonNode trace(String name, String text, List<String> options, List<String> flags)
      throws Exception {
    Path source = Files.writeString(directory.resolve(name + ".c"), WAIT_FOR_GO + text);
    Path program = directory.resolve(name);
    List<String> gcc = new ArrayList<>(List.of("gcc", "-Wno-unused-result", "-pthread"));
    gcc.addAll(flags);
    gcc.addAll(List.of("-o", program.toString(), source.toString()));
    assertThat(new ProcessBuilder(gcc).inheritIO().start().waitFor()).isZero();
    Path ready = directory.resolve("ready");
    Process target = new ProcessBuilder(program.toString()).start();
    try {
      assertThat(target.inputReader().readLine()).isEqualTo("ready");
      List<String> arguments = new ArrayList<>(List.of("trace"));
      arguments.addAll(options);
      arguments.addAll(List.of("-p", Long.toString(target.pid()), "--format", "json"));
      arguments.addAll(List.of("--ready", ready.toString()));
      try (UnfreedProcess trace = new UnfreedProcess(arguments.toArray(String[]::new))) {
        await()
            .atMost(PATIENCE)
            .until(() -> Files.exists(ready) || !ProcessHandle.of(trace.pid()).isPresent());
        target.outputWriter().write("go\n");
        target.outputWriter().flush();
        if (target.inputReader().readLine() != null) {
          trace.signal("INT");
        }
        assertThat(trace.await()).describedAs(trace.err()).isZero();
        List<String> lines = trace.out().lines().toList();
        return new ObjectMapper().readTree(lines.getLast());
      }
    } finally {
      target.destroyForcibly();
    }
  }

  private static JsonNode row(JsonNode report, String field, String value) {
    return rows(report, field, value).getFirst();
  }

  private static List<JsonNode> rows(JsonNode report, String field, String value) {
    return stream(report.get("rows")).filter(r -> r.get(field).asText().equals(value)).toList();
  }

  private static List<String> frames(JsonNode row) {
    return stream(row.get("stack")).map(JsonNode::asText).toList();
  }

  private static Stream<JsonNode> stream(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false);
  }

  private static long counted(JsonNode row, long fromMicros) {
    return stream(row.get("buckets"))
        .filter(b -> b.get("fromMicros").asLong() >= fromMicros)
        .mapToLong(b -> b.get("count").asLong())
        .sum();
  }

  private static long slow(JsonNode report, String call) {
    return stream(report.get("slow"))
        .filter(e -> e.get("call").asText().equals(call))
        .filter(e -> e.get("nanos").asLong() >= 30_000_000L)
        .count();
  }

  private static String deviceOf(Path path) throws IOException {
    String store = Files.getFileStore(path).name();
    String device = store.substring(store.lastIndexOf('/') + 1);
    return Files.exists(Path.of("/sys/block", device, "stat")) ? device : null;
  }

  /** Writes and sectors written (Documentation/block/stat.rst). */
  private static long[] writes(String device) throws IOException {
    String[] fields = Files.readString(Path.of("/sys/block", device, "stat")).strip().split("\\s+");
    return new long[] {Long.parseLong(fields[4]), Long.parseLong(fields[6])};
  }
}
