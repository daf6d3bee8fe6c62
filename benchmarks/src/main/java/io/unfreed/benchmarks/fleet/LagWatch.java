package io.unfreed.benchmarks.fleet;

import io.unfreed.schemas.topic.Topics;
import io.unfreed.streams.topology.ServiceSettings;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/** How far the service is behind the event topic. */
final class LagWatch implements AutoCloseable {
  private final Admin admin;

  LagWatch(Map<String, Object> client) {
    admin = Admin.create(client);
  }

  /** Records that are published and not committed yet; those of other fleets are none. */
  long records() throws ExecutionException, InterruptedException {
    Map<TopicPartition, OffsetAndMetadata> committed =
        admin.listConsumerGroupOffsets(ServiceSettings.GROUP).partitionsToOffsetAndMetadata().get();
    Map<TopicPartition, OffsetSpec> asked =
        committed.entrySet().stream()
            .filter(entry -> entry.getKey().topic().equals(Topics.EVENTS.topicName()))
            .filter(entry -> entry.getValue() != null)
            .collect(Collectors.toMap(Map.Entry::getKey, entry -> OffsetSpec.latest()));
    long lag = 0;
    for (Map.Entry<TopicPartition, ListOffsetsResultInfo> end :
        admin.listOffsets(asked).all().get().entrySet()) {
      lag += Math.max(0, end.getValue().offset() - committed.get(end.getKey()).offset());
    }
    return lag;
  }

  @Override
  public void close() {
    admin.close();
  }
}
