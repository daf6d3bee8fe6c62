package io.unfreed.cli;

import static org.awaitility.Awaitility.await;

import io.unfreed.broker.EmbeddedBroker;
import io.unfreed.collector.sink.KafkaSink;
import io.unfreed.query.Cluster;
import io.unfreed.schemas.topic.Topics;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** What the topology publishes about a recording when nothing happens to it. */
final class UndisturbedService {
  private UndisturbedService() {}

  static Map<String, List<String>> reports(SyntheticRecording recording, Path directory)
      throws IOException, InterruptedException {
    try (EmbeddedBroker broker = EmbeddedBroker.startTemporary()) {
      BrokerAccess access = BrokerAccess.of(broker);
      createTopics(access);
      try (ServiceProcess service = new ServiceProcess(access, directory);
          KafkaSink sink = sink(access)) {
        publish(recording, sink, 0, recording.batches.size());
        Map<String, List<String>> reports = awaitFinals(access, recording);
        service.terminate();
        return reports;
      }
    }
  }

  static void createTopics(BrokerAccess access) {
    try (Cluster cluster = new Cluster(access.client())) {
      cluster.ensureTopics(4);
    }
  }

  static KafkaSink sink(BrokerAccess access) {
    return new KafkaSink(access.client());
  }

  static void publish(SyntheticRecording recording, KafkaSink sink, int from, int to)
      throws IOException {
    if (from == 0) {
      sink.session(recording.session);
    }
    for (int i = from; i < to; i++) {
      sink.batch(recording.batches.get(i));
    }
    sink.flush();
  }

  /** Waits until the last report of every incarnation is final, and returns all reports. */
  static Map<String, List<String>> awaitFinals(BrokerAccess access, SyntheticRecording recording) {
    long incarnations =
        recording.batches.stream().map(b -> b.key().incarnationKey()).distinct().count();
    return await()
        .atMost(Duration.ofMinutes(3))
        .pollInterval(Duration.ofMillis(500))
        .until(
            () -> PublishedValues.of(access, Topics.REPORTS),
            reports ->
                reports.size() == incarnations
                    && reports.values().stream().allMatch(UndisturbedService::endsFinal));
  }

  private static boolean endsFinal(List<String> values) {
    try {
      byte[] last = java.util.HexFormat.of().parseHex(values.getLast());
      return io.unfreed.schemas.wire.RecordCodec.leakReports().decode(last).getFinal$();
    } catch (io.unfreed.schemas.wire.MalformedBatchException e) {
      throw new AssertionError(e);
    }
  }
}
