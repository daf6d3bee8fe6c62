package io.unfreed.collector.spool;

import io.unfreed.schemas.topic.Topics;
import io.unfreed.schemas.wire.EventBatchCodec;
import io.unfreed.schemas.wire.EventCursor;
import io.unfreed.schemas.wire.MalformedBatchException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Records that brokers do not take because they are larger than a topic's {@code
 * max.message.bytes}: they never arrive, however often they are sent. Thread-safe.
 */
final class Refusals {
  private final Map<Topics, Long> records = new EnumMap<>(Topics.class);
  private final EventCursor cursor = new EventCursor();
  private long events;

  /** Batches that a later version left. */
  private long unreadable;

  /** One more. */
  synchronized void add(Outgoing record) {
    records.merge(record.topic(), 1L, Long::sum);
    if (record.topic() == Topics.EVENTS) {
      try {
        EventBatchCodec.read(record.value(), cursor);
        events += cursor.eventCount();
      } catch (MalformedBatchException e) {
        unreadable++;
      }
    }
  }

  /** How many there were. */
  synchronized long records() {
    return records.values().stream().mapToLong(Long::longValue).sum();
  }

  /** What did not arrive and what helps, for people; null when nothing was refused. */
  synchronized String line() {
    if (records.isEmpty()) {
      return null;
    }
    List<String> parts = new ArrayList<>();
    records.forEach((topic, count) -> {
      String with = topic == Topics.EVENTS ? " with " + events() + " events" : "";
      parts.add("%d records of %s%s".formatted(count, topic.topicName(), with));
    });
    return String.join(", ", parts)
        + " were refused by the brokers, for being larger than max.message.bytes: Kafka's default"
        + " for topics, 1048588, is enough";
  }

  private String events() {
    return unreadable == 0 ? Long.toString(events) : "at least " + events;
  }
}
