package io.unfreed.cli.live;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.unfreed.cli.CommandRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code --follow-children} by the library: each process from its first allocation, or told. */
class FollowedChildrenTest {
  private static final Path LIBRARIES = Path.of("/usr/lib/x86_64-linux-gnu");
  private static final int LEAKED = 501;
  private static final String LEAKER =
      """
      #include <stdlib.h>
      int main(void)
      {
        for (int i = 0; i < 501; i++) {
          void *volatile p = malloc(7);
          if (i == 1000)
            free(p);
        }
        return 0;
      }
      """;

  /**
   * Becomes another program under a filter that allows no faccessat, which its loader needs not.
   */
  private static final String FILTERED =
      """
      #include <linux/filter.h>
      #include <linux/seccomp.h>
      #include <stddef.h>
      #include <sys/prctl.h>
      #include <sys/syscall.h>
      #include <unistd.h>
      int main(int count, char **arguments)
      {
        struct sock_filter filter[] = {
          BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
          BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_faccessat, 0, 1),
          BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
          BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        };
        struct sock_fprog program = { sizeof(filter) / sizeof(*filter), filter };
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
            prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
          return 2;
        execvp(arguments[1], arguments + 1);
        return 3;
      }
      """;

  /** Becomes another program when it can open no file any more. */
  private static final String FULL =
      """
      #include <fcntl.h>
      #include <sys/resource.h>
      #include <unistd.h>
      int main(int argc, char **argv)
      {
        struct rlimit few = { 64, 64 };
        if (argc < 2 || setrlimit(RLIMIT_NOFILE, &few))
          return 1;
        while (open("/dev/null", O_RDONLY | O_CLOEXEC) >= 0)
          ;
        execv(argv[1], argv + 1);
        return 2;
      }
      """;

  @TempDir Path directory;

  @BeforeAll
  static void assumeShim() {
    KernelHost.assumeShim();
  }

  @Test
  void shouldTellWhatEachChildPrintsHoweverItWasMade() throws Exception {
    Path told = directory.resolve("told");
    List<JsonNode> reports =
        record("", KernelHost.program("children_nofp"), told + "", "2", "--now");
    Map<Integer, JsonNode> byTgid = new LinkedHashMap<>();
    reports.forEach(report -> byTgid.put(report.at("/process/tgid").asInt(), report));
    try (Stream<Path> files = Files.list(told)) {
      List<Path> all = files.toList();
      assertThat(all).hasSize(18);
      for (Path file : all) {
        Truth truth = Truth.of(Files.readAllLines(file));
        JsonNode report = byTgid.get(Integer.parseInt(file.getFileName().toString()));
        assertThat(report).describedAs("%s", file).isNotNull();
        long closed = report.at("/totals/closedByExec").asLong();
        assertThat(closed).as("of the program before the exec").isZero();
        truth.linesAreTold(file.toString(), report);
        truth.totalsAreAmong(file.toString(), report);
        assertThat(report.at("/process/recordedFromNanos").asLong()).isZero();
      }
    }
  }

  @Test
  void shouldTellEveryOneOfAHundredShortChildren() throws Exception {
    String leaker = compiled("leaker", LEAKER);
    String script = "i=0; while [ $i -lt 100 ]; do '" + leaker + "'; i=$((i+1)); done";
    List<JsonNode> reports = record("", "sh", "-c", script);
    assertThat(ofProgram(reports, leaker)).hasSize(100).allSatisfy(FollowedChildrenTest::leaks);
  }

  @Test
  void shouldTellTheChildrenOfMake() throws Exception {
    StringBuilder makefile = new StringBuilder("all:");
    for (int i = 0; i < 3; i++) {
      Files.writeString(directory.resolve("f" + i + ".c"), "int f" + i + "(void) { return 1; }\n");
      makefile.append(" f").append(i).append(".o");
    }
    makefile.append("\n%.o: %.c\n\tgcc -O1 -c -o $@ $<\n");
    Files.writeString(directory.resolve("Makefile"), makefile);
    List<JsonNode> reports = record("", "make", "-s", "-j2", "-C", directory.toString());
    List<JsonNode> compilers =
        reports.stream().filter(r -> r.at("/process/command").asText().contains("cc1 ")).toList();
    assertThat(compilers).hasSize(3);
    for (JsonNode report : compilers) {
      assertThat(report.at("/totals/allocations").asLong()).isGreaterThan(1000);
      assertThat(report.at("/process/recordedFromNanos").asLong()).isZero();
      assertThat(report.at("/totals/lostEvents").asLong()).isZero();
      assertThat(report.at("/totals/superseded").asLong()).isZero();
      assertThat(report.at("/at/final").asBoolean()).isTrue();
    }
  }

