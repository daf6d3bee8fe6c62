package io.unfreed.collector.sink;

import io.unfreed.schemas.topic.RecordExtents;
import io.unfreed.schemas.topic.RecordExtents.Extent;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.producer.RecordMetadata;

/**
 * Where the records went that a sink published, as the broker acknowledged them. Stacks belong to
 * no session: those of all are counted together. Thread-safe.
 */
public final class PublishedExtents {
  private final Map<String, Map<Integer, Extent>> events = new HashMap<>();
  private final Map<Integer, Extent> stacks = new HashMap<>();
  private boolean isKnown = true;

  /** A batch under the key of its lane was taken. */
  public synchronized void batch(String key, RecordMetadata at) {
    String session = key.substring(0, Math.max(0, key.indexOf('/')));
    add(events.computeIfAbsent(session, id -> new HashMap<>()), at);
  }

  /** A stack was taken. */
  public synchronized void stack(RecordMetadata at) {
    add(stacks, at);
  }

  /** Of a session, as of now; null when the broker has not said it of every record. */
  public synchronized RecordExtents of(String session) {
    return isKnown ? new RecordExtents(events.getOrDefault(session, Map.of()), stacks) : null;
  }

  private void add(Map<Integer, Extent> to, RecordMetadata at) {
    if (!at.hasOffset()) {
      isKnown = false;
      return;
    }
    long offset = at.offset();
    to.merge(at.partition(), new Extent(offset, offset, 1), (known, more) -> known.plus(offset));
  }
}
