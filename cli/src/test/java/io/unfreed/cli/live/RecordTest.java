package io.unfreed.cli.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.unfreed.cli.CommandRun;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Recordings of running processes against what the processes print. */
@Tag("kernel")
class RecordTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir Path directory;

  @BeforeAll
  static void assumeKernel() {
    KernelHost.assumeRecording();
  }

  @Test
  void shouldCountEveryLossAndClaimNothingUncertainWhenTheBufferIsTiny() throws Exception {
    String file = directory.resolve("storm.capture").toString();
    Path ready = directory.resolve("ready");
    try (WaitingWorkload storm = new WaitingWorkload("storm");
        UnfreedProcess record =
            new UnfreedProcess(
                "record",
                "-p",
                Integer.toString(storm.tgid()),
                "-o",
                file,
                "--buffer",
                "4096",
                "--ready",
                ready.toString())) {
      await().atMost(PATIENCE).until(() -> Files.exists(ready));
      // Until the storm is over: no reader would be quick enough by luck.
      record.signal("STOP");
      storm.go();
      Truth truth = storm.truth();
      record.signal("CONT");
      assertThat(record.await()).describedAs(record.err()).isZero();

      JsonNode totals =
          KernelHost.reports("report", file, "--format", "json").getFirst().get("totals");
      long lost = totals.get("lostEvents").asLong();
      assertThat(lost).isPositive();
      assertThat(record.err()).hasLineCount(3);
      assertThat(record.err().lines().toList().getLast())
          .startsWith("unfreed: lost " + lost + " of ")
          .contains("ring buffer full: try --buffer 16m");
      long received =
          totals.get("allocations").asLong()
              + totals.get("frees").asLong()
              + totals.get("unmatchedFrees").asLong();
      assertThat(received).isPositive();
      assertThat(received + lost).isEqualTo(truth.sum("alloc") + truth.sum("free"));
      assertThat(totals.get("certainBytes").asLong()).isLessThanOrEqualTo(truth.sum("live_bytes"));
    }
  }

  @Test
  void shouldSayWhenItBeginsAndWhatItRecordedWhenNobodyWatches() throws Exception {
    String file = directory.resolve("told.capture").toString();
    Path ready = directory.resolve("ready");
    try (WaitingWorkload target = new WaitingWorkload("malloc")) {
      String tgid = Integer.toString(target.tgid());
      CompletableFuture<CommandRun> record =
          CompletableFuture.supplyAsync(
              () -> CommandRun.of("record", "-p", tgid, "-o", file, "--ready", ready.toString()));
      await().atMost(PATIENCE).until(() -> record.isDone() || Files.exists(ready));
      target.go();
      target.truth();
      CommandRun run = record.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);

      assertThat(run.exitCode()).describedAs(run.err()).isZero();
      JsonNode report = KernelHost.reports("report", file, "--format", "json").getFirst();
      String session = report.at("/session/id").asText();
      assertThat(ready).hasContent(session + " " + tgid + "\n");
      assertThat(run.out()).isEmpty();
      assertThat(run.errLines()).hasSize(2);
      assertThat(run.errLines().getFirst())
          .matches(
              "unfreed: recording process %s \\(alloc\\): \\d+ probes, session %s"
                  .formatted(tgid, session));
      assertThat(run.errLines().getLast())
          .matches("unfreed: recorded \\d+ events to " + Pattern.quote(file));
      assertThat(report.at("/totals/lostEvents").asLong()).isZero();
    }
  }

  @Test
  void shouldRecordTheKernelAndNameItsFunctions() throws Exception {
    String file = directory.resolve("kernel.capture").toString();
    InThread record = new InThread("record", "--kernel", "--duration", "2s", "-o", file);
    // In a process of its own: what the kernel allocates for the recorder is left out.
    String copying = "while :; do head -c 8192 /dev/zero >f; rm f; done";
    Process load =
        new ProcessBuilder("sh", "-c", copying).directory(directory.toFile()).inheritIO().start();
    try {
      assertThat(record.result().exitCode()).describedAs(record.result().err()).isZero();
    } finally {
      load.destroyForcibly().waitFor();
    }

    JsonNode report =
        KernelHost.reports("report", file, "--format", "json", "--top", "0").getFirst();
    assertThat(report.at("/process/tgid").asInt()).isZero();
    assertThat(report.at("/totals/allocations").asLong()).isGreaterThan(1000);
    long lost = report.at("/totals/lostEvents").asLong();
    long pages = 0;
    long neverFreed = 0;
    for (JsonNode stack : report.get("stacks")) {
      if (stack.get("space").asText().equals("page")) {
        pages += stack.get("allocations").asLong();
        neverFreed += stack.get("superseded").asLong();
      }
    }
    // A page has an address of its own: it is not given out again before its free was seen.
    assertThat(neverFreed).isLessThanOrEqualTo(pages / 50 + lost);
    assertThat(pages).isPositive();
    assertThat(report.at("/totals/outstandingBytes").isNull()).isTrue();
    assertThat(report.at("/totals/bySpace/slab/outstandingCount").asLong()).isPositive();
    assertThat(report.at("/stacks/0/frames/0/symbol").asText()).isNotEmpty();
    assertThat(report.at("/stacks/0/frames/0/module").asText()).startsWith("[");
  }

  @Test
  void shouldSayInOneLineWhatIsWrongWhenNothingCanBeRecorded() throws Exception {
    String file = directory.resolve("none.capture").toString();
    expect(1, "unfreed: no process 2147483647", "record", "-p", "2147483647", "-o", file);
    assertThat(Path.of(file)).doesNotExist();
    expect(127, "unfreed: no-such: command not found", "record", "-o", file, "--", "no-such");
    assertThat(Path.of(file)).doesNotExist();
    Path there = Files.writeString(directory.resolve("there"), "precious");
    expect(
        1,
        "unfreed: " + there + ": not overwritten: it exists",
        "record",
        "-o",
        there.toString(),
        "--kernel");
    assertThat(there).hasContent("precious");
    try (WaitingWorkload bare = new WaitingWorkload("malloc")) {
      CommandRun run =
          CommandRun.of(
              "record", "-p", Integer.toString(bare.tgid()), "--object", "/no/such.so", "-o", file);
      assertThat(run.exitCode()).isEqualTo(1);
      assertThat(run.errLines()).hasSize(1);
      assertThat(run.err()).contains("nothing to probe");
    }
  }

  private static void expect(int exitCode, String line, String... arguments) {
    CommandRun run = CommandRun.of(arguments);
    assertThat(run.errLines()).hasSize(1);
    assertThat(run.err()).startsWith(line);
    assertThat(run.exitCode()).isEqualTo(exitCode);
    assertThat(run.out()).isEmpty();
  }
}
