package io.unfreed.bpf.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.bpf.CompiledC;
import io.unfreed.bpf.ring.EventCursor;
import io.unfreed.bpf.ring.ProcessCursor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Children from their first allocation, against what they say they did. */
@Tag("kernel")
class ChildrenTest {
  private static final LiveSessionConfig FOLLOWING =
      LiveSessionConfig.defaults().withFollowChildren(true);

  @TempDir Path directory;

  @BeforeAll
  static void assumeKernel() {
    KernelTests.assumeCapture();
    CompiledC.skipUnless(SharedProbing.isPossible(), "this kernel cannot let children inherit");
  }

  @ParameterizedTest
  @CsvSource({
    "fork,20",
    "fork,100",
    "fork,300",
    "exec,20",
    "exec,100",
    "exec,300",
    "spawn,20",
    "spawn,100",
    "spawn,300"
  })
  void shouldSeeEveryCallOfEveryChildWhenTheyLiveShortly(String way, String milliseconds)
      throws Exception {
    Path did = directory.resolve("did");
    Recorded recorded = run(FOLLOWING, family("family"), way, milliseconds, "9", did.toString());

    assertThat(recorded.status).isEqualTo(7);
    assertThat(Files.readAllLines(did)).hasSize(9);
    for (String line : Files.readAllLines(did)) {
      int child = Integer.parseInt(line.split(" ")[1]);
      Map<String, Long> truth = Tally.empty();
      truth.putAll(Workload.numbers(line));
      assertThat(recorded.tally.of(child)).describedAs(line).isEqualTo(truth);
      assertThat(recorded.coverage.get(child)).isEqualTo(Coverage.whole(child));
      if (!way.equals("fork")) {
        assertThat(recorded.tally.commands.get(child))
            .isEqualTo(family("family") + " work " + milliseconds + " " + did);
      }
    }
    assertThat(recorded.counters.lost()).describedAs("%s", recorded.counters).isZero();
  }

  @Test
  void shouldSeeAStaticProgramFromItsSecondRunAndSaySoOfTheFirst() throws Exception {
    Path did = directory.resolve("did");
    String work = "%s work 300 %s; ".formatted(family("family_static"), did);
    Recorded recorded = run(FOLLOWING, "sh", "-c", work + work + "true");

    List<String> lines = Files.readAllLines(did);
    int first = Integer.parseInt(lines.getFirst().split(" ")[1]);
    int second = Integer.parseInt(lines.getLast().split(" ")[1]);
    Map<String, Long> truth = Tally.empty();
    truth.putAll(Workload.numbers(lines.getLast()));
    // A static program's libc takes a few blocks at its start, before main, and keeps them.
    assertThat(recorded.tally.of(second).get("free")).isEqualTo(truth.get("free"));
    assertThat(recorded.tally.of(second).get("alloc"))
        .isBetween(truth.get("alloc"), truth.get("alloc") + 20);
    assertThat(recorded.coverage.get(second)).isEqualTo(Coverage.whole(second));
    assertThat(recorded.coverage.get(first).sinceNanos().orElse(1)).isPositive();
    assertThat(recorded.coverage.get(first).reason()).isPresent();
  }

  @Test
  void shouldSeeTheAllocatorThatEnvPreloadsForTheCommand() throws Exception {
    Path allocator = Path.of("/usr/lib/x86_64-linux-gnu/libtcmalloc_minimal.so.4");
    CompiledC.skipUnless(Files.exists(allocator), allocator + " is not installed");
    String source =
        """
        #include <stdlib.h>
        int main(void) {
          for (int i = 0; i < 501; i++) if (!malloc(1237)) return 1;
          return 0;
        }
        """;
    Path leak = CompiledC.compile(directory, "leak.c", source, "-O0");
    // Not following: it is one process that execs twice.
    Recorded recorded =
        run(LiveSessionConfig.defaults(), "env", "LD_PRELOAD=" + allocator, leak.toString());

    assertThat(recorded.status).isZero();
    assertThat(recorded.sizes.get(1237L)).isEqualTo(501);
    assertThat(recorded.coverage.get(recorded.tgid)).isEqualTo(Coverage.whole(recorded.tgid));
  }

  private String family(String program) throws IOException {
    return Workload.directory().resolve(program).toString();
  }

  /** A command recorded from its start to the last exit among its processes. */
  private static Recorded run(LiveSessionConfig config, String... command) throws Exception {
    Recorded recorded = new Recorded();
    try (LiveSession session = LiveSession.open(config)) {
      LaunchedCommand launched = session.launch(List.of(command));
      recorded.tgid = launched.tgid();
      recorded.session = session;
      launched.release();
      KernelTests.pollUntil(
          session, recorded, () -> recorded.tally.exited.contains(launched.tgid()));
      recorded.status = launched.waitFor();
      session.detach();
      while (session.poll(recorded, 4096) > 0) {
        // until nothing is ready
      }
      recorded.counters = session.counters();
      recorded.late.addAll(session.takeLateReports());
    }
    return recorded;
  }

  private static final class Recorded extends Tally {
    private final Tally tally = this;
    private final Map<Integer, Coverage> coverage = new HashMap<>();
    private final Map<Long, Integer> sizes = new HashMap<>();
    private final List<AttachReport> late = new ArrayList<>();
    private CaptureCounters counters;
    private LiveSession session;
    private int tgid;
    private int status;

    @Override
    public void onEvent(EventCursor event) {
      super.onEvent(event);
      sizes.merge(event.sizeBytes(), 1, Integer::sum);
    }

    @Override
    public void onProcess(ProcessCursor process) {
      super.onProcess(process);
      if (process.kind() == ProcessCursor.EXIT) {
        Optional<Coverage> known = session.coverage(process.tgid());
        known.ifPresent(c -> coverage.put(process.tgid(), c));
      }
    }
  }
}
