package io.unfreed.streams.topology;

import io.unfreed.schemas.topic.Topics;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which records of the events are still retained, asked of the brokers now and then by a thread of
 * its own. What is forgotten by it may be forgotten late, never early. Thread-safe.
 */
final class RetainedEvents implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RetainedEvents.class);
  private static final Duration PERIOD = Duration.ofMinutes(1);

  /**
   * What is known, and how often it was asked.
   *
   * @param round rises with each answer, from 0
   * @param beginOffsets by partition, of the oldest record that is retained
   */
  record Known(long round, Map<Integer, Long> beginOffsets) {
    Known {
      beginOffsets = Map.copyOf(beginOffsets);
    }

    long begin(int partition) {
      return beginOffsets.getOrDefault(partition, 0L);
    }
  }

  private volatile Known known = new Known(0, Map.of());
  private ScheduledExecutorService asking;

  /** Retention that nobody asks for: everything counts as retained. */
  RetainedEvents() {}

  /** What is known now. */
  Known known() {
    return known;
  }

  /** Takes an answer. */
  synchronized void answered(Map<Integer, Long> beginOffsets) {
    known = new Known(known.round() + 1, beginOffsets);
  }

  /** Asks from now on, until it is closed. */
  synchronized void askPeriodically(Map<String, Object> client) {
    asking =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("unfreed-retention").factory());
    long seconds = PERIOD.toSeconds();
    asking.scheduleWithFixedDelay(() -> ask(client), seconds, seconds, TimeUnit.SECONDS);
  }

  @Override
  public synchronized void close() {
    if (asking != null) {
      asking.shutdownNow();
    }
  }

  private void ask(Map<String, Object> client) {
    try (Admin admin = Admin.create(new HashMap<>(client))) {
      String topic = Topics.EVENTS.topicName();
      TopicDescription events =
          admin.describeTopics(java.util.List.of(topic)).topicNameValues().get(topic).get();
      Map<TopicPartition, OffsetSpec> asked =
          IntStream.range(0, events.partitions().size())
              .boxed()
              .collect(
                  Collectors.toMap(p -> new TopicPartition(topic, p), p -> OffsetSpec.earliest()));
      Map<TopicPartition, ListOffsetsResultInfo> answer = admin.listOffsets(asked).all().get();
      Map<Integer, Long> begin = new HashMap<>();
      answer.forEach((partition, info) -> begin.put(partition.partition(), info.offset()));
      answered(begin);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | KafkaException e) {
      LOG.info("what is retained could not be asked: {}", e.getMessage());
    }
  }
}