  @Test
  void shouldSeeThroughAnAllocatorThatEnvPreloads() throws Exception {
    Path allocator = LIBRARIES.resolve("libtcmalloc_minimal.so.4");
    KernelHost.skipUnless("library", Files.exists(allocator), allocator + " is not installed");
    String leaker = compiled("leaker", LEAKER);
    List<JsonNode> reports = record("", "env", "LD_PRELOAD=" + allocator, leaker);
    assertThat(reports).hasSize(1);
    // With what the allocator and libstdc++ take for themselves.
    List<Long> ofMain = new ArrayList<>();
    for (JsonNode stack : reports.getFirst().get("stacks")) {
      stack.findValuesAsText("symbol").stream()
          .filter("main"::equals)
          .forEach(frame -> ofMain.add(stack.get("outstandingCount").asLong()));
    }
    assertThat(ofMain).containsExactly((long) LEAKED);
  }

  @Test
  void shouldGoOnWhenTheEnvironmentIsEmptied() throws Exception {
    String leaker = compiled("leaker", LEAKER);
    List<JsonNode> reports = record("", "env", "-i", leaker);
    assertThat(reports).hasSize(1);
    leaks(reports.getFirst());
    assertThat(record("", "sh", "-c", "env -i '" + leaker + "'; true"))
        .anySatisfy(FollowedChildrenTest::leaks);
  }

  @Test
  void shouldSayThatAStaticChildWasNotRecorded() throws Exception {
    String program = compiled("leaker_static", LEAKER, "-static");
    List<JsonNode> reports =
        record("not seen: a process of " + program, "sh", "-c", "'" + program + "'; true");
    JsonNode session = reports.getFirst().get("session");
    assertThat(session.get("notSeen").toString()).contains("a process of " + program);
    List<JsonNode> own = ofProgram(reports, program);
    assertThat(own).hasSize(1);
    assertThat(own.getFirst().at("/process/recordedFromNanos").isNull()).isTrue();
    assertThat(own.getFirst().at("/totals/allocations").asLong()).isZero();
  }

  @Test
  void shouldSayThatTheCommandBecameWhatIsNotRecorded() throws Exception {
    String program = compiled("leaker_static", LEAKER, "-static");
    List<JsonNode> reports =
        record("not seen: a process of " + program, "sh", "-c", "exec '" + program + "'");
    assertThat(reports.getLast().at("/process/recordedFromNanos").isNull()).isTrue();
  }

  @Test
  void shouldGoOnWithTheImageThatTheCommandExecs() throws Exception {
    String leaker = compiled("leaker", LEAKER);
    List<JsonNode> reports = record("", "sh", "-c", "exec '" + leaker + "'");
    assertThat(reports).hasSize(1);
    leaks(reports.getFirst());
    assertThat(reports.getFirst().at("/process/command").asText()).isEqualTo(leaker);
  }

  @Test
  void shouldGoOnWithTheImageOfAProcessAtItsLimitOfFiles() throws Exception {
    String leaker = compiled("leaker", LEAKER);
    List<JsonNode> reports = record("", compiled("full", FULL), leaker);
    assertThat(reports).hasSize(1);
    leaks(reports.getFirst());
  }

  @Test
  void shouldGoOnWithTheImageOfAProcessThatForbidsItselfWhatTheLoaderDoesNotCall()
      throws Exception {
    String leaker = compiled("leaker", LEAKER);
    List<JsonNode> reports = record("", compiled("filtered", FILTERED), leaker);
    assertThat(reports).hasSize(1);
    leaks(reports.getFirst());
  }

  private static void leaks(JsonNode report) {
    assertThat(report.at("/totals/outstandingCount").asLong()).isEqualTo(LEAKED);
    assertThat(report.at("/totals/outstandingBytes").asLong()).isEqualTo(7L * LEAKED);
    assertThat(report.at("/totals/certainBytes").asLong()).isEqualTo(7L * LEAKED);
    assertThat(report.at("/stacks/0/frames/0/symbol").asText()).isEqualTo("main");
    assertThat(report.at("/process/recordedFromNanos").asLong()).isZero();
  }

  private static List<JsonNode> ofProgram(List<JsonNode> reports, String program) {
    return reports.stream()
        .filter(report -> report.at("/process/command").asText().equals(program))
        .toList();
  }

  /** Records a command; its report in text must say a line, and the library must not complain. */
  private List<JsonNode> record(String line, String... command) throws Exception {
    String file = directory.resolve("children.capture").toString();
    List<String> all = new ArrayList<>();
    all.addAll(List.of("record", "--force", "-o", file, "--follow-children", "--"));
    all.addAll(List.of(command));
    try (UnfreedProcess run = new UnfreedProcess(all.toArray(String[]::new))) {
      assertThat(run.await()).isZero();
      assertThat(run.err()).isEmpty();
    }
    assertThat(CommandRun.of("report", file).out()).contains(line);
    assertThat(Captured.end(Path.of(file)).getLost()).isZero();
    return KernelHost.reports("report", file, "--format", "json", "--top", "0");
  }

  private String compiled(String name, String source, String... options) throws Exception {
    Path file = Files.writeString(directory.resolve(name + ".c"), source);
    String program = directory.resolve(name).toString();
    List<String> command = new ArrayList<>(List.of("gcc", "-O1", "-fno-builtin", "-g"));
    command.addAll(List.of(options));
    command.addAll(List.of("-o", program, file.toString()));
    if (new ProcessBuilder(command).inheritIO().start().waitFor() != 0) {
      throw new IOException(String.join(" ", command) + " failed");
    }
    return program;
  }
}
