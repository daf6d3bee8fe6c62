package io.unfreed.query;

import io.unfreed.schemas.topic.Topics;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.common.TopicPartition;

/**
 * How far what is recorded in a cluster goes, sessions, stacks, and events or what tracers stated,
 * asked every few seconds at most: equal as long as nobody published any. Thread-safe.
 */
public final class EventEnds implements AutoCloseable {
  private static final long SAME_NANOS = Duration.ofSeconds(2).toNanos();

  private final List<TopicReader> readers;
  private Map<TopicPartition, Long> ends = Map.of();
  private long askedNanos;

  /** Connects, for allocations. */
  public EventEnds(Map<String, Object> client) {
    this(client, Topics.EVENTS);
  }

  private EventEnds(Map<String, Object> client, Topics recorded) {
    readers =
        Stream.of(Topics.SESSIONS, Topics.STACKS, recorded)
            .map(topic -> new TopicReader(client, topic))
            .toList();
  }

  /** Connects, for traces. */
  public static EventEnds ofTraces(Map<String, Object> client) {
    return new EventEnds(client, Topics.HISTOGRAMS);
  }

  /** Where each partition ended a moment ago. */
  public synchronized Map<TopicPartition, Long> now() {
    long nowNanos = System.nanoTime();
    return ends.isEmpty() || nowNanos - askedNanos > SAME_NANOS ? asked() : ends;
  }

  /** Where each partition ends now. */
  synchronized Map<TopicPartition, Long> asked() {
    Map<TopicPartition, Long> all = new HashMap<>();
    readers.forEach(reader -> all.putAll(reader.ends()));
    ends = Map.copyOf(all);
    askedNanos = System.nanoTime();
    return ends;
  }

  @Override
  public synchronized void close() {
    readers.forEach(TopicReader::close);
  }
}
