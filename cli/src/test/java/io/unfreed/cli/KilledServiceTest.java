package io.unfreed.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.unfreed.broker.EmbeddedBroker;
import io.unfreed.collector.sink.KafkaSink;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * SIGKILL at random moments, and partitions that move: every report is published exactly once, with
 * the bytes of an undisturbed run. {@code -Dunfreed.kills=10} for more than the three of CI.
 */
@Tag("broker")
class KilledServiceTest {
  private static final int KILLS = Integer.getInteger("unfreed.kills", 3);
  private static final long SEED = Long.getLong("unfreed.seed", System.nanoTime());

  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @TempDir Path directory;

  @Test
  void shouldPublishTheSameReportsWhenKilledAgainAndAgain() throws Exception {
    System.out.println("kill test: -Dunfreed.seed=" + SEED + " -Dunfreed.kills=" + KILLS);
    Random random = new Random(SEED);
    SyntheticRecording recording = new SyntheticRecording(SEED, 3, 120);
    Map<String, List<String>> expected =
        UndisturbedService.reports(recording, directory.resolve("undisturbed"));

    try (EmbeddedBroker broker = EmbeddedBroker.startTemporary()) {
      BrokerAccess access = BrokerAccess.of(broker);
      UndisturbedService.createTopics(access);
      int published = 0;
      try (KafkaSink sink = UndisturbedService.sink(access)) {
        for (int kill = 1; kill <= KILLS; kill++) {
          try (ServiceProcess service = start(access, random)) {
            int next = recording.batches.size() * kill / (KILLS + 1);
            for (; published < next; published++) {
              UndisturbedService.publish(recording, sink, published, published + 1);
              LockSupport.parkNanos(random.nextInt(30_000_000));
            }
            LockSupport.parkNanos(random.nextLong(3_000_000_000L));
            assertThat(service.isAlive()).isTrue();
            service.kill();
          }
        }
        try (ServiceProcess service = start(access, random)) {
          UndisturbedService.publish(recording, sink, published, recording.batches.size());
          assertThat(UndisturbedService.awaitFinals(access, recording)).isEqualTo(expected);
          service.terminate();
        }
      }
    }
  }

  /**
   * With snapshots as often as their pace allows; on the disk of the one before, or an empty one.
   */
  private ServiceProcess start(BrokerAccess access, Random random) throws IOException {
    Path disk = directory.resolve(random.nextInt(3) == 0 ? "empty" + random.nextInt() : "killed");
    return new ServiceProcess(access, disk, "--snapshot-every", "1");
  }

  @Test
  void shouldPublishTheSameReportsWhenPartitionsMoveBetweenInstances() throws Exception {
    SyntheticRecording recording = new SyntheticRecording(SEED, 6, 60);
    Map<String, List<String>> expected =
        UndisturbedService.reports(recording, directory.resolve("undisturbed"));
    int batches = recording.batches.size();

    try (EmbeddedBroker broker = EmbeddedBroker.startTemporary()) {
      BrokerAccess access = BrokerAccess.of(broker);
      UndisturbedService.createTopics(access);
      try (KafkaSink sink = UndisturbedService.sink(access);
          ServiceProcess first =
              new ServiceProcess(access, directory.resolve("first"), "--snapshot-every", "1")) {
        UndisturbedService.publish(recording, sink, 0, batches / 3);
        await().atMost(PATIENCE).until(first::isServing);
        try (ServiceProcess second =
            new ServiceProcess(access, directory.resolve("second"), "--snapshot-every", "1")) {
          for (int i = batches / 3; i < batches * 2 / 3; i++) {
            UndisturbedService.publish(recording, sink, i, i + 1);
            LockSupport.parkNanos(40_000_000);
          }
          assertThat(first.terminate()).isZero();
          UndisturbedService.publish(recording, sink, batches * 2 / 3, batches);
          assertThat(UndisturbedService.awaitFinals(access, recording)).isEqualTo(expected);
          second.terminate();
        }
      }
    }
  }
}
