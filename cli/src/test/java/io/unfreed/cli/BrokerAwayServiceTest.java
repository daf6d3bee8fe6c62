package io.unfreed.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.unfreed.query.Cluster;
import io.unfreed.streams.lane.LaneBudget;
import io.unfreed.streams.topology.ServiceSettings;
import io.unfreed.streams.topology.StreamsService;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A service whose broker is away waits for it, says so, and its stream threads rest meanwhile. */
@Tag("broker")
class BrokerAwayServiceTest {
  private static final Duration LIMIT = Duration.ofMinutes(5);
  private static final Duration WATCHED = Duration.ofSeconds(3);

  @TempDir Path directory;

  @Test
  void shouldWaitWithoutWorkWhenTheBrokerIsAway() throws Exception {
    CompletableFuture<Void> away = new CompletableFuture<>();
    try (KillableBroker broker = KillableBroker.start(directory)) {
      UndisturbedService.createTopics(broker.access());
      try (StreamsService service = new StreamsService(settings(broker.access()), telling(away));
          Cluster cluster = new Cluster(broker.access().client())) {
        service.start();
        await().atMost(LIMIT).until(() -> !service.reached().isEmpty() && cluster.hasService());
        broker.close();
        away.get(LIMIT.toSeconds(), TimeUnit.SECONDS);

        long beforeNanos = streamThreadNanos();
        TimeUnit.NANOSECONDS.sleep(WATCHED.toNanos());
        assertThat(streamThreadNanos() - beforeNanos).isLessThan(WATCHED.toNanos() / 5);
      }
    }
  }

  private ServiceSettings settings(BrokerAccess access) {
    return new ServiceSettings(
        access.client(),
        1,
        directory.resolve("state"),
        false,
        Duration.ofMillis(100),
        0,
        LaneBudget.defaultBytes(),
        true);
  }

  private static StreamsService.Listener telling(CompletableFuture<Void> away) {
    return new StreamsService.Listener() {
      @Override
      public void restoring(TopicPartition partition, long done, long total) {
        // There is nothing to restore.
      }

      @Override
      public void brokersAway() {
        away.complete(null);
      }
    };
  }

  /** CPU of all stream threads so far; what Kafka's consumers do beside them is not ours. */
  private static long streamThreadNanos() {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    return Arrays.stream(threads.dumpAllThreads(false, false))
        .filter(thread -> thread.getThreadName().matches(".*StreamThread-[0-9]+"))
        .mapToLong(thread -> threads.getThreadCpuTime(thread.getThreadId()))
        .sum();
  }
}
