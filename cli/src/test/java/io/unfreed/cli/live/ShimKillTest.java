package io.unfreed.cli.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.unfreed.cli.CommandRun;
import io.unfreed.schemas.SessionEnd;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** SIGKILL of a recorded program loses nothing; SIGKILL of the recorder is not felt by it. */
class ShimKillTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int KILLS = Integer.getInteger("unfreed.kills", 20);
  private static final int THREADS = 4;
  private static final Duration NO_FREEZE = Duration.ZERO;
  private static final Duration FREEZE = Duration.ofSeconds(2);
  private static final int LEDGER_BYTES = 64 + 64 * 64;
  private static final String RINGS = "unfreed-rings-";

  @TempDir Path directory;

  @BeforeAll
  static void assumeShim() {
    KernelHost.assumeShim();
  }

  /** What killme's threads had counted: see the workloads' README. */
  private record Counted(long tgid, boolean begun, long allocations, long frees, long bytes) {
    static Counted of(Path ledger) throws IOException {
      byte[] bytes = Files.exists(ledger) ? Files.readAllBytes(ledger) : new byte[0];
      if (bytes.length < LEDGER_BYTES) {
        return new Counted(0, false, 0, 0, 0);
      }
      ByteBuffer words = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
      long allocations = 0;
      long frees = 0;
      long allocated = 0;
      for (int at = 64; at < LEDGER_BYTES; at += 64) {
        long resized = words.getLong(at + 32);
        allocations += words.getLong(at + 8) + resized;
        frees += words.getLong(at + 24) + resized;
        allocated += words.getLong(at + 16) + words.getLong(at + 40);
      }
      return new Counted(words.getLong(8), words.getLong(24) == 1, allocations, frees, allocated);
    }
  }

  /** All kills in one recording: each program is a child of the recorded shell. */
  @Test
  void shouldHaveEveryCallThatHadReturnedWhenTheProgramIsKilled() throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    Path file = directory.resolve("killed.capture");
    String killme = KernelHost.program("killme_nofp");
    String loop =
        "i=0; while [ $i -lt %d ]; do '%s' '%s'/$i %d --now; i=$((i+1)); done; exit 0"
            .formatted(KILLS, killme, directory, THREADS);
    try (UnfreedProcess run =
        new UnfreedProcess(
            "record", "-o", file.toString(), "--follow-children", "--", "sh", "-c", loop)) {
      for (int kill = 0; kill < KILLS; kill++) {
        Path ledger = directory.resolve(Integer.toString(kill));
        long enough = random.nextInt(1000 + 40_000);
        await()
            .atMost(PATIENCE)
            .pollInterval(Duration.ofMillis(1))
            .until(() -> Counted.of(ledger).begun && Counted.of(ledger).allocations > enough);
        ProcessHandle.of(Counted.of(ledger).tgid).orElseThrow().destroyForcibly();
      }
      assertThat(run.await()).isZero();
    }
    assertThat(Captured.end(file).getLost()).isZero();
    for (int kill = 0; kill < KILLS; kill++) {
      Counted counted = Counted.of(directory.resolve(Integer.toString(kill)));
      compare(counted, report(file, counted.tgid), "seed " + seed + ", kill " + kill);
    }
  }

  /** A thread counts a call when it has returned: the recording may have one more of each. */
  private static void compare(Counted counted, JsonNode report, String what) {
    JsonNode totals = report.get("totals");
    long allocations = totals.get("allocations").asLong();
    long frees = totals.get("frees").asLong() + totals.get("unmatchedFrees").asLong();
    // Threads of killme are made before it begins: libc's own, a few blocks each.
    long libc = 1 + 3 * THREADS;
    assertThat(allocations)
        .as(what)
        .isBetween(counted.allocations, counted.allocations + THREADS + libc);
    assertThat(frees).as(what).isBetween(counted.frees, counted.frees + THREADS + libc);
    assertThat(totals.get("allocatedBytes").asLong())
        .as(what)
        .isGreaterThanOrEqualTo(counted.bytes);
    assertThat(totals.get("superseded").asLong()).as(what).isZero();
    assertThat(totals.get("unmatchedFrees").asLong()).as(what).isZero();
    assertThat(totals.get("lostEvents").asLong()).as(what).isZero();
    assertThat(report.at("/process/recordedFromNanos").asLong()).as(what).isZero();
  }

  private static JsonNode report(Path file, long tgid) throws Exception {
    return KernelHost.reports(
            "report", file.toString(), "--pid", Long.toString(tgid), "--format", "json")
        .getLast();
  }

  @Test
  void shouldLeaveTheProgramAloneWhenTheRecorderIsKilled() throws Exception {
    Path file = directory.resolve("orphan.capture");
    Path ledger = directory.resolve("ledger");
    Map<String, String> places = places();
    long tgid;
    String[] record = {
      "record",
      "-o",
      file.toString(),
      "--",
      KernelHost.program("killme"),
      ledger.toString(),
      "4",
      "--now"
    };
    try (UnfreedProcess run = new UnfreedProcess(List.of(), places, record)) {
      await().atMost(PATIENCE).until(() -> Counted.of(ledger).allocations > 50_000);
      tgid = Counted.of(ledger).tgid;
      await().atMost(PATIENCE).until(() -> isReadable(file));
      run.signal("KILL");
      assertThat(run.await()).isEqualTo(128 + 9);
    } finally {
      assertThat(left(directory)).isNotEmpty();
    }
    ProcessHandle orphan = ProcessHandle.of(tgid).orElseThrow();
    try {
      // A million calls of each thread more: a thread that waited for room at every call could not.
      long before = Counted.of(ledger).allocations;
      await().atMost(PATIENCE).until(() -> Counted.of(ledger).allocations > before + 4_000_000);
      assertThat(orphan.isAlive()).isTrue();
    } finally {
      orphan.destroyForcibly();
    }
    JsonNode report = KernelHost.reports("report", file.toString(), "--format", "json").getFirst();
    assertThat(report.at("/at/final").asBoolean()).isFalse();

    try (UnfreedProcess next =
        new UnfreedProcess(
            List.of(),
            places,
            "record",
            "-o",
            directory.resolve("next").toString(),
            "--",
            "true")) {
      assertThat(next.await()).isZero();
    }
    assertThat(left(directory)).isEmpty();
  }

  /** A file is flushed once a second. */
  private static boolean isReadable(Path file) {
    return !CommandRun.of("report", file.toString(), "--format", "json").out().isEmpty();
  }

  /** Where rings and the library go: not among those of other tests. */
  private Map<String, String> places() {
    return Map.of(
        "UNFREED_RING_DIR",
        directory.toString(),
        "JDK_JAVA_OPTIONS",
        "-Djava.io.tmpdir=" + directory);
  }

  private static List<Path> left(Path directory) throws IOException {
    List<Path> left = new ArrayList<>();
    try (Stream<Path> files = Files.list(directory)) {
      files.filter(f -> f.getFileName().toString().startsWith(RINGS)).forEach(left::add);
    }
    return left;
  }

  @Test
  void shouldLoseAndSupersedeNothingWhenThreadsFreeEachOthersBlocks() throws Exception {
    Path file = directory.resolve("wait.capture");
    Truth truth = handover(file, "wait", NO_FREEZE);
    SessionEnd end = Captured.end(file);
    assertThat(end.getLost()).isZero();
    JsonNode totals = totals(file);
    assertThat(totals.get("superseded").asLong()).isZero();
    assertThat(totals.get("unmatchedFrees").asLong()).isZero();
    assertThat(totals.get("outstandingBytes").asLong())
        .isGreaterThanOrEqualTo(truth.sum("live_bytes"));
  }

  @Test
  void shouldCountExactlyWhatIsDroppedWhenRingsAreFull() throws Exception {
    Path whole = directory.resolve("whole.capture");
    Truth truth = handover(whole, "wait", NO_FREEZE);
    long libc = Captured.end(whole).getReceived() - truth.sum("alloc") - truth.sum("free");

    Path file = directory.resolve("drop.capture");
    truth = handover(file, "drop", FREEZE);
    SessionEnd end = Captured.end(file);
    assertThat(end.getLost()).isPositive();
    assertThat(end.getReceived() + end.getLost())
        .isEqualTo(truth.sum("alloc") + truth.sum("free") + libc);
    JsonNode totals = totals(file);
    assertThat(totals.get("lostEvents").asLong()).isEqualTo(end.getLost());
    // What supersedes a block, or frees none, is the other half of one that was dropped.
    assertThat(totals.get("superseded").asLong() + totals.get("unmatchedFrees").asLong())
        .isLessThanOrEqualTo(end.getLost());
    assertThat(totals.get("certainBytes").asLong()).isLessThanOrEqualTo(truth.sum("live_bytes"));
  }

  /** Frozen or not, the threads go on for longer than the recorder stands still. */
  private static Truth handover(Path file, String onFull, Duration freeze) throws Exception {
    try (UnfreedProcess run =
        new UnfreedProcess(
            "record",
            "-o",
            file.toString(),
            "--on-full",
            onFull,
            "--",
            KernelHost.program("torture_nofp"),
            "handover",
            Long.toString(freeze.plusSeconds(1).toSeconds()))) {
      run.goWhileFrozen("torture_nofp", freeze);
      assertThat(run.await()).isZero();
      assertThat(run.err().isEmpty()).describedAs(run.err()).isEqualTo(onFull.equals("wait"));
      return Truth.of(run.out().lines().toList());
    }
  }

  private static JsonNode totals(Path file) throws Exception {
    return KernelHost.reports("report", file.toString(), "--format", "json")
        .getFirst()
        .get("totals");
  }
}
