package io.unfreed.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.unfreed.collector.capture.CaptureWriter;
import io.unfreed.query.Cluster;
import io.unfreed.schemas.topic.Topics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A broker that goes away, for good or with its process, while a replay or a service talks to it.
 */
@Tag("broker")
class DyingBrokerTest {
  private static final Duration LIMIT = Duration.ofMinutes(5);

  @TempDir Path directory;

  @Test
  void shouldFailInOneLineWhenTheBrokerDiesInTheMiddleOfAReplay() throws Exception {
    SyntheticRecording recording = new SyntheticRecording(7, 2, 4000);
    Path file = directory.resolve("capture");
    try (CaptureWriter capture = CaptureWriter.create(file, false)) {
      capture.session(recording.session);
      for (var batch : recording.batches) {
        capture.batch(batch);
      }
    }
    try (KillableBroker broker = KillableBroker.start(directory)) {
      BrokerAccess access = broker.access();
      UndisturbedService.createTopics(access);
      Thread.ofPlatform()
          .daemon()
          .start(() -> {
            await().atMost(LIMIT).until(() -> PublishedValues.count(access, Topics.EVENTS) > 0);
            broker.close();
          });
      long beginNanos = System.nanoTime();
      CommandRun run = CommandRun.of(impatient(access).with("replay", file.toString()));

      assertThat(Duration.ofNanos(System.nanoTime() - beginNanos)).isLessThan(LIMIT);
      assertThat(run.exitCode()).as(run.err()).isEqualTo(1);
      assertThat(run.errLines()).as(run.err()).allMatch(line -> line.startsWith("unfreed: "));
      assertThat(run.errLines().getFirst()).contains("running the topology in this process");
      assertThat(run.errLines().getLast()).contains(access.servers());
      assertThat(run.out()).isEmpty();
    }
  }

  /** Gives up what is on its way after ten seconds instead of sixty. */
  private BrokerAccess impatient(BrokerAccess access) throws IOException {
    String lines = "\nrequest.timeout.ms=10000\ndelivery.timeout.ms=11000\nmax.block.ms=10000\n";
    return BrokerAccess.of(
        Files.writeString(
            directory.resolve("impatient.properties"), Files.readString(access.file()) + lines));
  }

  @Test
  void shouldServeOnWhenTheProcessThatRunsTheBrokerEnds() throws Exception {
    String file = RecordingManifest.REPLAY_DATA.resolve("stealth.capture").toString();
    CommandRun straight = CommandRun.of("report", file);
    String data = directory.resolve("data").toString();
    List<String> there = List.of("--data-dir", data);
    try (KillableBroker owner = KillableBroker.start(directory, data);
        ServiceProcess service = new ServiceProcess(there, directory.resolve("state"))) {
      try (Cluster cluster = new Cluster(owner.access().client())) {
        await().atMost(LIMIT).until(() -> !service.isAlive() || cluster.hasService());
      }
      owner.close();

      // Whichever of the two runs the broker now, the other one goes on.
      CommandRun replay = CommandRun.of("replay", file, "--data-dir", data);
      assertThat(replay.exitCode()).as(replay.err()).isZero();
      assertThat(replay.out()).isEqualTo(straight.out());
      String taken = "unfreed: runs the broker at " + owner.access().servers();
      await()
          .atMost(LIMIT)
          .until(() -> service.errLines().stream().anyMatch(line -> line.startsWith(taken)));
      assertThat(service.terminate()).isZero();
    }
  }
}
