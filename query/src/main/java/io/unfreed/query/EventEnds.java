package io.unfreed.query;

import io.unfreed.schemas.topic.Topics;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;

/**
 * How far the events of a cluster go, asked every few seconds at most: equal as long as nobody
 * published any. Thread-safe.
 */
public final class EventEnds implements AutoCloseable {
  private static final long SAME_NANOS = Duration.ofSeconds(2).toNanos();

  private final TopicReader reader;
  private Map<TopicPartition, Long> ends = Map.of();
  private long askedNanos;

  /** Connects. */
  public EventEnds(Map<String, Object> client) {
    reader = new TopicReader(client, Topics.EVENTS);
  }

  /** Where each partition ended a moment ago. */
  public synchronized Map<TopicPartition, Long> now() {
    long nowNanos = System.nanoTime();
    if (ends.isEmpty() || nowNanos - askedNanos > SAME_NANOS) {
      ends = Map.copyOf(reader.ends());
      askedNanos = System.nanoTime();
    }
    return ends;
  }

  @Override
  public synchronized void close() {
    reader.close();
  }
}
