package io.unfreed.cli.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.unfreed.cli.CommandRun;
import io.unfreed.cli.ServiceProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two commands on one data directory: the one that has the broker, and one that joins it. */
@Tag("broker")
class SharedDirectoryTest {
  private static final String FILE = Path.of("../replay-data/jq.mtrace.zst").toString();
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir Path directory;
  private ProcessHandle sleeping;

  @BeforeAll
  static void assumeShim() {
    KernelHost.assumeShim();
  }

  @AfterEach
  void endCommand() {
    if (sleeping != null) {
      sleeping.destroy();
    }
  }

  @Test
  void shouldAnswerWhenTheOwnerRunsATopologyAlsoAfterItWasKilled() throws Exception {
    try (UnfreedProcess owner = top()) {
      assertAnswered();
      owner.signal("KILL");
      owner.awaitExit();
    }
    assertAnswered();
  }

  @Test
  void shouldAnswerWhenTheOwnerIsTheServiceAlsoAfterItWasKilled() throws Exception {
    try (UnfreedProcess owner = new UnfreedProcess("streams", "--data-dir", data())) {
      await().atMost(PATIENCE).until(() -> Files.exists(directory.resolve("data/broker.address")));
      assertAnswered();
      owner.signal("KILL");
      owner.awaitExit();
    }
    assertAnswered();
  }

  @Test
  void shouldServeWhenTheOwnerRunsATopologyToo() throws Exception {
    try (UnfreedProcess owner = top();
        ServiceProcess service =
            new ServiceProcess(List.of("--data-dir", data()), directory.resolve("state"))) {
      assertAnswered();
      await().atMost(PATIENCE).until(service::isServing);
      assertThat(service.terminate()).isZero();
      sleeping.destroy();
      owner.awaitExit();
      assertThat(owner.err()).doesNotContain("topology failed");
    }
  }

  @Test
  void shouldRecordAllWhenTheOwnerIsKilledMeanwhile() throws Exception {
    Truth truth;
    try (UnfreedProcess owner = new UnfreedProcess("streams", "--data-dir", data())) {
      await().atMost(PATIENCE).until(() -> Files.exists(directory.resolve("data/broker.address")));
      Path ready = directory.resolve("ready");
      String storm = KernelHost.program("alloc_nofp");
      try (UnfreedProcess record =
          new UnfreedProcess(
              "record",
              "--probe",
              "shim",
              "--data-dir",
              data(),
              "--ready",
              ready.toString(),
              "--",
              storm,
              "storm")) {
        await().atMost(PATIENCE).until(() -> Files.exists(ready));
        owner.signal("KILL");
        owner.awaitExit();
        record.stdin("go\n");
        assertThat(record.await()).as(record.err()).isZero();
        truth = Truth.of(record.out().lines().toList());
      }
    }
    JsonNode totals =
        KernelHost.reports("report", "--data-dir", data(), "--format", "json")
            .getFirst()
            .get("totals");
    assertThat(totals.get("lostEvents").asLong()).isZero();
    assertThat(totals.get("allocations").asLong()).isGreaterThanOrEqualTo(truth.sum("alloc"));
    assertThat(totals.get("frees").asLong()).isGreaterThanOrEqualTo(truth.sum("free"));
    assertThat(totals.get("outstandingBytes").asLong())
        .isGreaterThanOrEqualTo(truth.sum("live_bytes"));
  }

  private String data() {
    return directory.resolve("data").toString();
  }

  /** Reports live, and so runs the topology, until its command ends; returns when it reports. */
  private UnfreedProcess top() throws Exception {
    Path ready = directory.resolve("ready");
    UnfreedProcess top =
        new UnfreedProcess(
            "top",
            "--probe",
            "shim",
            "--interval",
            "1s",
            "--data-dir",
            data(),
            "--ready",
            ready.toString(),
            "--",
            "sleep",
            "600");
    await().atMost(PATIENCE).until(() -> Files.exists(ready) && top.child("sleep").isPresent());
    sleeping = top.child("sleep").orElseThrow();
    return top;
  }

  /** By a process of its own: what commands of one process share would hide what they need. */
  private void assertAnswered() throws Exception {
    CommandRun straight = CommandRun.of("report", FILE, "--top", "3");
    try (UnfreedProcess replay =
        new UnfreedProcess("replay", FILE, "--data-dir", data(), "--top", "3")) {
      assertThat(replay.await()).as(replay.err()).isZero();
      assertThat(replay.out()).isEqualTo(straight.out());
    }
  }
}
